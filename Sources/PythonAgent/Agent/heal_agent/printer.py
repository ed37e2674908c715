"""Source text for edited trees that reuses the text of every part that the edit left alone.

Unchanged parts are replaced by placeholder names, the rest is unparsed, and the placeholders are
filled with their own text: quotes, number formats, line breaks and comments inside survive.
"""
import ast
import re
import sys
from typing import Any, Dict, List, Optional, Set, Tuple

from .edits.build import POSITION, same
from .source import Source

_BOOLEAN = {ast.Or: 3, ast.And: 4}
_BINARY = {ast.BitOr: 7, ast.BitXor: 8, ast.BitAnd: 9, ast.LShift: 10, ast.RShift: 10, ast.Add: 11,
           ast.Sub: 11, ast.Mult: 12, ast.Div: 12, ast.FloorDiv: 12, ast.Mod: 12, ast.MatMult: 12,
           ast.Pow: 14}
ATOM, UNARY = 16, 13
_LOOSE = (ast.Yield, ast.YieldFrom, ast.NamedExpr)
_MARK = re.compile(r"__heal_part_(\d+)__")


def precedence(node: ast.AST) -> int:
    """How tightly the node's own text binds."""
    if isinstance(node, (ast.Lambda, ast.IfExp)):
        return 1
    if isinstance(node, ast.BoolOp):
        return _BOOLEAN[type(node.op)]
    if isinstance(node, ast.UnaryOp):
        return 5 if isinstance(node.op, ast.Not) else UNARY
    if isinstance(node, ast.Compare):
        return 6
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)]
    if isinstance(node, ast.Await):
        return 15
    return 0 if isinstance(node, _LOOSE) else ATOM


def required(parent: ast.AST, field: str) -> int:
    """How tightly a child's text must bind to stand there without parentheses."""
    if isinstance(parent, ast.BinOp):
        own = precedence(parent)
        if isinstance(parent.op, ast.Pow):
            return 15 if field == "left" else UNARY
        return own if field == "left" else own + 1
    if isinstance(parent, ast.UnaryOp):
        return precedence(parent)
    if isinstance(parent, ast.BoolOp):
        return precedence(parent) + 1
    if isinstance(parent, (ast.Compare, ast.Starred)):
        return 7
    if isinstance(parent, (ast.Attribute, ast.Subscript)) and field == "value" or isinstance(
            parent, ast.Call) and field == "func" or isinstance(parent, ast.Await):
        return ATOM
    if isinstance(parent, ast.IfExp):
        return 1 if field == "orelse" else 2
    if isinstance(parent, ast.comprehension):
        return 2
    return 1


