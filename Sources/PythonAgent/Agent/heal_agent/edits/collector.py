"""Gathers the edits that the operator families offer, once each."""
import ast
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Union

from . import build
from .primitives import Edit, Insert, Remove, SetField, SetItem
from .sketch import sketch
from .tree import Block, Site, Tree, header_lines

Words = Union[str, Callable[[], str]]


class LazyEdit(Edit):
    """An edit whose sentence is made when it is asked for."""

    __slots__ = ("_words",)

    def __init__(self, kind: str, primitives: Sequence[Any], size: int, words: Words) -> None:
        super().__init__(kind, primitives, size, "")
        self._words = words

    @property
    def description(self) -> str:  # type: ignore[override]
        return self._words if isinstance(self._words, str) else self._words()

    @description.setter
    def description(self, value: str) -> None:
        self._words = value


class Collector:
    """Takes offers, leaves out kinds not asked for and repetitions, and numbers nothing."""

    def __init__(self, tree: Tree, places: Dict[int, float], kinds: Optional[Iterable[str]],
                 unreached: Optional[Dict[int, float]] = None) -> None:
        self.tree, self._reached = tree, places
        self.places = {**unreached, **places} if unreached else places
        self.kinds = None if kinds is None else set(kinds)
        self.edits: List[LazyEdit] = []
        self._seen: set = set()
        self._suspicions: Dict[int, float] = {}
        self._headers: Dict[int, range] = {}

    def wants(self, kind: str) -> bool:
        return self.kinds is None or kind in self.kinds

    def suspicion(self, statement: ast.stmt) -> float:
        """The highest suspicion of a line of this statement's header; below 0 for none."""
        found = self._suspicions.get(id(statement))
        if found is None:
            places = self.places
            found = max((places[n] for n in self._header(statement) if n in places), default=-1.0)
            self._suspicions[id(statement)] = found
        return found

    # -- offering ------------------------------------------------------------------------------

    def replace(self, site: Site, kind: str, new: ast.expr, words: Optional[Words] = None,
                size: Optional[int] = None) -> None:
        """An expression in the place of another."""
        if not self.wants(kind):
            return
        old = site.node
        key = (id(site.parent), id(site.node), build.fingerprint(new))
        if key in self._seen or build.same(old, new):
            return
        self._seen.add(key)
        build.place(new, old)
        if size is None:
            size = build.measure(new) if id(new) not in self.tree.originals else 1
            if size > 1:
                size = max(1, self._fresh(new))
        self._add(kind, [site.put(new)], size, old if site.quoted is None else site.quoted,
                  site.statement, site.block,
                  words or (lambda: f"use `{sketch(new)}` in place of `{sketch(old)}`"))

    def change(self, site: Site, kind: str, field: str, new: Any, words: Words, key: Any = None,
               size: int = 1) -> None:
        """A field of an expression: an operator, an attribute's name."""
        if not self.wants(kind):
            return
        mark = (id(site.node), field, key if key is not None else build.fingerprint(new))
        if mark in self._seen:
            return
        self._seen.add(mark)
        for part in new if isinstance(new, list) else [new]:
            if isinstance(part, ast.AST):
                build.place(part, site.node)
        self._add(kind, [SetField(site.node, field, new)], size, site.quoted or site.node,
                  site.statement, site.block, words)

    def insert(self, block: Block, kind: str, anchor: ast.stmt, new: Sequence[ast.stmt],
               after: bool, words: Optional[Words] = None) -> None:
        """Statements before or after another."""
        if not self.wants(kind):
            return
        key = (id(block.items), id(anchor), after, build.fingerprint(list(new)))
        if key in self._seen:
            return
        self._seen.add(key)
        for statement in new:
            build.place(statement, anchor)
        size = sum(map(build.measure, new))
        self._add(kind, [Insert(block.items, anchor, new, after)], size, anchor, anchor, block,
                  words or (lambda: f"insert `{'; '.join(map(_whole, new))}`"))

    def primitives(self, kind: str, primitives: Sequence[Any], size: int, statement: ast.stmt,
                   block: Block, words: Words, key: Any = None, new: Sequence[ast.AST] = ()) -> None:
        """Any other change; `new` are its new nodes, `key` tells it from others like it."""
        if not self.wants(kind):
            return
        if key is not None:
            if key in self._seen:
                return
            self._seen.add(key)
        for node in new:
            build.place(node, statement)
        self._add(kind, primitives, size, statement, statement, block, words)

    def swap_statement(self, block: Block, kind: str, old: ast.stmt, new: ast.stmt,
                       words: Optional[Words] = None, size: Optional[int] = None) -> None:
        """A statement in the place of another."""
        if not self.wants(kind):
            return
        key = (id(block.items), id(old), build.fingerprint(new))
        if key in self._seen or build.same(old, new):
            return
        self._seen.add(key)
        build.place(new, old)
        self._add(kind, [SetItem(block.items, old, new)],
                  size if size is not None else max(1, self._fresh(new)), old, old, block,
                  words or (lambda: f"use `{_whole(new)}` in place of `{sketch(old)}`"))

    def remove(self, block: Block, kind: str, statement: ast.stmt, words: Words) -> None:
        """A statement less."""
        empty = block.field == "orelse"
        self.primitives(kind, [Remove(block.items, statement, empty)],
                        min(5, build.measure(statement)), statement, block, words,
                        key=(id(block.items), id(statement), "remove"))

    # -- inside --------------------------------------------------------------------------------

    def _header(self, statement: ast.stmt) -> range:
        found = self._headers.get(id(statement))
        if found is None:
            found = self._headers[id(statement)] = header_lines(statement)
        return found

    def _fresh(self, new: ast.AST) -> int:
        count, todo, known = 0, [new], self.tree.originals
        while todo:
            node = todo.pop()
            if id(node) in known:
                continue
            if isinstance(node, (ast.expr, ast.stmt, ast.comprehension)):
                count += 1
            todo += build.children(node)
        return count

    def _add(self, kind: str, primitives: Sequence[Any], size: int, anchor: Any,
             statement: ast.stmt, block: Block, words: Words) -> None:
        edit = LazyEdit(kind, primitives, size, words)
        edit.suspicion = self.suspicion(statement)
        edit.function = block.outermost
        if edit.function is None and isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            edit.function = _qualname_of(self.tree, statement)
        lines = self._header(statement)
        places = self._reached if any(line in self._reached for line in lines) else self.places
        within = isinstance(anchor, ast.expr) and anchor.lineno in lines and any(
            line in places for line in range(anchor.lineno, anchor.end_lineno + 1))
        if within:  # else the whole header: some line of an edit's range is always one of the places
            edit.line, edit.column = anchor.lineno, anchor.col_offset
            edit.end_line, edit.end_column = anchor.end_lineno, anchor.end_col_offset
        else:
            edit.line, edit.column = statement.lineno, statement.col_offset
            edit.end_line, edit.end_column = lines[-1], -1
            if lines[-1] == statement.end_lineno:
                edit.end_column = statement.end_col_offset or 0
        self.edits.append(edit)


def _qualname_of(tree: Tree, statement: ast.stmt) -> Optional[str]:
    return next((q for q, entry in tree.outermost.items() if entry[0] is statement), None)


def _whole(statement: ast.AST) -> str:
    try:
        return " ".join(ast.unparse(build.copy(statement)).split())[:80]
    except Exception:
        return sketch(statement)
