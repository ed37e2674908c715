"""Words for exceptions, frames and values: bounded, secrets masked, and without running code of the program.

Only exact built-in types are rendered; of everything else the type's name is all that is said, since a `__repr__` may
run, hang or lie.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import re
import sys
import types
from typing import Any, Dict, Iterable, List, Optional

_MAX_FRAMES, _HEAD_FRAMES = 50, 10
_MAX_LOCALS, _MAX_REPR, _MAX_MESSAGE, _MAX_CHAIN, _MAX_ATTRIBUTES = 40, 160, 4000, 5, 2000
_MAX_ITEMS, _MAX_DEPTH = 8, 2
_SECRET = re.compile(r"pass(word|wd|phrase)?$|passw|secret|token|api_?key|private_?key|credential|(^|_)keys?$|auth", re.I)
_MASK = "'***'"
_NUMBERS = (int, float, complex, bool, type(None), type(Ellipsis), type(NotImplemented))
_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# What pytest says of how to call it is no part of a failure, and misleads who reads it as one.
_ADVICE = re.compile(r"\n[ \t]*Use -v+ to get (?:more|the full) diff[ \t]*(?=\n|$)")
_SUGGESTION = re.compile(r"(Did you (?:mean|forget)\b.*)$", re.S)


class Describer:
    """Renders exceptions of one program, whose root decides which paths are its own."""

    def __init__(self, root: str, hidden: "Iterable[str]" = ()) -> None:
        self._root = os.path.realpath(root)
        self._hidden = (_PACKAGE,) + tuple(hidden)

    @property
    def root(self) -> str:
        """The root, without links."""
        return self._root

    def path(self, filename: str) -> str:
        """`filename` as the protocol has it: relative to the root with `/` where it lies below."""
        return relative(filename, self._root)

    def is_own(self, filename: str) -> bool:
        """Whether the file lies below the root and is no installed package."""
        return is_own(filename, self._root)

    def exception(self, error: BaseException, chain: bool = True) -> "Dict[str, Any]":
        """The protocol's EXCEPTION."""
        return {
            "type": type_name(type(error)),
            "message": message(error),
            "suggestion": suggestion(error),
            "frames": self.frames(error),
            "chain": [self.exception(cause, chain=False) for cause in causes(error)] if chain else [],
        }

    def frames(self, error: BaseException) -> "List[Dict[str, Any]]":
        """The frames of the traceback, outermost first, those of the agent and its tools left out."""
        found = []
        trace = error.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            if not self._is_hidden(code.co_filename):
                found.append((trace.tb_frame, trace.tb_lineno))
            trace = trace.tb_next
        first = next((i for i, (frame, _) in enumerate(found) if self.is_own(frame.f_code.co_filename)), 0)
        found = found[first:]
        if len(found) > _MAX_FRAMES:
            found = found[:_HEAD_FRAMES] + found[-(_MAX_FRAMES - _HEAD_FRAMES):]
        described = [self._frame(frame, line) for frame, line in found]
        if isinstance(error, SyntaxError) and error.filename and error.lineno:
            described.append({
                "path": self.path(error.filename), "line": error.lineno, "function": "<syntax>",
                "code": (error.text or "").rstrip("\r\n")[:500], "locals": {},
            })
        return described

    def _is_hidden(self, filename: str) -> bool:
        return filename.startswith(self._hidden) or filename.startswith("<frozen ")

    def _frame(self, frame: types.FrameType, line: "Optional[int]") -> "Dict[str, Any]":
        code = frame.f_code
        line = line or code.co_firstlineno
        return {
            "path": self.path(code.co_filename),
            "line": line,
            "function": getattr(code, "co_qualname", code.co_name),
            "code": source_line(code.co_filename, line, frame.f_globals),
            "locals": self._locals(frame) if self.is_own(code.co_filename) else {},
        }

    def _locals(self, frame: types.FrameType) -> "Dict[str, Dict[str, str]]":
        at_module_level = frame.f_locals is frame.f_globals
        shown: "Dict[str, Dict[str, str]]" = {}
        for name, value in list(frame.f_locals.items()):
            if len(shown) == _MAX_LOCALS:
                break
            if not isinstance(name, str) or name.startswith("@") or name.startswith("__") and name.endswith("__"):
                continue
            if at_module_level and isinstance(value, (types.ModuleType, types.FunctionType, type)):
                continue
            shown[name] = {"type": type_name(type(value)), "repr": _MASK if _SECRET.search(name) else shown_value(value)}
        return shown


