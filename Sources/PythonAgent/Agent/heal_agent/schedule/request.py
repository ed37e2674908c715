"""Answers the protocol's `schedule`: runs a batch of schedules of one script in processes of their own."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import json
import os
import sys
from typing import Any, Dict, List, Optional, Sequence, Set

from .. import children, describe, frames, pipes, program, sources, startup
from ..errors import AgentError
from ..server import Task
from . import worker
from .execution import Script
from .one_test import OneTest

_LOOK = 0.1
_MODULES = 300
_LIBRARY = os.path.join(os.path.realpath(os.path.dirname(os.__file__)), "")
#: CPU seconds that the answers so far have told of.
_told = 0.0


def answer(task: Task, root: str, close: "Sequence[int]") -> frames.Encoded:
    """The results of a batch, in order; shorter than the batch when there was no time for more."""
    run, job = program.Run(root, task.params["run"]), worker.Job(task.params)
    node = task.params["run"].get("test")
    test = None if node is None else OneTest(root, str(node))
    if test is not None:
        run.argv = [test.path]
    if not run.argv or not job.schedules:
        raise AgentError("malformed", "schedule needs a script or a test, and schedules")
    stem = _stem(task, root, run, test, close)
    answer = _Answer()
    try:
        stem.begin(task.params)
        while not answer.done:
            task.check()
            lines = stem.lines(min(_LOOK, task.remaining(_LOOK)))
            if lines is None:
                break
            for line in lines:
                answer.take(line, stem.mark)
    finally:
        if not answer.done:
            stem.end()
        children.end_strays((stem.pid,) if answer.done else ())
    if not answer.results and not answer.done:
        raise AgentError("failed", "the program's process was lost before its first schedule")
    return answer.encoded()


class _Stem(pipes.Worker):
    """A process that has everything ready and forks for each batch: to make it ready takes as long as many schedules."""

    def __init__(self, key: str, root: str, run: program.Run, test: "Optional[OneTest]", files: "List[str]", imports: "List[str]",
                 close: "Sequence[int]") -> None:
        self.key = key
        self.mark = os.urandom(8).hex().encode()  # tells results from what a program happens to write there
        mark = self.mark
        jobs, self._jobs = os.pipe()

        def work(send: worker.Send) -> None:
            _prepare(run, imports)
            script = Script(root, run.argv, (run.stdin or "").encode("utf-8", "surrogateescape"), test)
            worker.known_files(script, files)
            with os.fdopen(jobs, "rb") as lines:
                for line in lines:
                    worker.Template(script, worker.Job(json.loads(line)), send, mark).run()
                    send({"done": children.cpu_seconds()})

        super().__init__(work, [*close, self._jobs])
        os.close(jobs)

    def begin(self, params: "Dict[str, Any]") -> None:
        """Hands over what a batch is."""
        kept = {name: value for name, value in params.items() if name not in ("run", "files")}
        data = json.dumps(kept).encode() + b"\n"
        while data:
            data = data[os.write(self._jobs, data):]

    def end(self) -> "Optional[int]":
        if self._jobs >= 0:
            os.close(self._jobs)
            self._jobs = -1
        return super().end()

    @property
    def is_usable(self) -> bool:
        """Whether it still waits for a batch."""
        return self.fd >= 0 and not self._gone()


_kept: "Optional[_Stem]" = None


def _stem(task: Task, root: str, run: program.Run, test: "Optional[OneTest]", close: "Sequence[int]") -> _Stem:
    """The process that is ready to run this program: the one of the request before, where that was of the same program."""
    global _kept
    path = os.path.abspath(run.argv[0])
    files, imports = program_files(path, root)
    stamps = [(one, os.stat(one).st_mtime_ns) for one in files if os.path.exists(one)]
    key = json.dumps([task.params["run"], stamps])
    if _kept is not None and _kept.key == key and _kept.is_usable:
        return _kept
    if _kept is not None:
        _kept.end()
    with task.interruptible():
        startup.warm([name for name in imports if startup.is_installed(name, root)], root)
    _kept = _Stem(key, root, run, test, files, imports, close)
    return _kept


def kept() -> "List[int]":
    """The processes that are ready for a further batch."""
    return [] if _kept is None else [_kept.pid]


def _spent(stem: float) -> float:
    """CPU seconds of the agent and of all that it started, since the answer before: to write that one counts here.

    `stem` are those of the process that forks, which is not among the ended ones yet.
    """
    global _told
    now = children.cpu_seconds() + stem
    before, _told = _told, now
    return max(0.0, now - before)


class _Answer:
    """What has come so far."""

    def __init__(self) -> None:
        self.results: "List[bytes]" = []
        self.tables: "List[Dict[str, List[Any]]]" = []
        self.modules: "List[List[Any]]" = []
        self.done = False
        self.cpu = 0.0

    def take(self, line: bytes, mark: bytes) -> None:
        if line.startswith(mark):
            self.results.append(line[len(mark):])
            return
        message = pipes.parsed(line)
        if message is None:
            return
        if "done" in message:
            self.done, self.cpu = True, message["done"]
        elif "modules" in message:
            self.modules = message["modules"]
        elif "table" in message:
            self.tables.append({"places": [], "names": []})
        elif "new" in message:
            for name, added in message["new"].items():
                self.tables[message["of"]][name] += added

    def encoded(self) -> frames.Encoded:
        """The answer, with the results as they came."""
        rest = json.dumps({"tables": self.tables, "modules": self.modules, "cpu": _spent(self.cpu)}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return frames.Encoded(b'{"results":[%s],%s' % (b",".join(self.results), rest[1:]))


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
    from . import install, uncontrolled

    install.install()
    uncontrolled.watch()


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


def program_files(script: str, root: str) -> "tuple[List[str], List[str]]":
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
