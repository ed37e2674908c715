"""Small-scale type inference: what plainly has one builtin type, or is an instance of one of the program's classes."""

from __future__ import annotations

import ast
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

from .inventory import BUILTINS
from .program import Analyzed, ClassInfo, Program
from .scopes import Scope

NUMBERS = frozenset(("int", "float", "bool"))
_CALLS = {
    "str": "str", "input": "str", "repr": "str", "chr": "str", "ascii": "str", "format": "str", "hex": "str", "bin": "str",
    "int": "int", "len": "int", "ord": "int", "hash": "int", "id": "int", "float": "float", "bool": "bool",
    "isinstance": "bool", "callable": "bool", "any": "bool", "all": "bool", "list": "list", "sorted": "list", "dir": "list",
    "dict": "dict", "set": "set", "frozenset": "frozenset", "tuple": "tuple", "bytes": "bytes", "range": "range",
    "enumerate": "enumerate", "zip": "zip", "map": "map", "filter": "filter", "bytearray": "bytearray", "print": "None",
}  # fmt: skip
_METHODS = {
    "str": {
        **dict.fromkeys("capitalize casefold center expandtabs format format_map join ljust lower lstrip replace rjust rstrip strip swapcase title translate upper zfill removeprefix removesuffix".split(), "str"),
        **dict.fromkeys("split rsplit splitlines".split(), "list"),
        **dict.fromkeys("count find index rfind rindex".split(), "int"),
        **dict.fromkeys("startswith endswith isdigit isalpha isalnum isspace isupper islower isnumeric isdecimal isidentifier istitle".split(), "bool"),
        **dict.fromkeys("partition rpartition".split(), "tuple"), "encode": "bytes",
    },
    "list": {**dict.fromkeys("append extend insert remove sort reverse clear".split(), "None"), "copy": "list", "index": "int", "count": "int"},
    "dict": {"clear": "None", "update": "None", "copy": "dict"},
    "set": {**dict.fromkeys("add discard remove update clear".split(), "None"), **dict.fromkeys("union intersection difference symmetric_difference copy".split(), "set")},
}  # fmt: skip
_LITERALS = {
    ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict", ast.Set: "set", ast.SetComp: "set",
    ast.Tuple: "tuple", ast.JoinedStr: "str", ast.GeneratorExp: "generator", ast.Lambda: "function",
}  # fmt: skip
_DEPTH = 6
_BUILTIN_METHODS = frozenset(n for t in (str, bytes, list, dict, set, int, float, tuple) for n in dir(t))