def relative(filename: str, root: str) -> str:
    """`filename` relative to `root` with `/` where it lies below it, else as it is."""
    full = filename if os.path.isabs(filename) else os.path.join(root, filename)
    for candidate in (full, os.path.realpath(full)):
        if candidate.startswith(root + os.sep):
            return candidate[len(root) + 1:].replace(os.sep, "/")
    return filename


def is_own(filename: str, root: str) -> bool:
    """Whether a file is the program's own: below the root, and not in an environment or an installed package."""
    if not filename or filename[0] == "<":
        return False
    path = relative(filename, root)
    if os.path.isabs(path):
        return False
    folders = path.split("/")[:-1]
    return not any(part in ("site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox") for part in folders)


def type_name(kind: type) -> str:
    """A type's name, with its module unless that is builtins or the program itself."""
    module = type.__getattribute__(kind, "__module__") if isinstance(kind, type) else None
    name = kind.__qualname__
    return name if not isinstance(module, str) or module in ("builtins", "__main__") else "%s.%s" % (module, name)


def message(error: BaseException) -> str:
    """What the exception says, bounded."""
    if isinstance(error, SyntaxError) and error.msg:
        return str(error.msg)[:_MAX_MESSAGE]
    try:
        return _ADVICE.sub("", str(error))[:_MAX_MESSAGE]
    except BaseException as inner:  # a __str__ of the program may raise anything
        return "<no message: %s in __str__>" % type(inner).__name__


def causes(error: BaseException) -> "List[BaseException]":
    """The exceptions that led to this one, nearest first."""
    found: "List[BaseException]" = []
    current: "Optional[BaseException]" = error
    while current is not None and len(found) < _MAX_CHAIN:
        following = current.__cause__
        if following is None and not current.__suppress_context__:
            following = current.__context__
        if following is None or following is error or any(following is one for one in found):
            break
        found.append(following)
        current = following
    return found


def suggestion(error: BaseException) -> "Optional[str]":
    """CPython's own hint ("Did you mean: 'count'?"), which it computes only while printing (3.10 and later)."""
    if sys.version_info < (3, 10) or not isinstance(error, (NameError, AttributeError, ImportError, SyntaxError)):
        return None
    text = io.StringIO()
    before = sys.stderr
    try:
        sys.stderr = text
        with contextlib.suppress(BaseException):
            sys.__excepthook__(type(error), error, error.__traceback__)
    finally:
        sys.stderr = before
    lines = text.getvalue().rstrip().splitlines()
    match = _SUGGESTION.search(lines[-1]) if lines else None
    if match is None or match.group(1) in message(error):
        match = match if match is not None and isinstance(error, SyntaxError) else None
    return match.group(1).strip() if match else None


def attributes(error: BaseException) -> "Dict[str, List[str]]":
    """The attribute names of the object that an AttributeError was about, by the name of its type or module."""
    if not isinstance(error, AttributeError):
        return {}
    missing = object()
    target = getattr(error, "obj", missing)
    if target is missing or target is None and "NoneType" not in message(error):
        target = _object_by_message(error, missing)
    if target is missing:
        return {}
    if isinstance(target, types.ModuleType):
        return {str(vars(target).get("__name__", "module")): sorted(vars(target))[:_MAX_ATTRIBUTES]}
    kind = target if isinstance(target, type) else type(target)
    names = set()
    for base in type.mro(kind) if kind is not type else [kind]:
        names.update(type.__dict__["__dict__"].__get__(base))
    with contextlib.suppress(BaseException):
        own = object.__getattribute__(target, "__dict__")
        if isinstance(own, dict):
            names.update(name for name in own if type(name) is str)
    return {kind.__name__: sorted(name for name in names if type(name) is str)[:_MAX_ATTRIBUTES]}


