"""Locks that are there and do not do their work, regions that end too early, and pools that wait for themselves."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Sequence, Set, Tuple

from .candidates import Candidate, Context, call_statement, calls, same
from .index import Field, Function, names_in, root
from .locks import Drafts, Lock, Maker, is_of_class, is_reference, made_by, new_module_lock
from .text import FUNCTIONS, Draft, Module, NoEdit, first_line, own_nodes


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for each lock and each region under one."""
    for lock in context.locks:
        yield from _single(context, lock)
        yield from _replaced(context, lock)
        yield from _of_class(context, lock)
        yield from _parties(context, lock)
    for function in context.program.functions:
        for node in function.nodes():
            if isinstance(node, (ast.With, ast.AsyncWith)):
                yield from _longer(context, function, node)
            if isinstance(node, ast.ExceptHandler):
                yield from _rolled_back(context, function, node)
        yield from _own_object(context, function)
        yield from _undone(context, function)
    yield from _in_headers(context)
    yield from _tested_too(context)
    yield from _second_pool(context)
    yield from _inline(context)


def _single(context: Context, lock: Lock) -> "Iterator[Candidate]":
    """A semaphore that lets several in guards nothing."""
    call = lock.call
    if not lock.kind.endswith("Semaphore") or call is None or not call.args or lock.excludes or context.evidence.is_stuck:
        return
    if not isinstance(call.args[0], ast.Constant) or not context.evidence.conflicts:
        return
    why = "%s lets several threads in at once: now one alone" % lock.field.name
    yield from context.attempt("single-permit", why, 0.5, lambda drafts: drafts[lock.field.path].replace(call.args[0], "1"))


def _replaced(context: Context, lock: Lock) -> "Iterator[Candidate]":
    """A lock that is replaced while others hold or want it."""
    call = lock.call
    module = context.program.modules[lock.field.path]
    function = context.program.function(module, call) if call is not None else None
    if function is None or call is None:
        return
    if lock.field.kind == "local":
        if _used_alone(context, function, lock):
            yield from _made_once(context, module, function, lock)
        return
    if function.name == "__init__" or len([one for one in context.locks if one.field == lock.field]) < 2:
        return
    why = "%s replaces %s while others hold it: it no longer does" % (function.name, lock.field.name)
    yield from context.attempt("same-lock", why, 0.0, lambda drafts: drafts.of(module).drop_statement(module.statement(call)))


def _used_alone(context: Context, function: Function, lock: Lock) -> bool:
    """Whether a function makes a lock at each call and gives it to nobody."""
    uses = [node for node in function.nodes() if isinstance(node, ast.Name) and node.id == lock.field.name and isinstance(node.ctx, ast.Load)]
    return bool(uses) and all(isinstance(function.module.parents[one], (ast.withitem, ast.Attribute)) for one in uses) and \
        not any(isinstance(node, FUNCTIONS) for node in function.nodes())


def _made_once(context: Context, module: Module, function: Function, lock: Lock) -> "Iterator[Candidate]":
    """A lock that is made at each call excludes nobody: it is made once, for all."""
    statement = module.statement(lock.call)  # type: ignore[arg-type]
    anchor: Any = function.node
    while not isinstance(module.parents[anchor], ast.Module):
        anchor = module.parents[anchor]

    def change(drafts: Drafts) -> None:
        draft = drafts.of(module)
        draft.move(statement, first_line(anchor), "")
        draft.before(first_line(anchor), "", "")
    why = "%s makes %s anew at each call, so it excludes nobody: it is now made once" % (function.name, lock.field.name)
    yield from context.attempt("same-lock", why, 0.0, change)


def _in_headers(context: Context) -> "Iterator[Candidate]":
    """`with threading.Lock():` makes a lock that nobody else has: all of a module now share one."""
    for module in context.program.modules.values():
        made = [one for node in module.nodes if isinstance(node, (ast.With, ast.AsyncWith)) for one in node.items if made_by(one.context_expr)]
        if not made:
            continue
        kind, library = made_by(made[0].context_expr) or ("", "")
        lock = new_module_lock(context.program, Field("global", "shared", None, module.path), library, module.path)

        def change(drafts: Drafts) -> None:
            for one in made:
                drafts.of(module).replace(one.context_expr, lock.field.name)
            Maker(context.program, drafts).create(lock._replace(kind=kind))
        why = "a lock that is made where it is taken excludes nobody: %s is now made once" % lock.field.name
        yield from context.attempt("same-lock", why, 0.0, change)


