"""One run of a script under one schedule, in a process that runs many: from fresh modules to the end of the interpreter."""

from __future__ import annotations

import atexit
import importlib.abc
import importlib.machinery
import io
import itertools
import linecache
import os
import sys
import threading
import types
import warnings
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from .. import describe, program
from . import builtin_types, entropy, identities, kinds, rewrite, threads
from .hooks import Hooks
from .locations import Locations, Record
from .one_test import OneTest
from .policies import policy
from .primitives import Run
from .scheduler import Abandoned, Bounds, ScheduledThread, Scheduler
from .sites import Sites
from .threads import Threads, ThreadRuns

KEPT_OUTPUT = 1 << 20
_warn_unawaited: Any = warnings._warn_unawaited_coroutine  # type: ignore[attr-defined]
ROUNDS = 500
"""Rounds of loops without a step after which a thread gives way: it may wait for what no run has seen to be shared yet."""


class Script:
    """A program, with the rewritten code of its modules."""

    def __init__(self, root: str, argv: "List[str]", stdin: bytes, test: "Optional[OneTest]" = None) -> None:
        self.root = root
        self.test = test
        self.argv = argv
        self.stdin = stdin
        self.sites = Sites(root)
        self.modules: "Set[str]" = set()
        self._folder = os.path.dirname(os.path.realpath(argv[0]))
        self._codes: "Dict[Tuple[str, bool], types.CodeType]" = {}

    def become_main(self) -> types.ModuleType:
        """The script's module, still empty, as `__main__`."""
        main = program.main_module(self.argv[0])
        program.enter_main(main, self.argv, self._folder)
        return main

    def code(self, path: str, values: bool) -> types.CodeType:
        """A module's code with hooks; raises as `compile` and `open` do."""
        code = self._codes.get((path, values))
        if code is None:
            with open(path, "rb") as file:
                source = file.read()
            linecache.getlines(path)
            self._codes[path, values] = code = rewrite.compile_rewritten(source, path, self.sites, values)
        return code


class Schedule:
    """What one run is to follow, and what it is to tell."""

    def __init__(self, params: "Dict[str, Any]", bounds: Bounds, shared: "Sequence[str]", events: bool, values: bool) -> None:
        self.prefix: "List[int]" = []
        given = params.get("prefix") or []
        for thread, times in zip(given[::2], given[1::2]):
            self.prefix += [thread] * times
        self.policy = policy(params, bounds.fair)
        self.bounds = bounds
        self.shared = frozenset(shared)
        self.events = events
        self.values = events and values


