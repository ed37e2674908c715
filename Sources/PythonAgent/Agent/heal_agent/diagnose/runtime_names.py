"""Runtime findings on names, attributes and imports."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from ..names import closest, look_alikes
from .attributes import MOVED_MEMBERS, MOVED_METHODS, attribute_span, length_fix
from .findings import Finding, fix
from .infer import own_returns
from .inventory import PACKAGES, STDLIB, installed_names, members_of, module_exists, type_attributes
from .runtime import Failure, Handler, quoted
from .unbound import unbound_fixes
from .undefined import _explain

_SUGGESTED = re.compile(r"[Dd]id you (?:mean|forget to import)[: ]*'([^']+)'")
_UNBOUND = re.compile(r"(?:local|free) variable '(\w+)'")


def suggested(failure: Failure) -> Optional[str]:
    """The name CPython itself suggests."""
    for text in (failure.exception.get("suggestion"), failure.message):
        match = _SUGGESTED.search(str(text or ""))
        if match:
            return match.group(1)
    suggestion = failure.exception.get("suggestion")
    return suggestion if isinstance(suggestion, str) and suggestion.isidentifier() else None


def _name_error(failure: Failure) -> Iterator[Finding]:
    names = quoted(failure.message)
    if not names:
        return
    name = names[0]
    uses = [n for n in failure.nodes(ast.Name) if n.id == name and isinstance(n.ctx, ast.Load)]
    if not uses:
        uses = [n for n in failure.module.walk(ast.Name) if n.id == name and isinstance(n.ctx, ast.Load)][:1]
    if not uses:
        return
    module = failure.module
    holder = module.scope_at(uses[0]).lookup(name)
    if holder is not None and holder.bindings.get(name):
        yield from _used_early(failure, name, uses[0])
        return
    for item in _explain(failure.program, module, name, uses[:1], False):
        item["evidence"].insert(0, {"source": "runtime", "text": failure.text})
        hint = suggested(failure) or closest(name, sorted(n for n, _ in module.scope_at(uses[0]).visible()))
        if hint and item["rule"] == "name/undefined" and "." not in hint:
            span = module.span(uses[0])
            # A name that is only spelt alike is a guess, such as a builtin function for a variable that is missing.
            extra = fix(module, [(*span, hint)], f"'{hint}' is the closest name there is", "low")
            item["fixes"] += [extra] if extra else []
        yield item


def _used_early(failure: Failure, name: str, use: ast.Name) -> Iterator[Finding]:
    """A name that is bound, but not yet at the time of the failure."""
    module = failure.module
    similar = [n for _, n in look_alikes(name, failure.frame.get("locals") or {})]
    fixes = [fix(module, [(*module.span(use), other)], f"'{other}' is bound here", "medium") for other in similar[:2]]
    yield failure.report("name/used-before-definition", f"'{name}' is used before it gets a value",
        f"Line {failure.line}: '{name}' gets its value only later, or in a branch that did not run; define it before this line.",
        "high", fixes, module.span(use), name)  # fmt: skip


def _unbound_local(failure: Failure) -> Iterator[Finding]:
    match = _UNBOUND.search(failure.message) or re.search(r"'(\w+)'", failure.message)
    if not match:
        return
    name = match.group(1)
    module = failure.module
    uses = [n for n in failure.nodes(ast.Name) if n.id == name]
    if not uses:
        return
    hint, fixes = unbound_fixes(failure.program, module, uses[0])
    yield failure.report("name/unbound-local", f"'{name}' has no value yet on line {failure.line}", hint, "high", fixes, module.span(uses[0]), name)


def _attribute_error(failure: Failure) -> Iterator[Finding]:
    message = failure.message
    match = re.search(r"has no attribute '([^']+)'", message)
    if not match:
        return
    name = match.group(1)
    module = failure.module
    nodes = [n for n in failure.nodes(ast.Attribute) if n.attr == name]
    if not nodes:
        nodes = [n for n in module.walk(ast.Attribute) if n.attr == name and isinstance(n.ctx, ast.Load)][:1]
    if not nodes:
        return
    node = nodes[0]
    owner_type = _owner_type(message)
    if owner_type == "NoneType":
        yield _none_owner(failure, node)
        return
    span = attribute_span(module, node)
    owner = module.code(node.value)
    what = f"a '{owner_type}' object" if owner_type else f"'{owner}'"
    fixes: List[Optional[Dict[str, Any]]] = []
    best = None
    moved = MOVED_METHODS.get(owner_type or "", {}).get(name)
    if moved:
        best, fixes = moved, [fix(module, [(*span, moved)], f"{what} has '{moved}'", "high")]
    known = _real_attributes(failure, owner_type, message)
    for rank, (d, other) in enumerate(look_alikes(name, known, 4)):
        best = best or other
        fixes.append(fix(module, [(*span, other)], f"{what} has '{other}' and no '{name}'", "high" if rank == 0 and d <= 1.2 else "medium" if rank == 0 else "low"))
    hint = suggested(failure) or closest(name, known)
    if hint and hint.isidentifier() and not best:
        best = hint
        fixes.append(fix(module, [(*span, hint)], f"'{hint}' is the closest name that {what} has", "high"))
    if name in ("length", "size", "len", "count") and not best:
        fixes.append(length_fix(module, node))
    full = re.search(r"module '([^']+)'", message)
    if full and f"{full.group(1)}.{name}" in MOVED_MEMBERS and not best:
        best = MOVED_MEMBERS[f"{full.group(1)}.{name}"]
    advice = f"write '{owner}.{best}'" if best else f"use an attribute that {what} has, or define '{name}'"
    yield failure.report("name/attribute", f"{what} has no attribute '{name}'" + (f"; it has '{best}'" if best else ""),
        f"Line {failure.line}: {advice}.", "high", fixes, span, name)  # fmt: skip


def _owner_type(message: str) -> Optional[str]:
    match = re.search(r"'([^']+)' object has no attribute", message) or re.search(r"type object '([^']+)'", message)
    if match:
        return match.group(1).rsplit(".", 1)[-1]
    return "module" if message.startswith(("module ", "partially")) else None


def _real_attributes(failure: Failure, owner: Optional[str], message: str) -> List[str]:
    """What the object truly has: as the run saw it, else as the program or the interpreter says."""
    seen = failure.observation.get("attributes") or {}
    for key, names in seen.items():
        if owner is None or key.rsplit(".", 1)[-1] == owner or len(seen) == 1:
            # Python 3.9 does not say which object it was: of a passing one, only the class may have been seen.
            return sorted({n for n in names if not (n.startswith("__") and n.endswith("__"))} | _written_attributes(failure, owner))
    module = re.search(r"module '([^']+)'", message)
    if module:
        return sorted(n for n in failure.program.names_of(module.group(1)) or () if not n.startswith("_"))
    known = type_attributes(owner or "")
    return sorted(known) if known else sorted(_written_attributes(failure, owner))


def _written_attributes(failure: Failure, owner: Optional[str]) -> Set[str]:
    """The attributes that the program's own class of this name gets in its text."""
    found = [one.classes[owner] for one in failure.program.modules if owner in one.classes]
    return set(found[0].attributes) if found else set()


