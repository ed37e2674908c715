"""The processes that try candidates: servers that take many in one process, and forks that take one each.

Verdicts go into shared memory as they are reached, and the number of the candidate in hand stands there before it starts:
a process that dies or hangs costs one candidate.
"""

from __future__ import annotations

import contextlib
import gc
import mmap
import select
import struct
import sys
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, Sequence, Tuple, Union

from . import children
from .closeness import listen
from .errors import BatchStopped
from .forks import Forks
from .pipes import Worker, silence
from .purity import WATCH
from .verdicts import DIED, FAIL, IMPURE, NO_COMPILE, NOT_RUN, PARTIAL, PASS, SAME, SPENT, Verdict, details

_HEAD = 64
_MOST_PROGRESS = (1 << 31) - 1
_ROW = struct.Struct("<BBhi8s")  # status, flags, first failure, progress, digest
_IN_HAND = struct.Struct("<Ii")
_VOIDED = 8  # offset of the flag
UNDECIDED, NEEDS_FORK = 255, 254
_POLL = 0.02
CHECK_EVERY = 128
BLOCK = 64
_SAMPLE, _MOST_PASSES = 200, 4
_MEMORY = 1 << 30
Row = Tuple[int, int, int, bytes, Optional[Verdict]]
Judge = Callable[[int], Row]
#: What is known before the fork (a row for the board), or what the fork has to do.
Prepare = Callable[[int], Union[Callable[[], Row], Tuple[int, int, int, bytes]]]


class State(Protocol):
    """The memory that candidates of one process share."""

    def note_state(self) -> None:
        """Remembers it as it is, clean."""

    def dirty(self) -> bool:
        """Whether it differs from what was noted."""


