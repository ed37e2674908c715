"""Calls tests without their framework, where that means the same: no fixtures, or only plain ones of the program.

This is what lets one process try thousands of candidates a second. A test that needs more has no direct form.
"""

from __future__ import annotations

import inspect
import unittest
from typing import Any, Callable, Dict, List, Optional, Sequence

_XUNIT_FUNCTION = ("_xunit_setup_function_fixture", "xunit_setup_function_fixture")
_XUNIT_METHOD = ("_xunit_setup_method_fixture", "xunit_setup_method_fixture")
_UNITTEST_CLASS = ("_unittest_setUpClass_fixture", "unittest_setUpClass_fixture", "_unittest_setup_class", "unittest_setup_class")


#: What `TestCase.run` calls, and what changes what it does.
_STEPS = ("run", "__call__", "doCleanups", "subTest", "_callSetUp", "_callTestMethod", "_callTearDown", "_callCleanup")
_MARKS = ("__unittest_skip__", "__unittest_expecting_failure__")


class TestFailed(Exception):
    """A unittest method did not pass; `cause` is what it raised."""

    def __init__(self, cause: "Optional[BaseException]") -> None:
        super().__init__()
        self.cause = cause


class Skipped(Exception):
    """A test skipped itself while it ran."""


def of_unittest(case: type, method: str) -> "Optional[Callable[[], object]]":
    """A call of one TestCase method; `None` when its class or module has a set-up of its own."""
    if _has_class_setup(case) or inspect.iscoroutinefunction(getattr(case, method, None)):
        return None
    if any(one.__module__ == "unittest.async_case" for one in case.__mro__):
        return None
    return _plain(case, method) if _is_plain(case, method) else by_its_run(case, method)


def by_its_run(case: type, method: str) -> "Callable[[], object]":
    """A call of one TestCase method by the run of its own."""
    def call() -> None:
        result = _FirstProblem()
        case(method).run(result)
        if result.problem is not None:
            raise TestFailed(result.problem)
        if result.skipped:
            raise Skipped()

    return call


def _is_plain(case: type, method: str) -> bool:
    """Whether the steps of `TestCase.run` are the stock ones, and none of its marks is on class or method."""
    if any(getattr(case, name, None) is not getattr(unittest.TestCase, name, None) for name in _STEPS):
        return False
    marked = (case, getattr(case, method, None))
    return not any(getattr(one, mark, False) for one in marked for mark in _MARKS)


def _plain(case: Any, method: str) -> "Callable[[], object]":
    """The steps of `TestCase.run` without its bookkeeping, which costs many times what a small test does."""
    sets_up, tears_down = (getattr(case, name) is not getattr(unittest.TestCase, name) for name in ("setUp", "tearDown"))

    def call() -> None:
        problems: "List[BaseException]" = []
        test = case(method)
        try:
            if sets_up:
                test.setUp()
            try:
                getattr(test, method)()
            except BaseException as error:
                problems.append(error)
            if tears_down:
                test.tearDown()
        except BaseException as error:
            problems.append(error)
        while test._cleanups:
            function, positional, named = test._cleanups.pop()
            try:
                function(*positional, **named)
            except BaseException as error:
                problems.append(error)
        if problems:
            _tell(problems)

    return call


def _tell(problems: "List[BaseException]") -> None:
    """Raises what the stock result would have kept: the first problem that is no skip."""
    first = next((one for one in problems if not isinstance(one, unittest.SkipTest)), None)
    problems.clear()  # their tracebacks hold the caller's frame, which holds the list
    raise Skipped() if first is None else TestFailed(first)


def _has_class_setup(case: type) -> bool:
    for name in ("setUpClass", "tearDownClass"):
        function = getattr(getattr(case, name, None), "__func__", None)
        if function is not getattr(unittest.TestCase, name).__func__:
            return True
    import sys

    module = sys.modules.get(case.__module__)
    return any(hasattr(module, name) for name in ("setUpModule", "tearDownModule", "setup_module", "teardown_module")) or any(
        hasattr(case, name) for name in ("setup_class", "teardown_class", "setup_method", "teardown_method"))


class _FirstProblem(unittest.TestResult):
    """Keeps the first problem as it is; the stock result would format a traceback for each."""

    def __init__(self) -> None:
        super().__init__()
        self.problem: "Optional[BaseException]" = None

    def _keep(self, error: Any) -> None:
        if self.problem is None:
            self.problem = error[1] if isinstance(error, tuple) else AssertionError(str(error))

    def addError(self, test: Any, err: Any) -> None:
        self._keep(err)

    def addFailure(self, test: Any, err: Any) -> None:
        self._keep(err)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self._keep(err)

    def addUnexpectedSuccess(self, test: Any) -> None:
        self._keep("unexpected success")

    def addSkip(self, test: Any, reason: str) -> None:
        self.skipped.append((test, reason))

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        pass


def of_pytest(item: Any) -> "Optional[Callable[[], object]]":
    """A call of one pytest item; `None` when only pytest can run it as it should be run."""
    function = getattr(item, "obj", None)
    info = getattr(item, "_fixtureinfo", None)
    if not callable(function) or info is None or _is_asynchronous(function):
        return None
    case = getattr(item, "cls", None)
    names = [name for name in info.names_closure if name != "request"]
    if isinstance(case, type) and issubclass(case, unittest.TestCase):
        if any(not name.startswith(_UNITTEST_CLASS) for name in names):
            return None
        return of_unittest(case, getattr(item, "originalname", None) or item.name)
    parameters = dict(getattr(getattr(item, "callspec", None), "params", {}))
    return _Plan(item, info, parameters).build(names)


