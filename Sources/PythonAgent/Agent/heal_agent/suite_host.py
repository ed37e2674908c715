"""A host for pytest suites: pytest collects in this process, and its run loop is ours.

Imports are as `python -m pytest` in the current folder has them; the program's configuration is obeyed, except for what would
take the run out of our hands (workers, random order, capturing, coverage).
"""

from __future__ import annotations

import contextlib
import fnmatch
import importlib.util
import os
import sys
from typing import Any, Callable, Iterator, List, Optional, Sequence

from . import direct
from .errors import AgentError
from .suite import ERROR, FAILED, PASSED, SKIPPED, XFAILED, XPASSED, HostedTest, Outcome, Suite, Wanted, is_target, worst

Serve = Callable[[Suite], None]


def run(wanted: Wanted, arguments: "Sequence[str]", serve: Serve,
        before_collection: "Optional[Callable[[Callable[[], None]], None]]" = None) -> None:
    """Collects, and calls `serve` with the suite while pytest's session lives.

    `before_collection` is called when pytest is configured, with a function that collects and serves: forks may call it.
    """
    import pytest

    if _modern(pytest):
        install_forced_collection(pytest)
    plugin = _Plugin(wanted, serve, before_collection)
    words = _options(pytest) + list(arguments)
    if any(os.path.realpath(one) == os.path.realpath(wanted.root) for one in wanted.guards):
        plugin.force = _files_of(wanted.words)
        words += list(wanted.guards) if _modern(pytest) else [*wanted.words, *wanted.guards]
    else:
        words += [*wanted.words, *(one for one in wanted.guards if one not in wanted.words)]
    output = _Tail()
    sys.argv = ["pytest"] + words
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = output  # type: ignore[assignment]
    code = 1
    with _conftest_failures() as failures:
        try:
            code = int(pytest.main(words, plugins=[plugin]))
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            # What a conftest raises beyond Exception, pytest lets through.
            if plugin.served:
                raise
            failures.append(error)
        finally:
            sys.stdout, sys.stderr = before
    if plugin.served:  # who serves never comes back, so that this is no word of the program
        raise AgentError("failed", "pytest broke off after the collection: %s" % output.text().strip()[-2000:])
    if not failures and code == _USAGE:
        raise AgentError("usage", "pytest refuses: %s" % _first_error(output.text()))
    if not failures:
        failures.append(RuntimeError("pytest ended before it collected (status %d): %s" % (code, _first_error(output.text()))))
    if wanted.guards:  # the targets alone may be collected
        raise AgentError("failed", "the tests below the root cannot be collected")
    names = sorted({target.split("::")[0] for target in wanted.targets})
    serve(Suite([HostedTest(name, True, None, collection_error=failures[-1]) for name in names], []))


_USAGE = 4


