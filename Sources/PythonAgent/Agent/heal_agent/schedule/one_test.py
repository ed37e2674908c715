"""A test of a suite in the place of a script: called without its framework, where that means the same."""

from __future__ import annotations

import ast
import asyncio
import configparser
import importlib
import inspect
import os
import sys
import unittest
from typing import Any, Iterator, List, Optional, Tuple

from .. import direct, sources
from ..errors import AgentError

_XUNIT = {"setup_method", "teardown_method", "setup_class", "teardown_class", "setup_module", "teardown_module", "setup_function",
          "teardown_function", "setup", "teardown", "setUpModule", "tearDownModule", "setUpClass", "tearDownClass"}
_HARMLESS = {"asyncio", "anyio", "timeout", "slow", "flaky", "unit"}
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


class OneTest:
    """A test by its node id, such as `tests/test_bank.py::TestBank::test_total`."""

    def __init__(self, root: str, node: str) -> None:
        path, *self._names = node.split("::")
        self.path = os.path.join(root, path)
        self._root = root
        why = self._unsuited()
        if why is not None:
            raise AgentError("unsuited", "schedules of %s are not explored: %s" % (node, why))

    def call(self) -> None:
        """Imports the test's module and calls the test; raises what it raises."""
        sys.path[:0] = [one for one in self._folders() if one not in sys.path]
        base, name = _module_of(self.path)
        owner: Any = importlib.import_module(name)
        for one in self._names[:-1]:
            owner = getattr(owner, one)
        method = self._names[-1]
        if not isinstance(owner, type):
            _finish(getattr(owner, method)())
        elif issubclass(owner, unittest.TestCase):
            _as_unittest(owner, method)
        else:
            _finish(getattr(owner(), method)())

    def _folders(self) -> "List[str]":
        """What `python -m pytest` puts before everything else, the foremost first."""
        folders = [os.getcwd(), _module_of(self.path)[0]]
        for file in _conftests(self.path, self._root):
            folders.append(_module_of(file)[0])
        return list(dict.fromkeys(folders + _configured(self._root)))

    # What a call alone would leave out

    def _unsuited(self) -> "Optional[str]":
        if not self._names or "[" in self._names[-1]:
            return "it has parameters"
        try:
            tree = ast.parse(sources.read_bytes(self.path))
        except (SyntaxError, ValueError):
            return "its file does not parse"
        for file in [self.path, *_conftests(self.path, self._root)]:
            if b"autouse" in sources.read_bytes(file):
                return "%s has fixtures for every test" % os.path.basename(file)
        body: "List[ast.stmt]" = tree.body
        owner: "Optional[ast.ClassDef]" = None
        if any(isinstance(one, _Function) and one.name in _XUNIT for one in body):
            return "its module has a set-up of its own"
        for name in self._names[:-1]:
            owner = next((one for one in body if isinstance(one, ast.ClassDef) and one.name == name), None)
            if owner is None:
                return "its class is not in its file"
            body = owner.body
            if any(isinstance(one, _Function) and one.name in _XUNIT for one in body):
                return "its class has a set-up of its own"
        function = next((one for one in body if isinstance(one, _Function) and one.name == self._names[-1]), None)
        if function is None:
            return "it is not in its file"
        arguments = len(function.args.posonlyargs) + len(function.args.args) + len(function.args.kwonlyargs) - len(function.args.defaults)
        if arguments > (1 if owner is not None else 0):
            return "it has fixtures"
        marks = [_mark(one) for node in (function, *([owner] if owner is not None else [])) for one in node.decorator_list]
        unknown = [one for one in marks if one not in _HARMLESS]
        return "it is decorated with %s" % unknown[0] if unknown else None


def _mark(node: ast.expr) -> str:
    """The last name of a decorator."""
    target = node.func if isinstance(node, ast.Call) else node
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "something")


def _finish(result: Any) -> None:
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _as_unittest(case: type, method: str) -> None:
    call = direct.of_unittest(case, method) or direct.by_its_run(case, method)
    try:
        call()
    except direct.Skipped:
        pass
    except direct.TestFailed as failed:
        if failed.cause is not None:
            raise failed.cause from None


def _module_of(path: str) -> "Tuple[str, str]":
    """The folder that has to be on the path for a file, and the name by which it is imported then."""
    folder, name = os.path.dirname(path), os.path.basename(path)[:-3]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = "%s.%s" % (package, name)
    return folder, name


def _conftests(path: str, root: str) -> "Iterator[str]":
    folder = os.path.dirname(path)
    while folder.startswith(root):
        file = os.path.join(folder, "conftest.py")
        if os.path.isfile(file):
            yield file
        if folder == root:
            break
        folder = os.path.dirname(folder)


def _configured(root: str) -> "List[str]":
    """The folders that pytest's `pythonpath` names."""
    text = ""
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(os.path.join(root, name), encoding="utf-8")
            text = text or parser.get(section, "pythonpath", fallback="")
        except (configparser.Error, UnicodeDecodeError):
            continue
    return [os.path.join(root, one) for one in text.split() or _in_pyproject(root)]


def _in_pyproject(root: str) -> "List[str]":
    try:
        import tomllib
    except ImportError:  # before 3.11
        return []
    try:
        with open(os.path.join(root, "pyproject.toml"), "rb") as file:
            found = tomllib.load(file)
        paths = found["tool"]["pytest"]["ini_options"]["pythonpath"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return paths.split() if isinstance(paths, str) else [str(one) for one in paths]
