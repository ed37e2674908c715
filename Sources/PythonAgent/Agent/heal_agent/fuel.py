"""Loop fuel: a bound on the steps of a program that needs neither a timer nor a trace function.

Every function entry, loop body, handler, comprehension and lambda of the program calls one global,
`TICK`. That global is the `__next__` of a C iterator, so a step costs some 20 ns, and the same
candidate always stops at the same step.
"""
import ast
import operator
from itertools import chain, repeat
from typing import Callable, List

TICK = "__heal_tick__"


class FuelExhausted(BaseException):
    """Raised by the tick when the program has used all of its steps."""


class _Tank(chain):
    """`fuel` times None, and after that FuelExhausted for ever."""

    spent: List[bool]
    steps: "repeat[None]"

    def __new__(cls, fuel: int) -> "_Tank":
        spent: List[bool] = []
        steps = repeat(None, fuel)

        def refuse(_: None) -> None:
            spent.append(True)
            raise FuelExhausted

        tank = chain.__new__(cls, steps, map(refuse, repeat(None)))
        tank.spent = spent
        tank.steps = steps
        return tank


def make_tick(fuel: int) -> Callable[[], None]:
    """A tick that returns None `fuel` times and then raises FuelExhausted at every call."""
    return _Tank(max(0, fuel)).__next__


def exhausted(tick: Callable[[], None]) -> bool:
    """Whether this tick has refused a step, even where the program swallowed the exception."""
    return bool(tick.__self__.spent)  # type: ignore[attr-defined]


def left(tick: Callable[[], None]) -> int:
    """How many steps this tick still allows."""
    return operator.length_hint(tick.__self__.steps)  # type: ignore[attr-defined]


def is_tick(node: ast.AST) -> bool:
    """Whether `instrument` put this node into the tree."""
    return getattr(node, "heal_tick", False)


def without_tick(node: ast.AST) -> ast.AST:
    """The node that the source has in this place: looks through the tick of a lambda's body."""
    return node.values[1] if getattr(node, "heal_lambda", False) else node  # type: ignore[attr-defined]


def instrument(tree: ast.Module) -> ast.Module:
    """Puts ticks into the tree, in place; nodes of the source keep their identity and position."""
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            _into_block(node.body, after=1 if ast.get_docstring(node, clean=False) is not None else 0)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler)):
            _into_block(node.body, after=0)
        elif isinstance(node, ast.comprehension) and not isinstance(
                node.iter, (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Constant)):
            check = ast.UnaryOp(op=ast.Not(), operand=_call(node.target))
            check.heal_tick = True  # type: ignore[attr-defined]
            node.ifs.insert(0, ast.copy_location(check, node.target))
        elif isinstance(node, ast.Lambda):
            guarded = ast.BoolOp(op=ast.Or(), values=[_call(node.body), node.body])
            guarded.heal_lambda = True  # type: ignore[attr-defined]
            node.body = ast.copy_location(guarded, node.body)
    return tree


def tick_before(near: ast.stmt) -> ast.stmt:
    """A tick with the position of a statement, for a loop that an edit makes."""
    tick = ast.Expr(value=_call(near))
    tick.heal_tick = True  # type: ignore[attr-defined]
    return ast.copy_location(tick, near)


def _into_block(body: List[ast.stmt], after: int) -> None:
    body.insert(after, tick_before(body[min(after, len(body) - 1)]))


def _call(near: ast.AST) -> ast.Call:
    name = ast.copy_location(ast.Name(id=TICK, ctx=ast.Load()), near)
    return ast.copy_location(ast.Call(func=name, args=[], keywords=[]), near)
