"""The instrumented tree of one file with the place of every node, and its scopes."""
import ast
from typing import Any, Dict, Iterator, List, Optional, Tuple

from ..fuel import is_tick, without_tick
from .primitives import SetField, SetItem
from .scope import Function, RuntimeFacts, Scope


class Site:
    """An expression and where it hangs."""

    __slots__ = ("node", "parent", "field", "items", "statement", "scope", "quoted", "loops", "block")

    def __init__(self, node: ast.expr, parent: ast.AST, field: str, items: Optional[list],
                 block: "Block", statement: ast.stmt, quoted: Optional[ast.AST]) -> None:
        self.node, self.parent, self.field, self.items = node, parent, field, items
        self.statement, self.block, self.quoted = statement, block, quoted
        self.scope, self.loops = block.scope, block.loops

    def put(self, new: ast.AST) -> Any:
        """The change that puts `new` in the place of this expression."""
        if self.items is not None:
            return SetItem(self.items, self.node, new)
        return SetField(self.parent, self.field, new)


class Block:
    """A list of statements and where it hangs."""

    __slots__ = ("items", "owner", "field", "scope", "loops", "outer", "outermost")

    def __init__(self, items: list, owner: ast.AST, field: str, scope: Scope,
                 loops: Tuple[ast.AST, ...], outer: Optional["Block"],
                 outermost: Optional[str]) -> None:
        self.items, self.owner, self.field, self.scope = items, owner, field, scope
        self.loops, self.outer, self.outermost = loops, outer, outermost

    def statements(self) -> List[ast.stmt]:
        """The statements that the source has here."""
        return [s for s in self.items if not is_tick(s)]


class Tree:
    """Everything that the operator families ask about one file."""

    def __init__(self, module: ast.Module, facts: Optional[RuntimeFacts]) -> None:
        self.module, self.facts = module, facts
        self.sites: List[Site] = []
        self.site_of: Dict[int, Site] = {}
        self.blocks: List[Block] = []
        self.block_of: Dict[int, Block] = {}
        self.outermost: Dict[str, Tuple[ast.stmt, Tuple[ast.ClassDef, ...], List[ast.stmt]]] = {}
        self.ambiguous: set = set()
        self.root = Scope(module, "", None, facts)
        self.originals = {id(n) for n in ast.walk(module)}
        self._block(Block(module.body, module, "body", self.root, (), None, None), "", ())

    # -- walking -------------------------------------------------------------------------------

    def _block(self, block: Block, prefix: str, classes: Tuple[ast.ClassDef, ...]) -> None:
        self.blocks.append(block)
        for statement in block.items:
            if is_tick(statement):
                continue
            self.block_of[id(statement)] = block
            if isinstance(statement, Function):
                self._function(statement, block, prefix, classes)
            elif isinstance(statement, ast.ClassDef):
                self._class(statement, block, prefix, classes)
            else:
                self._statement(statement, block, prefix, classes)

    def _function(self, node: Any, block: Block, prefix: str,
                  classes: Tuple[ast.ClassDef, ...]) -> None:
        qualname, outermost = prefix + node.name, block.outermost
        if outermost is None:
            outermost = qualname
            if qualname in self.outermost:
                self.ambiguous.add(qualname)
            self.outermost[qualname] = (node, classes, block.items)
        in_class = classes[-1] if classes and block.owner is classes[-1] else None
        scope = Scope(node, qualname, block.scope, self.facts, in_class)
        for field in ("decorator_list", "args"):
            self._expressions(getattr(node, field), node, field, block, node, None)
        inner = Block(node.body, node, "body", scope, (), block, outermost)
        self._block(inner, qualname + ".<locals>.", ())

    def _class(self, node: ast.ClassDef, block: Block, prefix: str,
               classes: Tuple[ast.ClassDef, ...]) -> None:
        for field in ("decorator_list", "bases", "keywords"):
            self._expressions(getattr(node, field), node, field, block, node, None)
        scope = Scope(node, prefix + node.name, block.scope, self.facts)
        inner = Block(node.body, node, "body", scope, (), block, block.outermost)
        self._block(inner, prefix + node.name + ".", classes + (node,))

    def _statement(self, node: ast.stmt, block: Block, prefix: str,
                   classes: Tuple[ast.ClassDef, ...]) -> None:
        is_loop = isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                loops = block.loops + (node,) if is_loop and field == "body" else block.loops
                self._block(Block(value, node, field, block.scope, loops, block, block.outermost),
                            prefix, classes)
            elif isinstance(value, list) and value and isinstance(
                    value[0], (ast.ExceptHandler, getattr(ast, "match_case", ast.ExceptHandler))):
                for part in value:
                    self._part(part, node, block, prefix, classes)
            elif value is not None and field not in (
                    "body", "orelse", "finalbody", "annotation"):
                self._expressions(value, node, field, block, node, None)

    def _part(self, part: Any, statement: ast.stmt, block: Block, prefix: str,
              classes: Tuple[ast.ClassDef, ...]) -> None:
        for field in ("type", "guard"):
            self._expressions(getattr(part, field, None), part, field, block, statement, None)
        self._block(Block(part.body, part, "body", block.scope, block.loops, block, block.outermost),
                    prefix, classes)

    def _expressions(self, value: Any, parent: ast.AST, field: str, block: Block,
                     statement: ast.stmt, quoted: Optional[ast.AST]) -> None:
        if isinstance(value, list):
            for element in list(value):
                if isinstance(element, ast.AST) and not is_tick(element):
                    self._expression(element, parent, field, value, block, statement, quoted)
        elif isinstance(value, ast.AST):
            self._expression(value, parent, field, None, block, statement, quoted)

    def _expression(self, node: Any, parent: ast.AST, field: str, items: Optional[list],
                    block: Block, statement: ast.stmt, quoted: Optional[ast.AST]) -> None:
        if without_tick(node) is not node:
            parent, field, items, node = node, "values", node.values, node.values[1]
        if isinstance(node, ast.expr):
            site = Site(node, parent, field, items, block, statement, quoted)
            self.sites.append(site)
            self.site_of[id(node)] = site
            if isinstance(node, ast.JoinedStr) and quoted is None:
                quoted = node
        for name in node._fields:
            if name not in ("ctx", "op", "ops", "annotation", "returns"):
                self._expressions(getattr(node, name, None), node, name, block, statement, quoted)

    # -- asking --------------------------------------------------------------------------------

    def function_blocks(self, block: Block) -> Iterator[Block]:
        """All blocks of the function or module that holds `block`."""
        return (b for b in self.blocks if b.scope is block.scope)

    def sites_in(self, scope: Scope) -> List[Site]:
        """The expressions of one scope, in source order."""
        cached = getattr(scope, "_sites", None)
        if cached is None:
            cached = [s for s in self.sites if s.scope is scope]
            scope._sites = cached  # type: ignore[attr-defined]
        return cached


def header_lines(statement: ast.stmt) -> range:
    """The lines of a statement without those of the blocks inside it."""
    first = min([statement.lineno, *[d.lineno for d in getattr(statement, "decorator_list", [])]])
    last = statement.end_lineno or first
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = [s for s in getattr(statement, field, None) or [] if not is_tick(s)]
        if inner and isinstance(getattr(statement, field), list):
            start = getattr(inner[0], "lineno", None) or inner[0].pattern.lineno
            last = min(last, max(first, start - 1))
    return range(first, last + 1)