@contextlib.contextmanager
def _conftest_failures() -> "Iterator[List[BaseException]]":
    """Gathers what conftest files raise while pytest is configured: it says so in its output alone."""
    from _pytest.config import ConftestImportFailure

    found: "List[BaseException]" = []
    original = ConftestImportFailure.__init__

    def remember(self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        cause = getattr(self, "cause", None) or (getattr(self, "excinfo", None) or (None, None))[1]
        found.append(cause or self)

    ConftestImportFailure.__init__ = remember  # type: ignore[method-assign]
    try:
        yield found
    finally:
        ConftestImportFailure.__init__ = original  # type: ignore[method-assign]


def _first_error(text: str) -> str:
    """The first line in which pytest says what is wrong; how it is used is no such line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line.lower() and "usage:" not in line]
    return (errors or lines[-1:] or ["it says nothing"])[0][:500]


def _modern(pytest: Any) -> bool:
    return int(str(pytest.__version__).split(".")[0]) >= 7


def _options(pytest: Any) -> "List[str]":
    words = ["-p", "no:cacheprovider", "-p", "no:faulthandler", "--capture=no", "-q", "--tb=line",
             "--continue-on-collection-errors"]
    for module, option in (("xdist", "-n0"), ("pytest_cov", "--no-cov"), ("pytest_randomly", "-pno:randomly"),
                           ("pytest_random_order", "-pno:random_order")):
        if importlib.util.find_spec(module) is not None:
            words.append(option)
    return words


def _files_of(targets: "Sequence[str]") -> "List[str]":
    return [os.path.realpath(target.split("::")[0]) for target in targets]


class _Tail:
    """A text stream that keeps the last of what was written."""

    encoding, errors = "utf-8", "replace"

    def __init__(self) -> None:
        self._parts: "List[str]" = []
        self._size = 0

    def write(self, text: str) -> int:
        self._parts.append(text[-8192:])
        self._size += len(self._parts[-1])
        if self._size > 65536:
            self._parts = [self.text()[-8192:]]
            self._size = len(self._parts[0])
        return len(text)

    def text(self) -> str:
        return "".join(self._parts)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def writelines(self, lines: "Sequence[str]") -> None:
        for line in lines:
            self.write(line)


class _Plugin:
    """Takes over from pytest after collection, and gathers what it reports of each test."""

    def __init__(self, wanted: Wanted, serve: Serve, before: "Optional[Callable[[Callable[[], None]], None]]") -> None:
        self._wanted = wanted
        self._targets = wanted.targets
        self._before = before
        self._serve = serve
        self.force: "List[str]" = []
        self.served = False
        self._broken: "List[HostedTest]" = []
        self._words: "List[str]" = []
        self._error: "Optional[BaseException]" = None

    # Collection

    def pytest_collection(self, session: Any) -> None:
        before, self._before = self._before, None
        if before is None:
            return

        def collect() -> None:
            session.config.hook.pytest_collection(session=session)
            self.pytest_runtestloop(session)

        before(collect)

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:
        error = getattr(getattr(call, "excinfo", None), "value", None)
        if report.when == "collect":
            if type(error).__name__ == "CollectError" and error.__cause__ is not None:
                error = error.__cause__
            node_id = self._node_id(node)
            self._broken.append(HostedTest(
                node_id, is_target(node_id, self._targets) or _covers(node_id, self._targets), None, collection_error=error))
        elif self._error is None:
            self._error = error

    def pytest_runtest_logreport(self, report: Any) -> None:
        self._words.append(_word(report))

    def pytest_runtestloop(self, session: Any) -> bool:
        self.served = True
        tests = list(self._broken)
        files = {str(getattr(item, "path", None) or item.fspath) for item in session.items}
        for item in session.items:
            node_id = self._node_id(item)
            tests.append(HostedTest(node_id, is_target(node_id, self._targets), self._runner(item), _direct(item)))
        self._serve(Suite(tests, sorted(files)))
        return True

    def _node_id(self, node: Any) -> str:
        inside = node.nodeid.partition("::")[2]
        return self._wanted.node_id(str(getattr(node, "path", None) or node.fspath), inside)

    def _runner(self, item: Any) -> "Callable[[Optional[HostedTest]], Outcome]":
        def run(following: "Optional[HostedTest]") -> Outcome:
            self._words, self._error = [], None
            nextitem = getattr(following.full, "item", None) if following is not None else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)
            return Outcome(worst(self._words), self._error)

        run.item = item  # type: ignore[attr-defined]
        return run


def _covers(node_id: str, targets: "Sequence[str]") -> bool:
    """Whether the broken node is the file or folder in which a target lies."""
    return node_id == "." or any((target.split("::")[0] + "/").startswith(node_id + "/") for target in targets)


def _direct(item: Any) -> "Optional[Callable[[], object]]":
    try:
        return direct.of_pytest(item)
    except Exception:  # pytest's internals differ by version; then pytest itself runs the test
        return None


def _word(report: Any) -> str:
    expected_failure = hasattr(report, "wasxfail")
    if report.outcome == "failed":
        return FAILED if report.when == "call" else ERROR
    if report.outcome == "skipped":
        return XFAILED if expected_failure else SKIPPED
    return XPASSED if expected_failure and report.when == "call" else PASSED


def install_forced_collection(pytest: Any) -> None:
    """Lets explicit targets be collected from the root even where their names or folders would be passed over."""

    def ignore(self: _Plugin, collection_path: Any, config: Any) -> "Optional[bool]":
        place = os.path.realpath(str(collection_path))
        return False if any((one + os.sep).startswith(place + os.sep) for one in self.force) else None

    def collect(self: _Plugin, file_path: Any, parent: Any) -> Any:
        place = os.path.realpath(str(file_path))
        if place not in self.force or not place.endswith(".py"):
            return None
        patterns = parent.config.getini("python_files")
        if any(fnmatch.fnmatch(os.path.basename(place), pattern) for pattern in patterns):
            return None
        return pytest.Module.from_parent(parent, path=file_path)

    _Plugin.pytest_ignore_collect = pytest.hookimpl(tryfirst=True)(ignore)  # type: ignore[assignment]
    _Plugin.pytest_collect_file = collect  # type: ignore[assignment]
