"""Names that nothing binds: look-alikes, missing imports, missing `self.`, names of other languages."""

from __future__ import annotations

import ast
import builtins
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from ..names import look_alikes
from .findings import Finding, finding, fix
from .inventory import ALIASES, BUILTINS, PACKAGES, RENAMED, STANDARD_ALIASES, STDLIB, installed, sources_of
from .program import Analyzed, Program
from .scopes import Scope

_MODULE_NAMES = frozenset(
    "__name__ __file__ __doc__ __package__ __spec__ __loader__ __path__ __builtins__ __debug__ __annotations__ "
    "__dict__ __cached__ __class__ __module__ __qualname__ __annotate__ __conditional_annotations__ "
    "WindowsError reveal_type reveal_locals _ get_ipython __static_attributes__ __firstlineno__ __classdict__".split()
)
_STATEMENT_KEYWORDS = ("return", "pass", "break", "continue", "yield", "raise")
_CONSTANTS = ("True", "False", "None")


def undefined_findings(program: Program, module: Analyzed) -> List[Finding]:
    """Findings for each name of a module that is used and bound nowhere."""
    if module.tree is None or module.scopes is None:
        return []
    starred: Set[str] = set()
    unknown_star = False
    for star in module.root.stars:
        names = program.star_names(star)
        unknown_star = unknown_star or names is None
        starred |= names or set()
    dynamic = _binds_dynamically(module)
    found: List[Finding] = []
    by_name: Dict[str, List[ast.Name]] = {}
    for use in _unresolved(module):
        if use.id not in starred and not _guarded(module, use):
            by_name.setdefault(use.id, []).append(use)
    for name, uses in by_name.items():
        found += _explain(program, module, name, uses, unknown_star or dynamic)
    return found


def _unresolved(module: Analyzed) -> Iterator[ast.Name]:
    for scope in module.root.all_scopes():
        for use in scope.uses:
            name = use.id
            if name in BUILTINS or name in _MODULE_NAMES:
                continue
            holder = scope.lookup(name)
            if holder is None or not holder.bindings.get(name):
                yield use