class Printer:
    """Writes nodes of edited copies of one tree."""

    def __init__(self, source: Source, base: ast.Module) -> None:
        self.source, self.unit = source, source.unit()
        self.known: Dict[Tuple, ast.AST] = {}
        self.strings: List[ast.AST] = []
        self._index(base)
        self.moved: Set[Tuple] = set()  # statements whose trailing comment goes with them
        self.reuse = True

    def _index(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.expr, ast.stmt)):
                self.known[key(child)] = child
                if child.lineno != child.end_lineno and isinstance(child, (ast.Constant, ast.JoinedStr)):
                    self.strings.append(child)
            if not isinstance(child, ast.JoinedStr) or sys.version_info >= (3, 12):
                self._index(child)

    def pristine(self, node: ast.AST) -> bool:
        """Whether the node is as the source has it, so that its text can stand for it."""
        if not self.reuse or not hasattr(node, "lineno"):
            return False
        twin = self.known.get(key(node))
        if twin is None or not same(twin, node):
            return False
        if isinstance(node, ast.If):
            return not self.source.segment(node).startswith("elif")
        if isinstance(node, ast.Tuple):
            return self.source.segment(node).startswith("(") and _parses(self.source.segment(node), node)
        return True

    # -- expressions ---------------------------------------------------------------------------

    def expression(self, node: ast.expr, need: int) -> str:
        """The text of an expression that must bind as tightly as `need`."""
        if self.pristine(node) and not isinstance(node, (ast.Starred, ast.Slice)):
            return self._own(node, need)
        parts: List[Any] = []
        shape = self._shape(node, need, parts, top=True)
        text = self._fill(ast.unparse(ast.fix_missing_locations(shape)), parts)
        return f"({text})" if 0 < precedence(node) < need else text

    def _own(self, node: ast.expr, need: int) -> str:
        text = self.source.segment(node)
        if precedence(node) < need or need == ATOM and isinstance(node, ast.Constant) and isinstance(
                node.value, int):
            return f"({text})"
        if isinstance(node, ast.GeneratorExp) and not text.startswith("("):
            return f"({text})"
        if "\n" in text or "\r" in text:
            try:
                ast.parse(text, mode="eval")
            except SyntaxError:
                return f"({text})"
        return text

    def _shape(self, node: Any, need: int, parts: List[Any], top: bool = False) -> Any:
        """A copy with placeholders for the parts that keep their text."""
        if isinstance(node, ast.expr) and not top and not isinstance(
                node, (ast.Name, ast.Starred, ast.Slice)) and self.pristine(node):
            parts.append(self._own(node, need))
            return ast.Name(id=f"__heal_part_{len(parts) - 1}__", ctx=ast.Load())
        if isinstance(node, ast.stmt) and not top and self.pristine(node):
            parts.append(node)
            return ast.Expr(value=ast.Name(id=f"__heal_part_{len(parts) - 1}__", ctx=ast.Load()))
        if isinstance(node, ast.JoinedStr) or not isinstance(node, ast.AST):
            return node
        twin = type(node).__new__(type(node))  # no field is given yet, which constructors refuse
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                setattr(twin, field, [self._shape(v, required(node, field), parts) for v in value])
            else:
                setattr(twin, field, self._shape(value, required(node, field), parts))
        for field in POSITION:
            if hasattr(node, field):
                setattr(twin, field, getattr(node, field))
        return twin

    @staticmethod
    def _fill(text: str, parts: List[Any]) -> str:
        return _MARK.sub(lambda m: parts[int(m.group(1))], text)

    # -- statements ----------------------------------------------------------------------------

    def statement(self, node: ast.stmt, indent: str) -> str:
        """The lines of a statement; the first has no indentation, the others have `indent` at least."""
        if self.pristine(node):
            return self._moved(node, indent)
        parts: List[Any] = []
        shape = self._shape(node, 0, parts, top=True)
        lines = []
        for line in ast.unparse(ast.fix_missing_locations(shape)).split("\n"):
            content = line.lstrip(" ")
            here = indent + self.unit * ((len(line) - len(content)) // 4)
            match = _MARK.fullmatch(content)
            if match and isinstance(parts[int(match.group(1))], ast.stmt):
                lines.append(here + self._moved(parts[int(match.group(1))], here))
            elif content:
                lines.append(here + self._fill(content, parts))
        return "\n".join(lines)[len(indent):]

    def _moved(self, node: ast.stmt, indent: str) -> str:
        """The source of a statement at another indentation."""
        start, end = self.source.start(node), self.source.end(node)
        stop = self.source.stops[self.source.line_of(end) - 1]
        if key(node) in self.moved and re.fullmatch(r"[ \t\f]*#.*", self.source.text[end:stop]):
            end = stop
        text, old = self.source.text[start:end], self.source.indentation(start)
        if old == indent:
            return text
        first = self.source.line_of(start)
        inside: Set[int] = set()
        for string in self.strings:
            inside.update(range(string.lineno + 1, string.end_lineno + 1))  # type: ignore[attr-defined]
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)
        for i in range(1, len(lines)):
            if first + i not in inside and lines[i].startswith(old) and lines[i].strip():
                lines[i] = indent + lines[i][len(old):]
        return "".join(lines)


def key(node: Any) -> Tuple:
    """What a node and its copies have in common."""
    return (type(node), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)


def _parses(text: str, node: ast.AST) -> bool:
    """Whether a text that begins with a parenthesis is the whole tuple: `(a), b` is not."""
    try:
        return same(ast.parse(text, mode="eval").body, _loaded(node))
    except SyntaxError:
        return False


def _loaded(node: ast.AST) -> Optional[ast.AST]:
    return node if isinstance(getattr(node, "ctx", None), ast.Load) else None
