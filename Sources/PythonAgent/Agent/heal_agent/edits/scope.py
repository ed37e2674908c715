"""What names mean in one function: which there are, since which line, of which type."""
import ast
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

from .types import CONTAINERS, NUMBERS, Types, annotated, one, type_of

RuntimeFacts = Mapping[str, Mapping[str, Set[str]]]
Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below `node` in source order, without those of nested functions and classes."""
    for child in ast.iter_child_nodes(node):
        if getattr(child, "heal_tick", False):
            continue
        yield child
        if not isinstance(child, Scopes):
            yield from own_nodes(child)


class Scope:
    """The names of a function, or of a module (then `node` is the module)."""

    def __init__(self, node: ast.AST, qualname: str, outer: Optional["Scope"],
                 facts: Optional[RuntimeFacts], in_class: Optional[ast.ClassDef] = None) -> None:
        self.node, self.qualname, self.outer, self.in_class = node, qualname, outer, in_class
        self.parameters: List[str] = []
        self.since: Dict[str, int] = {}
        self.types: Dict[str, Types] = {}
        self.functions: Dict[str, Tuple[int, int]] = {}
        self.classes: Set[str] = set()
        self.imported: Set[str] = set()
        self.hints: Dict[str, Set[str]] = {}
        self.loop_names: Set[str] = set()
        self.attributes: Set[str] = set()
        self.nodes = list(own_nodes(node))
        if isinstance(node, Function):
            self._read_parameters(node.args)
        self._read_body()
        seen = (facts or {}).get(qualname, {})
        for known, kinds in seen.items():
            if kinds:
                self.types[known] = frozenset(kinds)
                self.since.setdefault(known, getattr(node, "lineno", 1))
        self.observed = bool(seen)

    # -- reading -------------------------------------------------------------------------------

    def _read_parameters(self, args: ast.arguments) -> None:
        everything = [*getattr(args, "posonlyargs", []), *args.args, *args.kwonlyargs]
        for parameter in everything:
            self.parameters.append(parameter.arg)
            self.types[parameter.arg] = annotated(parameter.annotation)
        for parameter, default in zip(reversed(everything[:len(everything) - len(args.kwonlyargs)]),
                                      reversed(args.defaults)):
            if self.types[parameter.arg] is None and not (
                    isinstance(default, ast.Constant) and default.value is None):
                self.types[parameter.arg] = type_of(default, self.lookup)
        for parameter, kind in ((args.vararg, "tuple"), (args.kwarg, "dict")):
            if parameter is not None:
                self.parameters.append(parameter.arg)
                self.types[parameter.arg] = one(kind)
        for parameter in self.parameters:
            self.since[parameter] = self.node.lineno  # type: ignore[attr-defined]
        if self.in_class is not None and self.parameters:
            self.types[self.parameters[0]] = one(self.in_class.name)

    def _read_body(self) -> None:
        for node in self.nodes:
            if isinstance(node, Function):
                args = node.args
                most = len(args.args) + len(getattr(args, "posonlyargs", []))
                self.functions[node.name] = (most - len(args.defaults), most)
                self._see(node.name, node.lineno, one("function"))
            elif isinstance(node, ast.ClassDef):
                self.classes.add(node.name)
                self._see(node.name, node.lineno, one("type"))
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    self.imported.add(alias.asname or alias.name.split(".")[0])
            elif isinstance(node, ast.Assign):
                for goal in node.targets:
                    self._assign(goal, node.value, node.lineno)
            elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
                self._assign(node.target, node.value, node.lineno)
            elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                self._loop(node)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                self._assign(node.optional_vars, None, node.context_expr.lineno)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                self._see(node.name, node.lineno, None)
            else:
                self._hint(node)

    def _assign(self, goal: ast.expr, value: Optional[ast.expr], line: int) -> None:
        if isinstance(goal, ast.Name):
            self._see(goal.id, line, type_of(value, self.lookup) if value is not None else None)
        elif isinstance(goal, ast.Starred):
            self._assign(goal.value, None, line)
        elif isinstance(goal, (ast.Tuple, ast.List)):
            values = getattr(value, "elts", [None] * len(goal.elts))
            for part, matching in zip(goal.elts, values):
                self._assign(part, matching, line)
        elif isinstance(goal, ast.Subscript) and isinstance(goal.value, ast.Name):
            self.hints.setdefault(goal.value.id, set()).add("container")

    def _loop(self, node: Any) -> None:
        goal, source, line = node.target, node.iter, node.target.lineno
        if isinstance(source, ast.Name):
            self.hints.setdefault(source.id, set()).add("container")
        function = source.func.id if isinstance(source, ast.Call) and isinstance(
            source.func, ast.Name) else ""
        kind = one("int") if function == "range" else None
        if function == "enumerate" and isinstance(goal, ast.Tuple) and len(goal.elts) == 2:
            self._assign(goal.elts[1], None, line)
            goal, kind = goal.elts[0], one("int")
        if type_of(source, self.lookup) == one("str"):
            kind = one("str")
        for part in ast.walk(goal):
            if isinstance(part, ast.Name):
                if not isinstance(node, ast.comprehension):
                    self.loop_names.add(part.id)
                    self._see(part.id, line, kind if part is goal else None)

    def _see(self, name: str, line: int, kind: Types) -> None:
        if name in self.types and name in self.since:
            known = self.types[name]
            self.types[name] = None if known is None or kind is None else known | kind
            self.since[name] = min(self.since[name], line)
        else:
            self.types[name], self.since[name] = kind, line

    def _hint(self, node: ast.AST) -> None:
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            self.hints.setdefault(node.value.id, set()).add("container")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("len", "sum", "max", "min", "sorted", "list", "set") and node.args:
                if isinstance(node.args[0], ast.Name) and len(node.args) == 1:
                    self.hints.setdefault(node.args[0].id, set()).add("container")
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in ("append", "extend", "sort", "reverse", "insert"):
                self.hints.setdefault(node.value.id, set()).add("list")
            if node.value.id == "self":
                self.attributes.add(node.attr)
        elif isinstance(node, ast.BinOp):
            for side, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(side, ast.Name) and isinstance(other, ast.Constant) and isinstance(
                        other.value, (int, float)) and not isinstance(node.op, (ast.Mod, ast.Mult)):
                    self.hints.setdefault(side.id, set()).add("number")
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            if isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(
                    node.comparators[0], ast.Name):
                self.hints.setdefault(node.comparators[0].id, set()).add("container")

    # -- asking --------------------------------------------------------------------------------

    def lookup(self, name: str) -> Types:
        """The types of a name as seen from here."""
        scope: Optional[Scope] = self
        while scope is not None:
            if name in scope.types:
                kinds = scope.types[name]
                if kinds is None and "list" in scope.hints.get(name, ()):
                    return one("list")
                return kinds
            scope = scope.outer
        return None

    def type_of(self, node: ast.AST) -> Types:
        return type_of(node, self.lookup)

    def names(self, line: int) -> List[str]:
        """Local names that have a value before a line is done, the nearest assignment first."""
        found = [n for n, first in self.since.items() if (first < line or n in self.parameters) and not n.startswith("__")
                 and n not in self.functions and n not in self.classes]
        found.sort(key=lambda n: (-self.since[n], n))
        if self.in_class is None and self.outer is not None and isinstance(self.outer.node, Function):
            found += [n for n in self.outer.names(line) if n not in found]
        return found

    def is_container(self, name: str) -> Optional[bool]:
        """True or False where the types or the uses of a name tell, else None."""
        kinds = self.lookup(name)
        if kinds:
            return bool(kinds & CONTAINERS)
        hints = self.hints.get(name, ())
        if "container" in hints or "list" in hints:
            return True
        return False if "number" in hints else None

    def is_number(self, name: str) -> Optional[bool]:
        """As `is_container`, for numbers."""
        kinds = self.lookup(name)
        if kinds:
            return bool(kinds & NUMBERS)
        hints = self.hints.get(name, ())
        if "number" in hints:
            return True
        return False if "container" in hints or "list" in hints else None

    def root(self) -> "Scope":
        """The module's scope."""
        return self if self.outer is None else self.outer.root()

    def known_functions(self) -> Dict[str, Tuple[int, int]]:
        """Functions in reach with the fewest and the most positional arguments."""
        found = dict(self.outer.known_functions()) if self.outer is not None else {}
        if self.outer is None or isinstance(self.node, Function):
            found.update(self.functions)
        return found