class Board:
    """The shared memory of one batch."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._memory = mmap.mmap(-1, _HEAD + _ROW.size * max(1, count))
        for index in range(count):
            self.write(index, UNDECIDED, 0, -1, b"")

    def begin(self, index: int) -> None:
        _IN_HAND.pack_into(self._memory, 0, self.begun() + 1, index)

    def begun(self) -> int:
        """How many candidates were begun: changes with each."""
        return _IN_HAND.unpack_from(self._memory, 0)[0]

    def in_hand(self) -> int:
        return _IN_HAND.unpack_from(self._memory, 0)[1]

    def clear_hand(self) -> None:
        _IN_HAND.pack_into(self._memory, 0, self.begun() + 1, -1)

    def void(self, flag: bool) -> None:
        self._memory[_VOIDED] = flag

    def voided(self) -> bool:
        """Whether a server took verdicts back."""
        return bool(self._memory[_VOIDED])

    def write(self, index: int, status: int, progress: int, first: int, digest: bytes) -> None:
        limited = max(-_MOST_PROGRESS, min(progress, _MOST_PROGRESS))
        _ROW.pack_into(self._memory, _HEAD + _ROW.size * index, status, 0, min(first, 32767), limited, digest)

    def status(self, index: int) -> int:
        return self._memory[_HEAD + _ROW.size * index]

    def to_repeat(self) -> "List[int]":
        """Verdicts to be checked at the next depth: passes, up to a few, and one in so many of the others.

        Which ones depends on their code alone, not on how candidates are cut into batches.
        """
        rows = [self.row(index) for index in range(self._count)]
        passes = [index for index, row in enumerate(rows) if row[0] == PASS]
        others = [index for index, row in enumerate(rows) if row[0] in (FAIL, PARTIAL, SPENT, DIED)
                  and (int.from_bytes(row[3], "little") or index * 2654435761 >> 7) % _SAMPLE == 0]
        return sorted(passes[:_MOST_PASSES] + others)

    def row(self, index: int) -> "Tuple[int, int, int, bytes]":
        status, _, first, progress, digest = _ROW.unpack_from(self._memory, _HEAD + _ROW.size * index)
        return status, progress, first, digest


class Batch:
    """Candidates under way in one host."""

    def __init__(self, count: int, judge: Judge, close: "Sequence[int]", stop_fd: int, timeout: float,
                 burning: "Optional[float]" = None, end: float = float("inf"),
                 patience: "Optional[Callable[[int], float]]" = None) -> None:
        self._burning = timeout if burning is None else min(timeout, burning)  # CPU seconds
        self.board = Board(count)
        self.details: "Dict[int, Dict[str, Any]]" = {}
        self._judge = judge
        self._close = close
        self._stop_fd = stop_fd
        self._timeout = timeout
        self._patience = patience  # seconds that a candidate may take beyond these
        self._end = end  # of the clock: later none is begun

    def is_over(self) -> bool:
        """Whether the request had its time."""
        return time.monotonic() >= self._end

    # In one process

    def in_process(self, order: "Sequence[int]", state: "State", every: int) -> None:
        """Servers take the candidates one after the other; whatever one of them spoils ends with its server.

        Looks at the shared memory state after `every` candidates, and returns early when verdicts had to be taken back.
        """
        left = list(order)
        self.board.void(False)
        while left and not self.board.voided() and not self.is_over():
            self.board.clear_hand()
            worker = Worker(lambda send: self._serve(left, state, every, send), self._close)
            try:
                hung = self._watch(worker)
            finally:
                worker.end()
            left = self._after(left, hung)

    def _after(self, left: "List[int]", hung: bool) -> "List[int]":
        index = self.board.in_hand()
        if index >= 0 and self.board.status(index) == UNDECIDED:
            self.board.write(index, SPENT if hung else DIED, 0, -1, b"")
        for one in left:
            # Details that went down with the server are reached again.
            if self.board.status(one) in (PASS, PARTIAL) and one not in self.details:
                self.board.write(one, UNDECIDED, 0, -1, b"")
        rest = [one for one in left if self.board.status(one) == UNDECIDED]
        if len(rest) == len(left) and not self.board.voided() and not self.is_over():
            # Not even begun: the server itself cannot live.
            self.board.write(rest[0], DIED, 0, -1, b"")
            rest = rest[1:]
        return rest

    def _watch(self, worker: Worker) -> bool:
        """Until the server is done (or gone): whether it hung."""
        begun, since, cpu = self.board.begun(), time.monotonic(), 0.0
        while True:
            messages = worker.messages(_POLL, (self._stop_fd,))
            self._check_stop()
            if messages is None:
                return False
            self._take(messages)
            now = time.monotonic()
            if self.board.begun() != begun:
                begun, since, cpu = self.board.begun(), now, worker.cpu()
            elif self.board.in_hand() >= 0 and self._is_over(worker, now - since, cpu):
                return True

    def _is_over(self, worker: Worker, seconds: float, cpu_before: float) -> bool:
        """Whether a candidate has had its time: the whole of it when it waits, less when it burns it."""
        return self._is_spent(seconds, lambda: worker.cpu() - cpu_before)

    def _is_spent(self, seconds: float, cpu: "Callable[[], float]") -> bool:
        """Looks at the time first, which is cheap, then at what that candidate's tests may take."""
        if seconds <= self._burning:
            return False
        more = self._patience(self.board.in_hand()) if self._patience is not None else 0.0
        if seconds > max(self._timeout, more):
            return True
        return seconds > max(self._burning, more) and cpu() > max(self._burning, more)

    def _check_stop(self) -> None:
        if select.select([self._stop_fd], [], [], 0)[0]:
            raise BatchStopped()

    def _serve(self, left: "Sequence[int]", state: "State", every: int,
               send: "Callable[[Dict[str, Any]], None]") -> None:
        state.note_state()
        board, judge = self.board, self._judge
        since_check: "List[int]" = []
        told: "List[Any]" = []
        for index in left:
            if self.is_over():
                break
            board.begin(index)
            WATCH.arm()
            status, passed, first, digest, verdict = judge(index)
            if WATCH.disarm():
                board.write(index, IMPURE, passed, first, digest)
                if told:
                    send({"details": told})
                return  # what it did to this process is unknown: the next candidate gets a new one
            if verdict is not None and status in (PASS, PARTIAL):
                told.append([index, details(verdict)])
                if status == PASS:  # it must not go down with the next candidate
                    send({"details": told})
                    told = []
            board.write(index, status, passed, first, digest)
            since_check.append(index)
            if len(since_check) >= every:
                if told:
                    send({"details": told})
                    told = []
                if state.dirty():
                    self._void(since_check)
                    return
                since_check = []
        board.clear_hand()
        if told:
            send({"details": told})
        if since_check and state.dirty():
            self._void(since_check)

    def rounds(self, order: "Sequence[int]", run: "Callable[[Sequence[int], int], None]", usual: int = CHECK_EVERY) -> None:
        """Drives `in_process`: where verdicts were taken back, the same candidates are tried with a look after each."""
        board, left, every = self.board, list(order), usual
        while left and not self.is_over():
            run(left if every == usual else left[:CHECK_EVERY], every)
            left = [index for index in left if board.status(index) == UNDECIDED]
            every = 1 if board.voided() else usual

    def _void(self, indices: "List[int]") -> None:
        """One of these left the program's state changed: the first verdict was reached from a clean state and stands,
        but it may be the culprit, so it is called impure when it was alone."""
        board = self.board
        if len(indices) == 1:
            status, passed, first, digest = board.row(indices[0])
            if status not in (NO_COMPILE, SAME):
                board.write(indices[0], IMPURE, passed, first, digest)
        else:
            for index in indices:
                board.write(index, UNDECIDED, 0, -1, b"")
            board.void(True)
        board.clear_hand()

    # One process each

    def forked(self, order: "Sequence[int]", prepare: "Prepare") -> None:
        """One fork for each candidate. All that can be done before is: every page that is touched after a fork is copied."""
        if len(order) >= BLOCK:
            children.into_huge_pages()
        forks = Forks(self._close, self._stop_fd, self.is_fork_over)
        try:
            for start in range(0, len(order), BLOCK):
                if self.is_over():
                    break
                block = self._prepared(order[start : start + BLOCK], prepare)
                begun, over, messages = forks.run(block, self.board.begin, self._single, self.is_over)
                self._take(messages)
                for index, _ in block[:begun]:
                    if self.board.status(index) == UNDECIDED:
                        self.board.write(index, SPENT if index in over else DIED, 0, -1, b"")
        finally:
            forks.end()
        self.board.clear_hand()

    def _prepared(self, order: "Sequence[int]", prepare: "Prepare") -> "List[Tuple[int, Callable[[], Row]]]":
        ready = []
        with without_collections():
            for index in order:
                decided = prepare(index)
                if callable(decided):
                    ready.append((index, decided))
                else:
                    self.board.write(index, *decided)
        return ready

    def is_fork_over(self, pid: int, seconds: float) -> bool:
        """Whether a fork has had its time: the whole of it when it waits, less when it burns it."""
        return self._is_spent(seconds, lambda: children.cpu_of(pid))

    def _take(self, messages: "Sequence[Dict[str, Any]]") -> None:
        for message in messages:
            for index, told in message.get("details", ()):
                self.details[index] = told

    def _single(self, index: int, judge: "Callable[[], Row]", send: "Callable[[Dict[str, Any]], None]") -> None:
        WATCH.arm()
        status, passed, first, digest, verdict = judge()
        seen = WATCH.disarm()
        if (seen.get("disk") or seen.get("process")) and status not in (NO_COMPILE, SAME):
            status = IMPURE
        if verdict is not None and status in (PASS, PARTIAL):
            send({"details": [[index, details(verdict)]]})
        self.board.write(index, status, passed, first, digest)