def _binds_dynamically(module: Analyzed) -> bool:
    """Whether the module writes into its own namespace in ways that no analysis sees."""
    for call in module.walk(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id in ("exec", "execfile"):
            return True
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("_convert_", "_convert"):
            return True
        if isinstance(call.func, ast.Name) and call.func.id in ("globals", "vars") and not call.args:
            holder = module.parents.get(call)
            reads = isinstance(holder, ast.Subscript) and isinstance(holder.ctx, ast.Load) or isinstance(holder, ast.Attribute) and holder.attr in ("get", "keys", "copy", "items")
            if not reads:
                return True
    return any(isinstance(d, (ast.Name, ast.Attribute)) and getattr(d, "id", getattr(d, "attr", "")) == "global_enum"
               for c in module.walk(ast.ClassDef) for d in c.decorator_list)  # fmt: skip


def _guarded(module: Analyzed, use: ast.Name) -> bool:
    """Whether code around the use expects that the name may be missing."""
    inner: ast.AST = use
    for outer in module.ancestors(use):
        if isinstance(outer, ast.Try) and any(inner is s for s in outer.body):
            for handler in outer.handlers:
                words = module.code(handler.type) if handler.type is not None else "NameError"
                if "NameError" in words:
                    return True
        if isinstance(outer, ast.If) and inner is not outer.test:
            test = module.code(outer.test)
            if "PY2" in test or "version_info" in test or "PY3" in test or f"'{use.id}' in" in test or f'"{use.id}" in' in test:
                return True
        if isinstance(outer, ast.IfExp) and ("PY2" in module.code(outer.test) or "version" in module.code(outer.test)):
            return True
        inner = outer
    return False


def _explain(
    program: Program, module: Analyzed, name: str, uses: List[ast.Name], doubtful: bool
) -> List[Finding]:
    """One finding per use when the spelling is wrong there, one in all when an import is missing."""
    found: List[Finding] = []
    imported = _missing_import(program, module, name, uses)
    if imported is not None:
        return [imported] if not doubtful else [_weaker(imported)] if name in STDLIB else []
    for use in uses:
        item = _one(program, module, use)
        if not doubtful:
            found.append(item)
        elif item["rule"] == "name/look-alike":
            weight, other = _similar(module, use)[0]
            if weight <= 0.9 and other.lower() != use.id.lower():
                found.append(_weaker(item))
    return found


def _weaker(item: Finding) -> Finding:
    item["confidence"] = "low"
    return item


def _one(program: Program, module: Analyzed, use: ast.Name) -> Finding:
    name, span = use.id, module.span(use)
    line = module.original_range(*span)[0]
    if name in RENAMED and name not in ("this",):
        new = RENAMED[name]
        return _named(module, use, "name/renamed", f"'{name}' is not defined; Python 3 has '{new}'",
            f"Line {line}: write '{new}' instead of '{name}'.", "high", [(new, f"Python 3 has '{new}'", "high")])  # fmt: skip
    member = _through_self(program, module, use)
    similar = _similar(module, use)
    if member is not None and (not similar or similar[0][0] > 0.4):
        owner, attribute = member
        new = f"{owner}.{attribute}"
        what = "" if attribute == name else f" (spelt '{attribute}')"
        return _named(module, use, "name/missing-self", f"'{name}' is not defined; the object has '{new}'{what}",
            f"Line {line}: write '{new}' instead of '{name}'.", "high", [(new, f"'{name}' is an attribute of '{owner}'", "high")])  # fmt: skip
    if name == "this" and _first_parameter(module, use):
        owner = _first_parameter(module, use) or "self"
        return _named(module, use, "name/renamed", f"'this' is not defined; the object is '{owner}' here",
            f"Line {line}: write '{owner}' instead of 'this'.", "high", [(owner, f"the object is '{owner}'", "high")])  # fmt: skip
    if similar:
        best = similar[0][1]
        options = [(other, f"'{name}' is not defined, '{other}' is", "high" if i == 0 else "low") for i, (_, other) in enumerate(similar[:3])]
        confidence = "high" if similar[0][0] <= 1.0 else "medium"
        return _named(module, use, "name/look-alike", f"'{name}' is not defined; it looks like '{best}'",
            f"Line {line}: '{name}' is bound nowhere; write '{best}', which is, or define '{name}'.", confidence, options)  # fmt: skip
    return _named(module, use, "name/undefined", f"'{name}' is not defined",
        f"Line {line}: '{name}' is used, and nothing defines or imports it.", "high" if name.isidentifier() else "medium", [])  # fmt: skip


def _named(
    module: Analyzed, use: ast.Name, rule: str, message: str, hint: str, confidence: str, options: List[Tuple[str, str, str]]
) -> Finding:
    start, end = module.span(use)
    item = finding(module, rule, (start, end), message, hint, confidence,
        [fix(module, [(start, end, new)], reason, sure) for new, reason, sure in options])  # fmt: skip
    item["subject"] = use.id
    return item


def _similar(module: Analyzed, use: ast.Name) -> List[Tuple[float, str]]:
    """Names in reach that look like the one used, weighted by how near and how fitting they are."""
    scope = module.scope_at(use)
    parent = module.parents.get(use)
    called = isinstance(parent, ast.Call) and parent.func is use
    reach = dict(scope.visible())
    ranked = []
    for d, other in look_alikes(use.id, reach, 12):
        weight = d + 0.1 * min(reach[other], 3)
        if called != _callable(module, scope, other):
            weight += 0.35
        if _bound_after(module, scope, other, use):
            weight += 0.3
        ranked.append((weight, other))
    for d, other in look_alikes(use.id, [b for b in BUILTINS if not b.startswith("_")], 5):
        kind = getattr(builtins, other, None)
        fits = called == callable(kind) or isinstance(kind, type)
        ranked.append((d + (0.15 if fits else 0.9), other))
    statement = isinstance(parent, ast.Expr)
    for d, other in look_alikes(use.id, (*_STATEMENT_KEYWORDS, *_CONSTANTS) if statement else _CONSTANTS, 3):
        ranked.append((d + 0.1, other))
    ranked.sort()
    return ranked


def _callable(module: Analyzed, scope: Scope, name: str) -> bool:
    """Whether a name in reach is plainly a function or class."""
    holder = scope.lookup(name)
    nodes = holder.bindings.get(name, []) if holder else []
    return any(isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias)) for n in nodes)


def _bound_after(module: Analyzed, scope: Scope, name: str, use: ast.Name) -> bool:
    """Whether the only bindings in the very scope of the use come after it."""
    nodes = scope.bindings.get(name, [])
    return bool(nodes) and all(getattr(n, "lineno", 0) > use.lineno for n in nodes)


def _first_parameter(module: Analyzed, use: ast.AST) -> Optional[str]:
    """The name of the object in the method around `use`."""
    for outer in module.ancestors(use):
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)) and isinstance(module.parents.get(outer), ast.ClassDef):
            arguments = [*outer.args.posonlyargs, *outer.args.args]
            static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in outer.decorator_list)
            return arguments[0].arg if arguments and not static else None
    return None


