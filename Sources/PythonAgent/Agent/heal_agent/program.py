"""The child's side of one run: becomes the process that `python file args` would have been."""

from __future__ import annotations

import faulthandler
import gc
import io
import json
import linecache
import mmap
import os
import signal
import struct
import sys
import types
from typing import Any, Callable, Dict, List, Optional

from . import children, describe, purity, startup
from .coverage import CoverageBuffer, Recorder

# The shared header that survives a kill.
STARTED, THREADS, HEADER = 0, 8, 16


class Report:
    """What the child tells of its run: one JSON object a line, over a descriptor that programs do not come across."""

    def __init__(self, fd: int, header: mmap.mmap) -> None:
        self._fd = fd
        self._header = header

    def line(self, message: "Dict[str, Any]") -> None:
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            os.write(self._fd, data[: 1 << 20] if len(data) <= 1 << 20 else b"{}\n")
        except OSError:
            pass

    def started(self) -> None:
        self._header[STARTED] = 1

    def thread_started(self) -> None:
        (count,) = struct.unpack_from("Q", self._header, THREADS)
        struct.pack_into("Q", self._header, THREADS, count + 1)


class Run:
    """One run of a script, as the request has it."""

    def __init__(self, root: str, params: "Dict[str, Any]") -> None:
        self.root = root
        self.argv: "List[str]" = [str(one) for one in params["argv"]]
        self.stdin: "Optional[str]" = params.get("stdin")
        self.withheld: "List[str]" = [str(one) for one in params.get("withheld") or ()]
        self.env: "Dict[str, str]" = {str(k): str(v) for k, v in (params.get("env") or {}).items()}
        limits = params.get("limits") or {}
        self.wall = float(limits.get("wall") or 10)
        self.cpu = float(limits.get("cpu") or self.wall)
        self.memory = int(limits.get("memory") or 2 << 30)
        self.output = int(limits.get("output") or 64 << 20)


def watch_stacks(fd: int) -> None:
    """Lets the parent ask for all stacks at any time, even while C code runs; crashes and the CPU limit tell theirs."""
    os.set_inheritable(fd, False)
    faulthandler.enable(file=fd, all_threads=True)
    faulthandler.register(children.DUMP_SIGNAL, file=fd, all_threads=True, chain=False)
    faulthandler.register(signal.SIGXCPU, file=fd, all_threads=True, chain=True)


def standard_streams() -> None:
    """Opens the standard streams anew, as start-up does: descriptors 0 to 2 have changed since."""
    for name, fd, mode in (("stdin", 0, "rb"), ("stdout", 1, "wb"), ("stderr", 2, "wb")):
        old = getattr(sys, "__%s__" % name)
        stream = io.open(fd, mode, closefd=False)
        raw = stream.raw if hasattr(stream, "raw") else stream
        raw.name = "<%s>" % name  # type: ignore[attr-defined]
        text = io.TextIOWrapper(
            stream, encoding=getattr(old, "encoding", None) or "utf-8",
            errors="backslashreplace" if fd == 2 else getattr(old, "errors", None) or "strict",
            newline="\n", line_buffering=fd == 2)
        text.mode = "r" if fd == 0 else "w"  # type: ignore[misc]
        setattr(sys, name, text)
        setattr(sys, "__%s__" % name, text)


def become_main(argv: "List[str]") -> types.ModuleType:
    """Sets `sys.argv`, `sys.path` and `__main__` for the script; its file need not exist."""
    main = main_module(argv[0])
    enter_main(main, argv, os.path.dirname(os.path.realpath(main.__dict__["__file__"])))
    return main


def main_module(script: str) -> types.ModuleType:
    """The module that a script will be, still empty."""
    from importlib.machinery import SourceFileLoader

    path = os.path.abspath(script)
    main = types.ModuleType("__main__")
    main.__dict__.update({
        "__builtins__": sys.modules["builtins"], "__file__": path, "__cached__": None, "__package__": None,
        "__spec__": None, "__loader__": SourceFileLoader("__main__", path), "__doc__": None,
    })
    if sys.version_info < (3, 14):
        main.__dict__["__annotations__"] = {}
    return main


def enter_main(main: types.ModuleType, argv: "List[str]", folder: str) -> None:
    """Lets this process be that script's."""
    sys.argv = list(argv)
    sys.path.insert(0, folder)
    sys.modules["__main__"] = main


