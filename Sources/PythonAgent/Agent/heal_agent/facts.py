"""Definitions and imports of each file, and whether it uses threads or tasks."""

from __future__ import annotations

import ast
from typing import Any, Dict, List

from .diagnose.module import Module

_THREADS = ("threading", "concurrent", "_thread", "multiprocessing.pool", "multiprocessing.dummy", "queue")
_TASKS = ("asyncio", "trio", "anyio", "curio", "contextlib.AsyncExitStack")


def facts(files: Dict[str, str]) -> Dict[str, Any]:
    """The facts of every file; of one that does not parse, those of its likeliest repair."""
    return {"files": {path: _facts(Module(path, text, 1)) for path, text in files.items()}}


def _facts(module: Module) -> Dict[str, Any]:
    definitions: List[Dict[str, Any]] = []
    imports: List[Dict[str, Any]] = []
    if module.tree is not None:
        _define(module, module.tree.body, "", False, definitions)
        for node in module.walk(ast.Import, ast.ImportFrom):
            imports += _imports(module, node)
    modules = [item["module"] for item in imports]
    return {
        "definitions": definitions,
        "imports": imports,
        "threads": any(_uses(name, _THREADS[:3]) for name in modules),
        "tasks": any(_uses(name, _TASKS[:4]) for name in modules) or any(module.walk(ast.AsyncFunctionDef)),
    }


def _uses(name: str, tops: Any) -> bool:
    return name.split(".")[0] in tops


def _imports(module: Module, node: Any) -> List[Dict[str, Any]]:
    place = module.original_range(*module.span(node))
    if isinstance(node, ast.ImportFrom):
        name = "." * node.level + (node.module or "")
        return [{"module": name, "names": [a.name for a in node.names], "range": place}]
    return [{"module": a.name, "names": [], "range": place} for a in node.names]


def _define(
    module: Module, body: List[ast.stmt], prefix: str, in_class: bool, found: List[Dict[str, Any]]
) -> None:
    """Definitions of a block, in source order, with those of the blocks inside it."""
    seen = {d["qualname"] for d in found}
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            is_class = isinstance(node, ast.ClassDef)
            kind = "class" if is_class else "method" if in_class else "function"
            qualname = prefix + node.name
            _add(module, found, node.name, qualname, kind, node)
            inner = qualname + "." if is_class else qualname + ".<locals>."
            _define(module, node.body, inner, is_class, found)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and "<locals>" not in prefix:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in (n for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)):
                if isinstance(name.ctx, ast.Store) and prefix + name.id not in seen:
                    seen.add(prefix + name.id)
                    _add(module, found, name.id, prefix + name.id, "variable", name)
        for field in ("body", "orelse", "finalbody"):
            inner_body = getattr(node, field, None)
            if isinstance(inner_body, list) and not hasattr(node, "name"):
                _define(module, inner_body, prefix, in_class, found)
        for handler in getattr(node, "handlers", ()):
            _define(module, handler.body, prefix, in_class, found)


def _add(module: Module, found: List[Dict[str, Any]], name: str, qualname: str, kind: str, node: ast.AST) -> None:
    place = module.original_range(*module.span(node))
    found.append({"name": name, "qualname": qualname, "kind": kind, "range": place})
