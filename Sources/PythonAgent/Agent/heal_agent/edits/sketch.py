"""Short, quick source text of a node for descriptions (`ast.unparse` is many times slower)."""
import ast
from typing import Any

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|",
    ast.BitAnd: "&", ast.BitXor: "^", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in", ast.And: "and", ast.Or: "or", ast.Not: "not ", ast.USub: "-",
    ast.UAdd: "+", ast.Invert: "~",
}


def symbol(op: Any) -> str:
    """The token of an operator, given as a node or a class."""
    return OPERATORS[op if isinstance(op, type) else type(op)].strip()


def sketch(node: Any, limit: int = 60) -> str:
    """One line that shows the node; long ones are cut."""
    line = _text(node)
    return line if len(line) <= limit else line[:limit - 1] + "…"


def _text(node: Any) -> str:
    write = _WRITERS.get(type(node))
    if write is not None:
        return write(node)
    try:
        return " ".join(ast.unparse(node).split())
    except Exception:  # a description must never cost the edit
        return type(node).__name__


def _operand(node: Any) -> str:
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)):
        return f"({_text(node)})"
    return _text(node)


def _compare(node: ast.Compare) -> str:
    parts = [_operand(node.left)]
    for op, right in zip(node.ops, node.comparators):
        parts += [symbol(op), _operand(right)]
    return " ".join(parts)


def _boolean(node: ast.BoolOp) -> str:
    if getattr(node, "heal_lambda", False):
        return _text(node.values[1])
    return f" {symbol(node.op)} ".join(map(_operand, node.values))


def _call(node: ast.Call) -> str:
    arguments = [_text(a) for a in node.args]
    arguments += [(f"{k.arg}=" if k.arg else "**") + _text(k.value) for k in node.keywords]
    return f"{_operand(node.func)}({', '.join(arguments)})"


def _slice(node: ast.Slice) -> str:
    line = (_text(node.lower) if node.lower else "") + ":" + (_text(node.upper) if node.upper else "")
    return line + (":" + _text(node.step) if node.step else "")


def _statement(head: str, node: Any) -> str:
    return f"{head} {_text(node)}" if node is not None else head


_WRITERS = {
    ast.Name: lambda n: n.id,
    ast.Constant: lambda n: "..." if n.value is ... else repr(n.value),
    ast.Attribute: lambda n: f"{_operand(n.value)}.{n.attr}",
    ast.Subscript: lambda n: f"{_operand(n.value)}[{_text(n.slice)}]",
    ast.Slice: _slice,
    ast.Call: _call,
    ast.BinOp: lambda n: f"{_operand(n.left)} {symbol(n.op)} {_operand(n.right)}",
    ast.UnaryOp: lambda n: OPERATORS[type(n.op)] + _operand(n.operand),
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.List: lambda n: f"[{', '.join(map(_text, n.elts))}]",
    ast.Starred: lambda n: "*" + _operand(n.value),
    ast.Return: lambda n: _statement("return", n.value),
    ast.Expr: lambda n: _text(n.value),
    ast.Assign: lambda n: " = ".join(map(_text, [*n.targets, n.value])),
    ast.AugAssign: lambda n: f"{_text(n.target)} {symbol(n.op)}= {_text(n.value)}",
    ast.If: lambda n: f"if {_text(n.test)}: …",
    ast.While: lambda n: f"while {_text(n.test)}: …",
    ast.For: lambda n: f"for {_text(n.target)} in {_text(n.iter)}: …",
    ast.FunctionDef: lambda n: f"def {n.name}(…): …",
    ast.ClassDef: lambda n: f"class {n.name}: …",
    ast.Try: lambda n: "try: …",
    ast.With: lambda n: "with …",
    ast.Pass: lambda n: "pass",
    ast.Break: lambda n: "break",
    ast.Continue: lambda n: "continue",
}
