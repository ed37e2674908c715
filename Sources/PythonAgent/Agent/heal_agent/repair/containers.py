"""Containers, queues and iterators that several threads use."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Optional

from .candidates import Candidate, Context, call_statement, calls, same
from .guard import Guard, Subject, subject
from .index import names_in
from .locks import Drafts, candidates_for, import_library
from .regions import covering, grouped
from .text import Module, first_line

_SENTINELS = (ast.Constant, ast.Name, ast.Attribute)


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for iteration, queues, sentinels and ties."""
    for index, conflict in enumerate(context.evidence.conflicts[:4]):
        one = subject(context, conflict)
        if one is not None:
            yield from _copies(context, one, 1.0 + index)
    for module in context.program.modules.values():
        for node in module.nodes:
            if isinstance(node, (ast.While, ast.If)):
                yield from _take_or_leave(context, module, node)
            if isinstance(node, ast.Expr):
                yield from _sentinels(context, module, node)
                yield from _ties(context, module, node)
            if isinstance(node, ast.If):
                yield from _handed_on(context, module, node)
    yield from _locked_iterators(context)


# Iteration

def _copies(context: Context, one: Subject, rank: float) -> "Iterator[Candidate]":
    """Goes through a copy, which is made under the lock that the others hold."""
    changed = any("changed size" in str(error.get("message")) or "mutated" in str(error.get("message")) for error in context.evidence.exceptions)
    rank = rank - 1.0 if changed or context.evidence.kind.startswith("iteration") else rank
    for module, node in one.sites:
        whole = _iterated(module, node)
        loop = module.parents[whole] if whole is not None else None
        if whole is None or not isinstance(loop, (ast.For, ast.comprehension)):
            continue
        text = module.source(whole)
        locks = list(candidates_for(context.program, context.locks, one.field, one.library, module.path))[:3]
        if isinstance(loop, ast.For):
            for order, lock in enumerate(locks):
                def change(drafts: Drafts, loop: ast.For = loop, whole: Any = whole, lock: Any = lock) -> None:
                    _copy_under(context, one, drafts, module, loop, whole, lock)
                why = "%s changes while it is gone through: now a copy is, made under %s" % (text, lock.field.name)
                yield from context.attempt("copy-under-lock", why, rank + 0.2 + 0.3 * order, change)
        why = "%s changes while it is gone through: now a copy is" % text
        yield from context.attempt("copy", why, rank + 1.5, lambda drafts, whole=whole, text=text: drafts.of(module).replace(whole, "list(%s)" % text))


def _iterated(module: Module, node: ast.AST) -> "Optional[ast.AST]":
    """The expression that is gone through, when a place is its container."""
    one = node
    while isinstance(module.parents[one], (ast.Attribute, ast.Call)):
        one = module.parents[one]
    parent = module.parents[one]
    return one if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is one else None


def _copy_under(context: Context, one: Subject, drafts: Drafts, module: Module, loop: ast.For, whole: Any, lock: Any) -> None:
    function = context.program.function(module, loop)
    known = names_in(function.node) if function is not None else names_in(module.tree)
    name = next(word for word in ("snapshot", "present", "seen_now") if word not in known)
    others = [site for site in one.sites if not (site[0] is module and site[1] in ast.walk(loop))]
    guard = Guard(context, one, lock, drafts)
    regions = [covering(context.program, sites[0][0], [node for _, node in sites]) for sites in grouped(context.program, others).values()]
    guard.put(regions, [loop])
    region = covering(context.program, module, [loop])
    indent = module.indent(loop)
    drafts.of(module).before(first_line(loop), indent + guard.header(region),
                             "%s%s%s = list(%s)" % (indent, module.unit, name, module.source(whole)))
    drafts.of(module).replace(whole, name)


# Queues

