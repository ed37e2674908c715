"""The program as it lives in a host: its modules, their edit spaces, and the functions whose code can be exchanged."""

from __future__ import annotations

import ast
import builtins
import copy
import gc
import hashlib
import marshal
import os
import sys
import types
from typing import Any, Dict, FrozenSet, Iterable, List, Optional, Sequence, Tuple

from . import describe
from .bases import Bases
from .fuel import TICK, make_tick

_OPTIMIZED = 0x1  # set for functions, not for class bodies
_MAX_SOURCE = 400_000


class LiveFile:
    """One imported module of the program with its edit space."""

    def __init__(self, path: str, modules: "List[types.ModuleType]", space: Any) -> None:
        self.path = path
        self.modules = modules
        self.space = space
        self.functions: "Dict[str, LiveFunction]" = {}


class LiveFunction:
    """One outermost function: all function objects that were made from its definition."""

    __slots__ = ("objects", "base", "original", "defaults", "plain", "body_line")

    def __init__(self, objects: "List[types.FunctionType]", base: types.CodeType, plain: bool, body_line: int) -> None:
        self.objects = objects
        self.body_line = body_line  # an edit from here on leaves parameters and decorators alone
        self.base = base  # instrumented, no edit applied
        self.original = objects[0].__code__
        self.defaults = [(one.__defaults__, one.__kwdefaults__) for one in objects]
        self.plain = plain

    def at(self, body_line: int) -> "LiveFunction":
        """The same function where its body begins on another line."""
        twin = copy.copy(self)
        twin.body_line = body_line
        return twin

    def swap(self, code: types.CodeType) -> None:
        for one in self.objects:
            one.__code__ = code

    def set_defaults(self, made: types.FunctionType) -> None:
        for one in self.objects:
            one.__defaults__, one.__kwdefaults__ = made.__defaults__, made.__kwdefaults__

    def restore(self) -> None:
        for one, (positional, named) in zip(self.objects, self.defaults):
            one.__code__ = self.base
            one.__defaults__, one.__kwdefaults__ = positional, named


class LiveProgram:
    """All modules of the program that the host has imported, tests left out."""

    def __init__(self, root: str, bases: Bases, base: int, test_files: "Iterable[str]") -> None:
        self.root = root
        self.bases = bases
        self.base = base
        self._tests = {describe.relative(one, root) for one in test_files}
        self.files: "Dict[str, LiveFile]" = {}
        self.modules: "List[types.ModuleType]" = []
        self.test_modules: "List[types.ModuleType]" = []

    def discover(self, called: "FrozenSet[Tuple[str, int, str]]" = frozenset()) -> None:
        """Finds the modules, their functions, and lets every function count its steps.

        Those that importing `called` stay as they are: to exchange their code comes too late, so edits in them run
        their module anew.
        """
        by_path: "Dict[str, List[types.ModuleType]]" = {}
        for module in list(sys.modules.values()):
            filename = getattr(module, "__file__", None)
            if not isinstance(module, types.ModuleType) or not isinstance(filename, str):
                continue
            if not describe.is_own(filename, self.root):
                continue
            path = describe.relative(filename, self.root)
            if path in self._tests or os.path.basename(path) == "conftest.py":
                self.test_modules.append(module)
            else:
                self.modules.append(module)
                by_path.setdefault(path, []).append(module)
        builtins.__dict__[TICK] = make_tick(1 << 62)
        living = _functions_by_place(self.root, set(by_path))
        for path, modules in sorted(by_path.items()):
            self._add(path, modules, {place: objects for place, objects in living.items() if place not in called})

    def _add(self, path: str, modules: "List[types.ModuleType]", living: "Dict[Any, List[types.FunctionType]]") -> None:
        if len(self.bases.text(self.base, path)) > _MAX_SOURCE:
            return
        space = self.bases.space(self.base, path)
        if space is None:
            return
        file = self.files[path] = LiveFile(path, modules, space)
        lines = body_lines(self.bases.text(self.base, path))
        plain = {id(value) for module in modules for holder in _holders(module) for value in holder.values()}
        for qualname, first_line, name in outermost(space.compile_module()):
            objects = living.get((path, first_line, name))
            if not objects:
                continue
            try:
                code = space.compile_function(qualname)
            except Exception:
                continue  # a shape that the edit space cannot compile alone: its module is run anew instead
            if code.co_firstlineno != first_line or any(
                    len(one.__code__.co_freevars) != len(code.co_freevars) for one in objects):
                continue
            function = LiveFunction(
                objects, code, len(objects) == 1 and id(objects[0]) in plain, lines.get(first_line, 1 << 30))
            file.functions[qualname] = function
            function.swap(code)


