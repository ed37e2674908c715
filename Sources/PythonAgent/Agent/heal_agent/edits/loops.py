"""Family loop.wrap: statements that are to be done again and again."""
import ast
from typing import Iterator, List

from ..fuel import tick_before
from . import build
from .collector import Collector
from .primitives import Insert, Remove
from .scope import Function
from .sketch import sketch
from .tree import Block

SHRINKING = ("remove", "pop", "popleft", "popitem", "discard", "heappop")
LONGEST, MOST = 5, 12


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """Loops around a statement and some of those that follow it."""
    if not isinstance(block.scope.node, Function) or not out.wants("loop.wrap"):
        return
    mates = block.statements()
    at = mates.index(statement)
    if not at and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    for end in range(at + 1, min(len(mates), at + LONGEST) + 1):
        run = mates[at:end]
        if isinstance(run[-1], (ast.Return, *Function, ast.ClassDef, ast.Import, ast.ImportFrom)):
            break
        for loop in list(_loops(block, run))[:MOST]:
            build.place(loop, statement)
            loop.body = [tick_before(run[0]), *run]  # type: ignore[attr-defined]
            out.primitives("loop.wrap", [Insert(block.items, statement, [loop], False), *[
                Remove(block.items, one) for one in run]], 2 + len(run) // 2, statement, block,
                lambda made=loop, n=len(run): f"put {n} statement{'s' * (n > 1)} under `{sketch(made)}`",
                key=("loop.wrap", id(statement), len(run), build.fingerprint(_header(loop))))


def _header(loop: ast.stmt) -> List[ast.AST]:
    return [loop.test] if isinstance(loop, ast.While) else [loop.target, loop.iter]  # type: ignore


def _loops(block: Block, run: List[ast.stmt]) -> Iterator[ast.stmt]:
    """While something that the statements take from is not empty, or a number of times that is at hand."""
    scope = block.scope
    names = scope.names(run[0].lineno)
    for name in _shrunk(run):
        if name in names:
            yield ast.While(test=build.name(name), body=[], orelse=[])
    grown = _grown(run)
    for name in names:
        if name not in scope.parameters:
            continue
        if scope.is_number(name) is not False and scope.is_container(name) is not True:
            for other in grown:
                yield ast.While(test=build.compare(build.call("len", build.name(other)), ast.Lt(),
                                                   build.name(name)), body=[], orelse=[])
            yield ast.For(target=build.target("_"), iter=build.call("range", build.name(name)), body=[], orelse=[])
        if scope.is_number(name) is not True and scope.is_container(name) is not False:
            yield ast.For(target=build.target("_"), iter=build.call("range", build.call(
                "len", build.name(name))), body=[], orelse=[])


def _shrunk(run: List[ast.stmt]) -> List[str]:
    """Names of what these statements take elements from."""
    found = {}
    for node in (n for statement in run for n in ast.walk(statement)):
        owner = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHRINKING:
            owner = node.func.value
        elif isinstance(node, ast.Delete) and isinstance(node.targets[0], ast.Subscript):
            owner = node.targets[0].value
        if isinstance(owner, ast.Name):
            found[owner.id] = None
    return list(found)


def _grown(run: List[ast.stmt]) -> List[str]:
    """Names of what these statements add elements to."""
    found = {}
    for node in (n for statement in run for n in ast.walk(statement)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (
                "append", "add", "insert") and isinstance(node.func.value, ast.Name):
            found[node.func.value.id] = None
    return list(found)
