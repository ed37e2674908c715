"""The agent's side of its hosts: starts one per base, talks to it, and survives its death."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import tempfile
import time
from typing import Any, Dict, List, Optional

from . import children, describe, sources, stacks
from .bases import Bases
from .compare import MOST_VERSIONS
from .errors import AgentError, Detach, HostLost
from .frames import Channel
from .host import Host
from .pipes import signal_name
from .program import detached
from .server import Task

_MAX_HOSTS = 3
_STOP_PATIENCE = 1.0
_COLLECTION, _LOOKS = 10.0, (3.0, 5.0)


class HostHandle:
    """One host process."""

    def __init__(self, root: str, params: "Dict[str, Any]", bases: Bases, base: int, close: "List[int]") -> None:
        ours, theirs = socket.socketpair()
        self._stacks, stack_writing = os.pipe()
        self._folder = tempfile.mkdtemp(prefix="heal-")
        parent = os.getpid()
        self.base = base
        self.params = params
        self.uncollectable = False
        self.overlaid: "Dict[int, Dict[str, str]]" = {}  # the texts of other bases that it was told
        self.anew: "Optional[List[Dict[str, Any]]]" = None  # the baseline, when candidates have to collect anew
        self.pid = children.fork()
        if self.pid == 0:
            ours.close()
            fd = children.high_descriptor(theirs.detach())
            for other in (*close, self._stacks):
                os.close(other)
            dumps = children.high_descriptor(stack_writing)
            host = Host(root, Channel(fd), params, bases.copy_for(base), base, parent, self._folder, dumps)
            raise Detach(detached(host.run))
        theirs.close()
        os.close(stack_writing)
        self.channel = Channel(children.high_descriptor(ours.detach()))

    def receive(self, task: Task, seconds: float) -> "Dict[str, Any]":
        """Waits for the host's next message; a host that dies or takes too long is ended."""
        end = time.monotonic() + seconds
        while True:
            message = self.poll(task, min(0.5, max(0.0, end - time.monotonic())))
            if message is not None:
                return message
            if time.monotonic() >= end:
                self.end()
                raise AgentError("deadline", "the program's process did not answer within %.0f s" % seconds)

    def poll(self, task: Task, seconds: float) -> "Optional[Dict[str, Any]]":
        """The next message if it comes within the time."""
        message = self.channel.pop()
        if message is None and self.channel.fd in task.wait([self.channel.fd], seconds):
            if not self.channel.fill():
                raise HostLost(self._ending())
            message = self.channel.pop()
        return message

    def _ending(self) -> str:
        """How the host ended, which closed the channel; whatever it started is ended too."""
        ended = children.reap(self.pid)
        self.end()
        return signal_name(None if ended is None else int(ended[0]))

    def stop(self) -> None:
        """Asks the host to leave its batch; one that does not is ended."""
        try:
            self.channel.send({"stop": True})
        except OSError:
            self.end()
            return
        end = time.monotonic() + _STOP_PATIENCE
        while time.monotonic() < end:
            message = self.channel.pop()
            if message is not None:
                return
            if select.select([self.channel.fd], [], [], max(0.0, end - time.monotonic()))[0] and not self.channel.fill():
                break
        self.end()

    @property
    def alive(self) -> bool:
        return self.pid > 0

    def end(self) -> None:
        """Ends the host and all that it started."""
        if self.pid <= 0:
            return
        pid, self.pid = self.pid, 0
        below = children.descendants(pid)
        for one in [pid, *below]:
            children.kill_group(one)
        children.reap(pid)
        os.close(self.channel.fd)
        os.close(self._stacks)
        shutil.rmtree(self._folder, ignore_errors=True)

    def stack_text(self) -> str:
        """Where its threads are, as far as it answers."""
        try:
            os.kill(self.pid, children.DUMP_SIGNAL)
        except (ProcessLookupError, PermissionError):
            return ""
        text = b""
        while select.select([self._stacks], [], [], 0.3 if not text else 0.03)[0]:
            data = os.read(self._stacks, 1 << 16)
            if not data:
                break
            text += data
        return text.decode("utf-8", "replace")


