"""What must come before what: publication after initialisation, joins before results, reads after awaits."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Sequence, Set, Tuple

from .candidates import Candidate, Context, call_statement, calls, same
from .index import names_in
from .locks import Drafts
from .text import Module, blocks, first_line, own_nodes

_SIGNALS = ("start", "set", "notify", "notify_all", "release")


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for each statement that tells other threads, or waits for them."""
    for module in context.program.modules.values():
        for node in module.nodes:
            for block in blocks(node):
                for index, statement in enumerate(block):
                    yield from _later(context, module, block, index)
                    yield from _published(context, module, block, index)
                    yield from _awaited(context, module, statement)
                    yield from _read_again(context, module, block, index)
            if isinstance(node, ast.For):
                yield from _join_all(context, module, node)
            if isinstance(node, ast.If):
                yield from _test_again(context, module, node)
            if isinstance(node, ast.While):
                yield from _until_done(context, module, node)
            if isinstance(node, ast.keyword) and node.arg == "wait" and isinstance(node.value, ast.Constant) and node.value.value is False:
                yield from context.attempt("wait-for-pool", "the pool is left before its work is done: it is now waited for", 2.0,
                                           lambda drafts, node=node: drafts.of(module).replace(node.value, "True"))
    yield from _joined(context)


def _lines(context: Context) -> "Set[Tuple[str, int]]":
    return {(one.path, one.line) for one in context.evidence.places()}


def _stores(statement: ast.stmt) -> "Set[str]":
    return {node.attr if isinstance(node, ast.Attribute) else node.id for node in own_nodes(statement)
            if isinstance(node, (ast.Attribute, ast.Name)) and isinstance(node.ctx, ast.Store)}


def _later(context: Context, module: Module, block: "List[ast.stmt]", index: int) -> "Iterator[Candidate]":
    """A thread is started, or an event set, only when what it needs is there."""
    statement = block[index]
    call = call_statement(statement, *_SIGNALS)
    function = module.function(statement)
    if call is None or function is None or index == len(block) - 1 or isinstance(statement.value, ast.Await):  # type: ignore[attr-defined]
        return
    rest = block[index + 1:]
    setting = [offset for offset, one in enumerate(rest) if isinstance(one, (ast.Assign, ast.AnnAssign, ast.AugAssign))]
    if not setting or any(call_statement(one, "join", "wait") is not None for one in rest):
        return
    lines = _lines(context)
    meant = any((module.path, line) in lines for one in rest for line in range(one.lineno, (one.end_lineno or 0) + 1))
    words = {word for one in rest for word in _stores(one)}
    told = any(word in str(one.get("message")) or any(word in (frame.get("code") or "") for frame in (one.get("frames") or ())[-1:])
               for one in context.evidence.exceptions for word in words)
    rank = 0.0 if told or meant else 2.0
    for order, target in enumerate(dict.fromkeys((rest[setting[-1]], rest[setting[0]], rest[-1]))):
        if isinstance(target, ast.Return):
            continue
        why = "`%s` lets others go on before what follows is set: it now comes after that" % module.source(statement)
        yield from context.attempt("publish-late", why, rank + 0.1 * order, lambda drafts, target=target: drafts.of(module).move(
            statement, target.end_lineno, module.indent(statement), behind=True))


def _published(context: Context, module: Module, block: "List[ast.stmt]", index: int) -> "Iterator[Candidate]":
    """`x = new(); x.load()` becomes `fresh = new(); fresh.load(); x = fresh`."""
    statement = block[index]
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    target = statement.targets[0]
    function = context.program.function(module, statement)
    field = context.program.field_of(module, target)
    if field is None or field.kind == "local" or function is None or function.node not in context.concurrent and function.name != "__init__":
        return
    following: "List[Tuple[ast.stmt, List[Any]]]" = []
    for one in block[index + 1:]:
        uses = [node for node in own_nodes(one) if isinstance(node, (ast.Attribute, ast.Name)) and same(node, target)]
        if not uses or isinstance(one, (ast.Return, ast.Assert)) or any(not isinstance(node.ctx, ast.Load) for node in uses):
            break
        following.append((one, uses))
    if not following:
        return
    name = next((word for word in ("fresh", "new", "prepared") if word not in names_in(function.node)), None)
    if name is None:
        return

    def change(drafts: Drafts) -> None:
        draft = drafts.of(module)
        draft.replace(target, name)
        for _, uses in following:
            for node in uses:
                draft.replace(node, name)
        draft.after(following[-1][0].end_lineno or 0, "%s%s = %s" % (module.indent(statement), module.source(target), name))
    lines = _lines(context)
    meant = any((module.path, line) in lines for one in (statement, *(one for one, _ in following)) for line in range(one.lineno, (one.end_lineno or 0) + 1))
    why = "others can see %s before it is whole: it is now made whole first, and then assigned" % module.source(target)
    yield from context.attempt("publish-whole", why, 0.0 if meant else 2.5, change)


def _test_again(context: Context, module: Module, node: ast.If) -> "Iterator[Candidate]":
    """A double-checked test is made again under the lock."""
    inner = node.body[0]
    if len(node.body) != 1 or not isinstance(inner, (ast.With, ast.AsyncWith)) or context.lock_of(inner.items[0].context_expr, module) is None:
        return
    if any(isinstance(one, ast.If) and same(one.test, node.test) for one in inner.body) or list(calls(inner, "wait", "notify")):
        return
    why = "`%s` may no longer hold when the lock is taken: it is now tested again under it" % module.source(node.test)
    yield from context.attempt("double-check", why, 0.2, lambda drafts: drafts.of(module).wrap(inner.body, "if %s:" % module.source(node.test)))