def _holders(module: types.ModuleType) -> "List[Dict[str, Any]]":
    classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return [dict(vars(module))] + [dict(vars(one)) for one in classes]


def outermost(code: types.CodeType, prefix: str = "") -> "List[Tuple[str, int, str]]":
    """The functions that no other function encloses: qualified name, first line, name."""
    found = []
    for constant in code.co_consts:
        if not isinstance(constant, types.CodeType) or constant.co_name.startswith("<"):
            continue
        if constant.co_flags & _OPTIMIZED:
            found.append((prefix + constant.co_name, constant.co_firstlineno, constant.co_name))
        else:
            found += outermost(constant, prefix + constant.co_name + ".")
    return found


def body_lines(text: str) -> "Dict[int, int]":
    """By the first line of each definition: the first line of its body, where that is a line of its own."""
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno] + [one.lineno for one in node.decorator_list])
            header = [one.end_lineno or 0 for one in ast.walk(node.args) if hasattr(one, "end_lineno")]
            if node.body[0].lineno > max([node.lineno] + header):
                found[first] = node.body[0].lineno
    return found


def _functions_by_place(root: str, paths: "set[str]") -> "Dict[Any, List[types.FunctionType]]":
    """Every function object of these files, wherever it is held: in a table, behind a decorator, bound as a callback."""
    found: "Dict[Any, List[types.FunctionType]]" = {}
    known: "Dict[str, Optional[str]]" = {}
    for one in gc.get_objects():
        if type(one) is not types.FunctionType:
            continue
        code = one.__code__
        filename = code.co_filename
        if filename not in known:
            path = describe.relative(filename, root) if describe.is_own(filename, root) else None
            known[filename] = path if path in paths else None
        path = known[filename]
        if path is not None:
            found.setdefault((path, code.co_firstlineno, code.co_name), []).append(one)
    return found


class NeedsModule(Exception):
    """This candidate cannot be put into living functions: its modules have to be run anew."""


class Prepared:
    """A candidate that is compiled: codes for living functions, or whole modules to run anew."""

    __slots__ = ("swaps", "modules", "digest")

    def __init__(self) -> None:
        self.swaps: "List[Tuple[LiveFunction, types.CodeType, Optional[types.FunctionType]]]" = []
        self.modules: "List[Tuple[str, types.CodeType]]" = []
        self.digest = b""


def prepare(files: "Dict[str, LiveFile]", chosen: "Dict[str, List[Any]]", changes: "Sequence[Any]" = ()) -> Prepared:
    """Compiles a candidate; the trees are as before afterwards. Raises `NeedsModule`, or what `compile` raises.

    `changes` are the functions in which the candidate's base differs from the living program.
    """
    prepared = Prepared()
    applied: "List[Any]" = []
    parts: "List[bytes]" = []
    wanted: "List[Tuple[str, LiveFile, Any]]" = []
    for path, edits in chosen.items():
        file = files.get(path)
        if file is None:
            raise NeedsModule()
        for edit in edits:
            live = file.functions.get(edit.function) if edit.function is not None else None
            if live is None:
                raise NeedsModule()
            if all(one[2] is not live or one[1] is not file for one in wanted):
                wanted.append((edit.function, file, live))
    try:
        for edits in chosen.values():
            for edit in edits:
                edit.apply()
                applied.append(edit)
        for qualname, file, live in wanted:
            made = None
            if not _only_body(chosen[file.path], live.body_line) and file.space.function_defaults_changed(qualname):
                made = _made_anew(file, qualname, live)
            code = file.space.compile_function(qualname) if made is None else made.__code__
            if len(code.co_freevars) != len(live.original.co_freevars):
                raise NeedsModule()
            prepared.swaps.append((live, code, made))
            parts.append(b"%s %s" % (file.path.encode("utf-8", "replace"), qualname.encode("utf-8", "replace")))
            parts.append(marshal.dumps(code))
            if made is not None:
                parts.append(repr((made.__defaults__, made.__kwdefaults__)).encode("utf-8", "replace"))
    finally:
        for edit in reversed(applied):
            edit.undo()
    edited = {(file.path, qualname) for qualname, file, _ in wanted}
    for change in changes:
        if (change.path, change.qualname) not in edited:
            prepared.swaps.append((change.live, change.code, None))
            parts.append(b"%s %s" % (change.path.encode("utf-8", "replace"), change.qualname.encode("utf-8", "replace")))
            parts.append(marshal.dumps(change.code))
    prepared.digest = hashlib.blake2b(b"\0".join(parts), digest_size=8).digest()
    return prepared