def _none_owner(failure: Failure, node: ast.Attribute) -> Finding:
    module = failure.module
    owner = module.code(node.value)
    source = _origin(failure, node.value)
    text = f"'{owner}' is None, so it has no attribute '{node.attr}'"
    advice = f" It comes from {source}." if source else ""
    return failure.report("type/none", text,
        f"Line {failure.line}: '{owner}' is None here.{advice} Return or assign a value where it is made.",
        "high" if source else "medium", none_fixes(failure, node.value), module.span(node.value))  # fmt: skip


def _called_function(failure: Failure, node: ast.expr) -> Optional[Tuple[Any, Any]]:
    """The function of the program whose call gave the value of `node`, as (module, function)."""
    module = failure.module
    if isinstance(node, ast.Name):
        holder = module.scope_at(node).lookup(node.id)
        values = [getattr(module.parents.get(b), "value", None) for b in (holder.bindings.get(node.id, []) if holder else [])]
        calls = [v for v in values if isinstance(v, ast.Call)]
        if len(calls) != 1:
            return None
        node = calls[0]
    if not isinstance(node, ast.Call):
        return None
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
    found = [(m, f) for m in failure.program.modules for f in m.walk(ast.FunctionDef) if f.name == name]
    return found[0] if len(found) == 1 else None


def _origin(failure: Failure, node: ast.expr) -> Optional[str]:
    found = _called_function(failure, node)
    if found is None:
        return None
    if not any(r.value is not None for r in own_returns(found[1])):
        return f"'{found[1].name}', which returns nothing"
    return f"'{found[1].name}', which returns nothing on some path"


def none_fixes(failure: Failure, node: ast.expr) -> List[Optional[Dict[str, Any]]]:
    """A `return` of the value that a function computes last and forgets."""
    from .calls import missing_return_fix

    found = _called_function(failure, node)
    if found is None:
        return []
    return [missing_return_fix(found[0], found[1])]


