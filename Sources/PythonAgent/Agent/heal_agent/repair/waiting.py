"""Signals that are lost: conditions, events, barriers and waits that give up."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Optional, Sequence, Set, Tuple

from .candidates import Candidate, Context, call_statement, calls, same
from .index import names_in
from .locks import Drafts, Lock, is_reference
from .text import Module, first_line


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for each wait in the program; those that the failure names come first."""
    stuck = context.evidence.is_stuck
    for module in context.program.modules.values():
        for node in module.nodes:
            if isinstance(node, ast.If):
                yield from _while(context, module, node)
            if isinstance(node, (ast.If, ast.While)):
                yield from _predicate_inside(context, module, node)
            if isinstance(node, ast.While):
                yield from _leave_inside(context, module, node)
                yield from _clear_first(context, module, node)
                yield from _two_phases(context, module, node)
            if isinstance(node, ast.Expr):
                yield from _no_timeout(context, module, node)
    for lock in context.locks:
        if lock.kind == "Condition":
            yield from _notify_all(context, lock, 0.5 if stuck else 4.0)
            yield from _notify_too(context, lock, 2.0 if stuck else 5.0)
            yield from _event(context, lock, 2.5 if stuck else 5.5)


def _condition(context: Context, module: Module, node: ast.AST) -> "Optional[Lock]":
    found = context.lock_of(node, module)
    return found if found is not None and found.kind == "Condition" else None


def _wait_in(context: Context, module: Module, body: "Sequence[ast.stmt]") -> "Optional[ast.Call]":
    """The call of a condition's `wait` that a block ends with."""
    call = call_statement(body[-1], "wait")
    return call if call is not None and _condition(context, module, call.func.value) is not None else None  # type: ignore[attr-defined]


def _while(context: Context, module: Module, node: ast.If) -> "Iterator[Candidate]":
    if _wait_in(context, module, node.body) is None or node.orelse or not module.lines[node.lineno - 1].lstrip().startswith("if"):
        return
    column = module.column(node.lineno, node.col_offset)
    why = "who is woken may find that `%s` holds again: it is now tested again after each wait" % module.source(node.test)
    yield from context.attempt("while-wait", why, 0.0, lambda drafts: drafts.of(module).part(node.lineno, column, column + 2, "while"))


def _notify_all(context: Context, lock: Lock, rank: float) -> "Iterator[Candidate]":
    found = [(module, call) for module in context.program.modules.values() for call in calls(module.tree, "notify")
             if is_reference(context.program, module, call.func.value, lock) and not call.args]  # type: ignore[attr-defined]
    found += [(function.module, call) for function in context.program.functions for call in calls(function.node, "notify")
              if is_reference(context.program, function.module, call.func.value, lock) and not call.args]  # type: ignore[attr-defined]
    if not found:
        return

    def change(drafts: Drafts) -> None:
        for module, call in found:
            draft = drafts.of(module)
            line = call.func.end_lineno or 0
            end = module.column(line, call.func.end_col_offset or 0)
            draft.part(line, end - len("notify"), end, "notify_all")
    why = "a notification of %s may wake a thread that cannot use it: all are now woken" % lock.field.name
    yield from context.attempt("notify-all", why, rank, change)


# The predicate under the lock

def _predicate_inside(context: Context, module: Module, node: Any) -> "Iterator[Candidate]":
    """`if p: with c: c.wait()` becomes `with c: while p: c.wait()`, and `p` changes under `c` too."""
    inner = node.body[0]
    if len(node.body) != 1 or node.orelse or not isinstance(inner, (ast.With, ast.AsyncWith)) or len(inner.items) != 1:
        return
    call = _wait_in(context, module, inner.body)
    condition = _condition(context, module, inner.items[0].context_expr)
    if call is None or condition is None or node.test.end_lineno != node.lineno or inner.body[0].lineno == inner.lineno:
        return
    block = module.block(node)
    rest = block[block.index(node) + 1:]
    fields = _fields(context, module, node.test)
    words = {one.name for one in fields}
    used = [index for index, one in enumerate(rest) if words & _words(one)]
    for order, count in enumerate(dict.fromkeys((0, used[-1] + 1 if used else 0, len(rest)))):
        def change(drafts: Drafts, count: int = count) -> None:
            draft = drafts.of(module)
            indent, unit = module.indent(node), module.unit
            header = module.lines[inner.lineno - 1].strip()
            draft.before(node.lineno, indent + header, "%s%swhile %s:" % (indent, unit, module.source(node.test)))
            draft.drop(node.lineno, inner.body[0].lineno - 1)
            for one in rest[:count]:
                draft.shift(first_line(one), one.end_lineno or 0)
            _stores_inside(context, drafts, fields, condition)
        why = "`%s` is tested before %s is held, so a notification may come in between: it is now tested and changed under it" % (
            module.source(node.test), condition.field.name)
        yield from context.attempt("predicate-under-lock", why, 0.1 * (2 - order) if count else 0.3, change)


