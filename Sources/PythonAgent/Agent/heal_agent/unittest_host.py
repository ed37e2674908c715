"""A host for suites where there is no pytest: the standard library's unittest collects and runs.

Node ids are as pytest would give them: `tests/test_x.py::Class::test_name`.
"""

from __future__ import annotations

import fnmatch
import importlib
import os
import sys
import unittest
from typing import Any, Callable, List, Optional, Sequence, Tuple

from . import direct
from .errors import AgentError
from .suite import ERROR, FAILED, PASSED, SKIPPED, XFAILED, XPASSED, HostedTest, Outcome, Suite, Wanted, is_target

_SKIPPED_FOLDERS = ("__pycache__", "node_modules", "venv", ".venv", "site-packages", "build", "dist")


def run(wanted: Wanted, serve: "Callable[[Suite], None]") -> None:
    """Collects what the targets and the guards name, and calls `serve`."""
    tests: "List[HostedTest]" = []
    files: "List[str]" = []
    for path in _files([*wanted.words, *wanted.guards]):
        files.append(os.path.realpath(path))
        tests += _of_file(path, wanted)
    if not tests:
        raise AgentError("environment", "%s has no pytest, and there are no tests for unittest to run" % sys.executable)
    serve(Suite(tests, files))


def _files(words: "Sequence[str]") -> "List[str]":
    found: "List[str]" = []
    for word in words:
        path = word.split("::")[0]
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(one for one in folders if one not in _SKIPPED_FOLDERS and not one.startswith("."))
                found += [os.path.join(folder, name) for name in sorted(names) if _is_test_file(name)]
        elif os.path.isfile(path):
            found.append(path)
    unique = {os.path.normpath(path): None for path in found}
    return list(unique)


def _is_test_file(name: str) -> bool:
    return fnmatch.fnmatch(name, "test*.py") or fnmatch.fnmatch(name, "*_test.py")


def _of_file(path: str, wanted: Wanted) -> "List[HostedTest]":
    node, targets = wanted.node_id(path, ""), wanted.targets
    try:
        module = importlib.import_module(_module_name(path))
    except (Exception, SystemExit) as error:
        error.__traceback__ = _from_program(error.__traceback__)
        decides = is_target(node, targets) or any(target.split("::")[0] == node for target in targets)
        return [HostedTest(node, decides, None, collection_error=error)]
    tests = []
    for case in vars(module).values():
        if not isinstance(case, type) or not issubclass(case, unittest.TestCase) or case.__module__ != module.__name__:
            continue
        for name in unittest.defaultTestLoader.getTestCaseNames(case):
            test_id = "%s::%s::%s" % (node, case.__name__, name)
            tests.append(HostedTest(test_id, is_target(test_id, targets), _runner(module, case, name), direct.of_unittest(case, name)))
    return tests


def _from_program(trace: Any) -> Any:
    folder = os.path.dirname(os.path.abspath(__file__)) + os.sep
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((folder, "<frozen importlib", os.path.dirname(importlib.__file__))):
        trace = trace.tb_next
    return trace


def _module_name(path: str) -> str:
    """The dotted name, with the first folder that is no package put on `sys.path`, as pytest's default import mode does."""
    folder, name = os.path.split(os.path.abspath(path))
    parts = [name[:-3]]
    while os.path.exists(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return ".".join(parts)


def _runner(module: Any, case: type, name: str) -> "Callable[[Optional[HostedTest]], Outcome]":
    def run(following: "Optional[HostedTest]") -> Outcome:
        result = _Result()
        suite = unittest.TestSuite([case(name)])
        suite.run(result)  # class and module set-up included
        return result.outcome()

    return run


class _Result(unittest.TestResult):
    """One word and one exception."""

    def __init__(self) -> None:
        super().__init__()
        self._found: "List[Tuple[str, Optional[BaseException]]]" = []

    def outcome(self) -> Outcome:
        for word in (ERROR, FAILED, SKIPPED, XFAILED, XPASSED):
            for found, error in self._found:
                if found == word:
                    return Outcome(FAILED if word == XPASSED else word, error)
        return Outcome(PASSED, None)

    def addError(self, test: Any, err: Any) -> None:
        # An exception in a test is pytest's failure; only one in a set-up around it is an error.
        self._found.append((FAILED if isinstance(test, unittest.TestCase) else ERROR, err[1]))

    def addFailure(self, test: Any, err: Any) -> None:
        self._found.append((FAILED, err[1]))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            self._found.append((FAILED, err[1]))

    def addSkip(self, test: Any, reason: str) -> None:
        self._found.append((SKIPPED, None))

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        self._found.append((XFAILED, None))

    def addUnexpectedSuccess(self, test: Any) -> None:
        self._found.append((XPASSED, AssertionError("unexpected success")))