def _take_or_leave(context: Context, module: Module, node: Any) -> "Iterator[Candidate]":
    """`while not q.empty(): x = q.get()` takes what is there, and ends when nothing is."""
    queue = _tested(node.test)
    if queue is None or node.orelse:
        return
    first = node.body[0]
    call = next((one for one in calls(first, "get", "get_nowait") if same(one.func.value, queue)), None)  # type: ignore[attr-defined]
    if call is None or not isinstance(first, (ast.Assign, ast.Expr)) or not isinstance(node, ast.While):
        return
    text = module.source(queue)

    def change(drafts: Drafts) -> None:
        draft = drafts.of(module)
        library = import_library(draft, "queue")
        indent, unit = module.indent(first), module.unit
        draft.replace(node.test, "True")
        draft.replace(call, "%s.get_nowait()" % text)
        draft.wrap([first], "try:")
        draft.after(first.end_lineno or 0, "%sexcept %s.Empty:" % (indent, library), indent + unit + "break")
    meant = any(str(one.get("type")).endswith("Empty") for one in context.evidence.exceptions) or context.evidence.is_stuck
    why = "%s may be empty by the time that something is taken from it: that is now noticed when it is taken" % text
    yield from context.attempt("take-or-leave", why, 0.0 if meant else 2.0, change)


def _tested(test: ast.AST) -> "Optional[ast.AST]":
    """The queue of which a test says that it is not empty."""
    inner = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else None
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "empty":
        return inner.func.value
    if isinstance(test, ast.Compare) and isinstance(test.left, ast.Call) and isinstance(test.left.func, ast.Attribute) and test.left.func.attr == "qsize":
        return test.left.func.value
    return None


def _sentinels(context: Context, module: Module, node: ast.Expr) -> "Iterator[Candidate]":
    """One end marker for each worker."""
    call = call_statement(node, "put", "put_nowait")
    if call is None or len(call.args) != 1 or not isinstance(call.args[0], _SENTINELS) or not _is_sentinel(context, call.args[0]):
        return
    rank = 0.0 if any(one.kind in ("WAKE", "ACQUIRE") for one in context.evidence.waits) else 2.0
    loop = module.parents[node]
    names = _workers(context, module, node)
    why = "workers wait for an end that never comes: each of them now gets one"
    for order, name in enumerate(names):
        if isinstance(loop, ast.For) and loop.body == [node]:
            yield from context.attempt("sentinels", why, rank + 0.1 * order, lambda drafts, name=name: drafts.of(module).replace(loop.iter, name))
        else:
            yield from context.attempt("sentinels", why, rank + 0.1 * order, lambda drafts, name=name: drafts.of(module).wrap([node], "for _ in %s:" % name))


def _is_sentinel(context: Context, value: ast.AST) -> bool:
    """Whether somebody compares with it."""
    return any(isinstance(node, ast.Compare) and any(same(one, value) for one in node.comparators)
               for module in context.program.modules.values() for node in module.nodes)


def _workers(context: Context, module: Module, node: ast.AST) -> "List[str]":
    """Texts of what is gone through to start threads."""
    found = [module.source(loop.iter) for loop in module.nodes if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name)
             and any(call_statement(one, "start") is not None for one in loop.body) and not isinstance(loop.iter, ast.Call)]
    for statement in module.nodes:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.ListComp) and "Thread" in ast.dump(statement.value.elt):
            iter_ = statement.value.generators[0].iter
            if isinstance(iter_, ast.Call) and isinstance(iter_.func, ast.Name) and iter_.func.id == "range":
                found.append(module.source(iter_))
    return list(dict.fromkeys(found))[:3]


def _handed_on(context: Context, module: Module, node: ast.If) -> "Iterator[Candidate]":
    """Who meets the end marker puts it back for the others."""
    test, last = node.test, node.body[-1]
    if not isinstance(test, ast.Compare) or not isinstance(test.left, ast.Name) or not isinstance(last, (ast.Break, ast.Return)) or len(test.ops) != 1:
        return
    function = module.function(node)
    queue = next((call.func.value for statement in ast.walk(function) if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call)
                  and names_in(statement.targets[0]) == {test.left.id} for call in calls(statement, "get")), None) if function is not None else None
    if queue is None or not _waits(context):
        return
    why = "one worker takes the end marker and the others wait: it is now put back for them"
    text = "%s%s.put(%s)" % (module.indent(last), module.source(queue), test.left.id)
    yield from context.attempt("sentinels", why, 1.0, lambda drafts: drafts.of(module).before(last.lineno, text))