def _fields(context: Context, module: Module, test: ast.AST) -> "List[Any]":
    found = [context.program.field_of(module, node) for node in ast.walk(test) if isinstance(node, (ast.Name, ast.Attribute))]
    return list(dict.fromkeys(one for one in found if one is not None and one.name not in ("self", "cls", "len")))


def _words(node: ast.AST) -> "Set[str]":
    return {one.attr if isinstance(one, ast.Attribute) else one.id for one in ast.walk(node) if isinstance(one, (ast.Attribute, ast.Name))}


def _stores_inside(context: Context, drafts: Drafts, fields: "Sequence[Any]", condition: Lock) -> None:
    """Moves assignments of the predicate's fields that stand before a region of the condition into it."""
    for field in fields:
        for module, node in context.program.sites(field):
            statement = module.statement(node)
            function = module.function(node)
            if function is None or not _changes(module, node) or function.name == "__init__":
                continue
            block = module.block(statement)
            after = block[block.index(statement) + 1:]
            target = after[0] if after else None
            if isinstance(target, (ast.With, ast.AsyncWith)) and is_reference(context.program, module, target.items[0].context_expr, condition):
                if any(list(calls(one, "notify", "notify_all")) for one in target.body) and target.body[0].lineno > target.lineno:
                    drafts.of(module).move(statement, target.body[0].lineno, module.indent(target.body[0]))


def _changes(module: Module, node: Any) -> bool:
    if not isinstance(node.ctx, ast.Load):
        return True
    parent = module.parents[node]
    outer = module.parents[parent]
    if isinstance(parent, ast.Subscript):
        return not isinstance(parent.ctx, ast.Load)
    return isinstance(parent, ast.Attribute) and isinstance(outer, ast.Call) and isinstance(module.parents[outer], ast.Expr)


def _notify_too(context: Context, condition: Lock, rank: float) -> "Iterator[Candidate]":
    """Who changes what is waited for, under the condition's lock, notifies too."""
    for function in context.program.functions:
        module = function.module
        for node in function.nodes():
            if not isinstance(node, (ast.With, ast.AsyncWith)) or list(calls(node, "notify", "notify_all", "wait", "wait_for")):
                continue
            expression = node.items[0].context_expr
            changes = any(isinstance(one, (ast.Assign, ast.AugAssign, ast.Expr)) for one in node.body)
            if changes and is_reference(context.program, module, expression, condition):
                last = node.body[-1]
                if isinstance(last, (ast.Return, ast.Raise)):
                    continue
                text = "%s%s.notify_all()" % (module.indent(last), module.source(expression))
                why = "%s changes what others wait for and tells nobody: it now notifies them" % function.name
                yield from context.attempt("notify-too", why, rank,
                                           lambda drafts, last=last, text=text: drafts.of(module).after(last.end_lineno, text))


def _event(context: Context, condition: Lock, rank: float) -> "Iterator[Candidate]":
    """A condition without a predicate loses what comes before the wait: an event keeps it."""
    program, call = context.program, condition.call
    uses = [(module, node) for module, node in program.sites(condition.field) if isinstance(node.ctx, ast.Load)]  # type: ignore[attr-defined]
    blocks: "List[Tuple[Module, Any]]" = []
    for module, node in uses:
        parent = module.parents[node]
        if isinstance(parent, ast.withitem):
            block: Any = module.parents[parent]
            if len(block.items) != 1 or len(block.body) != 1 or call_statement(block.body[0], "wait", "notify", "notify_all") is None:
                return
            blocks.append((module, block))
        elif not (isinstance(parent, ast.Attribute) and parent.attr in ("wait", "notify", "notify_all")):
            return
    if not blocks or call is None or not isinstance(call.func, ast.Attribute):
        return

    def change(drafts: Drafts) -> None:
        drafts[condition.field.path].replace(call.func, "%s.Event" % drafts[condition.field.path].module.source(call.func.value))  # type: ignore
        for module, block in blocks:
            draft = drafts.of(module)
            inner = call_statement(block.body[0], "wait", "notify", "notify_all")
            draft.unwrap(block)
            if inner is not None and inner.func.attr != "wait":  # type: ignore[attr-defined]
                draft.replace(inner, "%s.set()" % module.source(inner.func.value))  # type: ignore[attr-defined]
    why = "what %s tells is lost when nobody waits yet: it is now an event, which stays set" % condition.field.name
    yield from context.attempt("event", why, rank, change)