def _of_class(context: Context, lock: Lock) -> "Iterator[Candidate]":
    """A lock of each object does not guard what all objects share."""
    call = lock.call
    if lock.where != "instance" or call is None or lock.field.owner is None:
        return
    owner, module = lock.field.owner, context.program.modules[lock.field.path]
    shared = [one for one in owner.body if isinstance(one, (ast.Assign, ast.AnnAssign))]
    statement = module.statement(call)
    if not shared or not isinstance(statement, ast.Assign):
        return
    guarded = {node.attr for function in context.program.functions if function.owner is owner for block in function.nodes()
               if isinstance(block, (ast.With, ast.AsyncWith)) and any(is_reference(context.program, module, one.context_expr, lock) for one in block.items)
               for node in own_nodes(block) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    if not any(is_of_class(context.program, Field("attribute", word, owner, module.path)) for word in guarded):
        return

    def change(drafts: Drafts) -> None:
        draft = drafts.of(module)
        draft.drop_statement(statement)
        draft.after(shared[-1].end_lineno or 0, "%s%s = %s" % (module.indent(shared[-1]), lock.field.name, module.source(statement.value)))
    why = "each object has a %s of its own, and what it guards belongs to all: they now share one" % lock.field.name
    yield from context.attempt("shared-lock", why, 0.0, change)


def _parties(context: Context, lock: Lock) -> "Iterator[Candidate]":
    """A barrier waits for as many as come."""
    call = lock.call
    if lock.kind != "Barrier" or call is None or not context.evidence.is_stuck:
        return
    module = context.program.modules[lock.field.path]
    parties = call.args[0] if call.args else next((one.value for one in call.keywords if one.arg == "parties"), None)
    if parties is None:
        return
    texts = []
    for node in module.nodes:
        if isinstance(node, ast.ListComp) and "Thread" in ast.dump(node.elt):
            source = node.generators[0].iter
            if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.func.id == "range" and len(source.args) == 1:
                texts.append(module.source(source.args[0]))
            elif isinstance(source, ast.Name):
                texts.append("len(%s)" % source.id)
    texts += [str(len([one for one in context.evidence.waits if one.kind != "JOIN"]))]
    if isinstance(parties, ast.Constant) and isinstance(parties.value, int):
        texts += [str(parties.value - 1), str(parties.value + 1)]
    for order, text in enumerate(dict.fromkeys(texts)):
        if text not in ("0", module.source(parties)):
            why = "%s waits for %s threads, and not as many come: it now waits for %s" % (lock.field.name, module.source(parties), text)
            yield from context.attempt("barrier-parties", why, 0.3 + 0.2 * order, lambda drafts, text=text: drafts.of(module).replace(parties, text))


# Regions

def _longer(context: Context, function: Function, block: Any) -> "Iterator[Candidate]":
    """A region goes on for as long as what was found out, or borrowed, in it is used."""
    module = function.module
    around = module.block(block)
    rest = around[around.index(block) + 1:]
    stored = {node.id for part in (*block.body, *(one.optional_vars for one in block.items if one.optional_vars is not None))
              for node in own_nodes(part) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    uses = [index for index, one in enumerate(rest) if stored & names_in(one)]
    if not uses or block.body[0].lineno == block.lineno or function.node not in context.concurrent:
        return
    borrowed = {node.id for one in block.items if one.optional_vars is not None for node in ast.walk(one.optional_vars) if isinstance(node, ast.Name)}
    locked = any(context.lock_of(one.context_expr, module) is not None for one in block.items)
    if not borrowed and not locked:
        return
    for order, count in enumerate(dict.fromkeys((uses[0] + 1, uses[-1] + 1, len(rest)))):
        part = rest[:count]
        if context.program.is_frame(part) or any(isinstance(node, (ast.Yield, ast.YieldFrom)) for one in part for node in own_nodes(one)):
            continue
        why = "what `%s` gives is used after it was given back: the region now goes on until then" % module.source(block.items[0].context_expr)
        rank = (0.0 if borrowed & {word for one in part for word in names_in(one)} else 1.2) + 0.2 * order
        yield from context.attempt("longer-region", why, rank, lambda drafts, part=part: _lengthen(context, drafts.of(module), block, part))


def _lengthen(context: Context, draft: Draft, block: Any, part: "Sequence[ast.stmt]") -> None:
    """Puts statements at the end of a region; regions of the same lock among them are dissolved."""
    for one in part:
        draft.shift(first_line(one), one.end_lineno or 0)
        for node in own_nodes(one):
            if isinstance(node, (ast.With, ast.AsyncWith)) and len(node.items) == 1 and same(node.items[0].context_expr, block.items[0].context_expr):
                draft.unwrap(node)


def _rolled_back(context: Context, function: Function, handler: ast.ExceptHandler) -> "Iterator[Candidate]":
    """A handler of the failure of the second of two steps undoes the first."""
    module = function.module
    attempt: Any = module.parents[handler]
    block = module.block(attempt)
    done = [one for one in (*block[:block.index(attempt)], *attempt.body[:-1]) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
    first, passes = handler.body[0], all(isinstance(one, ast.Pass) for one in handler.body)
    for statement, text in _undoing(context, module, done):
        why = "`%s` stays done when what follows fails: it is now undone" % module.source(statement)

        def change(drafts: Drafts, text: str = text) -> None:
            if passes:
                drafts.of(module).replace(first, text)
            else:
                drafts.of(module).before(first_line(first), module.indent(first) + text)
        yield from context.attempt("roll-back", why, 0.5 if passes else 1.5, change)


def _undone(context: Context, function: Function) -> "Iterator[Candidate]":
    """What was done before a step that raised is undone, and the exception goes on."""
    module = function.module
    lines = {(frame["path"], frame["line"]) for one in context.evidence.exceptions for frame in one.get("frames") or ()}
    for statement in function.nodes():
        if not isinstance(statement, ast.Expr) or (module.path, statement.lineno) not in lines:
            continue
        block = module.block(statement)
        done = [one for one in block[:block.index(statement)] if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)]
        for before, text in _undoing(context, module, done):
            def change(drafts: Drafts, statement: ast.stmt = statement, text: str = text) -> None:
                draft, indent = drafts.of(module), module.indent(statement)
                draft.wrap([statement], "try:")
                draft.after(statement.end_lineno or 0, indent + "except Exception:", indent + module.unit + text, indent + module.unit + "raise")
            why = "`%s` stays done when what follows fails: it is now undone" % module.source(before)
            yield from context.attempt("roll-back", why, 1.0, change)


def _undoing(context: Context, module: Module, done: "Sequence[Any]") -> "Iterator[Tuple[ast.stmt, str]]":
    """Statements with what undoes them, the last one first."""
    for statement in reversed(done):
        call = statement.value
        for name in _inverses(context, call):
            yield statement, "%s.%s(%s)" % (module.source(call.func.value), name, ", ".join(module.source(one) for one in call.args))


def _inverses(context: Context, call: ast.Call) -> "List[str]":
    """The methods that undo a method: they take away from the attribute what it adds, or the reverse."""
    if not isinstance(call.func, ast.Attribute):
        return []
    found = []
    for method in context.program.called(call):
        steps = _steps(method)
        for other in context.program.functions:
            if other.owner is method.owner and other is not method and steps and {(name, -sign) for name, sign in steps} == _steps(other):
                found.append(other.name)
    return found


def _steps(function: Function) -> "Set[Tuple[str, int]]":
    return {(node.target.attr, 1 if isinstance(node.op, ast.Add) else -1) for node in function.nodes()
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute) and isinstance(node.op, (ast.Add, ast.Sub))}


def _tested_too(context: Context) -> "Iterator[Candidate]":
    """Of two functions that change a state under a lock, one tests it before: the other one does too."""
    for function in context.program.functions:
        for node in function.nodes():
            if not isinstance(node, ast.If) or node.orelse or len(names_in(node.test)) > 1 or not isinstance(node.test, ast.Compare):
                continue
            block = function.module.parents[node]
            if not isinstance(block, (ast.With, ast.AsyncWith)):
                continue
            fields = {one.attr for one in ast.walk(node.test) if isinstance(one, ast.Attribute)}
            for other in context.program.functions:
                if other.owner is function.owner and other is not function and other.owner is not None and other.module is function.module:
                    yield from _tested_in(context, other, node, block, fields)


def _tested_in(context: Context, other: Function, test: ast.If, block: Any, fields: "Set[str]") -> "Iterator[Candidate]":
    module = other.module
    for node in other.nodes():
        if isinstance(node, (ast.With, ast.AsyncWith)) and same(node.items[0].context_expr, block.items[0].context_expr):
            first = node.body[0]
            stores = {one.attr for one in ast.walk(first) if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store)}
            if stores & fields and isinstance(first, ast.Assign) and not any(isinstance(one, ast.Return) for one in node.body):
                why = "%s acts whatever the other one did before: it now tests `%s` too" % (other.name, module.source(test.test))
                yield from context.attempt("test-too", why, 1.5, lambda drafts, node=node: drafts.of(module).wrap(
                    node.body, "if %s:" % module.source(test.test)))