class Inference:
    """Types of expressions of one program; remembers what it has found."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._names: Dict[Tuple[int, str], Optional[str]] = {}
        self._busy: Set[Tuple[int, str]] = set()
        self._calls: Dict[str, List[Tuple[Analyzed, ast.Call]]] = {}
        self._attributes: Dict[Tuple[int, str], Optional[str]] = {}
        self._values: Set[str] = set()
        self._facts: Dict[str, Any] = {}
        for module in program.modules:
            self._values |= _names_as_values(module)
            for call in module.walk(ast.Call):
                name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", None)
                if name:
                    self._calls.setdefault(name, []).append((module, call))

    def fact(self, make: Callable[["Inference"], Any]) -> Any:
        """What a function says of the whole program, asked once."""
        if make.__qualname__ not in self._facts:
            self._facts[make.__qualname__] = make(self)
        return self._facts[make.__qualname__]

    def is_value(self, name: str) -> bool:
        """Whether a name is read other than to be called at once, so that anything may call it."""
        return name in self._values

    def calls_of(self, name: str) -> List[Tuple[Analyzed, ast.Call]]:
        """The calls in the program of whatever goes by a name."""
        return self._calls.get(name, [])

    def type_of(self, module: Analyzed, node: Optional[ast.AST], depth: int = 0) -> Optional[str]:
        """A builtin type's name, "None", "class:NAME", or None when it is not plain."""
        if node is None or depth > _DEPTH:
            return None
        if isinstance(node, ast.Constant):
            return type(node.value).__name__ if node.value is not None else "None"
        literal = _LITERALS.get(type(node))
        if literal is not None:
            return literal
        if isinstance(node, ast.Call):
            return self._call(module, node, depth)
        if isinstance(node, ast.BinOp):
            return self._binary(module, node, depth)
        if isinstance(node, ast.UnaryOp):
            inner = self.type_of(module, node.operand, depth + 1)
            return "bool" if isinstance(node.op, ast.Not) else inner if inner in NUMBERS else None
        if isinstance(node, ast.Compare):
            return "bool" if all(self.type_of(module, n, depth + 1) in (*NUMBERS, "str") for n in (node.left, *node.comparators)) else None
        if isinstance(node, ast.IfExp):
            first, second = self.type_of(module, node.body, depth + 1), self.type_of(module, node.orelse, depth + 1)
            return first if first == second else None
        if isinstance(node, ast.Name):
            return self._name(module, node.id, module.scope_at(node), depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(module, node, depth)
        return None

    def _call(self, module: Analyzed, node: ast.Call, depth: int) -> Optional[str]:
        function = node.func
        if isinstance(function, ast.Name):
            name = function.id
            if module.scope_at(function).lookup(name) is None and name in BUILTINS:
                if name in ("abs", "round", "sum", "min", "max", "pow", "divmod"):
                    return self._numeric(module, name, node, depth)
                return _CALLS.get(name)
            info = self.program.class_named(module, name)
            if info is not None:
                return "class:" + name if not _has_new(info) else None
            return self._returned(module, name, function, depth)
        if isinstance(function, ast.Attribute):
            owner = self.type_of(module, function.value, depth + 1)
            if owner in _METHODS:
                return _METHODS[owner].get(function.attr)
            target = module.imported_module(function.value.id) if isinstance(function.value, ast.Name) else None
            if target == "time" and function.attr in ("time", "perf_counter", "monotonic"):
                return "float"
            if target == "random" and function.attr in ("randint", "randrange"):
                return "int"
            if target == "math" and function.attr in ("sqrt", "sin", "cos", "log", "exp", "pow", "hypot"):
                return "float"
            if target == "math" and function.attr in ("floor", "ceil", "factorial", "gcd", "isqrt", "comb"):
                return "int"
        return None

    def _numeric(self, module: Analyzed, name: str, node: ast.Call, depth: int) -> Optional[str]:
        if name == "round" and len(node.args) == 1:
            return "int" if self.type_of(module, node.args[0], depth + 1) in NUMBERS else None
        if name == "sum" and len(node.args) == 1:
            item = node.args[0]
            if isinstance(item, (ast.GeneratorExp, ast.ListComp)):
                kind = self.type_of(module, item.elt, depth + 1)
                return kind if kind in ("int", "float") else None
            return None
        if name in ("abs", "round", "pow") and node.args:
            kind = self.type_of(module, node.args[0], depth + 1)
            return kind if kind in NUMBERS else None
        if name in ("min", "max") and len(node.args) > 1:
            kinds = {self.type_of(module, a, depth + 1) for a in node.args}
            return kinds.pop() if len(kinds) == 1 else None
        return None

    def _binary(self, module: Analyzed, node: ast.BinOp, depth: int) -> Optional[str]:
        left, right = self.type_of(module, node.left, depth + 1), self.type_of(module, node.right, depth + 1)
        if left in NUMBERS and right in NUMBERS:
            if isinstance(node.op, ast.Div) or "float" in (left, right):
                return "float"
            return "int" if not isinstance(node.op, (ast.Pow, ast.MatMult)) else None
        if isinstance(node.op, ast.Add):
            if left == right and left in ("str", "list", "tuple", "bytes"):
                return left
            return "str" if "str" in (left, right) and (left is None or right is None or left == right) else None
        if isinstance(node.op, ast.Mod) and left == "str":
            return "str"
        if isinstance(node.op, ast.Mult) and "int" in (left, right):
            other = left if right == "int" else right
            return other if other in ("str", "list", "tuple", "bytes") else None
        return None

    def _name(self, module: Analyzed, name: str, scope: Scope, depth: int) -> Optional[str]:
        holder = scope.lookup(name)
        if holder is None:
            return None
        key = (id(holder), name)
        if key in self._names:
            return self._names[key]
        if key in self._busy:
            return None
        self._busy.add(key)
        result = self._bindings(module, name, holder, depth)
        self._busy.discard(key)
        self._names[key] = result
        return result

    def _bindings(self, module: Analyzed, name: str, holder: Scope, depth: int) -> Optional[str]:
        kinds: Set[Optional[str]] = set()
        for node in holder.bindings.get(name, []):
            parent = module.parents.get(node)
            if isinstance(node, ast.arg):
                kinds.add(self._parameter(module, node, holder, depth))
            elif isinstance(parent, ast.Assign) and node in parent.targets:
                kinds.add(self.type_of(module, parent.value, depth + 1))
            elif isinstance(parent, ast.AnnAssign) and parent.value is not None:
                kinds.add(self.type_of(module, parent.value, depth + 1))
            elif isinstance(parent, ast.AugAssign):
                kinds.add(self._augmented(module, parent, depth))
            elif isinstance(parent, (ast.For, ast.comprehension)) and node is parent.target:
                kinds.add(self._element(module, parent.iter, depth))
            else:
                return None
            if None in kinds or len(kinds) > 1:
                if kinds <= {"int", "float"}:
                    continue
                return None
        if kinds == {"int", "float"}:
            return "float"
        return kinds.pop() if kinds else None

    def _augmented(self, module: Analyzed, node: ast.AugAssign, depth: int) -> Optional[str]:
        kind = self.type_of(module, node.value, depth + 1)
        if isinstance(node.op, ast.Div) and kind in NUMBERS:
            return "float"
        if kind is None and isinstance(node.op, (ast.Sub, ast.Div, ast.FloorDiv)):
            return None
        return kind

    def _element(self, module: Analyzed, node: ast.expr, depth: int) -> Optional[str]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            return "int" if module.scope_at(node).lookup("range") is None else None
        if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
            kinds = {self.type_of(module, e, depth + 1) for e in node.elts}
            return kinds.pop() if len(kinds) == 1 else None
        return "str" if self.type_of(module, node, depth + 1) == "str" else None

    def _parameter(self, module: Analyzed, node: ast.arg, holder: Scope, depth: int) -> Optional[str]:
        arguments_of = getattr(holder.node, "args", None)
        if arguments_of is not None and node in (arguments_of.vararg, arguments_of.kwarg):
            return "tuple" if node is arguments_of.vararg else "dict"
        if isinstance(node.annotation, ast.Name) and node.annotation.id in ("int", "str", "float", "list", "dict", "bool"):
            return node.annotation.id
        if node.annotation is not None:
            return None
        function = holder.node
        name = getattr(function, "name", None)
        if name is None or depth > 2 or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        if function.args.defaults or function.decorator_list:
            return None
        arguments = [*function.args.posonlyargs, *function.args.args]
        if node not in arguments:
            return None
        position = arguments.index(node)
        owner = owner_class(module, function)
        by_attribute = owner is not None and name != "__init__"
        if owner is not None:
            position -= 1
            name = owner.name if name == "__init__" else name
        if by_attribute and (name in _BUILTIN_METHODS or name.startswith("__")):
            return None
        if function.name in self._values:
            return None  # handed around as a value, so called from who knows where
        return self._argument_type(name, position, node.arg, depth, by_attribute) if position >= 0 else None

    def _argument_type(self, name: str, position: int, keyword: str, depth: int, by_attribute: bool) -> Optional[str]:
        """The one type that all calls of a function in the program plainly pass."""
        kinds: Set[Optional[str]] = set()
        for module, call in self._calls.get(name, [])[:20]:
            if isinstance(call.func, ast.Attribute) != by_attribute:
                return None
            value = call.args[position] if position < len(call.args) else None
            if any(isinstance(a, ast.Starred) for a in call.args[: position + 1]):
                return None
            if value is None:
                value = next((k.value for k in call.keywords if k.arg == keyword), None)
            kinds.add(self.type_of(module, value, depth + 2))
            if None in kinds:
                return None
        if kinds and kinds <= {"int", "float"}:
            return "float" if "float" in kinds else "int"
        return kinds.pop() if len(kinds) == 1 else None

    def _returned(self, module: Analyzed, name: str, use: ast.AST, depth: int) -> Optional[str]:
        holder = module.scope_at(use).lookup(name)
        nodes = holder.bindings.get(name, []) if holder else []
        if len(nodes) != 1 or not isinstance(nodes[0], ast.FunctionDef) or nodes[0].decorator_list:
            return None
        key = (id(nodes[0]), "return")
        if key in self._names:
            return self._names[key]
        if key in self._busy or depth > 3:
            return None
        self._busy.add(key)
        kinds = set()
        returns = own_returns(nodes[0])
        for statement in returns:
            kinds.add(self.type_of(module, statement.value, depth + 2) if statement.value is not None else "None")
        self._busy.discard(key)
        if kinds <= {"int", "float"} and len(kinds) == 2:
            kinds = {"float"}
        result = kinds.pop() if len(kinds) == 1 and returns else None
        self._names[key] = result if result != "None" else None
        return self._names[key]

    def _attribute(self, module: Analyzed, node: ast.Attribute, depth: int) -> Optional[str]:
        if not isinstance(node.value, ast.Name):
            return None
        info = self.class_of(module, node.value, depth)
        if info is None or node.attr in info.methods:
            return None
        key = (id(info.node), node.attr)
        if key in self._attributes:
            return self._attributes[key]
        self._attributes[key] = None
        kinds: Set[Optional[str]] = set()
        for target, value in attribute_assignments(info, node.attr):
            kinds.add(self.type_of(info.module, value, depth + 1) if value is not None else None)
        if kinds <= {"int", "float"} and len(kinds) == 2:
            kinds = {"float"}
        self._attributes[key] = kinds.pop() if len(kinds) == 1 else None
        return self._attributes[key]

    def class_of(self, module: Analyzed, node: ast.expr, depth: int = 0) -> Optional[ClassInfo]:
        """The program's class that an expression is an instance of, `self` included."""
        if isinstance(node, ast.Name):
            method = method_around(module, node)
            if method is not None and method[1] == node.id:
                info = module.classes.get(method[0].name)
                return info if info is not None and info.node is method[0] else None
        kind = self.type_of(module, node, depth + 1)
        if kind is not None and kind.startswith("class:"):
            return self.program.class_named(module, kind[6:])
        return None


def _names_as_values(module: Analyzed) -> Set[str]:
    """Names and attributes that are read other than to be called at once."""
    found: Set[str] = set()
    for node in module.walk(ast.Name, ast.Attribute):
        parent = module.parents.get(node)
        if isinstance(node.ctx, ast.Load) and not (isinstance(parent, ast.Call) and parent.func is node):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    for node in module.walk(ast.Constant):
        if isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)  # getattr(object, "name")
    return found