# Loops around waits

def _leave_inside(context: Context, module: Module, loop: ast.While) -> "Iterator[Candidate]":
    """A test for the end that stands before the loop moves into it, so that who is woken by the end sees it."""
    call = _wait_in(context, module, loop.body)
    block = module.block(loop)
    index = block.index(loop)
    before = block[index - 1] if index else None
    if call is None or not isinstance(before, ast.If) or before.orelse or not isinstance(before.body[-1], (ast.Raise, ast.Return, ast.Break)):
        return
    if isinstance(before.body[-1], ast.Break):
        return
    wait = module.statement(call)
    why = "who waits does not see that `%s` came true: it is now tested before each wait" % module.source(before.test)
    yield from context.attempt("test-in-loop", why, 0.0 if context.evidence.is_stuck else 3.0,
                               lambda drafts: drafts.of(module).move(before, first_line(wait), module.indent(wait)))


def _clear_first(context: Context, module: Module, loop: ast.While) -> "Iterator[Candidate]":
    """`clear` comes right after `wait`: what is set while work is done is not lost."""
    waits = [one for one in loop.body if call_statement(one, "wait") is not None]
    for one in loop.body:
        clear = call_statement(one, "clear")
        for wait in waits:
            signal = call_statement(wait, "wait")
            if clear is None or signal is None or not same(clear.func.value, signal.func.value):  # type: ignore[attr-defined]
                continue
            if loop.body.index(wait) + 1 >= loop.body.index(one):
                continue
            why = "what is set while work is done is cleared unseen: %s is now cleared before the work" % module.source(clear.func.value)  # type: ignore
            yield from context.attempt("clear-first", why, 0.0, lambda drafts, one=one, wait=wait: drafts.of(module).move(
                one, wait.end_lineno, module.indent(wait), behind=True))


def _two_phases(context: Context, module: Module, loop: ast.While) -> "Iterator[Candidate]":
    """What is decided after a barrier is decided by all before anybody goes on: they meet once more."""
    for index, one in enumerate(loop.body[:-1]):
        call, test = call_statement(one, "wait"), loop.body[index + 1]
        lock = context.lock_of(call.func.value, module) if call is not None else None  # type: ignore[attr-defined]
        if lock is None or lock.kind != "Barrier" or not isinstance(test, ast.If) or test.test.lineno != test.test.end_lineno:
            continue
        function = module.function(loop)
        name = next(word for word in ("done", "enough", "finished", "last_round") if function is None or word not in names_in(function))

        def change(drafts: Drafts, one: ast.stmt = one, test: ast.If = test, name: str = name) -> None:
            draft, indent = drafts.of(module), module.indent(one)
            draft.before(test.lineno, "%s%s = %s" % (indent, name, module.source(test.test)), module.lines[one.lineno - 1])
            draft.replace(test.test, name)
        why = "some go on and change what others still have to test after the barrier: all now test before anybody goes on"
        yield from context.attempt("barrier-phase", why, 0.0, change)


def _no_timeout(context: Context, module: Module, node: ast.Expr) -> "Iterator[Candidate]":
    """A wait whose result nobody looks at waits until it is over."""
    call = call_statement(node, "wait", "wait_for", "join", "acquire")
    if call is None:
        return
    name = call.func.attr  # type: ignore[attr-defined]
    own = [one for one in call.keywords if one.arg != "timeout"]
    keep = 1 if name == "wait_for" else 0
    args = call.args[:keep] if name != "acquire" else call.args
    if len(args) == len(call.args) and len(own) == len(call.keywords):
        return
    kept = [module.source(one) for one in args] + ["%s=%s" % (one.arg, module.source(one.value)) for one in own]
    text = "%s(%s)" % (module.source(call.func), ", ".join(kept))
    why = "`%s` may give up before it is over, and nobody notices: it now waits until it is" % module.source(call)
    yield from context.attempt("no-timeout", why, 1.0, lambda drafts: drafts.of(module).replace(call, text))
