"""Which instructions may run code of Python that the bytecode does not show: methods behind operators, properties, generators, finalizers.

Said of all of a program's files at once, and only where nothing speaks against it: what is not known stays `MAYBE`.
"""

from __future__ import annotations

import ast
import dis
from typing import Dict, Set, Tuple

from . import model

#: Special methods that no operator, attribute or loop calls.
_QUIET = frozenset(("__init__", "__new__", "__call__", "__enter__", "__exit__", "__aenter__", "__aexit__", "__post_init__", "__init_subclass__",
                    "__class_getitem__", "__slots__", "__all__", "__version__", "__author__", "__doc__", "__match_args__"))
#: Modules whose objects are of C where operators and attributes reach them.
_PLAIN = frozenset((
    "__future__", "_thread", "abc", "array", "asyncio", "atexit", "base64", "bisect", "collections", "concurrent", "contextlib", "copy", "dataclasses",
    "datetime", "decimal", "functools", "gc", "hashlib", "heapq", "io", "itertools", "json", "logging", "math", "operator", "os", "queue", "random", "re",
    "signal", "string", "struct", "sys", "tempfile", "textwrap", "threading", "time", "traceback", "types", "typing", "warnings"))
#: Names of such modules whose objects are not.
_RISKY = frozenset(("Counter", "UserDict", "UserList", "UserString", "ChainMap", "defaultdict", "total_ordering", "SimpleNamespace", "getcontext"))
_STREAMS = frozenset(("map", "filter", "iter", "starmap", "accumulate", "groupby", "takewhile", "dropwhile", "filterfalse"))
_PLAIN_DECORATORS = frozenset(("staticmethod", "classmethod", "abstractmethod", "wraps", "lru_cache", "cache", "contextmanager", "asynccontextmanager"))
#: What makes an object that is locked by its own methods in Python.
LIBRARY = frozenset(("Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "Queue", "LifoQueue", "PriorityQueue", "Timer",
                     "ThreadPoolExecutor", "Thread"))
LOCKS = frozenset(("Lock", "RLock", "allocate_lock"))
_MANAGERS = frozenset(("contextmanager", "closing", "suppress", "ExitStack", "nullcontext", "redirect_stdout", "redirect_stderr", "catch_warnings",
                       "TemporaryDirectory", "NamedTemporaryFile", "localcontext", "ThreadPoolExecutor", "ProcessPoolExecutor")) | LIBRARY
#: Builtin functions and methods of builtin types, which do what they do before anybody looks.
IN_C = frozenset((
    "append", "appendleft", "extend", "extendleft", "insert", "pop", "popleft", "remove", "clear", "get", "setdefault", "update", "popitem", "add",
    "discard", "keys", "values", "items", "index", "count", "reverse", "rotate", "copy", "len", "next", "getattr", "setattr", "hasattr", "delattr", "sum",
    "min", "max", "any", "all", "sorted", "list", "tuple", "set", "dict", "frozenset", "print", "sort", "acquire", "release", "locked"))

_SAFE = frozenset((
    "NOP", "RESUME", "CACHE", "EXTENDED_ARG", "DELETE_FAST", "LOAD_CONST", "LOAD_SMALL_INT", "LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLOSURE",
    "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_FROM_DICT_OR_DEREF", "STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "DELETE_GLOBAL",
    "DELETE_NAME", "DELETE_DEREF", "POP_TOP", "PUSH_NULL", "COPY", "SWAP", "ROT_TWO", "ROT_THREE", "ROT_FOUR", "ROT_N", "DUP_TOP", "DUP_TOP_TWO", "IS_OP",
    "BUILD_TUPLE", "BUILD_LIST", "BUILD_SLICE", "BUILD_STRING", "MAKE_FUNCTION", "SET_FUNCTION_ATTRIBUTE", "MAKE_CELL", "COPY_FREE_VARS", "LIST_APPEND",
    "LIST_TO_TUPLE", "PRECALL", "KW_NAMES", "POP_BLOCK", "POP_EXCEPT", "PUSH_EXC_INFO", "CHECK_EXC_MATCH", "JUMP_IF_NOT_EXC_MATCH", "RERAISE",
    "RETURN_VALUE", "RETURN_CONST", "END_FOR", "POP_ITER", "GEN_START", "RETURN_GENERATOR", "LOAD_ASSERTION_ERROR", "LOAD_COMMON_CONSTANT", "NOT_TAKEN",
    "SETUP_FINALLY", "LOAD_BUILD_CLASS", "LOAD_LOCALS", "SETUP_ANNOTATIONS", "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD",
    "JUMP_BACKWARD_NO_INTERRUPT"))