class Execution:
    """One run."""

    def __init__(self, script: Script, schedule: Schedule, fatal: "Callable[[Execution, str], None]") -> None:
        self.script = script
        self.schedule = schedule
        self.exceptions: "List[Tuple[ScheduledThread, BaseException]]" = []
        self.exit: "Optional[int]" = None
        self.scheduler = Scheduler(schedule.prefix, schedule.policy, schedule.bounds, schedule.events, schedule.values,
                                   lambda how: fatal(self, how))
        self.locations = Locations(self.scheduler, schedule.shared, script.sites.name)
        self.output, self.errors = Output(self.scheduler), io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace", write_through=True)
        self._threads = ThreadRuns(self.scheduler, lambda thread, error: self.exceptions.append((thread, error)),
                                   threads.LISTED in schedule.shared)
        self._at_exit: "List[Callable[[], Any]]" = []
        self.space: "Dict[str, Any]" = {}
        self.pending: "List[Tuple[ScheduledThread, Any]]" = []
        self.unawaited: "List[Tuple[str, str, int]]" = []

    def run(self) -> bool:
        """Runs the script; false when a thread did not come back, so that this process can run nothing more."""
        run = self.scheduler
        main = run.add("MainThread", False, threading._main_thread)  # type: ignore[attr-defined]
        run.current = main
        run.ready.append(0)
        kept = sys.stdin, sys.stdout, sys.stderr, sys.path[:], sys.argv, sys.modules.get("__main__"), os.getcwd(), os.environ._data.copy()  # type: ignore[attr-defined]
        if not self.script.modules:
            self.script.modules = set(sys.modules)
        finder = _Finder(self)
        self._begin(finder)
        try:
            self.exit = self._main()
            self._finish(main)
            self._look_for_tasks()
        finally:
            run.over = True
            clean = self._threads.abandon()
            Run.end()
            self._restore(kept, finder)
        return clean

    # The life of the interpreter

    def _begin(self, finder: "_Finder") -> None:
        threads.forget()
        builtin_types.forget()
        identities.forget()
        _forget_executors()
        if "asyncio" in sys.modules:
            _event_loop().forget()
        warnings._warn_unawaited_coroutine = self._note_unawaited  # type: ignore[attr-defined]
        sys.set_coroutine_origin_tracking_depth(1)
        sys.stdin = io.TextIOWrapper(io.BytesIO(self.script.stdin), "utf-8", "surrogateescape")
        sys.stdout, sys.stderr = self.output, self.errors
        self._register, atexit.register = atexit.register, self._register_at_exit  # type: ignore[assignment]
        sys.meta_path.insert(0, finder)
        Run.begin(self.scheduler, self.locations, self.script.sites)
        Threads.runs = self._threads
        entropy.begin()
        tick = _ticking(self.schedule.bounds.fuel, self.scheduler)
        Hooks(self.scheduler, self.locations, self.script.sites, tick, self.schedule.values).install()

    def _main(self) -> int:
        try:
            module = self.script.become_main()
            self.space = module.__dict__
            if self.script.test is not None:
                self.script.test.call()
                return 0
            path = module.__dict__["__file__"]
            exec(self.script.code(path, self.schedule.values), module.__dict__)
        except SystemExit as leaving:
            return program.exit_status(leaving)
        except Abandoned:
            raise
        except BaseException as error:
            self.exceptions.append((self.scheduler.threads[0], error))
            self._print(error)
            return 1
        return 0

    def _print(self, error: BaseException) -> None:
        error.__traceback__ = program.without_agent(error.__traceback__)
        try:
            sys.excepthook(type(error), error, error.__traceback__)
        except Abandoned:
            raise
        except BaseException:
            pass

    def _finish(self, main: ScheduledThread) -> None:
        """Executors are told, threads awaited and exit functions run, as the interpreter does."""
        for call in reversed(getattr(threading, "_threading_atexits", ())):
            call()
        run = self.scheduler
        for thread in run.threads:  # may grow meanwhile
            # Whether another thread has waited for it by now depends on the schedule, as long as that one may go on.
            is_over = thread.ended and (main in thread.met or thread.joined and run.solo)
            if thread is not main and thread.carrier is thread and not thread.daemon and not is_over:
                threads.join(run, thread, None, 0)
        while self._at_exit:
            try:
                self._at_exit.pop()()
            except Abandoned:
                raise
            except BaseException as error:
                self._print(error)
        if not self.scheduler.solo:
            self.output.end()
            self.scheduler.step(kinds.END, 0, -1, 0)

    def _look_for_tasks(self) -> None:
        """What tasks left behind that nobody asked for."""
        if "asyncio" in sys.modules:
            errors, self.pending = _event_loop().leftovers(self.scheduler)
            self.exceptions += errors

    def _note_unawaited(self, coro: Any) -> None:
        """Called by the interpreter when a coroutine goes that was never awaited."""
        path, line = (coro.cr_origin or ((coro.cr_code.co_filename, coro.cr_code.co_firstlineno),))[0][:2]
        self.unawaited.append((getattr(coro, "__qualname__", "?"), self.script.sites.path(path), line))
        _warn_unawaited(coro)

    def _register_at_exit(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        self._at_exit.append(lambda: function(*args, **kwargs))
        return function

    def _restore(self, kept: Any, finder: "_Finder") -> None:
        sys.stdin, sys.stdout, sys.stderr, sys.path[:], sys.argv, sys.modules["__main__"], folder, environment = kept
        sys.meta_path.remove(finder)
        sys.set_coroutine_origin_tracking_depth(0)
        warnings._warn_unawaited_coroutine = _ignore  # type: ignore[attr-defined]
        atexit.register = self._register
        if os.getcwd() != folder:
            os.chdir(folder)
        if os.environ._data != environment:  # type: ignore[attr-defined]
            os.environ.clear()
            os.environ.update({os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()})
        if len(sys.modules) != len(self.script.modules):
            for name in [one for one in sys.modules if one not in self.script.modules]:
                if describe.is_own(getattr(sys.modules[name], "__file__", None) or "", self.script.root):
                    del sys.modules[name]
            self.script.modules = set(sys.modules)


def _ticking(fuel: int, run: Scheduler) -> "Callable[[], None]":
    """What each round of a loop calls: after many without a step it gives way, and after `fuel` rounds it ends the run."""
    left = ROUNDS
    spent = 0
    last = -1

    def tick() -> None:
        nonlocal left
        left -= 1
        if not left:
            many()

    def many() -> None:
        nonlocal left, spent, last
        left = ROUNDS
        spent += ROUNDS
        if spent >= fuel:
            run.end("fuel")
        before, last = last, run.count
        if before == last and not run.solo:
            run.give_way(Run.sites.caller())
            last = run.count

    return tick


def _event_loop() -> Any:
    """The part that knows asyncio; not imported for programs that do not."""
    from . import event_loop

    return event_loop


def _ignore(coro: Any) -> None:
    """What goes between two runs belongs to neither."""


def _forget_executors() -> None:
    module: Any = sys.modules.get("concurrent.futures.thread")
    if module is not None:
        module._shutdown = False
        module._threads_queues.clear()
        module.ThreadPoolExecutor._counter = itertools.count().__next__


class Output(io.TextIOWrapper):
    """Standard output: what several threads write to is shared, and each write after another thread's is a step."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, "utf-8", "backslashreplace", newline="\n", write_through=True)
        self._scheduler = scheduler
        self._last = (-1, -1)

    def write(self, text: str) -> int:
        run = self._scheduler
        if not run.solo and self._last != (run.current.number, run.count):
            record = self._record()
            if Run.locations.touch(record, "", True):
                run.step(kinds.OUTPUT, record.serial, -1, Run.sites.caller())
        if self._bytes.tell() + len(text) > KEPT_OUTPUT:
            run.end("output")
        written = super().write(text)
        self._last = (run.current.number, run.count)
        return written

    def end(self) -> None:
        """The program ends: what threads that nobody waits for have not written by now is not written."""
        record = self._record()
        if Run.locations.touch(record, "", False):
            self._scheduler.step(kinds.READ, record.serial, -1, 0)

    def _record(self) -> Record:
        return Run.locations.record(self, 0, "standard output", "standard output")

    def text(self) -> str:
        """All that was written."""
        return self._bytes.getvalue().decode("utf-8", "replace")


class _Finder(importlib.abc.MetaPathFinder):
    """Gives the program's own modules their rewritten code."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def find_spec(self, fullname: str, path: "Optional[Sequence[str]]", target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        origin = getattr(spec, "origin", None)
        if spec is None or not isinstance(origin, str) or not origin.endswith(".py") \
                or not describe.is_own(origin, self._execution.script.root):
            return None
        spec.loader = _Loader(fullname, origin, self._execution)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, execution: Execution) -> None:
        super().__init__(fullname, path)
        self._execution = execution

    def get_code(self, fullname: str) -> types.CodeType:
        return self._execution.script.code(self.path, self._execution.schedule.values)

    def exec_module(self, module: types.ModuleType) -> None:
        """No steps in imports: the import system's locks are held meanwhile."""
        run = self._execution.scheduler
        before = run.solo
        run.solo = True
        try:
            super().exec_module(module)
        finally:
            run.solo = before and run.solo
