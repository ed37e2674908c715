"""Output of a program, bounded: the first and last 64 KiB are kept, the rest is counted."""

from __future__ import annotations

from typing import Any, Dict

KEPT = 64 * 1024


class Capture:
    """One output stream."""

    def __init__(self) -> None:
        self.total = 0
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = KEPT - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail += data[-KEPT:]
            if len(self._tail) > 4 * KEPT:  # trimmed seldom, so that adding stays linear
                del self._tail[:-KEPT]

    def text(self) -> "Dict[str, Any]":
        """The protocol's form."""
        return {
            "head": self._head.decode("utf-8", "replace"),
            "tail": bytes(self._tail[-KEPT:]).decode("utf-8", "replace"),
            "total": self.total,
        }

    def whole(self) -> "bytes | None":
        """All of it, or `None` when some was left out."""
        return bytes(self._head + self._tail) if self.total == len(self._head) + len(self._tail) else None
