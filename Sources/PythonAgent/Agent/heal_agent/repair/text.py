"""A module as text and tree, and drafts: changes of its lines that keep comments and formatting of all others."""

from __future__ import annotations

import ast
import difflib
import re
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)


class NoEdit(Exception):
    """The text cannot be changed that way."""


class Module:
    """One file of the program."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines: "List[str]" = [one.rstrip("\r\n") for one in _LINE.findall(text)]
        ends = re.findall(r"\r\n|\r|\n", text)
        self.newline: str = ends[0] if ends else "\n"
        self.tree = ast.parse(text)
        self.nodes: "List[Any]" = list(ast.walk(self.tree))
        self.assertions = assertions(self.tree) if "assert" in text else []
        self.parents: "Dict[ast.AST, ast.AST]" = {}
        self._at: "Dict[int, List[Any]]" = {}
        for node in self.nodes:
            if hasattr(node, "lineno"):
                self._at.setdefault(node.lineno, []).append(node)
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
        self.unit = self._unit()
        self._frozen = self._inside_strings()

    def _unit(self) -> str:
        for node in self.nodes:
            for block in blocks(node):
                if not isinstance(node, ast.Module) and block[0].lineno != getattr(node, "lineno", 0):
                    inner, outer = self.indent(block[0]), self.indent(node)
                    if inner.startswith(outer) and len(inner) > len(outer):
                        return inner[len(outer):]
        return "    "

    def _inside_strings(self) -> "set[int]":
        """Lines that begin inside a string: their indentation is part of it."""
        found: "set[int]" = set()
        for node in self.nodes:
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno and node.end_lineno > node.lineno:
                if isinstance(node, ast.JoinedStr) or isinstance(node.value, (str, bytes)):
                    found.update(range(node.lineno + 1, node.end_lineno + 1))
        return found

    def at(self, line: int) -> "List[Any]":
        """The nodes that begin in a line."""
        return self._at.get(line, [])

    def covering(self, line: int) -> "Optional[ast.stmt]":
        """The innermost statement that covers a line."""
        found: "Optional[ast.stmt]" = None
        body: "List[Any]" = self.tree.body
        while body:
            inside = [one for one in body if first_line(one) <= line <= one.end_lineno]
            if not inside:
                break
            found = inside[-1]
            body = [one for block in blocks(found) for one in block]
        return found

    def indent(self, node: Any) -> str:
        """The white space before a statement."""
        line = self.lines[first_line(node) - 1]
        return line[:len(line) - len(line.lstrip())]

    def column(self, line: int, offset: int) -> int:
        """An offset in UTF-8 bytes as one in characters."""
        text = self.lines[line - 1]
        return offset if text.isascii() else len(text.encode("utf-8")[:offset].decode("utf-8", "replace"))

    def source(self, node: Any) -> str:
        """The text of an expression or statement."""
        first, last = node.lineno, node.end_lineno
        begin, end = self.column(first, node.col_offset), self.column(last, node.end_col_offset)
        if first == last:
            return self.lines[first - 1][begin:end]
        return "\n".join([self.lines[first - 1][begin:], *self.lines[first:last - 1], self.lines[last - 1][:end]])

    def begins_line(self, node: Any) -> bool:
        """Whether nothing but white space stands before a statement."""
        line = first_line(node)
        return not self.lines[line - 1][:self.column(line, node.col_offset)].strip() or line != node.lineno

    def up(self, node: ast.AST) -> "Iterator[ast.AST]":
        """The nodes around a node, innermost first."""
        one: "Optional[ast.AST]" = self.parents.get(node)
        while one is not None:
            yield one
            one = self.parents.get(one)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that a node belongs to."""
        one: ast.AST = node
        while not isinstance(one, ast.stmt):
            one = self.parents[one]
        return one

    def function(self, node: ast.AST) -> "Optional[Any]":
        """The function that a node stands in, lambdas left out."""
        return next((one for one in self.up(node) if isinstance(one, FUNCTIONS)), None)

    def block(self, statement: ast.stmt) -> "List[ast.stmt]":
        """The block that a statement belongs to."""
        for found in blocks(self.parents[statement]):
            if statement in found:
                return found
        raise NoEdit("the statement is in no block")

    def is_frozen(self, line: int) -> bool:
        return line in self._frozen


