"""Dispatch: which request is answered by what."""

from __future__ import annotations

import json
from typing import Any, Callable, Dict, List

from . import children, frames, sources, startup
from .analysis import Analysis
from .errors import AgentError
from .server import Task


class Session:
    """What lives as long as the agent: bases, edit spaces, and the loaded program's host."""

    def __init__(self, root: str, close_in_children: "List[int]") -> None:
        self.root = root
        self._close = close_in_children
        self._analysis = Analysis(root)
        self._hosts: Any = None
        self._handlers: "Dict[str, Callable[[Task], Dict[str, Any] | frames.Encoded]]" = {
            "observe": self._observe, "load": self._load, "base": self._base, "evaluate": self._evaluate,
            "compare": self._compare,
            "edits": self._edits, "render": self._render, "schedule": self._schedule, "repairs": self._repairs,
            "record": self._record,
            "gil": self._gil, "force": self._force,
        }

    def handle(self, task: Task) -> "Dict[str, Any] | frames.Encoded":
        """Answers one request or raises `AgentError`."""
        handler = self._handlers.get(task.name)
        try:
            if handler is not None:
                return handler(task)
            if self._analysis.answers(task.name):
                with task.interruptible():
                    return self._analysis.handle(task.name, task.params)
        except KeyError as error:
            raise AgentError("malformed", "%s: the parameter %s is missing" % (task.name, error)) from None
        raise AgentError("unsupported", "there is no request named %r" % task.name)

    def end(self) -> None:
        """Ends every process that was started for this session."""
        if self._hosts is not None:
            self._hosts.end()

    def _observe(self, task: Task) -> "Dict[str, Any]":
        from .observe import observe

        files = task.params.get("files") or {}
        sources.write(self.root, files)
        with task.interruptible():
            startup.warm(self._third_party(files), self.root)
        try:
            return observe(task, self.root, task.params, self._close)
        finally:
            children.end_strays(self._hosts.pids() if self._hosts is not None else ())

    def _third_party(self, files: "Dict[str, str]") -> "List[str]":
        return [name for name in sources.modules_of(self.root, files) if startup.is_installed(name, self.root)]

    def _schedule(self, task: Task) -> frames.Encoded:
        from .schedule.request import answer

        sources.write(self.root, task.params.get("files") or {})
        return answer(task, self.root, self._close)

    def _record(self, task: Task) -> "Dict[str, Any]":
        from .schedule.recording import answer

        sources.write(self.root, task.params.get("files") or {})
        return answer(task, self.root, self._close)

    def _gil(self, task: Task) -> "Dict[str, Any]":
        from .gil.answer import answer

        sources.write(self.root, task.params.get("files") or {})
        return answer(task, self.root)

    def _force(self, task: Task) -> "Dict[str, Any]":
        from .gil.force import answer
        from .schedule.request import kept

        try:
            return answer(task, self.root, self._close)
        finally:
            children.end_strays((*(self._hosts.pids() if self._hosts is not None else ()), *kept()))

    def _repairs(self, task: Task) -> "Dict[str, Any]":
        if "schedules" in task.params:
            task.params.update(events=True, values=True)
            task.params.update(json.loads(self._schedule(task).text))
        with task.interruptible():
            return self._analysis.handle(task.name, task.params)

    def _load(self, task: Task) -> "Dict[str, Any]":
        from .hosts import Hosts

        if self._hosts is not None:
            self._hosts.end()
        files = task.params.get("files") or {}
        sources.write(self.root, files)
        self._hosts = Hosts(self.root, self._close, self._analysis.bases)
        wanted = list(task.params.get("modules") or ()) + self._third_party(files)
        if task.params["oracle"].get("kind") == "suite":
            wanted.append("pytest")
        with task.interruptible():
            startup.warm(wanted, self.root)
        return self._hosts.load(task)

    def _base(self, task: Task) -> "Dict[str, Any]":
        return self._analysis.bases.define(task.params)

    def _edits(self, task: Task) -> "Dict[str, Any]":
        if self._hosts is not None:
            listed = self._hosts.list_edits(task)
            if listed is not None:
                return listed
        with task.interruptible():
            return self._analysis.handle(task.name, task.params)

    def _render(self, task: Task) -> "Dict[str, Any]":
        rendered = self._hosts.render(task) if self._hosts is not None else None
        if rendered is not None:
            return rendered
        with task.interruptible():
            return self._analysis.handle(task.name, task.params)

    def _evaluate(self, task: Task) -> "Dict[str, Any]":
        if self._hosts is None:
            raise AgentError("unknownBase", "nothing was loaded yet")
        return self._hosts.evaluate(task)

    def _compare(self, task: Task) -> "Dict[str, Any]":
        if self._hosts is None:
            raise AgentError("unknownBase", "nothing was loaded yet")
        return self._hosts.compare(task)