def _through_self(program: Program, module: Analyzed, use: ast.Name) -> Optional[Tuple[str, str]]:
    """The attribute of the surrounding object that a bare name was meant to be."""
    owner = _first_parameter(module, use)
    node = module.enclosing(use, ast.ClassDef)
    if owner is None or node is None:
        return None
    info = module.classes.get(node.name)
    if info is None or info.node is not node:
        return None
    names = {n for n in info.attributes if not n.startswith("__")}
    if use.id in names and _is_attribute(info, use.id):
        return owner, use.id
    return None


def _is_attribute(info: Any, name: str) -> bool:
    """Whether a class truly has an attribute, and not only a string of that spelling."""
    if name in info.methods:
        return True
    for node in ast.walk(info.node):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == name:
            return True
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and info.module.parents.get(node) is info.node:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return True
    return False


def _missing_import(
    program: Program, module: Analyzed, name: str, uses: List[ast.Name]
) -> Optional[Finding]:
    """The import that would bind the name, when one is plainly missing."""
    lines = _import_lines(program, module, name, uses)
    if not lines:
        return None
    similar = _similar(module, uses[0])
    if similar and similar[0][0] <= 0.6 and not name in STDLIB:
        return None
    span = module.span(uses[0])
    fixes = [import_fix(module, line, "high" if i == 0 else "medium") for i, line in enumerate(lines[:3])]
    line = module.original_range(*span)[0]
    item = finding(module, "name/missing-import", span, f"'{name}' is used and not imported",
        f"Line {line}: add '{lines[0]}' at the top of the file.", "high", fixes)  # fmt: skip
    item["subject"] = name
    return item


def _import_lines(program: Program, module: Analyzed, name: str, uses: List[ast.Name]) -> List[str]:
    attributes = {p.attr for p in (module.parents.get(u) for u in uses) if isinstance(p, ast.Attribute)}
    found: List[str] = []
    if name in program.by_name and program.by_name[name] is not module:
        found.append(f"import {name}")
    if name in STDLIB and not name.startswith("_"):
        members = program.names_of(name)
        if attributes and (members is None or attributes & members):
            found.append(f"import {name}")
        elif not attributes and name not in ("time", "datetime", "copy", "glob", "string", "queue", "code", "types", "test", "token", "this"):
            found.append(f"import {name}")
    for source in sources_of(name):
        found.append(f"from {source} import {name}")
    for other in program.modules:
        if other is not module and other.tree is not None and name in other.root.bindings:
            if any(isinstance(n, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) for n in other.root.bindings[name]):
                found.append(f"from {other.name} import {name}")
    if name in ALIASES and installed(ALIASES[name].split(".")[0]):
        found.append(f"import {ALIASES[name]} as {name}")
    if name in STANDARD_ALIASES and attributes:
        target = STANDARD_ALIASES[name]
        found.append(f"import {target} as {name}" if target != name else f"import {name}")
    if attributes and not found and name not in STDLIB and (name in PACKAGES or installed(name)):
        found.append(f"import {name}")
    if attributes and not found and name in ALIASES:
        # Not installed for this interpreter; the import is what is missing first all the same.
        found.append(f"import {ALIASES[name]} as {name}")
    return list(dict.fromkeys(found))


def import_fix(module: Analyzed, line: str, confidence: str) -> Optional[Dict[str, Any]]:
    """A fix that adds an import where the file's imports are."""
    at, before, after = import_place(module)
    return fix(module, [(at, at, f"{before}{line}{after}")], f"add '{line}'", confidence)


def import_place(module: Analyzed) -> Tuple[int, str, str]:
    """Where a new import goes: after the docstring and `__future__` imports, before what comes first."""
    newline = module.source.line_end
    body = module.tree.body if module.tree is not None else []
    last: Optional[ast.stmt] = None
    for statement in body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
        future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if (docstring and last is None) or future:
            last = statement
        else:
            break
    following = body[body.index(last) + 1] if last is not None and body.index(last) + 1 < len(body) else (body[0] if body and last is None else None)
    if following is not None:
        first = min([following.lineno] + [d.lineno for d in getattr(following, "decorator_list", [])])
        if last is None or first > (last.end_lineno or 0):
            return module.source.offset(first, 1), "", newline
    if last is not None:
        return module.span(last)[1], newline, ""
    return len(module.text), "", newline
