"""The agent's side of its hosts: starts one per base, talks to it, and survives its death."""

from __future__ import annotations

import os
import socket
import time
from typing import Any, Dict, List, Optional

from . import children, sources
from .bases import Bases
from .errors import AgentError, Detach
from .frames import Channel
from .host import Host
from .program import detached
from .server import Task

_MAX_HOSTS = 3
_STOP_PATIENCE = 1.0


class HostHandle:
    """One host process."""

    def __init__(self, root: str, params: "Dict[str, Any]", bases: Bases, base: int, close: "List[int]") -> None:
        ours, theirs = socket.socketpair()
        parent = os.getpid()
        self.base = base
        self.anew: "Optional[List[Dict[str, Any]]]" = None  # the baseline, when candidates have to collect anew
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            fd = children.high_descriptor(theirs.detach())
            for other in close:
                os.close(other)
            host = Host(root, Channel(fd), params, bases.copy_for(base), base, parent)
            raise Detach(detached(host.run))
        theirs.close()
        self.channel = Channel(children.high_descriptor(ours.detach()))

    def receive(self, task: Task, seconds: float) -> "Dict[str, Any]":
        """Waits for the host's next message; a host that dies or takes too long is ended."""
        end = time.monotonic() + seconds
        while True:
            message = self.channel.pop()
            if message is not None:
                return message
            left = end - time.monotonic()
            if left <= 0:
                self.end()
                raise AgentError("deadline", "the program's process did not answer within %.0f s" % seconds)
            if self.channel.fd in task.wait([self.channel.fd], min(left, 0.5)):
                if not self.channel.fill():
                    self.end()
                    raise AgentError("failed", "the program's process ended itself")

    def stop(self) -> None:
        """Asks the host to leave its batch; one that does not is ended."""
        try:
            self.channel.send({"stop": True})
        except OSError:
            self.end()
            return
        import select

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


class Hosts:
    """All hosts of one loaded oracle."""

    def __init__(self, root: str, close: "List[int]", bases: Bases) -> None:
        self._root = root
        self._close = close
        self._bases = bases
        self._params: "Dict[str, Any]" = {}
        self._hosts: "Dict[Any, HostHandle]" = {}
        self._on_disk: "Optional[int]" = 0

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
        self._on_disk = 0
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
            host = HostHandle(self._root, attempt, self._bases, base, self._descriptors())
            self._keep(base, host)
            try:
                message = host.receive(task, seconds)
                if "error" in message:
                    raise AgentError(message["error"]["kind"], message["error"]["message"])
            except AgentError as error:
                host.end()
                self._hosts.pop(base, None)
                children.end_strays(self.pids())
                if is_last or error.kind == "cancelled":
                    raise
                task.check()
                continue
            answer.update(message["loaded"])
            host.anew = answer.pop("anew", None)
            return answer
        raise AgentError("failed", "no tests could be loaded")

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
        self._bases.table(base)
        host = self._host(task, base)
        host.channel.send({"listing": self._bases.listings[base], "evaluate": task.params})
        try:
            message = host.receive(task, task.remaining(3600.0))
        except AgentError as error:
            if error.kind in ("cancelled", "deadline") and host.alive:
                host.stop()
            children.end_strays(self.pids())
            raise
        if "error" in message:
            raise AgentError(message["error"]["kind"], message["error"]["message"])
        return message["evaluated"]

    def _host(self, task: Task, base: int) -> HostHandle:
        """The host of a base: its texts are put on disk and imported at first use."""
        if self._on_disk != base:
            sources.write(self._root, self._whole(base))
            self._on_disk = base
        host = self._hosts.get(base)
        if host is not None and host.alive:
            self._hosts[base] = self._hosts.pop(base)  # the least recently used goes first
            return self._collecting(task, host)
        self._start(task, base, dict(self._params, coverage=False))
        return self._collecting(task, self._hosts[base])

    def _collecting(self, task: Task, host: HostHandle) -> HostHandle:
        """Where targets could not be collected, a host that collects for each candidate takes the place."""
        if host.anew is None:
            return host
        key = ("anew", host.base)
        known = self._hosts.get(key)
        if known is None or not known.alive:
            known = HostHandle(self._root, dict(self._params, anew=host.anew), self._bases, host.base, self._descriptors())
            self._keep(key, known)
            message = known.receive(task, task.remaining(60.0))
            if "error" in message:
                raise AgentError(message["error"]["kind"], message["error"]["message"])
        return known

    def _whole(self, base: int) -> "Dict[str, str]":
        """Every file that any base changes, as this base has it."""
        return {path: self._bases.text(base, path) for path in self._bases.changed_paths()}

