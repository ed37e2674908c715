"""Threads that wait for each other: re-entrant locks, one order for several locks, and calls that leave the lock."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .candidates import Candidate, Context
from .evidence import Held, Place, Wait
from .index import Function, attributes, names_in
from .locks import Drafts, Lock, Maker, is_reference, new_module_lock
from .text import Draft, Module, NoEdit, own_nodes

_KEYS = ("id", "number", "no", "name", "key", "index", "ident", "identifier", "code", "label", "uid")


class Taking(NamedTuple):
    """A place where a lock is taken: by `with`, or by a call of `acquire`."""

    module: Module
    lock: Any
    """The expression that names it."""
    statement: ast.stmt


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for threads that wait and hold locks meanwhile."""
    circle = context.evidence.in_circle()
    if len(circle) == 1:
        yield from _reentrant(context, circle[0])
    if len(circle) > 1:
        yield from _ordered(context, circle)
        yield from _swapped(context, circle)
        yield from _outer_first(context, circle)
        yield from _one_gate(context, circle)
    for one in context.evidence.waits:
        for held in one.holds:
            yield from _left(context, one, held)


def takings(context: Context, place: Place) -> "List[Taking]":
    """The locks that the statement at a place takes."""
    module, statement = context.module(place), context.statement_at(place)
    if module is None or statement is None:
        return []
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        items = [one.context_expr for one in statement.items]
        at = [one for one in items if one.lineno == place.line and one.col_offset + 1 == place.column]
        return [Taking(module, one, statement) for one in at or items]
    return [Taking(module, node.func.value, statement) for node in ast.walk(statement)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "acquire"]


def taking(context: Context, place: Place, name: str) -> "Optional[Taking]":
    """The taking of the lock of a name; of the only one, whatever its name."""
    found = takings(context, place)
    word = name.rpartition(".")[2].partition("[")[0]
    named = [one for one in found if word and ast.dump(one.lock).find("'%s'" % word) >= 0]
    return named[0] if len(named) == 1 else found[0] if found else None


# Self-deadlock

def _reentrant(context: Context, wait: Wait) -> "Iterator[Candidate]":
    lock = context.lock_made(wait.made, wait.wants)
    if lock is None:
        return
    why = "a thread that holds %s takes it again: it is now a lock that its holder may take again" % lock.field.name
    yield from context.attempt("reentrant-lock", why, 0.0, lambda drafts: Maker(context.program, drafts).make_reentrant(lock))
    inner = taking(context, wait.place, wait.wants)
    function = context.function_at(wait.place)
    if inner is not None and function is not None:
        why = "a thread that holds %s takes it again: what %s does under it is now a function of its own" % (lock.field.name, function.name)
        yield from context.attempt("locked-helper", why, 0.6, lambda drafts: _helper(context, lock, function, inner, drafts))


def _helper(context: Context, lock: Lock, function: Function, inner: Taking, drafts: Drafts) -> None:
    """`f` keeps the lock and calls `_f_locked`; those who hold the lock call that directly."""
    statement, module, node = inner.statement, inner.module, function.node
    if not isinstance(statement, (ast.With, ast.AsyncWith)) or function.body != [statement] or len(statement.items) != 1 or node.decorator_list:
        raise NoEdit("the function does more")
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or getattr(arguments, "posonlyargs", None):
        raise NoEdit("the arguments are many")
    draft, name = drafts.of(module), "_%s_locked" % function.name.strip("_")
    words = [one.arg for one in arguments.args][1 if function.owner is not None else 0:]
    prefix = function.receiver + "." if function.receiver else ""
    gives = any(isinstance(one, ast.Return) and one.value is not None for one in function.nodes())
    wait = "await " if function.is_async else ""
    indent, body = module.indent(node), statement.body
    lines = [line for one in body for line in draft.statement_lines(one, indent + module.unit)]
    draft.drop(body[0].lineno, body[-1].end_lineno or 0)
    draft.before(body[0].lineno, "%s%s%s%s%s(%s)" % (module.indent(body[0]), "return " if gives else "", wait, prefix, name, ", ".join(words)))
    header = "%s%sdef %s(%s):" % (indent, "async " if function.is_async else "", name, module.source(arguments.args[0])
                                  if function.owner is not None and not words else ", ".join(one.arg for one in arguments.args))
    draft.after(node.end_lineno, "", *([""] if function.owner is None else []), header, *lines)
    changed = False
    for other, call in context.program.callers(function):
        if isinstance(call, ast.Call) and any(_holds(context, other, one, lock) for one in other.up(call)):
            target = call.func
            end = other.column(target.end_lineno or 0, target.end_col_offset or 0)
            drafts.of(other).part(target.end_lineno or 0, end - len(function.name), end, name)
            changed = True
    if not changed:
        raise NoEdit("nobody calls it under the lock")


