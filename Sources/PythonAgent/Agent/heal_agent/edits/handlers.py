"""Families on exceptions: handler.type, handler.add, raise.type, handler.finally."""
import ast
from typing import List

from . import build
from .collector import Collector
from .primitives import Insert, Remove
from .scope import Function
from .sketch import sketch
from .tree import Block, Site

KINDS = ["ValueError", "KeyError", "IndexError", "TypeError", "ZeroDivisionError", "AttributeError",
         "StopIteration", "RuntimeError", "OSError"]
LIKELY = {ast.Subscript: ["IndexError", "KeyError", "TypeError"], ast.Div: ["ZeroDivisionError"],
          ast.FloorDiv: ["ZeroDivisionError"], ast.Mod: ["ZeroDivisionError"]}


def offer(site: Site, out: Collector) -> None:
    """Other exception types in handlers and in raises."""
    node = site.node
    if isinstance(site.parent, ast.ExceptHandler) and site.field == "type":
        for kind in KINDS:
            out.replace(site, "handler.type", build.name(kind))
            if isinstance(node, ast.Name) and node.id != kind:
                both = ast.Tuple(elts=[node, build.name(kind)], ctx=build.LOAD)
                out.replace(site, "handler.type", both, f"catch `{kind}` as well")
    elif isinstance(node, ast.Name) and node.id in KINDS and isinstance(site.statement, ast.Raise):
        for kind in KINDS:
            out.replace(site, "raise.type", build.name(kind))
    elif isinstance(node, ast.Call) and isinstance(site.parent, ast.Expr) and isinstance(
            node.func, ast.Name) and node.func.id.endswith(("Error", "Exception")):
        out.swap_statement(site.block, "raise.missing", site.statement, ast.Raise(exc=node, cause=None))


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """A handler around a statement, with what the function could do in its place."""
    if not isinstance(block.scope.node, Function) or not out.wants("handler.add"):
        return
    if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)):
        return
    kinds: List[str] = []
    for part in ast.walk(statement):
        kinds += LIKELY.get(type(part), [])
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in (
                "int", "float"):
            kinds += ["ValueError", "TypeError"]
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr in (
                "index", "remove"):
            kinds.append("ValueError")
    from .returns import answers
    for kind in list(dict.fromkeys(kinds))[:4]:
        bodies: List[ast.stmt] = [ast.Continue()] if block.loops else []
        bodies += [ast.Return(value=v) for v in answers(out.tree, block, statement)[:5]]
        bodies.append(ast.Pass())
        for body in bodies:
            handler = ast.ExceptHandler(type=build.name(kind), name=None, body=[body])
            made = ast.Try(body=[statement], handlers=[handler], orelse=[], finalbody=[])
            build.place(made, statement)
            out.primitives("handler.add", [Insert(block.items, statement, [made], False), Remove(
                block.items, statement)], 3, statement, block,
                lambda b=body, k=kind: f"on {k}: `{sketch(b)}`",
                key=(id(statement), kind, build.fingerprint(body)))