def blocks(node: Any) -> "List[List[ast.stmt]]":
    """The lists of statements directly below a node."""
    found = [getattr(node, name, None) for name in ("body", "orelse", "finalbody")]
    found += [one.body for one in (*getattr(node, "handlers", ()), *getattr(node, "cases", ()))]
    return [one for one in found if isinstance(one, list) and one and isinstance(one[0], ast.stmt)]


def first_line(node: Any) -> int:
    """The first line of a statement, decorators counted."""
    return min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])


def own_nodes(node: ast.AST) -> "Iterator[ast.AST]":
    """The nodes below a node that run when it runs: bodies of functions and classes inside left out, lambdas not."""
    todo = list(ast.iter_child_nodes(node)) if isinstance(node, SCOPES) else [node]
    if isinstance(node, FUNCTIONS):
        todo = list(node.body)
    while todo:
        one = todo.pop()
        yield one
        if not isinstance(one, (*FUNCTIONS, ast.ClassDef)):
            todo.extend(ast.iter_child_nodes(one))


class Draft:
    """Changes of one module; all positions are those of the text as it was."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.imported: "set[str]" = set()
        self._before: "Dict[int, List[str]]" = {}
        self._after: "Dict[int, List[str]]" = {}
        self._shift: "Dict[int, int]" = {}
        self._gone: "set[int]" = set()
        self._parts: "Dict[int, List[Tuple[int, int, str]]]" = {}

    def before(self, line: int, *texts: str) -> None:
        """Puts lines before a line."""
        self._before.setdefault(line, []).extend(texts)

    def after(self, line: int, *texts: str) -> None:
        """Puts lines after a line."""
        self._after.setdefault(line, []).extend(texts)

    def shift(self, first: int, last: int, levels: int = 1) -> None:
        """Indents lines by levels."""
        for line in range(first, last + 1):
            self._shift[line] = self._shift.get(line, 0) + levels

    def drop(self, first: int, last: int) -> None:
        self._gone.update(range(first, last + 1))

    def drop_statement(self, statement: ast.stmt) -> None:
        """Removes a statement that has its lines for itself; the last one of a block leaves `pass`."""
        module = self.module
        block = module.block(statement)
        alone = all(one is statement or first_line(one) > statement.end_lineno or one.end_lineno < first_line(statement)  # type: ignore
                    for one in block)
        if not alone or not module.begins_line(statement):
            raise NoEdit("the statement shares its line")
        if len(block) == 1:
            self.before(first_line(statement), module.indent(statement) + "pass")
        self.drop(first_line(statement), statement.end_lineno or statement.lineno)

    def replace(self, node: Any, text: str) -> None:
        """Another text for an expression or statement."""
        module, first, last = self.module, node.lineno, node.end_lineno
        begin, end = module.column(first, node.col_offset), module.column(last, node.end_col_offset)
        if first != last:
            tail = module.lines[last - 1][end:]
            self.part(first, begin, len(module.lines[first - 1]), text + tail)
            self.drop(first + 1, last)
        else:
            self.part(first, begin, end, text)

    def part(self, line: int, begin: int, end: int, text: str) -> None:
        """Another text for a part of a line."""
        known = self._parts.setdefault(line, [])
        if (begin, end, text) in known:
            return
        if any(begin < other_end and other_begin < end for other_begin, other_end, _ in known):
            raise NoEdit("two changes of one place")
        known.append((begin, end, text))

    def wrap(self, region: "Sequence[ast.stmt]", *headers: str) -> None:
        """Puts statements of one block under headers, one deeper than the other."""
        module, first = self.module, first_line(region[0])
        if not module.begins_line(region[0]):
            raise NoEdit("the statement shares its line")
        last = region[-1].end_lineno or first
        rest = module.lines[last - 1][module.column(last, region[-1].end_col_offset or 0):].strip()
        if rest.startswith(";"):
            raise NoEdit("the statement shares its line")
        indent = module.indent(region[0])
        self.before(first, *(indent + module.unit * depth + header for depth, header in enumerate(headers)))
        self.shift(first, last, len(headers))

    def unwrap(self, header: Any) -> None:
        """Removes a compound statement's header and gives its body the header's place."""
        body = header.body
        if body[0].lineno == header.lineno:
            raise NoEdit("the body shares the header's line")
        self.drop(first_line(header), first_line(body[0]) - 1)
        self.shift(first_line(body[0]), body[-1].end_lineno, -1)

    def statement_lines(self, statement: ast.stmt, indent: "Optional[str]" = None) -> "List[str]":
        """A statement's lines, moved to another indentation."""
        module = self.module
        old = module.indent(statement)
        new = old if indent is None else indent
        found = []
        for line in range(first_line(statement), (statement.end_lineno or statement.lineno) + 1):
            text = module.lines[line - 1]
            found.append(text if module.is_frozen(line) or not text.startswith(old) else new + text[len(old):])
        return found

    def move(self, statement: ast.stmt, line: int, indent: str, behind: bool = False) -> None:
        """Moves a statement before a line, or behind it."""
        texts = self.statement_lines(statement, indent)
        self.drop_statement(statement)
        (self.after if behind else self.before)(line, *texts)

    def text(self) -> str:
        """The module with the changes."""
        module, found = self.module, []
        for number, line in enumerate(module.lines, 1):
            found += self._before.get(number, ())
            if number not in self._gone:
                for begin, end, text in sorted(self._parts.get(number, ()), reverse=True):
                    line = line[:begin] + text + line[end:]
                found.append(self._shifted(number, line))
            found += self._after.get(number, ())
        found += self._before.get(len(module.lines) + 1, ())
        return module.newline.join("\n".join(found).split("\n")) + (module.newline if module.text.endswith(("\n", "\r")) else "")

    def _shifted(self, number: int, line: str) -> str:
        levels, module = self._shift.get(number, 0), self.module
        if not levels or not line.strip() or module.is_frozen(number):
            return line
        if levels > 0:
            return module.unit * levels + line
        if not line.startswith(module.unit * -levels):
            raise NoEdit("the indentation is irregular")
        return line[len(module.unit) * -levels:]


