"""A small client that drives the real agent through real pipes."""

import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# The test script names a copy that is compiled.
AGENT = os.environ.get("HEAL_TEST_AGENT") or os.path.normpath(os.path.join(HERE, "..", "..", "Sources", "PythonAgent", "Agent"))
if AGENT not in sys.path:
    sys.path.insert(0, AGENT)


class AgentDied(Exception):
    pass


class Client:
    """One agent process over a folder of its own, started in the folder `working` below it."""

    def __init__(self, files=None, python=sys.executable, flags=("-I",), env=None, folder=None, working="."):
        self._own = tempfile.TemporaryDirectory() if folder is None else None
        self.root = os.path.realpath(folder or self._own.name)
        for path, text in (files or {}).items():
            full = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb" if isinstance(text, bytes) else "w", **({} if isinstance(text, bytes) else {"encoding": "utf-8"})) as file:
                file.write(text)
        to_agent, self.write_fd = os.pipe()
        self.read_fd, from_agent = os.pipe()
        main = os.path.join(AGENT, "heal_agent", "__main__.py")
        self.process = subprocess.Popen(
            [python, *flags, main, "--in", str(to_agent), "--out", str(from_agent), "--root", os.path.relpath(".", working)],
            cwd=os.path.join(self.root, working),
            pass_fds=(to_agent, from_agent), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", **(env or {})})
        os.close(to_agent)
        os.close(from_agent)
        self.number = 0
        self.events = []
        self.hello = self.receive(30)["hello"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for name in ("write_fd", "read_fd"):
            fd = getattr(self, name)
            if fd is not None:
                os.close(fd)
                setattr(self, name, None)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            if self._own is not None:
                self._own.cleanup()

    def send_raw(self, data):
        while data:
            data = data[os.write(self.write_fd, data):]

    def send(self, message):
        body = json.dumps(message).encode()
        self.send_raw(struct.pack(">I", len(body)) + body)

    def _exactly(self, count, end):
        data = b""
        while len(data) < count:
            ready, _, _ = select.select([self.read_fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the agent did not answer")
            part = os.read(self.read_fd, count - len(data))
            if not part:
                raise AgentDied("the agent's pipe ended")
            data += part
        return data

    def receive(self, timeout=60):
        end = time.monotonic() + timeout
        (length,) = struct.unpack(">I", self._exactly(4, end))
        return json.loads(self._exactly(length, end))

    def start(self, name, deadline=None, **params):
        self.number += 1
        self.send({"id": self.number, "request": name, "deadline": deadline, "params": params})
        return self.number

    def reply(self, number, timeout=60):
        while True:
            message = self.receive(timeout)
            if "event" in message:
                self.events.append(message)
                continue
            if message["id"] == number:
                return message

    def request(self, name, deadline=None, patience=120, **params):
        """The whole reply, `ok` or `error`."""
        return self.reply(self.start(name, deadline, **params), patience)

    def ok(self, name, **params):
        reply = self.request(name, **params)
        if "ok" not in reply:
            raise AssertionError(reply)
        return reply["ok"]

    def observe(self, path="main.py", args=(), stdin=None, wall=5, cpu=None, memory=1 << 30, output=32 << 20, coverage=True, env=None, files=None):
        return self.ok("observe", run={
            "argv": [path, *args], "stdin": stdin,
            "limits": {"wall": wall, "cpu": cpu or wall, "memory": memory, "output": output}, "env": env or {},
        }, files=files or {}, coverage=coverage)