_SAFE_BEGINNINGS = ("LOAD_FAST", "STORE_FAST")
_ATTRIBUTES = frozenset(("LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "DELETE_ATTR"))
_OPERATORS = frozenset((
    "COMPARE_OP", "CONTAINS_OP", "STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE", "TO_BOOL", "BUILD_MAP", "BUILD_SET", "MAP_ADD", "SET_ADD",
    "BUILD_CONST_KEY_MAP", "GET_LEN", "JUMP_IF_FALSE_OR_POP", "JUMP_IF_TRUE_OR_POP"))
_OPERATOR_BEGINNINGS = ("BINARY_", "INPLACE_", "UNARY_", "POP_JUMP_")
_LOOPS = frozenset(("GET_ITER", "FOR_ITER", "UNPACK_SEQUENCE", "UNPACK_EX", "LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"))
_IMPORTS = frozenset(("IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR"))


class Knowledge:
    """What the sources of a program, by path, say about what runs code of Python."""

    def __init__(self, trees: "Dict[str, ast.Module]") -> None:
        nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
        special: "Set[str]" = set()
        names: "Set[str]" = set()
        modules: "Set[str]" = set()
        own = {path.rpartition("/")[2][:-3] for path in trees} | {part for path in trees for part in path.split("/")[:-1]}
        defined = {node.name for _, node in nodes if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        self._properties: "Set[str]" = set()
        self._calls: "Dict[Tuple[str, int, int], Set[str]]" = {}
        for path, node in nodes:
            if isinstance(node, ast.ClassDef):
                special |= _special(node)
                self._properties |= _properties(node)
            elif isinstance(node, ast.Name):
                names |= {node.id} - defined
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                modules |= _modules(node) - own
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Call):
                self._calls.setdefault((path, node.lineno, node.col_offset), set()).add(_last(node.func))
        streams = any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.GeneratorExp)) for _, node in nodes)
        self._finalizers = "__del__" in special or bool(modules - _PLAIN)
        self._is_plain = not special - _QUIET and not self._finalizers and not names & _RISKY
        self._loops_are_plain = self._is_plain and not streams and not names & _STREAMS
        self._managers_are_locks = not self._finalizers and not names & _MANAGERS and "__enter__" not in special
        #: Whether a lock of the program may be behind an object of the library.
        self.wraps_locks = any(isinstance(node, ast.Call) and _last(node.func) == "Condition" and bool(node.args or node.keywords) for _, node in nodes)

    def weigh(self, one: dis.Instruction) -> int:
        """Whether an instruction that is no call may run code of Python, in which the interpreter looks for other threads."""
        name = one.opname
        if self._finalizers:
            return model.MAYBE
        if name in _IMPORTS:
            return model.ALWAYS  # files are read, under the import system's lock
        if name in _ATTRIBUTES:
            safe = self._is_plain and one.argval not in self._properties
        elif name in _SAFE or name.startswith(_SAFE_BEGINNINGS) or name.endswith(("IF_NONE", "IF_NOT_NONE")):
            safe = True
        elif name in _OPERATORS or name.startswith(_OPERATOR_BEGINNINGS):
            safe = self._is_plain
        elif name in _LOOPS:
            safe = self._loops_are_plain
        else:
            safe = (name in model.ENTERS or name == "WITH_EXCEPT_START") and self._managers_are_locks
        return model.NEVER if safe else model.MAYBE

    def called(self, path: str, line: int, column: int) -> "Set[str]":
        """The names of what is called at a place, counted as the protocol does: in the whole line where the column is not known."""
        return {name for (one, row, begin), names in self._calls.items() if one == path and row == line and (not column or begin == column - 1)
                for name in names}


def _special(node: ast.ClassDef) -> "Set[str]":
    """Special methods of a class, those that decorators make among them."""
    found: "Set[str]" = set()
    for one in node.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(one.name)
        elif isinstance(one, ast.Assign):
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    if any(_last(one.func if isinstance(one, ast.Call) else one) not in ("final", "runtime_checkable") for one in node.decorator_list):
        found |= {"__eq__"}
    return {name for name in found if name.startswith("__") and name.endswith("__")}


def _properties(node: ast.ClassDef) -> "Set[str]":
    """Names of a class behind which a function may stand, which reading them calls."""
    found: "Set[str]" = set()
    for one in node.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if any(_last(mark.func if isinstance(mark, ast.Call) else mark) not in _PLAIN_DECORATORS for mark in one.decorator_list):
                found.add(one.name)
        elif isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
            found |= {target.id for target in one.targets if isinstance(target, ast.Name)}
    return found


def _modules(node: "ast.Import | ast.ImportFrom") -> "Set[str]":
    """The top-level modules of an import; none for one within the program's own package."""
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    return {node.module.partition(".")[0]} if node.module and not node.level else set()


def _last(node: ast.expr) -> str:
    """The last part of a dotted name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