# Ends of threads

def _join_all(context: Context, module: Module, loop: ast.For) -> "Iterator[Candidate]":
    """`for t in threads[1:]: t.join()` leaves some out."""
    if isinstance(loop.iter, ast.Subscript) and any(call_statement(one, "join") is not None for one in loop.body):
        base = loop.iter.value
        yield from context.attempt("join", "some threads are not waited for: all of them now are", 0.0,
                                   lambda drafts: drafts.of(module).replace(loop.iter, module.source(base)))


def _joined(context: Context) -> "Iterator[Candidate]":
    """Threads are waited for before the first place that uses what they do."""
    for module in context.program.modules.values():
        scopes: "List[Any]" = [module.tree, *(one.node for one in context.program.functions if one.module is module)]
        for scope in scopes:
            yield from _joined_in(context, module, scope.body)


def _joined_in(context: Context, module: Module, block: "List[ast.stmt]") -> "Iterator[Candidate]":
    waited = {ast.dump(call.func.value) for one in block for call in calls(one, "join") if not call.args}  # type: ignore[attr-defined]
    for index, statement in enumerate(block):
        call, loop = call_statement(statement, "start"), None
        if isinstance(statement, ast.For) and isinstance(statement.target, ast.Name):
            call = next((found for one in statement.body for found in [call_statement(one, "start")] if found is not None), None)
            loop = statement
        if call is None or not isinstance(call.func, ast.Attribute) or ast.dump(call.func.value) in waited:
            continue
        who = module.source(call.func.value)
        indent = module.indent(statement)
        texts = ["%s%s.join()" % (indent, who)]
        if loop is not None:
            texts = ["%sfor %s in %s:" % (indent, who, module.source(loop.iter)), "%s%s%s.join()" % (indent, module.unit, who)]
        if isinstance(call.func.value, ast.Call):
            continue
        starts = [place for place, one in enumerate(block) if list(calls(one, "start"))]
        for order, target in enumerate(_readers(context, module, block[max(starts) + 1:])):
            why = "what %s does is used before it has ended: it is now waited for" % who
            yield from context.attempt("join", why, 0.2 + 0.3 * order, lambda drafts, target=target, texts=texts: drafts.of(module).before(
                first_line(target), *texts))


def _readers(context: Context, module: Module, rest: "Sequence[ast.stmt]") -> "List[ast.stmt]":
    """The statements before which it may be too late: those of the failure, the last assertion or output."""
    lines = _lines(context)
    shown = [one for one in rest if any((module.path, line) in lines for line in range(one.lineno, (one.end_lineno or 0) + 1))]
    ends = [one for one in rest if isinstance(one, (ast.Assert, ast.Return)) or "print" in names_in(one)]
    return list(dict.fromkeys([*shown[:1], *ends[:1], *rest[:1]]))


def _until_done(context: Context, module: Module, loop: ast.While) -> "Iterator[Candidate]":
    """`while not q.empty(): …` waits until the queue is empty, not until the work is done."""
    test = loop.test
    inner = test.operand if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) else None
    if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute) or inner.func.attr != "empty" or loop.orelse:
        return
    if list(calls(loop, "get", "get_nowait")) or not any(list(calls(one.node, "task_done")) for one in context.program.functions):
        return
    text = "%s.join()" % module.source(inner.func.value)
    why = "an empty queue does not mean that its work is done: that is now waited for"
    yield from context.attempt("queue-join", why, 0.0, lambda drafts: drafts.of(module).replace(loop, text))


# Tasks

def _awaited(context: Context, module: Module, statement: ast.stmt) -> "Iterator[Candidate]":
    """A coroutine that is called and not awaited never runs."""
    function = context.program.function(module, statement)
    if function is None or not function.is_async or not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return
    found = context.program.called(statement.value)
    library = isinstance(statement.value.func, ast.Attribute) and ast.dump(statement.value.func.value) == ast.dump(ast.parse("asyncio", mode="eval").body) \
        and statement.value.func.attr in ("sleep", "gather", "wait")
    if found and all(one.is_async for one in found) or library:
        why = "`%s` is a coroutine that nobody awaits: it now is" % module.source(statement)
        yield from context.attempt("await", why, 0.0, lambda drafts: drafts.of(module).replace(statement.value, "await " + module.source(statement.value)))


def _read_again(context: Context, module: Module, block: "List[ast.stmt]", index: int) -> "Iterator[Candidate]":
    """What was read before an `await` is read after it."""
    statement = block[index]
    function = context.program.function(module, statement)
    if function is None or not function.is_async or not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
        return
    if any(isinstance(node, (ast.Await, ast.Call)) for node in own_nodes(statement.value)):
        return
    name = statement.targets[0].id
    rest = block[index + 1:]
    use = next((place for place, one in enumerate(rest) if name in names_in(one)), 0)
    passed = rest[:use]
    if not any(isinstance(node, ast.Await) for one in passed for node in own_nodes(one)):
        return
    why = "`%s` is out of date after the await: it is now read after it" % name
    yield from context.attempt("read-after-await", why, 0.1, lambda drafts: drafts.of(module).move(
        statement, first_line(rest[use]), module.indent(statement)))