def _object_by_message(error: BaseException, missing: object) -> object:
    """Python 3.9 does not keep the object: the innermost frame's variable with the type that the message names."""
    match = re.match(r"(?:type object |module )?'([^']+)'", message(error))
    trace = error.__traceback__
    if match is None or trace is None:
        return missing
    while trace.tb_next is not None:
        trace = trace.tb_next
    wanted, frame = match.group(1), trace.tb_frame
    values = list(frame.f_locals.values()) + list(frame.f_globals.values())
    inner = [held for value in frame.f_locals.values() for held in getattr(value, "__dict__", {}).values()]
    everything = values + inner
    if isinstance(error, AttributeError) and not message(error).startswith(("type object", "module ")):
        for value in everything:
            if type(value).__name__ == wanted:
                return value
    for value in everything:
        if isinstance(value, (types.ModuleType, type)) and value.__name__ == wanted:
            return value
    return missing


def source_line(filename: str, line: int, module_globals: "Optional[Dict[str, Any]]" = None) -> str:
    """One line of source without its line end; empty where there is none."""
    return linecache.getline(filename, line, module_globals).rstrip("\r\n")[:500]


def shown_value(value: object, depth: int = _MAX_DEPTH) -> str:
    """A bounded text for a value of an exact built-in type; `<Name object>` for any other."""
    kind = type(value)
    if kind in _NUMBERS:
        return _shown_number(value)
    if kind is str or kind is bytes:
        return _shown_text(value)
    if kind in (list, tuple, set, frozenset):
        return _shown_items(value, kind, depth)
    if kind is dict:
        return _shown_dict(value, depth)
    if kind is range:
        return repr(value)
    if isinstance(value, type):
        return "<class %s>" % type_name(value)
    if kind in (types.FunctionType, types.BuiltinFunctionType):
        return "<function %s>" % value.__name__  # type: ignore[attr-defined]
    if kind is types.ModuleType:
        return "<module %s>" % value.__name__  # type: ignore[attr-defined]
    return "<%s object>" % kind.__name__


def _shown_number(value: Any) -> str:
    if type(value) is int and value.bit_length() > 400:
        return "<int of %d bits>" % value.bit_length()
    return repr(value)


def _shown_text(value: Any) -> str:
    if len(value) > _MAX_REPR:
        return repr(value[:_MAX_REPR]) + "… (%d in all)" % len(value)
    return repr(value)


def _shown_items(value: Any, kind: type, depth: int) -> str:
    opening, closing = {list: "[]", tuple: "()", set: "{}", frozenset: "{}"}[kind]
    if depth == 0:
        return "%s…%s" % (opening, closing) if value else opening + closing
    first = list(value)[:_MAX_ITEMS] if len(value) <= 10_000 or kind in (set, frozenset) else value[:_MAX_ITEMS]
    inside = ", ".join(shown_value(one, depth - 1) for one in first)
    if len(value) > _MAX_ITEMS:
        inside += ", … (%d in all)" % len(value)
    elif kind is tuple and len(value) == 1:
        inside += ","
    text = opening + inside + closing
    if kind is frozenset or kind is set and not value:
        text = "%s(%s)" % (kind.__name__, text if value else "")
    return text


def _shown_dict(value: "Dict[Any, Any]", depth: int) -> str:
    if depth == 0:
        return "{…}" if value else "{}"
    parts = []
    for key, held in list(value.items())[:_MAX_ITEMS]:
        masked = type(key) is str and _SECRET.search(key)
        parts.append("%s: %s" % (shown_value(key, depth - 1), _MASK if masked else shown_value(held, depth - 1)))
    if len(value) > _MAX_ITEMS:
        parts.append("… (%d in all)" % len(value))
    return "{" + ", ".join(parts) + "}"