class Hosts:
    """All hosts of one loaded oracle."""

    def __init__(self, root: str, close: "List[int]", bases: Bases) -> None:
        self._root = root
        self._close = close
        self._bases = bases
        self._params: "Dict[str, Any]" = {}
        self._hosts: "Dict[Any, HostHandle]" = {}
        self._on_disk: "Optional[int]" = 0
        self._unfit: "Dict[int, Dict[str, str]]" = {}  # the texts of bases that need a host of their own
        self._reach: "Optional[Dict[str, Any]]" = None  # which tests run what, as measured at base 0

    def pids(self) -> "List[int]":
        """The hosts' process ids."""
        return [host.pid for host in self._hosts.values() if host.alive]

    def end(self) -> None:
        """Ends all hosts."""
        for host in self._hosts.values():
            host.end()
        self._hosts.clear()

    def load(self, task: Task) -> "Dict[str, Any]":
        """Answers a `load`: base 0 and its baseline."""
        self._params = dict(task.params)
        if self._params["oracle"].get("kind") not in ("suite", "script"):
            raise AgentError("malformed", "an oracle is a suite or a script")
        self._bases.loaded(self._params.get("files") or {})
        self._unfit.clear()
        self._on_disk = 0
        self._reach = None
        return self._start(task, 0, self._params)

    def _start(self, task: Task, base: int, params: "Dict[str, Any]") -> "Dict[str, Any]":
        """Starts a host; when the whole root cannot be collected, the targets alone are."""
        oracle = params["oracle"]
        answer: "Dict[str, Any]" = {}
        if oracle["kind"] == "script":
            from . import script_baseline

            answer, known = script_baseline.run(task, self._root, params, self._descriptors())
            params = dict(params, baseline=known)
        narrow = dict(params, oracle=dict(oracle, regressions=[]))
        has_more = oracle["kind"] == "suite" and bool(oracle.get("regressions"))
        attempts = [params, narrow] if has_more else [params]
        for number, attempt in enumerate(attempts):
            is_last = number == len(attempts) - 1
            seconds = task.remaining(600.0) * (1.0 if is_last else 0.6)
            patience = min(seconds, max(_COLLECTION, float(params.get("timeout") or 0.0)))
            host = HostHandle(self._root, attempt, self._bases, base, self._descriptors())
            self._keep(base, host)
            try:
                message = self._collected(task, host, attempt, patience, is_last)
                if "collected" in message:
                    message = host.receive(task, seconds)
                if "error" in message:
                    raise AgentError(message["error"]["kind"], message["error"]["message"])
            except AgentError as error:
                host.end()
                if is_last and isinstance(error, HostLost) and oracle["kind"] == "suite":
                    children.end_strays(self.pids())
                    failure = {"type": "died", "message": error.message, "suggestion": None, "frames": [], "chain": []}
                    message = self._uncollected(host, attempt, failure, 0.0)
                    host.anew = message["loaded"].pop("anew")
                    return dict(answer, **message["loaded"])
                self._hosts.pop(base, None)
                children.end_strays(self.pids())
                if is_last or error.kind == "cancelled":
                    raise
                task.check()
                continue
            answer.update(message["loaded"])
            host.anew = answer.pop("anew", None)
            self._reach = answer.pop("reach", self._reach)
            return answer
        raise AgentError("failed", "no tests could be loaded")

    def _collected(self, task: Task, host: HostHandle, params: "Dict[str, Any]", seconds: float, is_last: bool) -> "Dict[str, Any]":
        """The host's first message. An import of the program that does not end is an error of the targets."""
        begin, looks, text = time.monotonic(), list(_LOOKS), ""
        chain: "List[Any]" = []
        while time.monotonic() < begin + seconds:
            message = host.poll(task, 0.2)
            if message is not None:
                return message
            if looks and time.monotonic() > begin + looks[0]:
                looks.pop(0)
                text = host.stack_text()
                before, chain = chain, self._own_chain(text)
                if chain and chain == before:
                    break  # seconds later it still is in the same place
        text = host.stack_text() or text
        frames = self._own_frames(text)
        seconds = time.monotonic() - begin
        if not is_last and not set(_names(params)) & {frame["path"] for frame in frames}:
            host.end()
            raise AgentError("failed", "the tests below the root cannot be collected in time")
        host.end()
        error = {"type": "endlessLoop", "message": "importing the tests did not end within %.0f s" % seconds, "suggestion": None,
                 "frames": frames[-50:], "chain": []}
        return self._uncollected(host, params, error, seconds)

    @staticmethod
    def _uncollected(host: HostHandle, params: "Dict[str, Any]", error: "Dict[str, Any]", seconds: float) -> "Dict[str, Any]":
        """The answer to a `load` that never came to the tests: each target is an error, for one and the same reason."""
        host.uncollectable = True
        entries = [{"id": name, "outcome": "error", "target": True, "seconds": round(seconds, 2), "exception": error,
                    "stop": error["type"]} for name in _names(params)]
        host.params = dict(params, oracle=dict(params["oracle"], regressions=[]))
        return {"loaded": {"tests": entries, "coverage": covered(entries, error["frames"]), "depth": "fork",
                           "why": "collection does not end, so each candidate collects anew", "observation": None,
                           "anew": [dict(one, collected=False) for one in entries]}}

    def _own_frames(self, text: str) -> "List[Dict[str, Any]]":
        threads = stacks.parse(text, describe.Describer(self._root))
        return [frame for thread in threads[-1:] for frame in thread["frames"] if not frame["path"].startswith(("/", "<"))]

    def _own_chain(self, text: str) -> "List[Any]":
        return [(frame["path"], frame["function"]) for frame in self._own_frames(text)]

    def _descriptors(self) -> "List[int]":
        return self._close + [host.channel.fd for host in self._hosts.values() if host.alive]

    def _keep(self, key: Any, host: HostHandle) -> None:
        old = self._hosts.pop(key, None)
        if old is not None:
            old.end()
        while len(self._hosts) >= _MAX_HOSTS:
            self._hosts.pop(next(iter(self._hosts))).end()
        self._hosts[key] = host

    def evaluate(self, task: Task) -> "Dict[str, Any]":
        """Answers an `evaluate`."""
        base = task.params["base"]
        return self._answered(task, base, {"listing": self._bases.listing(base), "evaluate": task.params})["evaluated"]

    def _answered(self, task: Task, base: int, question: "Dict[str, Any]") -> "Dict[str, Any]":
        """What a host of the base says; that of base 0 where it can stand in for it."""
        if base and self._may_be_overlaid(base):
            host = self._host(task, 0)
            answer: "Dict[str, Any]" = {"unfit": True}
            if self._hosts[0].anew is None:
                answer = self._ask(task, host, {**question, **self._definition(host, base)})
            if "unfit" not in answer:
                return answer
            self._unfit[base] = dict(self._bases.files(base))
        return self._ask(task, self._host(task, base), question)

    def compare(self, task: Task) -> "Dict[str, Any]":
        """Answers a `compare`."""
        versions = task.params["versions"]
        if not isinstance(versions, list) or not 2 <= len(versions) <= MOST_VERSIONS or not all(
                isinstance(one, dict) and all(isinstance(text, str) for text in one.values()) for one in versions):
            raise AgentError("malformed", "compare: versions are from 2 to %d maps of texts by path" % MOST_VERSIONS)
        for path in sorted({path for one in versions for path in one}):
            sources.place(self._root, path)
        base = task.params["base"]
        self._bases.files(base)
        return self._ask(task, self._host(task, base), {"compare": task.params})["compared"]

    def _may_be_overlaid(self, base: int) -> bool:
        """Whether the host of base 0 can be asked: it is not known that this base needs one of its own."""
        is_suite = self._params.get("oracle", {}).get("kind") == "suite"
        return is_suite and self._unfit.get(base) != self._bases.files(base)

    def _definition(self, host: HostHandle, base: int) -> "Dict[str, Any]":
        """Tells a host the texts of another base, once."""
        texts = {path: self._bases.text(base, path) for path in self._bases.files(base)}
        if host.overlaid.get(base) == texts:
            return {}
        host.overlaid[base] = texts
        return {"define": {"base": base, "files": texts}}

    def _ask(self, task: Task, host: HostHandle, question: "Dict[str, Any]") -> "Dict[str, Any]":
        """Sends a question to a host and waits for the answer."""
        host.channel.send(question)
        try:
            message = host.receive(task, task.remaining(3600.0))
        except AgentError as error:
            if error.kind in ("cancelled", "deadline") and host.alive:
                host.stop()
            children.end_strays(self.pids())
            raise
        if "error" in message:
            raise AgentError(message["error"]["kind"], message["error"]["message"])
        return message

    def list_edits(self, task: Task) -> "Optional[Dict[str, Any]]":
        """Answers an `edits` by the host that will evaluate them, which then need not list them again; nothing where it cannot.

        What synthesis offers goes into the parameters, for whoever lists the edits.
        """
        params = task.params
        if params.get("synthesise"):
            params["offers"] = self._synthesise(task)
        answer = self._asked(task, params["base"], {"list": params})
        if answer is None or "listed" not in answer:
            return None
        self._bases.note(params)
        return {"edits": answer["listed"]["edits"], "offers": params.get("offers") or ""}

    def render(self, task: Task) -> "Optional[Dict[str, Any]]":
        """Answers a `render` by the host that holds the edits; nothing where it cannot."""
        base = task.params["base"]
        if base not in self._bases.listings:
            return None
        answer = self._asked(task, base, {"listing": self._bases.listings[base], "render": task.params})
        return None if answer is None else answer.get("rendered")

    def _synthesise(self, task: Task) -> str:
        """What synthesis offers at the places of an `edits`, as text; nothing where a host does not answer."""
        base = task.params["base"]
        answer = self._asked(task, base, {"synthesise": {"base": base, "places": task.params["places"]}})
        return "" if answer is None else json.dumps(answer.get("synthesised") or {})

    def _asked(self, task: Task, base: int, question: "Dict[str, Any]") -> "Optional[Dict[str, Any]]":
        """What a host of the base answers, if one does."""
        try:
            return self._answered(task, base, question)
        except AgentError as error:
            if error.kind == "cancelled":
                raise
            return None

    def _host(self, task: Task, base: int) -> HostHandle:
        """The host of a base: its texts are put on disk and imported at first use."""
        if self._on_disk != base:
            sources.write(self._root, self._whole(base))
            self._on_disk = base
        host = self._hosts.get(base)
        if host is not None and (host.alive or host.uncollectable):
            self._hosts[base] = self._hosts.pop(base)  # the least recently used goes first
            return self._collecting(task, host)
        self._start(task, base, dict(self._params, coverage=False, reach=self._reach))
        return self._collecting(task, self._hosts[base])

    def _collecting(self, task: Task, host: HostHandle) -> HostHandle:
        """Where targets could not be collected, a host that collects for each candidate takes the place."""
        if host.anew is None:
            return host
        key = ("anew", host.base)
        known = self._hosts.get(key)
        if known is None or not known.alive:
            known = HostHandle(self._root, dict(host.params, anew=host.anew), self._bases, host.base, self._descriptors())
            self._keep(key, known)
            message = known.receive(task, min(60.0, task.remaining(60.0)))
            if "error" in message:
                raise AgentError(message["error"]["kind"], message["error"]["message"])
        return known

    def _whole(self, base: int) -> "Dict[str, str]":
        """Every file that any base changes, as this base has it."""
        return {path: self._bases.text(base, path) for path in self._bases.changed_paths()}


def _names(params: "Dict[str, Any]") -> "List[str]":
    """The files and folders of the targets."""
    return sorted({str(target).split("::")[0] for target in params["oracle"].get("targets") or ["."]})


def covered(entries: "List[Dict[str, Any]]", frames: "List[Dict[str, Any]]") -> "Dict[str, Dict[str, List[int]]]":
    """The lines of a stack, as coverage: all that is known of an import that does not end."""
    lines: "Dict[str, List[int]]" = {}
    for frame in frames:
        lines.setdefault(frame["path"], []).append(frame["line"])
    return {entry["id"]: {path: sorted(set(found)) for path, found in lines.items()} for entry in entries}