def _is_asynchronous(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


class _Plan:
    """How the arguments of one item come about."""

    def __init__(self, item: Any, info: Any, parameters: "Dict[str, Any]") -> None:
        self._item = item
        self._info = info
        self._parameters = parameters
        self._fixtures: "Dict[str, Any]" = {}
        self._setup_method = self._setup_function = False

    def build(self, names: "Sequence[str]") -> "Optional[Callable[[], object]]":
        for name in names:
            if name in self._parameters and not self._definitions(name):
                continue
            if name.startswith(_XUNIT_METHOD):
                self._setup_method = True
            elif name.startswith(_XUNIT_FUNCTION):
                self._setup_function = True
            elif not self._take(name):
                return None
        arguments = list(self._info.argnames)
        if any(name not in self._parameters and name not in self._fixtures for name in arguments):
            return None
        return self._caller(arguments)

    def _definitions(self, name: str) -> "Sequence[Any]":
        found = self._info.name2fixturedefs.get(name) or ()
        # A parametrised argument is wrapped in a definition without a place of its own in newer versions.
        return [one for one in found if type(one).__name__ == "FixtureDef" and getattr(one, "func", None) is not None
                and getattr(one.func, "__name__", "") != "get_direct_param_fixture_func"]

    def _take(self, name: str) -> bool:
        """Accepts a fixture of the program: a plain function of other such fixtures, made anew for each test whatever
        its scope is, since a candidate may change what it gives."""
        if name in self._fixtures:
            return True
        found = self._definitions(name)
        if name in self._parameters and not found:
            return True
        if len(found) != 1:
            return False
        fixture = found[0]
        function = fixture.func
        if name == "monkeypatch" and getattr(function, "__module__", "") == "_pytest.monkeypatch":
            self._fixtures[name] = (_patching, (), True)
            return True
        if bool(getattr(fixture, "params", None)) is not (name in self._parameters) or _is_asynchronous(function):
            return False
        if not _is_of_program(function, self._item) or inspect.ismethod(function):
            return False
        wanted = [one for one in fixture.argnames]
        needed = [one for one in wanted if one != "request" or name not in self._parameters]
        if "request" in needed or not all(self._take(one) for one in needed):
            return False
        if getattr(self._item, "cls", None) is not None and list(inspect.signature(function).parameters)[:1] == ["self"]:
            return False
        self._fixtures[name] = (function, tuple(wanted), inspect.isgeneratorfunction(function))
        return True

    def _caller(self, arguments: "List[str]") -> "Callable[[], object]":
        item, parameters, fixtures = self._item, self._parameters, dict(self._fixtures)
        case = getattr(item, "cls", None)
        function = item.obj
        name = getattr(item, "originalname", None) or getattr(function, "__name__", item.name)
        if not fixtures and not self._setup_method and not self._setup_function:
            fixed = {one: parameters[one] for one in arguments}
            if case is not None:
                return lambda: getattr(case(), name)(**fixed)
            # Read from the module at each call: a candidate may have replaced what the module holds.
            return (lambda: function(**fixed)) if fixed else function
        hooks = (self._setup_method, self._setup_function)
        return lambda: _with_fixtures(item.module, case, function, name, arguments, parameters, fixtures, hooks)


def _with_fixtures(module: Any, case: Any, function: Any, name: str, arguments: "List[str]", parameters: "Dict[str, Any]",
                   fixtures: "Dict[str, Any]", hooks: Any) -> None:
    values: "Dict[str, Any]" = dict(parameters)
    running: "List[Any]" = []
    try:
        for fixture, (maker, wanted, is_generator) in fixtures.items():
            made = maker(**{one: _Request(parameters[fixture]) if one == "request" else values[one] for one in wanted})
            if is_generator:
                running.append(made)
                made = next(made)
            values[fixture] = made
        _call(module, case, function, name, {one: values[one] for one in arguments}, hooks)
    finally:
        for generator in reversed(running):
            next(generator, None)


class _Request:
    """What a fixture with parameters sees of its test; one that asks for more is left to the framework."""

    __slots__ = ("param",)

    def __init__(self, param: Any) -> None:
        self.param = param


def _patching() -> Any:
    """pytest's own fixture `monkeypatch`."""
    from _pytest.monkeypatch import MonkeyPatch

    patch = MonkeyPatch()
    yield patch
    patch.undo()


def _call(module: Any, case: Any, function: Any, name: str, arguments: "Dict[str, Any]", hooks: Any) -> None:
    holder = case() if case is not None else None
    target = function if holder is None else getattr(holder, name)
    on_method, on_function = hooks
    if on_method:
        _optional(holder, "setup_method", target)
    if on_function:
        _optional(module, "setup_function", target)
    try:
        target(**arguments)
    finally:
        if on_method:
            _optional(holder, "teardown_method", target)
        if on_function:
            _optional(module, "teardown_function", target)


def _optional(holder: Any, name: str, argument: Any) -> None:
    """xunit hooks may or may not take the test."""
    hook = getattr(holder, name, None)
    if hook is None:
        return
    code = getattr(getattr(hook, "__func__", hook), "__code__", None)
    count = 0 if code is None else code.co_argcount - (1 if inspect.ismethod(hook) else 0)
    hook(argument) if count else hook()


def _is_of_program(function: Any, item: Any) -> bool:
    from . import describe

    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and describe.is_own(code.co_filename, str(item.config.rootpath))
