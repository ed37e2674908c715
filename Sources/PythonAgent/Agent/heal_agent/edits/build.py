"""Small constructors of nodes, and helpers to copy, measure and compare them."""
import ast
from typing import Any, List, Sequence, Tuple

LOAD, STORE = ast.Load(), ast.Store()
POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")
COUNTED = (ast.expr, ast.stmt, ast.ExceptHandler, ast.comprehension)


def name(identifier: str) -> ast.Name:
    return ast.Name(id=identifier, ctx=LOAD)


def target(identifier: str) -> ast.Name:
    return ast.Name(id=identifier, ctx=STORE)


def const(value: Any) -> ast.expr:
    """A constant; a negative number is what the parser makes of it, a minus and a constant."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
    return ast.Constant(value=value)


def call(function: Any, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
    return ast.Call(func=name(function) if isinstance(function, str) else function,
                    args=list(arguments),
                    keywords=[ast.keyword(arg=k, value=v) for k, v in keywords.items()])


def method(value: ast.expr, attribute: str, *arguments: ast.expr) -> ast.Call:
    return call(attr(value, attribute), *arguments)


def attr(value: ast.expr, attribute: str) -> ast.Attribute:
    return ast.Attribute(value=value, attr=attribute, ctx=LOAD)


def item(value: ast.expr, index: ast.expr, ctx: ast.expr_context = LOAD) -> ast.Subscript:
    return ast.Subscript(value=value, slice=index, ctx=ctx)


def cut(value: ast.expr, lower: Any = None, upper: Any = None, step: Any = None) -> ast.Subscript:
    return item(value, ast.Slice(lower=lower, upper=upper, step=step))


def binary(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.BinOp:
    return ast.BinOp(left=left, op=op, right=right)


def plus(value: ast.expr, number: int) -> ast.expr:
    """`value + number`, written as a minus for a negative number."""
    return binary(value, ast.Add() if number >= 0 else ast.Sub(), ast.Constant(value=abs(number)))


def negation(value: ast.expr) -> ast.expr:
    """The opposite of a condition, without a double `not`."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return value.operand
    if isinstance(value, ast.Compare) and len(value.ops) == 1:
        return compare(value.left, OPPOSITE[type(value.ops[0])](), value.comparators[0])
    return ast.UnaryOp(op=ast.Not(), operand=value)


def compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left=left, ops=[op], comparators=[right])


def both(op: ast.boolop, left: ast.expr, right: ast.expr) -> ast.BoolOp:
    """`left op right`, flat as the parser would have it."""
    values: List[ast.expr] = []
    if isinstance(left, ast.BoolOp) and type(left.op) is type(op):
        values += left.values
    else:
        values.append(left)
    return ast.BoolOp(op=op, values=values + [right])


OPPOSITE = {ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
            ast.NotIn: ast.In}


def place(node: ast.AST, near: ast.AST) -> ast.AST:
    """Gives `near`'s position to the new nodes in `node`; reused nodes keep their own.

    Returns `node`. A new statement stands on `near`'s first line alone, so that tracebacks and
    coverage name a line of the source.
    """
    here = [getattr(near, field) for field in POSITION]
    todo = [node]
    while todo:
        new = todo.pop()
        if "lineno" in new._attributes:
            if "lineno" in new.__dict__:
                continue
            new.__dict__.update(zip(POSITION, here))
        todo += children(new)
    return node


def children(node: ast.AST) -> List[ast.AST]:
    """The nodes directly below, in no particular order; several times as fast as the library's."""
    found: List[ast.AST] = []
    for value in node.__dict__.values():
        kind = value.__class__
        if kind is list:
            found += [part for part in value if isinstance(part, ast.AST)]
        elif kind is not int and kind is not str and isinstance(value, ast.AST):
            found.append(value)
    return found


def copy(node: Any) -> Any:
    """A deep copy that keeps positions and leaves the ticks out of expressions and blocks."""
    if node.__class__ is list:
        return [copy(n) for n in node if not getattr(n, "heal_tick", False)]
    if not isinstance(node, ast.AST) or not node._fields:
        return node  # operators and contexts have no parts and may be shared
    kept = node.__dict__
    if "heal_lambda" in kept:
        return copy(node.values[1])  # type: ignore[attr-defined]
    twin = node.__class__.__new__(node.__class__)
    parts = twin.__dict__
    parts.update(kept)
    for field in node._fields:
        value = kept.get(field)
        if value.__class__ is list or isinstance(value, ast.AST):
            parts[field] = copy(value)
    return twin


def measure(node: ast.AST) -> int:
    """How many nodes there are; contexts and operators that hang on a counted node are free."""
    count, todo = 0, [node]
    while todo:
        top = todo.pop()
        if isinstance(top, COUNTED):
            count += 1
        todo += children(top)
    return count


def fingerprint(node: Any) -> Any:
    """Equal for equal trees, whatever their positions; ticks do not count."""
    if isinstance(node, ast.Name):
        return (node.id, type(node.ctx))
    if isinstance(node, ast.Constant):
        return (type(node.value), repr(node.value))
    if isinstance(node, list):
        return tuple([fingerprint(n) for n in node if not getattr(n, "heal_tick", False)])
    if not isinstance(node, ast.AST):
        return node
    if not node._fields:
        return node.__class__
    if getattr(node, "heal_lambda", False):
        return fingerprint(node.values[1])  # type: ignore[attr-defined]
    return (node.__class__, *[fingerprint(getattr(node, f, None)) for f in node._fields])


def same(a: Any, b: Any) -> bool:
    """Whether two trees are equal, positions and type comments apart."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if not isinstance(a, ast.AST):
        return a == b
    for field in a._fields:
        if field not in ("type_comment", "type_ignores", "kind") and not same(
                getattr(a, field, None), getattr(b, field, None)):
            return False
    return True


def text(node: ast.AST, limit: int = 60) -> str:
    """One line of source for a description."""
    try:
        line = " ".join(ast.unparse(ast.fix_missing_locations(copy(node))).split())
    except (ValueError, AttributeError, RecursionError):
        line = type(node).__name__
    return line if len(line) <= limit else line[:limit - 1] + "…"


def span(nodes: Sequence[ast.AST]) -> Tuple[int, int, int, int]:
    """The range from the first of these nodes to the last, as CPython gives it."""
    return (nodes[0].lineno, nodes[0].col_offset,  # type: ignore[attr-defined]
            nodes[-1].end_lineno, nodes[-1].end_col_offset)  # type: ignore[attr-defined]
