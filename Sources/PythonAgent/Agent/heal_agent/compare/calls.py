"""The calls that the tests make of the program's functions, with their arguments as they were when the call began."""

from __future__ import annotations

import inspect
import pickle
import sys
import types
from typing import Any, Dict, List, NamedTuple, Optional, Set, Tuple

from .. import describe
from .grow import Call

_MOST, _MOST_OF_ONE, _MOST_BYTES = 300, 60, 20_000
_UNFIT = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
Place = Tuple[str, int, str]  #: path, first line and name of a function's code


class Function(NamedTuple):
    """One outermost function of the program, and whether its text differs between the versions compared."""

    path: str
    qualname: str
    changed: bool


class Recorder:
    """Notes calls from outside of the program, and those of changed functions from within."""

    def __init__(self, root: str, functions: "Dict[Place, Function]", resolve: Any) -> None:
        self._root = root
        self._functions = functions
        self._resolve = resolve
        self._known: "Dict[types.CodeType, Optional[Function]]" = {}
        self._depth = 0
        self._entry: "Optional[List[Any]]" = None
        self._counts: "Dict[Tuple[str, str, bool], int]" = {}
        self._frames: "Set[Any]" = set()
        self.passing = False
        #: Entry or not, reaches a changed function or not, and the call, pickled.
        self.found: "List[List[Any]]" = []

    def start(self, passing: bool) -> None:
        """Begins to listen, for one test."""
        self.passing, self._depth, self._entry = passing, 0, None
        sys.setprofile(self._note)

    def stop(self) -> None:
        sys.setprofile(None)

    def _note(self, frame: types.FrameType, event: str, argument: Any) -> None:
        if event != "call" and event != "return":
            return
        code = frame.f_code
        try:
            function = self._known[code]
        except KeyError:
            function = self._known[code] = self._function(code)
        if function is None:
            return
        if event == "return":
            self._depth -= 1
            if self._depth <= 0:
                self._depth, self._entry = 0, None
            return
        self._depth += 1
        if code.co_flags & inspect.CO_GENERATOR:
            if frame in self._frames:
                return  # it goes on: its arguments may have changed since
            self._frames.add(frame)
        if self._depth == 1:
            self._entry = self._take(frame, function, True)
        elif function.changed:
            self._take(frame, function, False)
        if function.changed and self._entry is not None:
            self._entry[1] = True

    def _function(self, code: types.CodeType) -> "Optional[Function]":
        path = describe.relative(code.co_filename, self._root)
        function = self._functions.get((path, code.co_firstlineno, code.co_name))
        return None if function is None or code.co_flags & _UNFIT else function

    def _take(self, frame: types.FrameType, function: Function, entry: bool) -> "Optional[List[Any]]":
        key = (function.path, function.qualname, entry)
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count > _MOST_OF_ONE or len(self.found) >= _MOST:
            return None
        target = self._resolve(function.path, function.qualname)
        if target is None:
            return None
        try:
            names, positional, keywords = arguments(frame, target)
            call = Call(function.path, function.qualname, names, positional, keywords, self.passing, 0)
            data = pickle.dumps(tuple(call))
        except Exception:
            return None  # files, generators, local classes: nothing that can be given again
        if len(data) > _MOST_BYTES:
            return None
        self.found.append([entry, function.changed, data.hex()])
        return self.found[-1]


def arguments(frame: types.FrameType, target: types.FunctionType) -> "Tuple[List[str], List[Any], Dict[str, Any]]":
    """Names and values of the positional arguments, and the others; what a default gave is left to the default."""
    code, values = frame.f_code, frame.f_locals
    names = list(code.co_varnames[: code.co_argcount])
    keyword_names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    rest = code.co_argcount + code.co_kwonlyargcount
    positional = [values[name] for name in names]
    extra: "List[Any]" = []
    if code.co_flags & inspect.CO_VARARGS:
        extra = list(values[code.co_varnames[rest]])
        rest += 1
    if not extra:
        defaults = list(target.__defaults__ or ())
        while defaults and positional and positional[-1] is defaults[-1]:
            positional.pop()
            defaults.pop()
    known = target.__kwdefaults__ or {}
    keywords = {name: values[name] for name in keyword_names if name not in known or values[name] is not known[name]}
    if code.co_flags & inspect.CO_VARKEYWORDS:
        keywords.update(values[code.co_varnames[rest]])
    return names, positional + extra, keywords