def _waits(context: Context) -> bool:
    return any(one.kind == "WAKE" for one in context.evidence.waits)


def _ties(context: Context, module: Module, node: ast.Expr) -> "Iterator[Candidate]":
    """Entries of a priority queue that tie are compared by a number, not by what comes next."""
    call = call_statement(node, "put", "put_nowait", "heappush")
    entry = call.args[-1] if call is not None and call.args else None
    if not isinstance(entry, ast.Tuple) or len(entry.elts) < 2:
        return
    if not any(one.get("type") == "TypeError" and "not supported between" in str(one.get("message")) for one in context.evidence.exceptions):
        return
    why = "two entries of one priority are compared by what cannot be compared: a number now decides"
    for order, name in enumerate([*_counters(module), "ties"]):
        def change(drafts: Drafts, name: str = name) -> None:
            draft = drafts.of(module)
            if name == "ties":
                library = import_library(draft, "itertools")
                anchor = next(one for one in module.tree.body if not isinstance(one, (ast.Import, ast.ImportFrom, ast.Expr)))
                draft.before(first_line(anchor), "%s = %s.count()" % (name, library))
            draft.replace(entry.elts[0], "%s, next(%s)" % (module.source(entry.elts[0]), name))
            for target in _unpacked(context, module, len(entry.elts)):
                draft.replace(target.elts[0], "%s, _" % module.source(target.elts[0]))
        yield from context.attempt("tie-break", why, 0.1 * order, change)


def _counters(module: Module) -> "List[str]":
    """Variables of the module that hold an iterator of numbers."""
    return [one.targets[0].id for one in module.tree.body if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
            and isinstance(one.value, ast.Call) and ("count" in ast.dump(one.value.func) or ast.dump(one.value).find("'range'") > 0
                                                     and isinstance(one.value.func, ast.Name) and one.value.func.id == "iter")]


def _unpacked(context: Context, module: Module, count: int) -> "List[ast.Tuple]":
    return [node.targets[0] for node in module.nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple)
            and len(node.targets[0].elts) == count and not any(isinstance(one, ast.Starred) for one in node.targets[0].elts)
            and any(True for _ in calls(node.value, "get", "get_nowait", "heappop"))]


# Iterators

_LOCKED = '''class LockedIterator:
    """An iterator that several threads may share."""

    def __init__(self, items):
        self._items = iter(items)
        self._lock = {threading}.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self._lock:
            return next(self._items)
'''


def _locked_iterators(context: Context) -> "Iterator[Candidate]":
    """A generator that several threads share gives its items under a lock."""
    if not any("generator already executing" in str(one.get("message")) for one in context.evidence.exceptions):
        return
    for module in context.program.modules.values():
        for node in module.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and any(
                    isinstance(below, (ast.Yield, ast.YieldFrom)) for one in context.program.called(node.value) for below in one.nodes()):
                def change(drafts: Drafts, node: ast.Assign = node) -> None:
                    draft = drafts.of(module)
                    library = import_library(draft, "threading")
                    anchor = next(one for one in module.tree.body if not isinstance(one, (ast.Import, ast.ImportFrom, ast.Expr)))
                    lines = _LOCKED.format(threading=library).replace("    ", module.unit).split("\n")
                    draft.before(first_line(anchor), *lines, "")
                    draft.replace(node.value, "LockedIterator(%s)" % module.source(node.value))
                why = "two threads are in %s at once: its items are now given under a lock" % module.source(node.value.func)
                yield from context.attempt("locked-iterator", why, 2.0, change)
