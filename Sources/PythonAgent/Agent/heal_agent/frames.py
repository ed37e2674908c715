"""Frames of the wire protocol: a big-endian 4-byte length, then that many bytes of UTF-8 JSON, always an object."""

from __future__ import annotations

import json
import os
import struct
from typing import Any, Dict, Iterator, List, Optional

from .errors import AgentError

MAX_FRAME = 16 * 1024 * 1024
_HEADER = struct.Struct(">I")
_CHUNK = 1 << 16


class Encoded:
    """An object that is JSON text already."""

    __slots__ = ("text",)

    def __init__(self, text: bytes) -> None:
        self.text = text


def encode(message: "Dict[str, Any]") -> bytes:
    """The frame for `message`; lone surrogates become `?`, since no UTF-8 text can carry them. `ok` may be `Encoded`."""
    done = message.get("ok")
    if isinstance(done, Encoded):
        message = {name: value for name, value in message.items() if value is not done}
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if isinstance(done, Encoded):
        body = b'%s,"ok":%s}' % (body[:-1], done.text)
    if len(body) > MAX_FRAME:
        raise AgentError("oversized", "an answer of %d bytes exceeds the frame limit of %d" % (len(body), MAX_FRAME))
    return _HEADER.pack(len(body)) + body


def decode(body: bytes) -> "Dict[str, Any]":
    """The object in one frame's body, or a `malformed` error that says what is wrong."""
    try:
        message = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise AgentError("malformed", "a frame is not UTF-8 at byte %d" % error.start) from None
    except (ValueError, RecursionError) as error:
        raise AgentError("malformed", "a frame is not JSON: %s" % error) from None
    if not isinstance(message, dict):
        raise AgentError("malformed", "a frame holds a JSON %s, not an object" % type(message).__name__)
    return message


def write_all(fd: int, data: bytes) -> None:
    """Writes all of `data` to a blocking descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


class FrameBuffer:
    """Cuts a byte stream into frame bodies; a frame over the limit is skipped, so that the stream stays in step."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._skip = 0

    def feed(self, data: bytes) -> "Iterator[object]":
        """Yields each complete body (bytes) or, for a refused frame, the `AgentError` that says why."""
        self._bytes += data
        while True:
            if self._skip:
                dropped = min(self._skip, len(self._bytes))
                del self._bytes[:dropped]
                self._skip -= dropped
                if self._skip:
                    return
            if len(self._bytes) < _HEADER.size:
                return
            (length,) = _HEADER.unpack_from(self._bytes)
            if length == 0 or length > self._limit:
                del self._bytes[: _HEADER.size]
                self._skip = length
                yield refusal(length, self._limit)
                continue
            if len(self._bytes) < _HEADER.size + length:
                return
            body = bytes(self._bytes[_HEADER.size : _HEADER.size + length])
            del self._bytes[: _HEADER.size + length]
            yield body


def refusal(length: int, limit: int) -> AgentError:
    """Why a frame of this length is not read."""
    if length == 0:
        return AgentError("malformed", "a frame is empty")
    return AgentError("oversized", "a frame of %d bytes exceeds the limit of %d" % (length, limit))


class Channel:
    """Frames over one duplex descriptor between the agent and a process it forked.

    JSON here too: what comes back from a process that ran the program's code is data to be parsed, never unpickled.
    """

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._buffer = FrameBuffer(limit=0xFFFFFFFF)
        self._ready: "List[Dict[str, Any]]" = []

    def send(self, message: "Dict[str, Any]") -> None:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        write_all(self.fd, _HEADER.pack(len(body)) + body)

    def fill(self) -> bool:
        """Reads what is there (waiting for at least one byte); `False` at the end of the stream."""
        try:
            data = os.read(self.fd, _CHUNK)
        except InterruptedError:
            return True
        except OSError:
            return False
        if not data:
            return False
        for body in self._buffer.feed(data):
            if isinstance(body, bytes):
                self._ready.append(decode(body))
        return True

    def pop(self) -> "Optional[Dict[str, Any]]":
        """The next message that is whole, if any."""
        return self._ready.pop(0) if self._ready else None

    def receive(self) -> "Optional[Dict[str, Any]]":
        """Waits for the next message; `None` at the end of the stream."""
        while not self._ready:
            if not self.fill():
                return None
        return self._ready.pop(0)
