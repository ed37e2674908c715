"""Answers the protocol's `schedule`: runs a batch of schedules of one script in processes of their own."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import sys
from typing import Any, Dict, List, Sequence, Set

from .. import children, describe, pipes, program, sources, startup
from ..errors import AgentError
from ..server import Task
from . import worker
from .execution import Script

_LOOK = 0.1
_MODULES = 300
_LIBRARY = os.path.join(os.path.realpath(os.path.dirname(os.__file__)), "")


def answer(task: Task, root: str, close: "Sequence[int]") -> "Dict[str, Any]":
    """The results of a batch, in order; shorter than the batch when there was no time for more."""
    run, job = program.Run(root, task.params["run"]), worker.Job(task.params)
    if not run.argv or not job.schedules:
        raise AgentError("malformed", "schedule needs a script and schedules")
    path = os.path.abspath(run.argv[0])
    files, imports = _program_files(path, root)
    with task.interruptible():
        startup.warm([name for name in imports if startup.is_installed(name, root)], root)
    answer = _Answer()

    def work(send: worker.Send) -> None:
        _prepare(run, imports)
        stdin = (run.stdin or "").encode("utf-8", "surrogateescape")
        script = Script(root, run.argv, stdin)
        worker.known_files(script, files)
        worker.Template(script, job, send).run()
        send({"cpu": children.cpu_seconds()})

    child = pipes.Worker(work, close)
    try:
        while True:
            task.check()
            messages = child.messages(min(_LOOK, task.remaining(_LOOK)))
            if messages is None:
                break
            for message in messages:
                answer.take(message)
    finally:
        child.end()
        children.end_strays(())
    if not answer.results and not answer.cpu:
        raise AgentError("failed", "the program's process was lost before its first schedule")
    return {"results": answer.results, "tables": answer.tables, "cpu": answer.cpu}


class _Answer:
    """What has come so far."""

    def __init__(self) -> None:
        self.results: "List[Dict[str, Any]]" = []
        self.tables: "List[Dict[str, List[Any]]]" = []
        self.cpu = 0.0

    def take(self, message: "Dict[str, Any]") -> None:
        if "cpu" in message:
            self.cpu = message["cpu"]
        elif "table" in message:
            self.tables.append({"places": [], "names": []})
        else:
            new = message.pop("new", {})
            for name, added in new.items():
                self.tables[-1][name] += added
            message["table"] = len(self.tables) - 1
            self.results.append(message)


def _prepare(run: program.Run, imports: "Sequence[str]") -> None:
    """Loads what the program will import, so that all forks have it, and puts the stand-ins everywhere."""
    pipes.silence()
    os.environ.update(run.env)
    for name in imports:
        if _is_standard(name) and name not in ("antigravity", "this", "idlelib", "turtle", "tkinter"):
            try:
                importlib.import_module(name)
            except Exception:  # the program will meet it too
                continue
    from . import install

    install.install()


def _is_standard(name: str) -> bool:
    """Whether a module comes with the interpreter."""
    known = getattr(sys, "stdlib_module_names", None)  # since 3.10
    if known is not None:
        return name in known
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        return spec is not None
    return os.path.realpath(spec.origin).startswith(_LIBRARY) and "-packages" not in spec.origin


def _program_files(script: str, root: str) -> "tuple[List[str], List[str]]":
    """The script and the program's modules that it imports, found without running anything; and all top-level imports."""
    folder = os.path.dirname(os.path.realpath(script))
    files: "List[str]" = []
    imports: "Set[str]" = set()
    todo = [script]
    while todo and len(files) < _MODULES:
        path = todo.pop()
        if path in files:
            continue
        files.append(path)
        for name in _imported(path):
            imports.add(name.partition(".")[0])
            found = _own_file(name, folder, root)
            if found is not None:
                todo.append(found)
    return files, sorted(imports)


def _imported(path: str) -> "List[str]":
    try:
        tree = ast.parse(sources.read_bytes(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: "List[str]" = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [node.module, *("%s.%s" % (node.module, one.name) for one in node.names)]
    return found


def _own_file(name: str, folder: str, root: str) -> "str | None":
    base = os.path.join(folder, *name.split("."))
    for path in (base + ".py", os.path.join(base, "__init__.py")):
        if os.path.isfile(path) and describe.is_own(path, root):
            return path
    return None