def _holds(context: Context, module: Module, node: ast.AST, lock: Lock) -> bool:
    return isinstance(node, (ast.With, ast.AsyncWith)) and any(is_reference(context.program, module, one.context_expr, lock) for one in node.items)


# One order

def _pairs(context: Context, circle: "Sequence[Wait]") -> "List[Tuple[Taking, Taking]]":
    """For each waiting thread the lock that it holds and others want, and the one that it wants."""
    wanted = {one.wants for one in circle}
    found = []
    for one in circle:
        held = [held for held in one.holds if held.lock in wanted] or list(one.holds)
        for each in held[:1]:
            outer, inner = taking(context, each.taken, each.lock), taking(context, one.place, one.wants)
            if outer is not None and inner is not None:
                found.append((outer, inner))
    return found


def _ordered(context: Context, circle: "Sequence[Wait]") -> "Iterator[Candidate]":
    """Both locks are taken by the same two expressions: they are sorted before."""
    pairs = [one for one in dict.fromkeys(_pairs(context, circle)) if _in_one_function(*one)]
    if not pairs:
        return
    if len(pairs) > 1:
        def change_all(drafts: Drafts) -> None:
            for outer, inner in pairs:
                _sort(context, drafts.of(outer.module), outer, inner, (outer.lock, inner.lock), ", key=id")
        why = "threads take these locks in opposite orders: all of them now take them in one order, the same for everybody"
        yield from context.attempt("lock-order", why, 1.2, change_all)
        return
    outer, inner = pairs[0]
    for order, (ones, key, words) in enumerate(_sortable(context, outer.lock, inner.lock)):
        why = "threads take these locks in opposite orders: they are now taken in one order, %s" % words
        yield from context.attempt("lock-order", why, 0.2 * order, lambda drafts, ones=ones, key=key: _sort(
            context, drafts.of(outer.module), outer, inner, ones, key))


def _in_one_function(outer: Taking, inner: Taking) -> bool:
    """Whether one function takes two locks."""
    module = outer.module
    return inner.module is module and outer.lock is not inner.lock and module.function(outer.lock) is module.function(inner.lock)


def _sortable(context: Context, one: Any, other: Any) -> "Iterator[Tuple[Tuple[Any, Any], str, str]]":
    """What to sort, by which key, in words."""
    if isinstance(one, ast.Subscript) and isinstance(other, ast.Subscript) and ast.dump(one.value) == ast.dump(other.value):
        yield (_index(one), _index(other)), "", "that of their places"
    if isinstance(one, ast.Attribute) and isinstance(other, ast.Attribute) and one.attr == other.attr:
        for owner in [owner for _, owner in context.program.classes if one.attr in attributes(owner)][:1]:
            for name in _stable(context, owner):
                yield (one.value, other.value), ", key=lambda one: one.%s" % name, "by the owners' %s" % name
        yield (one.value, other.value), ", key=id", "the same for everybody"
    yield (one, other), ", key=id", "the same for everybody"


def _index(node: ast.Subscript) -> ast.AST:
    inner: Any = node.slice
    return inner.value if type(inner).__name__ == "Index" else inner  # type: ignore[no-any-return]


def _stable(context: Context, owner: ast.ClassDef) -> "List[str]":
    """Attributes that are set once, from an argument, and sound like a key."""
    made = context.program.constructor(owner)
    if made is None:
        return []
    stores = [node.attr for module in context.program.modules.values() for node in module.nodes
              if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)]
    return [key for key in _KEYS if key in attributes(owner) and stores.count(key) == 1]


def _sort(context: Context, draft: Draft, outer: Taking, inner: Taking, ones: "Sequence[Any]", key: str) -> None:
    module = draft.module
    function = module.function(outer.lock)
    texts = [module.source(one) for one in ones]
    if function is None or texts[0] == texts[1]:
        raise NoEdit("there is one lock")
    made = _assigned_together(function, ones)
    if made is not None:
        values = ", ".join(module.source(one) for one in made.elts)
        draft.replace(made, "sorted((%s)%s)" % (values, key))
        return
    names = _names(context, module, function)
    first = outer.statement if outer.statement.lineno <= inner.statement.lineno else inner.statement
    draft.before(first.lineno, "%s%s = sorted((%s)%s)" % (module.indent(first), ", ".join(names), ", ".join(texts), key))
    replaced = dict(zip((ast.dump(one) for one in ones), names))
    for expression in _lock_expressions(function):
        for node in ast.walk(expression):
            if ast.dump(node) in replaced and (node is expression or ones[0] is not outer.lock) and _is_part(expression, (outer.lock, inner.lock)):
                draft.replace(node, replaced[ast.dump(node)])


