"""Imports of modules and members that do not exist, judged without running anything."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional

from ..names import look_alikes
from .findings import Finding, finding, fix
from .inventory import STDLIB, members_of, module_exists, submodule_exists
from .program import Analyzed, Program
from .runtime_names import _renamed_everywhere, alias_span, similar_modules

_PYTHON_2 = {
    "ConfigParser": "configparser", "Queue": "queue", "StringIO": "io", "cPickle": "pickle", "urllib2": "urllib.request",
    "urlparse": "urllib.parse", "Tkinter": "tkinter", "HTMLParser": "html.parser", "httplib": "http.client", "SocketServer": "socketserver",
    "__builtin__": "builtins", "commands": "subprocess", "thread": "_thread", "cStringIO": "io", "itertools_": "itertools",
}  # fmt: skip
_MOVED = {
    ("collections", n): "collections.abc"
    for n in "Mapping MutableMapping Sequence MutableSequence Iterable Iterator Callable Hashable Set MutableSet Sized Container Generator".split()
}


def import_findings(program: Program, module: Analyzed) -> List[Finding]:
    """Findings on every import statement of a module."""
    found: List[Finding] = []
    for node in module.walk(ast.Import, ast.ImportFrom):
        if _guarded(module, node):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                found += _module(program, module, node, alias.name, alias)
        elif not node.level and node.module:
            missing = list(_module(program, module, node, node.module, None))
            found += missing
            if not missing:
                found += _members(program, module, node)
    return found


def _guarded(module: Analyzed, node: ast.AST) -> bool:
    """Whether the import may fail by intent."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.Try, ast.If, ast.With)):
            return True
        if type(outer).__name__ == "TryStar":
            return True
    return False


def _own(program: Program, name: str) -> bool:
    top = name.split(".")[0]
    return name in program.by_name or top in program.by_name or top in program.packages


def _module(program: Program, module: Analyzed, node: Any, name: str, alias: Optional[ast.alias]) -> Iterator[Finding]:
    top = name.split(".")[0]
    if _own(program, name) or module_exists(top) and ("." not in name or top not in STDLIB or submodule_exists(name) or members_of(top) is None):
        return
    start, end = module.span(node)
    at = module.text.find(name, start, end)
    span = (at, at + len(name)) if at >= 0 else (start, end)
    line = module.original_range(*span)[0]
    new = _PYTHON_2.get(name)
    similar = [new] if new else [n for _, n in similar_modules(program, name)]
    if similar:
        if alias is not None and not new:
            fixes: List[Optional[Dict[str, Any]]] = [_renamed_everywhere(module, node, name, other, span) for other in similar]
        elif alias is not None:
            fixes = [fix(module, [(*span, f"{new} as {name}" if alias.asname is None else str(new))], f"Python 3 has '{new}'", "high")]
        else:
            fixes = [fix(module, [(*span, str(other))], f"there is a module '{other}' and none named '{name}'", "high" if i == 0 else "low") for i, other in enumerate(similar)]
        item = finding(module, "name/missing-module", span, f"there is no module '{name}'; there is '{similar[0]}'", f"Line {line}: import '{similar[0]}' instead of '{name}'.", "high", fixes)
    else:
        if module_exists(top) and "." in name:
            item = finding(module, "name/missing-module", span, f"there is no module '{name}'", f"Line {line}: '{top}' has no '{name.split('.', 1)[1]}'.", "medium", ())
        else:
            item = finding(module, "environment/missing-package", span, f"the package '{top}' is not installed",
                f"Line {line}: install it for this interpreter: python -m pip install {top}", "low" if module.enclosing(node, ast.FunctionDef, ast.AsyncFunctionDef) else "medium", ())  # fmt: skip
    item["subject"] = name
    yield item


def _members(program: Program, module: Analyzed, node: ast.ImportFrom) -> Iterator[Finding]:
    target = node.module or ""
    known = program.names_of(target)
    if known is None or program.by_name.get(target) is module:
        return
    own = program.by_name.get(target)
    for alias in node.names:
        if alias.name == "*" or alias.name in known or submodule_exists(f"{target}.{alias.name}") or f"{target}.{alias.name}" in program.by_name:
            continue
        if own is not None and any(m.name.endswith(f"{target}.{alias.name}") for m in program.modules):
            continue
        span = alias_span(module, alias)
        line = module.original_range(*span)[0]
        similar = look_alikes(alias.name, [n for n in known if not n.startswith("__")], 3)
        moved = _MOVED.get((target, alias.name))
        fixes: List[Optional[Dict[str, Any]]] = []
        if moved is not None and len(node.names) == 1:
            start = module.span(node)[0]
            at = module.text.find(target, start)
            fixes = [fix(module, [(at, at + len(target), moved)], f"'{alias.name}' is in '{moved}'", "high")]
            hint = f"Line {line}: import '{alias.name}' from '{moved}'."
        elif similar:
            fixes = [_renamed_member(module, alias, span, other, target, "high" if i == 0 else "low") for i, (_, other) in enumerate(similar)]
            hint = f"Line {line}: import '{similar[0][1]}'."
        else:
            if own is None:
                continue
            hint = f"Line {line}: '{target}' defines no '{alias.name}'; define it there or import what it has."
        item = finding(module, "name/import-member", span, f"module '{target}' has no '{alias.name}'" + (f"; it has '{similar[0][1]}'" if similar else ""), hint, "high" if fixes else "medium", fixes)
        item["subject"] = alias.name
        yield item


def _renamed_member(module: Analyzed, alias: ast.alias, span: Any, other: str, target: str, confidence: str) -> Optional[Dict[str, Any]]:
    """The imported name corrected, and its uses with it unless it is renamed on import."""
    edits = [(*span, other)]
    if alias.asname is None:
        edits += [(*module.span(n), other) for n in module.walk(ast.Name) if n.id == alias.name]
    return fix(module, edits, f"'{target}' has '{other}' and no '{alias.name}'", confidence)
