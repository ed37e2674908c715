"""What a repair of a program whose threads were scheduled may not do instead of putting them in order.

How often each thing stands in the program is compared, so that what the author wrote stays allowed.
"""

from __future__ import annotations

import ast
import collections
from typing import Callable, Counter, Iterator, List, Tuple

from .change import Change, name_of
from .literals import literal_of
from .tampering import raises_again

_WAITS = {"join": 0, "acquire": 1, "wait": 0, "wait_for": 1, "get": 1, "put": 2, "result": 0}
_SIZED = {"Queue", "LifoQueue", "PriorityQueue", "ThreadPoolExecutor"}
_STARTS = {"Thread", "Timer", "create_task", "ensure_future", "run_coroutine_threadsafe", "gather"}
_BRANCHES = (ast.If, ast.While, ast.IfExp)


def assertions(change: Change) -> "List[str]":
    """An assertion keeps its text, and what decides whether it is reached or heard."""
    lost = _counted(change, _asserted, lost=True)
    read = {one.id if isinstance(one, ast.Name) else one.attr for node in ast.walk(change.after) if isinstance(node, ast.Assert)
            for one in ast.walk(node.test) if isinstance(one, (ast.Name, ast.Attribute))}
    made = [name for name in _counted(change, _filled) if name.partition(" ")[0] in read]
    return (["an assertion is changed, or put under a condition or a handler"] if lost else []) + [
        "%s, which an assertion reads, newly is %s" % tuple(name.split(" ", 1)) for name in made]


def waiting(change: Change) -> "List[str]":
    """Time puts nothing in order."""
    return ["newly %s" % what for what in _counted(change, _timed)]


def threads(change: Change) -> "List[str]":
    """As much happens at once as before, and everything of it is waited for."""
    found = ["newly %s" % what for what in _counted(change, _daemons)]
    found += ["fewer threads or tasks are started by %s" % name for name in _counted(change, _started, lost=True)]
    return found + ["the size of a %s is another one" % name.partition(" ")[0] for name in _counted(change, _sizes, lost=True)]


def handlers(change: Change) -> "List[str]":
    """An exception that ended a thread goes on ending it; but for the one by which a queue answers that it is empty."""
    return ["newly holds back exceptions"] if _counted(change, _deaf) else []


def _counted(change: Change, names: "Callable[[ast.AST], Iterator[str]]", lost: bool = False) -> "List[str]":
    """Of what there is more than before; with `lost`, of what there is less."""
    before: "Counter[str]" = collections.Counter(names(change.before) if change.before is not None else ())
    after: "Counter[str]" = collections.Counter(names(change.after))
    return sorted(before - after if lost else after - before)


def _asserted(tree: ast.AST) -> "Iterator[str]":
    for node, above in _with_parents(tree):
        if isinstance(node, ast.Assert):
            deciding = [_deciding(one, below) for one, below in zip(above, [*above[1:], node])]
            yield "\n".join([ast.dump(node), *filter(None, deciding)])


def _filled(tree: ast.AST) -> "Iterator[str]":
    """What is a literal now, by its last name; how a state begins says nothing of what it comes to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and literal_of(node.value) not in (None, "None", "True", "False"):
            for target in node.targets:
                name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", None)
                if name:
                    yield "%s %s" % (name, literal_of(node.value))


def _deciding(node: ast.AST, below: ast.AST) -> str:
    """How a node decides whether what stands below it is run, and who hears of its failure."""
    if isinstance(node, _BRANCHES):
        return "%s %s" % (ast.dump(node.test), below in getattr(node, "orelse", ()))
    if isinstance(node, ast.Try) and below in node.body:
        return " ".join(ast.dump(one.type) if one.type is not None else "all" for one in node.handlers if not raises_again(one))
    return ""


def _with_parents(tree: ast.AST) -> "Iterator[Tuple[ast.AST, List[ast.AST]]]":
    waiting: "List[Tuple[ast.AST, List[ast.AST]]]" = [(tree, [])]
    while waiting:
        node, above = waiting.pop()
        yield node, above
        waiting.extend((child, [*above, node]) for child in ast.iter_child_nodes(node))


def _timed(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node.func)
        if name == "sleep":
            yield "sleeps"
        elif name in _WAITS and isinstance(node.func, ast.Attribute):
            if len(node.args) > _WAITS[name] and name in ("join", "wait", "result") and _is_number(node.args[0]):
                yield "waits for a time in %s" % name
            if any(one.arg == "timeout" and literal_of(one.value) != "None" for one in node.keywords):
                yield "waits for a time in %s" % name


def _is_number(node: ast.expr) -> bool:
    literal = literal_of(node)
    return literal is not None and literal.replace(".", "", 1).isdigit()


def _daemons(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "daemon" and literal_of(node.value) != "False":
            yield "leaves a thread behind as a daemon"
        elif isinstance(node, ast.Assign) and any(isinstance(one, ast.Attribute) and one.attr == "daemon" for one in node.targets):
            yield "leaves a thread behind as a daemon"
        elif isinstance(node, ast.Call) and name_of(node.func) == "setDaemon":
            yield "leaves a thread behind as a daemon"


def _started(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in _STARTS:
            yield name_of(node.func)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "start" and not node.args:
            yield "start"


def _sizes(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in _SIZED:
            yield "%s %s" % (name_of(node.func), ast.dump(node))


def _deaf(tree: ast.AST) -> "Iterator[str]":
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and not raises_again(node) and name_of(node.type) != "Empty":
            yield "handler"
        elif isinstance(node, ast.Call) and name_of(node.func) == "suppress":
            yield "suppress"
