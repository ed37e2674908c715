"""Which instructions an event of a schedule may stand for, and what runs in them before the access."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..errors import AgentError
from . import model
from .code import Code
from .knowledge import IN_C, LIBRARY, LOCKS, Knowledge

_ATTRIBUTES = {"READ": ("LOAD_ATTR", "LOAD_METHOD"), "WRITE": ("STORE_ATTR", "DELETE_ATTR")}
_NAMES = {"READ": ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_FROM_DICT_OR_DEREF"),
          "WRITE": ("STORE_GLOBAL", "STORE_NAME", "STORE_DEREF", "DELETE_GLOBAL", "DELETE_NAME", "DELETE_DEREF")}
_ITEMS = {"READ": ("BINARY_SUBSCR", "BINARY_SLICE"), "WRITE": ("STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE")}
_LOCKING = ("ACQUIRE", "RELEASE", "TRY")
#: What accesses all of a container, once everything else of its expression is there.
_WHOLE = ("BINARY_", "INPLACE_", "COMPARE_OP", "CONTAINS_OP", "UNPACK_", "GET_ITER", "FOR_ITER", "LIST_EXTEND", "SET_UPDATE", "DICT_", "FORMAT_",
          "CONVERT_VALUE", "POP_JUMP_", "JUMP_IF_", "TO_BOOL", "UNARY_NOT", "GET_LEN", "MATCH_", "YIELD_FROM", "SEND", "STORE_SUBSCR", "STORE_SLICE")

Position = Tuple[str, int, int]


class Event(NamedTuple):
    """A step of a thread."""

    place: Position
    kind: str
    field: "Optional[str]"
    made: "Optional[Position]"

    @classmethod
    def of(cls, told: "Dict[str, Any]") -> "Event":
        """What the protocol says of it."""
        try:
            made = told.get("made")
            return cls(_position(told["place"]), str(told["kind"]), told.get("field"), None if made is None else _position(made))
        except (TypeError, ValueError, AttributeError):
            raise AgentError("malformed", "an event is a place, a kind, a field and where its lock was made") from None


def _position(told: "Sequence[Any]") -> Position:
    path, line, column = told
    return str(path), int(line), int(column)


class Spot(NamedTuple):
    """Instructions of one code object, one of which is the event's."""

    code: Code
    exact: "Set[int]"
    later: "Set[int]"
    """Where the access may come only after these, since all of a container is accessed."""


def spots(codes: "List[Code]", event: Event) -> "List[Spot]":
    """Where an event may have happened, in the codes of its file."""
    found = [Spot(code, _exact(code, event), _later(code, event)) for code in codes]
    return [one for one in found if one.exact or one.later]


def _exact(code: Code, event: Event) -> "Set[int]":
    here = [index for index in range(len(code.instructions)) if _is_at(code, index, event.place)]
    for names, fits in _choices(event):
        found = {index for index in here if code.instructions[index].opname in names and (not fits or code.instructions[index].argval == event.field)}
        if found:
            return found
    if event.kind == "READ" and event.field is not None:  # since 3.14 items are read by an operator
        return {index for index in here if code.instructions[index].opname == "BINARY_OP" and code.instructions[index].argrepr == "[]"}
    return set()


def _choices(event: Event) -> "List[Tuple[Any, bool]]":
    """Names of instructions, the likeliest first, and whether they must name the field."""
    if event.kind in _LOCKING:  # the call that leaves a `with` stands at the place of the one that enters it
        return [(model.CALLS, False)] if event.kind == "RELEASE" else [(model.ENTERS, False), (model.CALLS, False)]
    kinds = ("READ", "WRITE") if event.kind == "TOUCH" else (event.kind,)
    found: "List[Tuple[Any, bool]]" = []
    if event.field is not None:
        for kind in kinds:
            found += [(_ATTRIBUTES.get(kind, ()), True), (_NAMES.get(kind, ()), True), (_ITEMS.get(kind, ()), False)]
    return [*found, (model.CALLS, False)]


def _later(code: Code, event: Event) -> "Set[int]":
    """For an access to all of a container that no call does: the operations around the place of its name."""
    if event.field is not None or event.kind in _LOCKING or event.kind == "OUTPUT":
        return set()
    return {index for index, one in enumerate(code.instructions) if one.opname.startswith(_WHOLE) and _is_around(code, index, event.place)}


def _is_at(code: Code, index: int, place: Position) -> bool:
    _, line, column = place
    columns = code.columns[index]
    return code.lines[index][0] == line and (columns is None or not column or columns[0] == column - 1)


def _is_around(code: Code, index: int, place: Position) -> bool:
    _, line, column = place
    (first, last), columns = code.lines[index], code.columns[index]
    if not first <= line <= last:
        return False
    return columns is None or not column or (first, columns[0]) <= (line, column - 1) and (line, column - 1) < (last, columns[1])


def runs_before(event: Event, name: str, knowledge: Knowledge) -> int:
    """Whether code of Python runs in the event's instruction before the access."""
    if event.kind in _LOCKING:
        return _of_lock(event, knowledge)
    if name in model.CALLS:
        called = knowledge.called(*event.place)
        return model.NEVER if called and called <= IN_C else model.MAYBE
    return model.NEVER


def runs_after(event: Event, name: str, knowledge: Knowledge) -> int:
    """Whether it runs there after the access."""
    if name in model.CALLS:
        return model.ALWAYS
    return _of_lock(event, knowledge) if event.kind in _LOCKING else model.NEVER


def _of_lock(event: Event, knowledge: Knowledge) -> int:
    """Locks of the program are of C; those in objects of the library are taken by its methods."""
    if event.made is None or not event.made[0]:
        return model.MAYBE
    called = knowledge.called(*event.made)
    if called & LIBRARY:
        return model.ALWAYS
    return model.NEVER if called & LOCKS and not knowledge.wraps_locks else model.MAYBE