def _own_object(context: Context, function: Function) -> "Iterator[Candidate]":
    """A function that gives all threads one object gives each of them a new one."""
    if len(function.body) != 1 or not isinstance(function.body[0], ast.Return) or not isinstance(function.body[0].value, ast.Attribute):
        return
    value = function.body[0].value
    for _, owner in context.program.classes:
        for one in owner.body:
            if isinstance(one, ast.Assign) and names_in(one.targets[0]) == {value.attr} and isinstance(one.value, ast.Call) and made_by(one.value) is None:
                if root(value) in (owner.name, function.receiver) and not one.value.args and not one.value.keywords:
                    text = function.module.source(one.value)
                    why = "all threads use one %s: each call now has its own" % text
                    yield from context.attempt("own-object", why, 2.0, lambda drafts, text=text: drafts.of(function.module).replace(value, text))


# Pools

def _pool_calls(context: Context) -> "Iterator[Tuple[Module, Any, ast.Call]]":
    """What makes a pool: the target, and the call."""
    for module in context.program.modules.values():
        for node in module.nodes:
            value = node.value if isinstance(node, ast.Assign) else node.context_expr if isinstance(node, ast.withitem) else None
            if isinstance(value, ast.Call) and "PoolExecutor" in module.source(value.func):
                yield module, node.targets[0] if isinstance(node, ast.Assign) else node.optional_vars, value  # type: ignore[union-attr]