def owner_class(module: Analyzed, function: ast.AST) -> Optional[ast.ClassDef]:
    """The class in whose body a function is defined, conditions in between left out."""
    outer = module.parents.get(function)
    while isinstance(outer, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
        outer = module.parents.get(outer)
    return outer if isinstance(outer, ast.ClassDef) else None


def method_around(module: Analyzed, node: ast.AST) -> Optional[Tuple[ast.ClassDef, str]]:
    """The class whose method holds `node`, and the name of that method's object."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
            owner = owner_class(module, outer)
            arguments = [*outer.args.posonlyargs, *outer.args.args]
            if owner is not None and arguments:
                names = {d.id for d in outer.decorator_list if isinstance(d, ast.Name)}
                if names & {"staticmethod", "classmethod"} or outer.name in ("__new__", "__init_subclass__", "__class_getitem__"):
                    return None
                return owner, arguments[0].arg
    return None


def attribute_assignments(info: ClassInfo, name: str) -> List[Tuple[ast.AST, Optional[ast.expr]]]:
    """What a class assigns to an attribute of its objects, in its body and through `self`."""
    found: List[Tuple[ast.AST, Optional[ast.expr]]] = []
    for node in info.assigned.get(name, ()):
        if isinstance(node, ast.Attribute):
            parent = info.module.parents.get(node)
            if isinstance(parent, ast.Assign) and node in parent.targets:
                found.append((node, parent.value))
            elif isinstance(parent, ast.AnnAssign):
                found.append((node, parent.value))
            elif isinstance(parent, ast.AugAssign):
                found.append((node, parent.value))
            else:
                found.append((node, None))
        else:
            parent = info.module.parents.get(node)
            if info.module.parents.get(parent) is info.node if parent is not None else False:
                found.append((node, getattr(parent, "value", None)))
    return found


def own_returns(function: ast.AST) -> List[ast.Return]:
    """The `return` statements of a function itself, not those of functions inside it."""
    found: List[ast.Return] = []
    stack: List[ast.AST] = list(getattr(function, "body", []))
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            found.append(node)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(node))
    return found


def _has_new(info: ClassInfo) -> bool:
    return "__new__" in info.methods