def run_script(run: Run, report: Report, coverage: "Optional[CoverageBuffer]", prepare: "Optional[Callable[[Report], None]]" = None) -> int:
    """Runs the script in this process and answers the status to leave with; `prepare` is called before its first line."""
    os.environ.update(run.env)
    describer = describe.Describer(run.root)
    # The collections of the program and of its end need not look at the agent's objects; its own module comes later,
    # since what is frozen is not finalised either.
    gc.freeze()
    standard_streams()
    main = become_main(run.argv)
    recorder = None
    if coverage is not None:
        recorder = Recorder(coverage, run.root, announce=lambda path, offset, length: report.line(
            {"file": [path, offset, length]}))
    purity.RefusalWatch(
        run.root, lambda operation, what: report.line({"refused": [operation, what]}), report.thread_started,
        lambda kind, what: report.line({"impure": [kind, what]})).install()
    purity.watch_environment(run.withheld, run.root, lambda found: report.line({"refused": list(found)}))
    startup.hide_agent_modules()
    children.limit_memory(run.memory)
    children.limit_cpu(run.cpu)
    if prepare is not None:
        prepare(report)
    return execute(main, main.__dict__["__file__"], report, describer, recorder)


def execute(main: types.ModuleType, path: str, report: Report, describer: describe.Describer,
            recorder: "Optional[Recorder]") -> int:
    """Compiles and runs the script as the interpreter's own start-up does, down to the exit status."""
    try:
        try:
            with open(path, "rb") as file:
                source = file.read()
        except OSError as error:
            sys.stderr.write("%s: can't open file %r: [Errno %s] %s\n" % (sys.executable, path, error.errno, error.strerror))
            sys.stderr.flush()
            return 2
        code = compile(source, path, "exec", dont_inherit=True)
        # Filled now, since the program may remove its own file.
        linecache.getlines(path)
        report.started()
        if recorder is not None:
            recorder.start()
        try:
            exec(code, main.__dict__)
        finally:
            report.line({"elsewhere": modules_elsewhere(describer.root)})
    except SystemExit as leaving:
        return exit_status(leaving)
    except BaseException as error:
        if recorder is not None:
            recorder.stop()
        return uncaught(error, report, describer)
    return 0


def modules_elsewhere(root: str) -> "List[str]":
    """Files of imported modules that lie neither below the root nor in the interpreter's own folders.

    Where a program runs as a copy, they may be the program itself, imported from where it is installed.
    """
    own = os.path.dirname(os.path.abspath(__file__))
    known = tuple(os.path.realpath(one) + os.sep for one in (root, sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), own))
    found = set()
    for module in list(sys.modules.values()):
        try:
            file = module.__file__
            place = os.path.realpath(file) if isinstance(file, str) and file.endswith(".py") else ""
        except Exception:  # a module may be any object
            continue
        if place and not place.startswith(known):
            found.add(place)
    return sorted(found)[:200]


def exit_status(leaving: SystemExit) -> int:
    """The status that the interpreter leaves with on SystemExit; a text goes to standard error."""
    code = leaving.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    try:
        sys.stderr.write("%s\n" % (code,))
        sys.stderr.flush()
    except BaseException:
        pass
    return 1


def uncaught(error: BaseException, report: Report, describer: describe.Describer) -> int:
    """Tells of an exception that nobody caught, and prints it as the interpreter does."""
    error.__traceback__ = without_agent(error.__traceback__)
    try:
        told = describer.exception(error)
        report.line({"exception": told, "attributes": describe.attributes(error)})
        refused = purity.refusal_of(error, describer.root)
        if refused is not None:
            report.line({"refused": list(refused)})
    except BaseException:
        report.line({"exception": {"type": type(error).__name__, "message": "", "suggestion": None, "frames": [], "chain": []}})
    try:
        sys.stdout.flush()
    except BaseException:
        pass
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as leaving:
        return exit_status(leaving)
    except BaseException:
        sys.__excepthook__(type(error), error, error.__traceback__)
    if isinstance(error, KeyboardInterrupt):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 1


def without_agent(trace: "Optional[types.TracebackType]") -> "Optional[types.TracebackType]":
    """The traceback from the program's first frame on."""
    package = os.path.dirname(os.path.abspath(__file__)) + os.sep
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(package):
        trace = trace.tb_next
    return trace


def detached(task: "Callable[[], int]") -> "Callable[[], int]":
    """A task whose own faults end the child instead of reaching the agent's code."""
    def run() -> int:
        try:
            return task()
        except Exception as error:
            os.write(2, ("heal: fault in the agent: %r\n" % (error,)).encode())
            return 70
    return run
