"""The changes that an edit is made of: each can be applied to the tree and taken back."""
import ast
from typing import Any, FrozenSet, List, Optional, Sequence, Tuple

from ..fuel import is_tick

Key = Tuple[int, Any]


class SetField:
    """`node.field` holds `new` in place of `old`."""

    __slots__ = ("node", "field", "old", "new")

    def __init__(self, node: ast.AST, field: str, new: Any) -> None:
        self.node, self.field, self.old, self.new = node, field, getattr(node, field), new

    def apply(self) -> None:
        setattr(self.node, self.field, self.new)

    def undo(self) -> None:
        setattr(self.node, self.field, self.old)

    def writes(self) -> List[Key]:
        return [(id(self.node), self.field)]

    def reads(self) -> List[Key]:
        return []


class SetItem:
    """One element of a list of nodes, found by identity since other edits move it."""

    __slots__ = ("items", "old", "new")

    def __init__(self, items: list, old: ast.AST, new: ast.AST) -> None:
        self.items, self.old, self.new = items, old, new

    def apply(self) -> None:
        self.items[self.items.index(self.old)] = self.new

    def undo(self) -> None:
        self.items[self.items.index(self.new)] = self.old

    def writes(self) -> List[Key]:
        return [(id(self.items), id(self.old))]

    def reads(self) -> List[Key]:
        return []


class Insert:
    """New statements before or after `anchor`; without an anchor at the end of an empty list."""

    __slots__ = ("items", "anchor", "new", "after")

    def __init__(self, items: list, anchor: Optional[ast.AST], new: Sequence[ast.AST],
                 after: bool) -> None:
        self.items, self.anchor, self.new, self.after = items, anchor, list(new), after

    def apply(self) -> None:
        place = len(self.items)
        if self.anchor is not None:
            place = self.items.index(self.anchor) + (1 if self.after else 0)
        self.items[place:place] = self.new

    def undo(self) -> None:
        place = self.items.index(self.new[0])
        del self.items[place:place + len(self.new)]

    def writes(self) -> List[Key]:
        return [(id(self.items), (id(self.anchor), self.after))]

    def reads(self) -> List[Key]:
        return [(id(self.items), id(self.anchor))]


class Remove:
    """Takes a statement out of its block; `pass` takes its place when the block would be empty."""

    __slots__ = ("items", "old", "may_empty", "place", "filler")

    def __init__(self, items: list, old: ast.AST, may_empty: bool = False) -> None:
        self.items, self.old, self.may_empty = items, old, may_empty
        self.place = 0
        self.filler: Optional[ast.AST] = None

    def apply(self) -> None:
        self.place = self.items.index(self.old)
        if not self.may_empty and all(item is self.old or is_tick(item) for item in self.items):
            self.filler = ast.copy_location(ast.Pass(), self.old)
            self.items[self.place] = self.filler
        else:
            self.filler = None
            del self.items[self.place]

    def undo(self) -> None:
        if self.filler is not None:
            self.items[self.items.index(self.filler)] = self.old
        else:
            self.items.insert(self.place, self.old)

    def writes(self) -> List[Key]:
        return [(id(self.items), id(self.old))]

    def reads(self) -> List[Key]:
        return []


class Edit:
    """One change of the program that a person would describe in one sentence."""

    __slots__ = ("id", "kind", "line", "column", "end_line", "end_column", "size", "description",
                 "function", "primitives", "suspicion", "twin_of", "_writes", "_reads")

    def __init__(self, kind: str, primitives: Sequence[Any], size: int, description: str) -> None:
        self.id = -1
        self.kind, self.size, self.description = kind, size, description
        self.primitives = tuple(primitives)
        self.line = self.column = self.end_line = self.end_column = 1
        self.function: Optional[str] = None
        self.suspicion = 0.0
        self.twin_of: Optional[Edit] = None  # the edit that this one makes elsewhere too
        self._writes: Optional[FrozenSet[Key]] = None
        self._reads: Optional[FrozenSet[Key]] = None

    def apply(self) -> None:
        """Changes the tree. All edits in force are undone in the opposite order."""
        for primitive in self.primitives:
            primitive.apply()

    def undo(self) -> None:
        """Takes the change back."""
        for primitive in reversed(self.primitives):
            primitive.undo()

    def writes(self) -> FrozenSet[Key]:
        """The places that the edit changes."""
        if self._writes is None:
            self._writes = frozenset(key for p in self.primitives for key in p.writes())
            self._reads = frozenset(key for p in self.primitives for key in p.reads())
        return self._writes

    def conflicts(self, other: "Edit") -> bool:
        """Whether both edits change the same place, so that they cannot be in force together."""
        mine, theirs = self.writes(), other.writes()
        return not (mine.isdisjoint(theirs) and mine.isdisjoint(other._reads or ())
                    and theirs.isdisjoint(self._reads or ()))

    def __repr__(self) -> str:
        return f"<Edit {self.id} {self.kind} {self.line}: {self.description}>"
