"""The first run of every test of a suite, one verdict each, in forked children: a test that hangs costs only itself."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from . import children, stacks
from .closeness import listen
from .coverage import CoverageBuffer, Recorder, tracing_is_slow
from .describe import Describer
from .pipes import Worker, signal_name, silence
from .purity import WATCH, refusal_of
from .suite import ERROR, FAILED, PASSED, HostedTest, Suite, failing
from .verdicts import failed_word, level_of

_TRACED_LIMIT, _BUSY_LIMIT, _IDLE_LIMIT, _LEAST = 0.6, 2.0, 5.0, 0.4
_MEMORY = 2 << 30
_REPEATS, _MOST_REPEATED = 2, 40
Sink = Callable[[Dict[str, Any]], None]


class Baseline:
    """Results by test index, coverage by test index, and what the tests did beyond memory."""

    def __init__(self, suite: Suite, root: str, describer: Describer, close: "Sequence[int]", timeout: float,
                 measure: bool) -> None:
        self._suite = suite
        self._root = root
        self._describer = describer
        self._close = close
        self._timeout = timeout
        self._buffer = CoverageBuffer() if measure else None
        self._longest = 0.0
        self._hangs = 0
        self.results: "List[Dict[str, Any]]" = [{} for _ in suite.tests]
        self.coverage: "Dict[int, Dict[str, List[int]]]" = {}
        self.impure: "Dict[int, Dict[str, List[str]]]" = {}
        self.types: "Dict[str, Dict[str, Dict[str, List[str]]]]" = {}

    def run(self) -> None:
        """Runs all tests; returns when each has its verdict."""
        todo = []
        for index, test in enumerate(self._suite.tests):
            if test.full is None:
                self.results[index] = self._collection_error(test)
            else:
                todo.append(index)
        while todo:
            todo = self._stretch(todo, self._buffer)
        self._repeat()

    def _repeat(self) -> None:
        """Runs what failed again, each by itself: what passes then fails by chance, or for what ran before it."""
        broken = [index for index, result in enumerate(self.results)
                  if failing(result["outcome"]) and not result.get("stop") and self._suite.tests[index].full is not None]
        for index in broken[:_MOST_REPEATED]:
            self.results[index]["flaky"] = any(self._again(index) == PASSED for _ in range(_REPEATS))

    def _again(self, index: int) -> "Optional[str]":
        """What one test does in a process of its own; none when it does not come to its end."""
        worker = Worker(lambda send: self._child([index], None, send), self._close)
        end = time.monotonic() + self._limit(False)
        try:
            while time.monotonic() < end:
                messages = worker.messages(end - time.monotonic())
                if messages is None:
                    return None
                for message in messages:
                    if "done" in message:
                        return str(message["word"])
            return None
        finally:
            worker.end()

    def _collection_error(self, test: HostedTest) -> "Dict[str, Any]":
        error = test.collection_error
        told = refusal_of(error, self._root) if error is not None else None
        return {"outcome": ERROR, "seconds": 0.0, "refused": [list(one) for one in [*WATCH.early, *([told] if told else ())]],
                "exception": self._describer.exception(error) if error is not None else None}

    def _stretch(self, todo: "List[int]", buffer: "Optional[CoverageBuffer]") -> "List[int]":
        """One child runs tests until all are done or one does not end; answers what is left."""
        worker = Worker(lambda send: self._child(todo, buffer, send), self._close, stacks=True)
        left, current, since = list(todo), -1, time.monotonic()
        try:
            while True:
                limit = self._limit(buffer is not None)
                messages = worker.messages(min(0.2, max(0.01, since + limit - time.monotonic())))
                if messages is None:
                    break
                for message in messages:
                    if "start" in message:
                        current, since = message["start"], time.monotonic()
                    elif "done" in message:
                        self._take(message)
                        left.remove(message["done"])
                        current = -1
                    elif "file" in message and buffer is not None:
                        buffer.adopt(*message["file"])
                    elif "types" in message:
                        self.types = message["types"]
                if current >= 0 and time.monotonic() - since > limit:
                    return self._stopped(worker, left, current, time.monotonic() - since, buffer)
        finally:
            status = worker.end()
        if not left:
            return []
        # The child died: the test that was under way, or the first one if none was, is what killed it.
        index = current if current >= 0 else left[0]
        left.remove(index)
        self._failed(index, "died", "the process of the test %s" % signal_name(status), "", time.monotonic() - since, buffer)
        return left

    def _limit(self, traced: bool) -> float:
        """Seconds that a test may take: short once others have shown how long they take and that some hang."""
        if self._hangs:
            return min(self._timeout, max(_LEAST, 10 * self._longest))
        return min(self._timeout, _TRACED_LIMIT if traced and tracing_is_slow() else _BUSY_LIMIT)

    def _stopped(self, worker: Worker, left: "List[int]", index: int, seconds: float,
                 buffer: "Optional[CoverageBuffer]") -> "List[int]":
        before, begin = worker.demand(), time.monotonic()
        text = worker.stack_text()
        busy = worker.demand() - before > 0.2 * (time.monotonic() - begin) or worker.runs()
        if not busy and seconds < min(self._timeout, _IDLE_LIMIT) and not self._hangs:
            busy_or_done = self._wait_idle(worker, index, min(self._timeout, _IDLE_LIMIT) - seconds)
            if busy_or_done is not None:
                self._take(busy_or_done)
                left.remove(index)
                return left
        worker.end()
        if busy and buffer is not None and tracing_is_slow() and not self._hangs:
            # Tracing slows a test down: whether it hangs is said by a run without.
            self._keep_lines(index, buffer)
            self._buffer = None
            rest = self._stretch([index], None)
            self._buffer = buffer
            left.remove(index)
            return left + rest
        self._hangs += 1
        word = "endlessLoop" if busy else "hang"
        left.remove(index)
        self._failed(index, word, "did not end within %.1f s" % seconds, text, seconds, buffer)
        return left

    def _wait_idle(self, worker: Worker, index: int, seconds: float) -> "Optional[Dict[str, Any]]":
        """A test that sleeps gets more time than one that burns it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for message in worker.messages(end - time.monotonic()) or []:
                if message.get("done") == index:
                    return message
        return None

    def _failed(self, index: int, stop: str, message: str, stack_text: str, seconds: float,
                buffer: "Optional[CoverageBuffer]") -> None:
        threads = stacks.parse(stack_text, self._describer)
        frames = [frame for thread in threads[-1:] for frame in thread["frames"]]
        own = next((i for i, frame in enumerate(frames) if not frame["path"].startswith(("/", "<"))), 0)
        self.results[index] = {
            "outcome": FAILED, "seconds": round(seconds, 4), "stop": stop,
            "exception": {"type": stop, "message": message, "suggestion": None, "frames": frames[own:][:50], "chain": []},
        }
        if buffer is not None:
            self._keep_lines(index, buffer)

    def _keep_lines(self, index: int, buffer: CoverageBuffer) -> None:
        self.coverage[index] = buffer.lines()
        buffer.clear()

    def _take(self, message: "Dict[str, Any]") -> None:
        index = message["done"]
        self._longest = max(self._longest, message["seconds"])
        self._suite.tests[index].level = message["level"]
        self.results[index] = {"outcome": message["word"], "seconds": message["seconds"], "exception": message["exception"]}
        for name in ("attributes", "refused"):
            if message.get(name):
                self.results[index][name] = message[name]
        if "lines" in message:
            self.coverage.setdefault(index, message["lines"])
        if message.get("impure"):
            self.impure[index] = message["impure"]

    # In the child

    def _child(self, todo: "List[int]", buffer: "Optional[CoverageBuffer]", send: Sink) -> None:
        silence()
        children.limit_memory(_MEMORY)
        children.no_core_dumps()
        WATCH.install()
        WATCH.watch_refusals(self._root)
        listen()
        recorder = None
        if buffer is not None:
            tests = self._suite.test_files
            recorder = Recorder(buffer, self._root, lambda path: path not in tests and not path.endswith("conftest.py"),
                                lambda path, offset, length: send({"file": [path, offset, length]}))
        for position, index in enumerate(todo):
            send({"start": index})
            following = self._suite.tests[todo[position + 1]] if position + 1 < len(todo) else None
            send(self._one(index, following, buffer, recorder))

    def _one(self, index: int, following: "Optional[HostedTest]", buffer: "Optional[CoverageBuffer]",
             recorder: "Optional[Recorder]") -> "Dict[str, Any]":
        from . import describe

        test = self._suite.tests[index]
        WATCH.arm()
        begin = time.monotonic()
        if recorder is not None:
            recorder.start()
        word, error = test.full(following)  # type: ignore[misc]
        level = level_of(failed_word(error) if word == FAILED else word)
        if recorder is not None:
            recorder.stop()
        seconds = time.monotonic() - begin
        seen = WATCH.disarm()
        # Every read of a header line at definition time aside, the buffer now holds what this test ran.
        message: "Dict[str, Any]" = {
            "done": index, "word": word, "level": level, "seconds": round(seconds, 5),
            "exception": self._describer.exception(error) if error is not None else None,
            "impure": {kind: ["%s(%s)" % event for event in WATCH.events[:3]] for kind in seen},
        }
        refused = WATCH.early + WATCH.refused
        if error is not None:
            found = describe.attributes(error)
            if found:
                message["attributes"] = found
            told = refusal_of(error, self._root)
            refused += [told] if told is not None and told[0] not in (one[0] for one in refused) else []
        if refused:
            message["refused"] = [list(one) for one in refused]
        if buffer is not None:
            message["lines"] = buffer.lines()
            buffer.clear()
        return message