def _import_error(failure: Failure) -> Iterator[Finding]:
    match = re.search(r"cannot import name '([^']+)' from (?:partially initialized module )?'([^']+)'", failure.message)
    if not match:
        return
    name, target = match.groups()
    module = failure.module
    aliases = [a for n in failure.nodes(ast.ImportFrom) for a in n.names if a.name == name]
    known = failure.program.names_of(target) or members_of(target) or frozenset()
    seen = failure.observation.get("attributes") or {}
    for names in seen.values():
        known = known | frozenset(names)
    fixes = []
    similar = look_alikes(name, known, 3)
    place = alias_span(module, aliases[0]) if aliases else None
    if place is not None:
        fixes = [fix(module, [(*place, other)], f"'{target}' has '{other}' and no '{name}'", "high" if i == 0 else "low") for i, (_, other) in enumerate(similar)]
    if "circular" in failure.message or "partially initialized" in failure.message:
        yield failure.report("name/circular-import", failure.text,
            f"Line {failure.line}: this module and '{target}' import each other; import inside the function that needs it, or move what both need.", "high", (), place)  # fmt: skip
        return
    best = f"; it has '{similar[0][1]}'" if similar else ""
    yield failure.report("name/import-member", f"module '{target}' has no '{name}'{best}",
        f"Line {failure.line}: import a name that '{target}' has{best[4:]}.", "high", fixes, place, name)  # fmt: skip


def alias_span(module: Any, alias: ast.alias) -> Tuple[int, int]:
    """Offsets of the imported name of an alias; Python 3.9 gives aliases no place."""
    if hasattr(alias, "lineno"):
        start = module.span(alias)[0]
        return start, start + len(alias.name)
    parent = module.parents[alias]
    start, end = module.span(parent)
    after = module.text.find("import", start, end)
    match = re.compile(r"\b" + re.escape(alias.name) + r"\b").search(module.text, max(after, start), end)
    return (match.start(), match.end()) if match else (start, end)


def _module_not_found(failure: Failure) -> Iterator[Finding]:
    match = re.search(r"No module named '([^']+)'", failure.message)
    if not match:
        return
    yield from missing_module(failure, match.group(1))


def missing_module(failure: Failure, name: str) -> Iterator[Finding]:
    """A module that cannot be found: misspelt, or not installed."""
    module = failure.module
    nodes = [n for n in failure.nodes(ast.Import, ast.ImportFrom)]
    top = name.split(".")[0]
    span = failure.line_span()
    fixes: List[Optional[Dict[str, Any]]] = []
    similar: List[Tuple[float, str]] = []
    for node in nodes:
        start, end = module.span(node)
        match = re.compile(r"\b" + re.escape(name) + r"\b").search(module.text, start, end)
        if not match:
            continue
        span = (match.start(), match.end())
        similar = similar_modules(failure.program, name)
        fixes = [fix(module, [(*span, other)], f"there is a module '{other}' and none named '{name}'", "high" if i == 0 else "low") for i, (_, other) in enumerate(similar)]
        if isinstance(node, ast.Import) and fixes and similar:
            fixes = [_renamed_everywhere(module, node, name, other, span) for _, other in similar]
    if similar:
        yield failure.report("name/missing-module", f"there is no module '{name}'; there is '{similar[0][1]}'",
            f"Line {failure.line}: import '{similar[0][1]}' instead of '{name}'.", "high", fixes, span, name)  # fmt: skip
        return
    if module_exists(top) and "." in name:
        yield failure.report("name/missing-module", f"there is no module '{name}'",
            f"Line {failure.line}: '{top}' exists and has no '{name.split('.', 1)[1]}'.", "high", (), span, name)  # fmt: skip
        return
    yield failure.report("environment/missing-package", f"the package '{top}' is not installed",
        f"Line {failure.line}: install it for this interpreter: python -m pip install {top}", "high", (), span, name)  # fmt: skip


def similar_modules(program: Any, name: str) -> List[Tuple[float, str]]:
    """Modules of the program, the standard library and the installed packages that look like `name`."""
    top, _, rest = name.partition(".")
    if rest and module_exists(top) or top in PACKAGES:
        return []
    own = {m.name for m in program.modules}
    found = look_alikes(top, own, 2) + [(d + 0.05, n) for d, n in look_alikes(top, [m for m in STDLIB if not m.startswith("_")], 2)]
    found += [(d + 0.1, n) for d, n in look_alikes(top, installed_names() | PACKAGES, 2) if module_exists(n)]
    found.sort()
    return [(d, n + ("." + rest if rest else "")) for d, n in found[:3]]


def _renamed_everywhere(module: Any, node: ast.Import, name: str, other: str, span: Tuple[int, int]) -> Optional[Dict[str, Any]]:
    """The import corrected, and the uses of the misspelt name with it."""
    alias = next((a for a in node.names if a.name == name), None)
    edits = [(*span, other)]
    if alias is not None and alias.asname is None and "." not in name:
        for use in module.walk(ast.Name):
            if use.id == name and isinstance(use.ctx, ast.Load):
                edits.append((*module.span(use), other))
    return fix(module, edits, f"there is a module '{other}' and none named '{name}'", "high")


NAME_HANDLERS: Dict[str, Handler] = {
    "NameError": _name_error,
    "UnboundLocalError": _unbound_local,
    "AttributeError": _attribute_error,
    "ImportError": _import_error,
    "ModuleNotFoundError": _module_not_found,
}