@contextlib.contextmanager
def without_collections() -> "Iterator[None]":
    """For compiling many candidates: a collection would write to every page of their trees and codes, to find nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def prepare_host() -> None:
    """Done once in the host, for all its workers: silence, limits, the audit hook."""
    silence()
    quiet_assertions()
    children.limit_memory(_MEMORY)
    children.no_core_dumps()
    WATCH.install()


def quiet_assertions() -> None:
    """Leaves out the words of failing assertions: they cost more than the tests, and call the program's `__repr__`.

    How close the values came is noted in their place.
    """
    listen(lambda operators, results, texts, objects: "")
    rewrite: Any = sys.modules.get("_pytest.assertion.rewrite")
    if rewrite is None:
        return
    for name, quiet in (("_saferepr", lambda value: ""), ("_format_explanation", lambda text: ""),
                        ("_format_assertmsg", lambda value: ""), ("_format_boolop", lambda texts, is_or: "")):
        if hasattr(rewrite, name):
            setattr(rewrite, name, quiet)


def kind_of(status: int) -> int:
    """What two verdicts on one candidate have to agree in."""
    return status if status in (PASS, PARTIAL) else FAIL


def answer(rows: "Sequence[Sequence[Any]]", kept: "Dict[str, Any]", depth: str, cpu: float) -> "Dict[str, Any]":
    """The protocol's reply to `evaluate`; a row is status, progress, first failure and digest."""
    return {
        "results": [[NOT_RUN, 0, -1] if row[0] == UNDECIDED else list(row[:3]) for row in rows],
        "digests": [row[3].rstrip(b"\0").hex() for row in rows], "details": kept,
        "evaluations": sum(row[0] not in (SAME, NO_COMPILE, UNDECIDED) for row in rows),
        "same": sum(row[0] == SAME for row in rows), "cpu": round(cpu, 4), "depth": depth,
    }