def hunks(path: str, old: str, new: str) -> "List[Dict[str, Any]]":
    """The edits that lead from one text to another, whole lines at a time."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    found = []
    for kind, a, b, c, d in _opcodes(before, after):
        if kind != "equal":
            found.append({"path": path, "range": _range(before, a, b), "new": "".join(after[c:d])})
    return found


def _range(lines: "Sequence[str]", first: int, last: int) -> "List[int]":
    if last < len(lines) or not lines or lines[-1].endswith(("\n", "\r")):
        return [first + 1, 1, last + 1, 1]
    begin = [first + 1, 1] if first < len(lines) else [first, len(lines[first - 1]) + 1]
    return [*begin, len(lines), len(lines[-1]) + 1]


def assertions(tree: ast.AST) -> "List[Tuple[str, int]]":
    """The assertions of a tree, each with the number of conditions, loops and handlers that it stands under."""
    found: "List[Tuple[str, int]]" = []
    todo: "List[Tuple[ast.AST, int]]" = [(tree, 0)]
    while todo:
        node, depth = todo.pop()
        if isinstance(node, ast.Assert):
            found.append((ast.dump(node), depth))
        if isinstance(node, (ast.If, ast.While, ast.For, ast.AsyncFor, ast.ExceptHandler)) or isinstance(node, ast.Try) and node.handlers:
            depth += 1
        todo += [(child, depth) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
    return sorted(found)


def changed_lines(old: str, new: str) -> "Tuple[int, int]":
    """How many lines differ, and how many of them in more than their indentation."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    return _count(before, after), _count([one.strip() for one in before], [one.strip() for one in after])


def _count(before: "Sequence[str]", after: "Sequence[str]") -> int:
    gone = new = 0
    for kind, a, b, c, d in _opcodes(before, after):
        if kind != "equal":
            gone, new = gone + b - a, new + d - c
    return max(gone, new)


def _opcodes(before: "Sequence[str]", after: "Sequence[str]") -> "Iterator[Tuple[str, int, int, int, int]]":
    """How lines differ; what is alike at both ends is left out first, which most of a long text is."""
    begin, most = 0, min(len(before), len(after))
    while begin < most and before[begin] == after[begin]:
        begin += 1
    end = 0
    while end < most - begin and before[-1 - end] == after[-1 - end]:
        end += 1
    inner = difflib.SequenceMatcher(None, before[begin:len(before) - end], after[begin:len(after) - end], autojunk=False)
    for kind, a, b, c, d in inner.get_opcodes():
        yield kind, a + begin, b + begin, c + begin, d + begin