def _only_body(edits: "List[Any]", body_line: int) -> bool:
    return all(edit.line >= body_line for edit in edits)


def _made_anew(file: LiveFile, qualname: str, live: LiveFunction) -> types.FunctionType:
    """The function with its new defaults; only for one without decorators, before and after."""
    if not live.plain:
        raise NeedsModule()
    names: "Dict[str, Any]" = {}
    try:
        exec(file.space.compile_def(qualname), vars(file.modules[0]), names)
        value: Any = names
        for part in qualname.split("."):
            value = value[part] if isinstance(value, dict) else vars(value)[part]
    except Exception:
        raise NeedsModule() from None
    if type(value) is not types.FunctionType:
        raise NeedsModule()
    return value


def compile_modules(spaces: "Dict[str, Any]", chosen: "Dict[str, List[Any]]") -> "Tuple[Dict[str, types.CodeType], bytes]":
    """Whole-module codes of a candidate, by path, with their digest; the trees are as before afterwards."""
    codes: "Dict[str, types.CodeType]" = {}
    applied: "List[Any]" = []
    try:
        for path, edits in chosen.items():
            for edit in edits:
                edit.apply()
                applied.append(edit)
            codes[path] = spaces[path].compile_module()
    finally:
        for edit in reversed(applied):
            edit.undo()
    return codes, digest(codes)


def digest(codes: "Dict[str, types.CodeType]") -> bytes:
    """Equal for equal bytecode."""
    found = hashlib.blake2b(digest_size=8)
    for path, code in sorted(codes.items()):
        found.update(path.encode("utf-8", "replace"))
        found.update(marshal.dumps(code))
    return found.digest()


def run_anew(program: LiveProgram, codes: "Dict[str, types.CodeType]") -> None:
    """Runs changed modules again in their own namespaces and gives the new objects to whoever imported the old ones.

    Only in a process that is thrown away afterwards.
    """
    replaced: "Dict[int, Any]" = {}
    kept: "List[Any]" = []
    names: "Dict[str, Dict[str, Tuple[Any, Any]]]" = {}
    for path, code in codes.items():
        file = program.files.get(path)
        if file is None:
            raise LookupError("%s is not imported" % path)
        for module in file.modules:
            before = dict(vars(module))
            exec(code, vars(module))
            kept.append(before)
            changed = {}
            for name, old in before.items():
                new = vars(module).get(name, old)
                if new is not old:
                    changed[name] = (old, new)
                    if isinstance(old, (type, types.FunctionType)) or getattr(old, "__module__", None) == module.__name__:
                        replaced[id(old)] = new
            names[module.__name__] = changed
    _rebind(program, replaced, names)


def _rebind(program: LiveProgram, replaced: "Dict[int, Any]", names: "Dict[str, Dict[str, Tuple[Any, Any]]]") -> None:
    by_name = {name: pair for changed in names.values() for name, pair in changed.items()}
    for module in program.modules + program.test_modules:
        if module.__name__ in names:
            continue
        for name, value in list(vars(module).items()):
            if id(value) in replaced:
                vars(module)[name] = replaced[id(value)]
            elif name in by_name and by_name[name][0] is value and not name.startswith("__"):
                vars(module)[name] = by_name[name][1]


def pairwise_conflict(edits: "Sequence[Any]") -> bool:
    """Whether two edits of one file exclude each other."""
    return any(first.conflicts(second) for index, first in enumerate(edits) for second in edits[index + 1:])