def _is_part(expression: ast.AST, locks: "Sequence[ast.AST]") -> bool:
    return any(ast.dump(expression) == ast.dump(one) for one in locks)


def _lock_expressions(function: Any) -> "Iterator[Any]":
    for node in own_nodes(function):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            yield from (one.context_expr for one in node.items)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("acquire", "release", "locked"):
            yield node.func.value


def _assigned_together(function: Any, ones: "Sequence[Any]") -> "Optional[ast.Tuple]":
    """The pair of values of `a, b = x, y`, when the two names are used for locks alone."""
    if not all(isinstance(one, ast.Name) for one in ones):
        return None
    names = [one.id for one in ones]
    inside = {node for one in _lock_expressions(function) for node in ast.walk(one)}
    uses = [node for node in own_nodes(function) if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load)]
    if any(node not in inside for node in uses):
        return None
    for node in own_nodes(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            if [one.id for one in node.targets[0].elts if isinstance(one, ast.Name)] == names and len(node.value.elts) == 2:
                return node.value
    return None


def _names(context: Context, module: Module, function: Any) -> "Tuple[str, str]":
    known = names_in(module.tree) | {one.arg for one in function.args.args}
    for pair in (("first", "second"), ("first_lock", "second_lock"), ("lower", "upper")):
        if not known & set(pair):
            return pair
    raise NoEdit("there is no free name")


def _swapped(context: Context, circle: "Sequence[Wait]") -> "Iterator[Candidate]":
    """One of the places takes its two locks the other way round."""
    for index, (outer, inner) in enumerate(dict.fromkeys(_pairs(context, circle))):
        module = outer.module
        if not _in_one_function(outer, inner):
            continue
        one, other = module.source(outer.lock), module.source(inner.lock)

        def change(drafts: Drafts, outer: Taking = outer, inner: Taking = inner, one: str = one, other: str = other) -> None:
            draft = drafts.of(outer.module)
            draft.replace(outer.lock, other)
            draft.replace(inner.lock, one)
        why = "threads take %s and %s in opposite orders: all of them now take %s first" % (one, other, other)
        yield from context.attempt("lock-order", why, 0.5 + 0.2 * index, change)


def _outer_first(context: Context, circle: "Sequence[Wait]") -> "Iterator[Candidate]":
    """What is wanted inside a called function is taken before the lock that the caller takes."""
    for index, one in enumerate(circle):
        lock = context.lock_made(one.made, one.wants)
        inner = context.function_at(one.place)
        for held in one.holds[:1]:
            outer = taking(context, held.taken, held.lock)
            if lock is None or inner is None or outer is None or not isinstance(outer.statement, (ast.With, ast.AsyncWith)):
                continue
            text = _reached_by(context, outer, inner, lock)
            if text is None:
                continue

            def change(drafts: Drafts, outer: Taking = outer, lock: Lock = lock, text: str = text) -> None:
                header = "async with %s:" if isinstance(outer.statement, ast.AsyncWith) else "with %s:"
                drafts.of(outer.module).wrap([outer.statement], header % text)
                Maker(context.program, drafts).make_reentrant(lock)
            why = "the locks are taken in opposite orders: %s is now taken first here too" % text
            yield from context.attempt("lock-order", why, 2.0 + 0.2 * index, change)


def _reached_by(context: Context, outer: Taking, inner: Function, lock: Lock) -> "Optional[str]":
    """How the caller names the lock that a function which it calls takes."""
    if lock.field.kind == "global" and lock.field.path == outer.module.path:
        return lock.field.name + lock.suffix
    for node in own_nodes(outer.statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and inner in context.program.called(node):
            return "%s.%s%s" % (outer.module.source(node.func.value), lock.field.name, lock.suffix) if lock.field.kind == "attribute" else None
    return None


def _one_gate(context: Context, circle: "Sequence[Wait]") -> "Iterator[Candidate]":
    """A lock of its own around the taking of several."""
    outers = list(dict.fromkeys(outer.statement for outer, _ in _pairs(context, circle)))
    modules = list(dict.fromkeys(outer.module for outer, _ in _pairs(context, circle)))
    if len(modules) != 1 or not all(isinstance(one, ast.With) for one in outers):
        return
    from .index import Field

    gate = new_module_lock(context.program, Field("global", "order", None, modules[0].path), "threading", modules[0].path)

    def change(drafts: Drafts) -> None:
        for one in outers:
            drafts.of(modules[0]).wrap([one], "with %s:" % gate.field.name)
        Maker(context.program, drafts).create(gate)
    why = "the locks are taken in different orders: whoever takes several now holds %s meanwhile, which is new" % gate.field.name
    yield from context.attempt("lock-gate", why, 4.0, change)


# Calls that leave the lock

def _left(context: Context, wait: Wait, held: Held) -> "Iterator[Candidate]":
    """What waits, or takes another lock, is done before or after the lock is held, not under it."""
    outer = taking(context, held.taken, held.lock)
    if outer is None or not isinstance(outer.statement, (ast.With, ast.AsyncWith)) or len(outer.statement.items) != 1:
        return
    module, block = outer.module, outer.statement
    function = context.function_at(wait.place)
    inside = [one for one in block.body if _leads(context, module, one, wait.place, function)]
    if len(inside) != 1:
        return
    part, index = inside[0], block.body.index(inside[0])
    what = module.source(part).split("\n")[0]
    nested = isinstance(part, (ast.With, ast.AsyncWith))  # meant to be held together
    rank = (0.4 if wait.kind != "ACQUIRE" else 1.0) + (1.5 if nested else 0.0)
    why = "`%s` waits for others who need %s: it is now done %s" % (what, module.source(outer.lock), "%s")
    if isinstance(part, (ast.For, ast.AsyncFor)):
        yield from context.attempt("outside-lock", why % "for a copy, after the lock is given back", rank - 0.2,
                                   lambda drafts: _loop_over_copy(context, drafts.of(module), block, part))
    if index == len(block.body) - 1:
        yield from context.attempt("outside-lock", why % "after the lock is given back", rank, lambda drafts: _behind(drafts.of(module), block, part))
    elif index == 0:
        yield from context.attempt("outside-lock", why % "before the lock is taken", rank, lambda drafts: _in_front(drafts.of(module), block, part))
    else:
        yield from context.attempt("outside-lock", why % "between two regions under the lock", rank + 0.1,
                                   lambda drafts: _between(drafts.of(module), block, index))
        yield from context.attempt("outside-lock", why % "after the lock is given back", rank + 0.2, lambda drafts: _behind(drafts.of(module), block, part))


def _leads(context: Context, module: Module, statement: ast.stmt, place: Place, function: "Optional[Function]") -> bool:
    if module.path == place.path and statement.lineno <= place.line <= (statement.end_lineno or 0):
        return True
    if function is None:
        return False
    if function.node in context.program.reached(statement):
        return True
    # A call of a variable that holds a function, such as a listener.
    named = {one.func.id for one in own_nodes(statement) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
    return bool(named & {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)})


def _behind(draft: Draft, block: Any, part: ast.stmt) -> None:
    if part is block.body[-1] and len(block.body) > 1:
        draft.shift(part.lineno, part.end_lineno or 0, -1)
    elif len(block.body) == 1:
        draft.unwrap(block)
    else:
        draft.move(part, block.end_lineno, draft.module.indent(block), behind=True)


def _in_front(draft: Draft, block: Any, part: ast.stmt) -> None:
    draft.move(part, block.lineno, draft.module.indent(block))


def _between(draft: Draft, block: Any, index: int) -> None:
    part, module = block.body[index], draft.module
    draft.shift(part.lineno, part.end_lineno, -1)
    header = module.lines[block.lineno - 1]
    if block.body[0].lineno == block.lineno:
        raise NoEdit("the body shares the header's line")
    draft.before(block.body[index + 1].lineno, header)


def _loop_over_copy(context: Context, draft: Draft, block: Any, loop: Any) -> None:
    module = draft.module
    function = module.function(block)
    if loop is not block.body[-1] or function is None or loop.orelse:
        raise NoEdit("the loop is not the last")
    word = module.source(loop.iter).rpartition(".")[2].strip("_()")
    name = word if word.isidentifier() and word not in names_in(function) else "snapshot"
    if name in names_in(function):
        raise NoEdit("there is no free name")
    draft.before(loop.lineno, "%s%s = list(%s)" % (module.indent(loop), name, module.source(loop.iter)))
    draft.replace(loop.iter, name)
    draft.shift(loop.lineno, loop.end_lineno, -1)
