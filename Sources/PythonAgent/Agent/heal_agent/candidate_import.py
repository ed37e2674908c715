"""Imports of edited modules get the candidate's code; all others come from disk."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import types
from typing import Any, Dict, Optional, Sequence

from . import describe


class CandidateFinder(importlib.abc.MetaPathFinder):
    """Stands first on `sys.meta_path`; leaves all but the edited files to the finders after it."""

    def __init__(self, root: str, codes: "Dict[str, types.CodeType]") -> None:
        self._root = root
        self._codes = codes

    def install(self) -> None:
        """Takes effect for imports from now on."""
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: "Optional[Sequence[str]]", target: Any = None) -> Any:
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        origin = getattr(spec, "origin", None)
        if spec is None or not isinstance(origin, str):
            return None
        code = self._codes.get(describe.relative(origin, self._root))
        if code is None:
            return None
        spec.loader = _Loader(fullname, origin, code)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, code: types.CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> types.CodeType:
        return self._code


class Splicer:
    """A module's code with single functions exchanged: far cheaper than compiling the whole module again."""

    def __init__(self, space: Any, body_lines: "Dict[int, int]") -> None:
        self.space = space
        self.base: types.CodeType = space.compile_module()
        self._places: "Dict[str, tuple[int, ...]]" = {}
        self._body: "Dict[str, int]" = {}
        self._find(self.base, "", (), body_lines)

    def _find(self, code: types.CodeType, prefix: str, trail: "tuple[int, ...]", body_lines: "Dict[int, int]") -> None:
        twice = set()
        for number, constant in enumerate(code.co_consts):
            if not isinstance(constant, types.CodeType) or constant.co_name.startswith("<"):
                continue
            name = prefix + constant.co_name
            if not constant.co_flags & 1:
                self._find(constant, name + ".", trail + (number,), body_lines)
            elif name in self._places:
                twice.add(name)
            else:
                self._places[name] = trail + (number,)
                self._body[name] = body_lines.get(constant.co_firstlineno, 1 << 30)
        for name in twice:  # which of the two a name means cannot be told here
            del self._places[name]

    def code(self, edits: "Sequence[Any]") -> types.CodeType:
        """The module with these edits, which are applied to the space's tree already."""
        names = {edit.function for edit in edits}
        if not all(edit.function in self._places and edit.line >= self._body[edit.function] for edit in edits):
            return self.space.compile_module()
        code = self.base
        for name in sorted(names):
            made = self.space.compile_function(name)
            trail = self._places[name]
            old = self._at(trail)
            if made.co_firstlineno != old.co_firstlineno or made.co_freevars != old.co_freevars:
                return self.space.compile_module()
            code = _replaced(code, trail, made)
        return code

    def _at(self, trail: "tuple[int, ...]") -> types.CodeType:
        code: Any = self.base
        for number in trail:
            code = code.co_consts[number]
        return code


def _replaced(code: types.CodeType, trail: "tuple[int, ...]", new: types.CodeType) -> types.CodeType:
    inner = new if len(trail) == 1 else _replaced(code.co_consts[trail[0]], trail[1:], new)
    constants = code.co_consts[: trail[0]] + (inner,) + code.co_consts[trail[0] + 1:]
    return code.replace(co_consts=constants)


def forget_own_modules(root: str) -> None:
    """Lets the program's modules be imported anew."""
    for name, module in list(sys.modules.items()):
        filename = getattr(module, "__file__", None)
        if name != "__main__" and isinstance(filename, str) and filename.startswith(root + os.sep) \
                and describe.is_own(filename, root):
            del sys.modules[name]