def _second_pool(context: Context) -> "Iterator[Candidate]":
    """Work that waits for work of its own pool gets another pool."""
    if not context.evidence.is_stuck:
        return
    why = "work in the pool waits for work of the same pool, which has no worker left: the two now have a pool each"
    for module, target, call in _pool_calls(context):
        if target is None:
            continue
        for node in module.nodes:
            if isinstance(node, ast.Assign) and same(node.value, target):
                yield from context.attempt("second-pool", why, 0.0, lambda drafts, node=node: drafts.of(module).replace(node.value, module.source(call)))
        yield from context.attempt("second-pool", why, 0.5, lambda drafts: _split_pool(context, drafts.of(module), target, call))


def _split_pool(context: Context, draft: Draft, target: Any, call: ast.Call) -> None:
    module = draft.module
    name = module.source(target) + "_inner"
    nested = [one for function in context.program.functions if function.module is module and list(calls(function.node, "result"))
              and function.node in context.submitted for one in calls(function.node, "submit", "map") if same(one.func.value, target)]  # type: ignore
    if not nested:
        raise NoEdit("nothing in the pool uses the pool")
    statement = module.statement(target)
    indent = module.indent(statement)
    if isinstance(statement, ast.Assign):
        draft.after(statement.end_lineno or 0, "%s%s = %s" % (indent, name, module.source(call)))
        for one in module.nodes:
            stop = call_statement(one, "shutdown") if isinstance(one, ast.Expr) else None
            if stop is not None and same(stop.func.value, target):  # type: ignore[attr-defined]
                draft.after(one.end_lineno or 0, "%s%s.shutdown()" % (module.indent(one), name))  # type: ignore[attr-defined]
    else:
        draft.replace(target, "%s, %s as %s" % (module.source(target), module.source(call), name))
    for one in nested:
        draft.replace(one.func.value, name)  # type: ignore[attr-defined]


def _inline(context: Context) -> "Iterator[Candidate]":
    """`pool.submit(f, x).result()` inside the pool is `f(x)`."""
    if not context.evidence.is_stuck:
        return
    for function in context.program.functions:
        if function.node not in context.submitted:
            continue
        for one in calls(function.node, "result"):
            inner = one.func.value  # type: ignore[attr-defined]
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "submit" and inner.args:
                module = function.module
                text = "%s(%s)" % (module.source(inner.args[0]), ", ".join(module.source(each) for each in inner.args[1:]))
                why = "work in the pool waits for work of the same pool, which has no worker left: it now does that itself"
                yield from context.attempt("inline", why, 0.3, lambda drafts, one=one, text=text: drafts.of(module).replace(one, text))
