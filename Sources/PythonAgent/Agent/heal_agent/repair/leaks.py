"""Locks that are not given back on every path."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Sequence

from .candidates import Candidate, Context, call_statement, calls, same
from .index import Function
from .locks import Drafts
from .text import Draft, Module, NoEdit


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for each function that takes a lock by hand."""
    evidence = context.evidence
    meant = {one.lock.rpartition(".")[2] for one in evidence.leaks} | {one.wants.rpartition(".")[2] for one in evidence.waits}
    for function in context.program.functions:
        for call in calls(function.node, "acquire"):
            word = call.func.value.attr if isinstance(call.func.value, ast.Attribute) else getattr(call.func.value, "id", "")  # type: ignore
            rank = 0.0 if word in meant else 2.0 if evidence.is_stuck or evidence.leaks else 3.0
            yield from _released(context, function, call, rank)
            yield from _if_taken(context, function, call, rank)
        yield from _around_yield(context, function)


def _released(context: Context, function: Function, call: Any, rank: float) -> "Iterator[Candidate]":
    module, text = function.module, function.module.source(call.func.value)
    statement = module.statement(call)
    releases = [one for one in calls(function.node, "release") if same(one.func.value, call.func.value)]  # type: ignore[attr-defined]
    if not releases or any(_in_finally(module, one) for one in releases):
        return
    why = "%s is not given back on every path: it now is, however the region ends" % text
    if call_statement(statement, "acquire") is call and not call.args and not call.keywords:
        header = "async with %s:" if isinstance(statement.value, ast.Await) else "with %s:"  # type: ignore[attr-defined]
        yield from context.attempt("with-lock", why, rank, lambda drafts: _with(drafts.of(module), statement, call, releases, header % text))
    if call_statement(statement, "acquire") is call or _leaves(statement):
        yield from context.attempt("release-in-finally", why, rank + 0.3, lambda drafts: _finally(drafts.of(module), statement, call, releases, text))


def _leaves(statement: ast.stmt) -> bool:
    """`if not lock.acquire(...): return`, or the like."""
    return isinstance(statement, ast.If) and isinstance(statement.test, ast.UnaryOp) and not statement.orelse and \
        isinstance(statement.body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _in_finally(module: Module, node: ast.AST) -> bool:
    below = node
    for one in module.up(node):
        if isinstance(one, ast.Try) and any(below is part for part in one.finalbody):
            return True
        below = one
    return False


def _region(module: Module, statement: ast.stmt, releases: "Sequence[ast.Call]") -> "List[ast.stmt]":
    """What stands between the taking and the last giving back in the same block; all the rest where there is none."""
    block = module.block(statement)
    begin = block.index(statement) + 1
    ends = [index for index, one in enumerate(block) if index >= begin and call_statement(one, "release") in releases]
    region = block[begin:ends[-1] if ends else len(block)]
    if not region:
        raise NoEdit("nothing is done under the lock")
    return region


def _take_out(draft: Draft, statement: ast.stmt, region: "Sequence[ast.stmt]", releases: "Sequence[ast.Call]") -> None:
    """Removes the calls of `release` in a region and behind it."""
    module = draft.module
    block = module.block(statement)
    for one in releases:
        place = module.statement(one)
        inside = any(part in region for part in (place, *module.up(place)))
        if call_statement(place, "release") is one and (inside or place in block):
            draft.drop_statement(place)
        else:
            raise NoEdit("the lock is given back elsewhere")


def _with(draft: Draft, statement: ast.stmt, call: ast.Call, releases: "Sequence[ast.Call]", header: str) -> None:
    region = _region(draft.module, statement, releases)
    _take_out(draft, statement, region, releases)
    draft.drop_statement(statement)
    draft.wrap(region, header)


def _finally(draft: Draft, statement: ast.stmt, call: ast.Call, releases: "Sequence[ast.Call]", text: str) -> None:
    module = draft.module
    region = _region(module, statement, releases)
    _take_out(draft, statement, region, releases)
    draft.wrap(region, "try:")
    indent = module.indent(statement)
    draft.after(region[-1].end_lineno or 0, indent + "finally:", "%s%s%s.release()" % (indent, module.unit, text))


def _if_taken(context: Context, function: Function, call: Any, rank: float) -> "Iterator[Candidate]":
    """What may not have been taken is given back only if it was."""
    module = function.module
    statement = module.statement(call)
    if not isinstance(statement, ast.Assign) or statement.value is not call or not isinstance(statement.targets[0], ast.Name):
        return
    name = statement.targets[0].id
    for one in calls(function.node, "release"):
        place = module.statement(one)
        parent = module.parents[place]
        if not same(one.func.value, call.func.value) or call_statement(place, "release") is not one:  # type: ignore[attr-defined]
            continue
        if isinstance(parent, ast.If) and name in ast.dump(parent.test):
            continue
        why = "%s is given back though it may not have been taken: now only if it was" % module.source(call.func.value)
        yield from context.attempt("release-if-taken", why, min(rank, 0.3), lambda drafts, place=place: drafts.of(module).wrap([place], "if %s:" % name))


def _around_yield(context: Context, function: Function) -> "Iterator[Candidate]":
    """A context manager does what comes after its `yield` however the block ends."""
    if not any("contextmanager" in ast.dump(one) for one in function.node.decorator_list):
        return
    module = function.module
    for statement in function.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield) and statement is not function.body[-1]:
            rest = function.body[function.body.index(statement) + 1:]

            def change(drafts: Drafts) -> None:
                draft = drafts.of(module)
                draft.wrap([statement], "try:")
                draft.wrap(rest, "finally:")
            why = "%s does not clean up when its block raises: it now does" % function.name
            yield from context.attempt("release-in-finally", why, 4.0, change)
