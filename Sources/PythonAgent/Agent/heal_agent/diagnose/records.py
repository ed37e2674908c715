"""Records and keys on which two places of a program do not agree."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from ..names import look_alikes
from .findings import Finding, finding, fix
from .infer import Inference, own_returns
from .program import Analyzed, Program
from .shapes import function_around, line_of, methods_of, path_of, report, self_name

_Key = Tuple[str, ...]
_READERS = frozenset(("get", "pop", "setdefault", "has_key"))


def record_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [
        *_swapped_keys(module), *_mixed_schemas(inference, module), *_odd_records(module), *_unknown_keys(inference, module),
    ]  # fmt: skip


# Keys made of the same parts in another order.


def _made_of(module: Analyzed, key: ast.expr) -> ast.expr:
    """A key, or what the one assignment to its variable makes it of."""
    if not isinstance(key, ast.Name):
        return key
    holder = module.scope_at(key).lookup(key.id)
    bindings = holder.bindings.get(key.id, []) if holder is not None else []
    parent = module.parents.get(bindings[0]) if len(bindings) == 1 else None
    return parent.value if isinstance(parent, ast.Assign) and parent.targets == bindings else key


def _joined(node: ast.AST) -> List[ast.AST]:
    """The parts of a text that is put together with `+`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_joined(node.left), *_joined(node.right)]
    return [node.args[0]] if isinstance(node, ast.Call) and path_of(node.func) == "str" and len(node.args) == 1 else [node]


def _parts(node: ast.AST) -> Optional[_Key]:
    """The parts of a key that is made of several: a tuple, or a text with fixed words between."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        names = [path_of(e) for e in node.elts if not isinstance(e, ast.Constant)]
        return ("tuple", *names) if len(names) == len(node.elts) and all(names) else None  # type: ignore[arg-type]
    if isinstance(node, ast.JoinedStr):
        names = [path_of(v.value) for v in node.values if isinstance(v, ast.FormattedValue)]
        fixed = "".join(v.value for v in node.values if isinstance(v, ast.Constant))
        return (f"text {fixed}", *names) if len(names) > 1 and all(names) else None  # type: ignore[arg-type]
    parts = _joined(node)
    if len(parts) > 2 and any(isinstance(p, ast.Constant) and isinstance(p.value, str) for p in parts):
        names = [path_of(p) for p in parts if not isinstance(p, ast.Constant)]
        fixed = "".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
        return (f"text {fixed}", *names) if len(names) > 1 and all(names) else None  # type: ignore[arg-type]
    return None


def _keyed(module: Analyzed) -> Iterator[Tuple[str, ast.expr, str, ast.AST]]:
    """Uses of a mapping by a key: its path, the key, whether it is stored or read, and where."""
    for node in module.walk(ast.Subscript):
        owner = path_of(node.value)
        if owner:
            yield owner, node.slice, "read" if isinstance(node.ctx, ast.Load) else "store", node
    for node in module.walk(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _READERS and node.args:
            owner = path_of(node.func.value)
            if owner:
                yield owner, node.args[0], "store" if node.func.attr == "setdefault" else "read", node
    for node in module.walk(ast.Compare):
        owner = path_of(node.comparators[0])
        if owner and len(node.ops) == 1 and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            yield owner, node.left, "read", node


def _swapped_keys(module: Analyzed) -> Iterator[Finding]:
    """A mapping that is written with (b, a) and read with (a, b)."""
    uses: Dict[Tuple[str, Any, _Key], List[Tuple[_Key, str, ast.expr, Any]]] = {}
    for owner, written, mode, node in _keyed(module):
        key = _made_of(module, written)
        parts = _parts(key)
        if parts is None or len(set(parts)) != len(parts):
            continue
        function = function_around(module, node)
        of_object = owner.startswith("self.") or "." in owner and function is not None and owner.split(".")[0] == self_name(module, function)
        around = module.enclosing(node, ast.ClassDef) if of_object else module.scope_at(node).lookup(owner.split(".")[0]) or function
        uses.setdefault((owner, id(around), (parts[0], *sorted(parts[1:]))), []).append((parts, mode, key, function))
    for (owner, _, _), places in uses.items():
        orders = {p[0] for p in places}
        stores = [p for p in places if p[1] == "store"]
        reads = [p for p in places if p[1] == "read"]
        if len(orders) != 2 or len({p[0] for p in stores}) != 1 or len({p[0] for p in reads}) != 1:
            continue
        store, read = stores[0], reads[0]
        if _mirrors(module, store[2], owner):
            continue
        yield report(module, "logic/swapped-key", store[2],
            f"'{owner}' is written here with the key {module.code(store[2])} and read on line {line_of(module, read[2])} with {module.code(read[2])}",
            f"use one order of the parts in both places, such as {module.code(read[2])}", "medium",
            [fix(module, [(*module.span(s[2]), module.code(read[2]))], f"line {line_of(module, read[2])} reads with this order", "medium") for s in stores[:1]])  # fmt: skip


def _mirrors(module: Analyzed, key: ast.expr, owner: str) -> bool:
    """Whether the statement around a key reads the same mapping, as one that mirrors it does."""
    statement = module.enclosing(key, ast.stmt)
    value = getattr(statement, "value", None)
    return value is not None and any(path_of(n) == owner for n in ast.walk(value))


# Records that are made in several shapes.


def _literal_keys(node: Optional[ast.AST]) -> Optional[List[str]]:
    """The keys of a dictionary that is written out with texts as keys."""
    if not isinstance(node, ast.Dict) or len(node.keys) < 2:
        return None
    keys = [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
    return keys if len(keys) == len(node.keys) else None


def _record_of(method: Any) -> Optional[ast.Dict]:
    """The one record that a method returns, written out."""
    returned = [r.value for r in own_returns(method)]
    return returned[0] if len(returned) == 1 and isinstance(returned[0], ast.Dict) and _literal_keys(returned[0]) else None


def _overridden(inference: Inference, module: Analyzed, owner: ast.ClassDef, name: str) -> Iterator[Tuple[Analyzed, Any]]:
    """The methods of that name of a class's bases and of its siblings."""
    bases = [b.id for b in owner.bases if isinstance(b, ast.Name)]
    for other in inference.program.modules:
        for node in other.walk(ast.ClassDef):
            related = node.name in bases or any(isinstance(b, ast.Name) and b.id in bases for b in node.bases)
            if node is owner or not related:
                continue
            for method in methods_of(node):
                if method.name == name:
                    yield other, method


def _read_keys(inference: Inference) -> Dict[str, Tuple[Analyzed, ast.AST]]:
    """Keys that the program subscripts records with, and where it does so first."""
    found: Dict[str, Tuple[Analyzed, ast.AST]] = {}
    for module in inference.program.modules:
        for node in module.walk(ast.Subscript):
            if isinstance(node.ctx, ast.Load) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
                found.setdefault(node.slice.value, (module, node))
    return found


def _mixed_schemas(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A method whose record lacks keys that the records of its namesakes in related classes have."""
    read: Optional[Dict[str, Tuple[Analyzed, ast.AST]]] = None
    for owner in module.walk(ast.ClassDef):
        for method in methods_of(owner) if owner.bases else ():
            record = _record_of(method)
            if record is None:
                continue
            related = [(o, m, r) for o, m in _overridden(inference, module, owner, method.name) if (r := _record_of(m)) is not None]
            keys = _literal_keys(record) or []
            read = inference.fact(_read_keys) if read is None else read
            agreed = [(o, m, r) for o, m, r in related if _votes(r, [record, *(x[2] for x in related)]) > _votes(record, [record, *(x[2] for x in related)])]
            if not agreed and len(related) == 1 and related[0][1] in _base_methods(inference, owner, method.name):
                agreed = related
            for other, namesake, expected in agreed[:1]:
                missing = [k for k in _literal_keys(expected) or [] if k not in keys]
                wanted = [k for k in missing if k in read]
                if wanted:
                    yield _schema(module, method, record, other, namesake, expected, missing, wanted[0], read[wanted[0]])


def _base_methods(inference: Inference, owner: ast.ClassDef, name: str) -> List[Any]:
    bases = {b.id for b in owner.bases if isinstance(b, ast.Name)}
    return [m for o in inference.program.modules for c in o.walk(ast.ClassDef) if c.name in bases for m in methods_of(c) if m.name == name]


def records_with(program: Program, keys: Set[str]) -> Iterator[Tuple[Analyzed, ast.Dict]]:
    """The records written out in the program that have exactly these keys."""
    for module in program.modules:
        for node in module.walk(ast.Dict):
            if set(_literal_keys(node) or ()) == keys:
                yield module, node


def _votes(record: ast.Dict, all_of_them: List[ast.Dict]) -> int:
    """How many records have the keys of this one."""
    keys = set(_literal_keys(record) or ())
    return sum(1 for r in all_of_them if set(_literal_keys(r) or ()) == keys)


def _schema(module: Analyzed, method: Any, record: ast.Dict, other: Analyzed, namesake: Any, expected: ast.Dict, missing: List[str], wanted: str, read: Any) -> Finding:
    owner, model = module.enclosing(method, ast.ClassDef), other.enclosing(namesake, ast.ClassDef)
    names = ", ".join(repr(k) for k in missing)
    used = {n.id for n in ast.walk(expected) if isinstance(n, ast.Name)}
    arguments = {a.arg for a in ast.walk(method.args) if isinstance(a, ast.arg)}
    fixes = [fix(module, [(*module.span(record), other.code(expected))], f"the record that '{model.name}.{namesake.name}' makes", "medium")] if used <= arguments else []
    return report(module, "logic/mixed-schema", record,
        f"'{owner.name}.{method.name}' makes a record without {names}, which '{model.name}.{namesake.name}' has (line {line_of(other, expected)}) and line {line_of(read[0], read[1])} reads",
        f"give the record the same keys with the same meaning in every class; '{wanted}' is missing here", "medium", fixes)  # fmt: skip


def _odd_records(module: Analyzed) -> Iterator[Finding]:
    """Of the records written out in one list, one whose key is spelt unlike that of all others."""
    for node in module.walk(ast.List):
        schemas = [_literal_keys(e) for e in node.elts]
        if len(schemas) < 3 or not all(schemas):
            continue
        for element, keys in zip(node.elts, schemas):
            others = [set(s or ()) for e, s in zip(node.elts, schemas) if e is not element]
            common = set.intersection(*others)
            lacking = sorted(common - set(keys or ()))
            extra = [k for k in element.keys if k.value not in set.union(*others)]  # type: ignore[attr-defined]
            if len(lacking) == 1 and len(extra) == 1 and look_alikes(extra[0].value, lacking, 1):
                quote = module.code(extra[0])[:1]
                yield report(module, "logic/odd-key", extra[0], f"this record says {extra[0].value!r} where the {len(others)} others say {lacking[0]!r} (line {line_of(module, node.elts[0])})",
                    f"write the key as {lacking[0]!r}", "medium", [fix(module, [(*module.span(extra[0]), f"{quote}{lacking[0]}{quote}")], "the key of the other records", "high")])  # fmt: skip


def _unknown_keys(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A key that is read and that nothing writes, where a look-alike is written and never read."""
    written, said = inference.fact(_written_keys)
    if not written:
        return
    for node in module.walk(ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not isinstance(key, str) or len(key) < 4 or not isinstance(node.ctx, ast.Load) or key in said:
            continue
        similar = [(score, k) for score, k in look_alikes(key, written, 1) if score < 1 and not key.startswith(k) and not k.startswith(key) and not key.endswith(k) and not k.endswith(key)]
        if not similar or inference.type_of(module, node.value) == "str":
            continue
        other, place = written[similar[0][1]]
        quote = module.code(node.slice)[:1]
        yield finding(module, "logic/unknown-key", module.span(node.slice), f"nothing writes the key {key!r}; line {line_of(other, place)} writes {similar[0][1]!r}",
            f"Line {line_of(module, node)}: read the key as {similar[0][1]!r}, or write it under {key!r}.", "low" if key.lower() == similar[0][1].lower() else "medium",
            [fix(module, [(*module.span(node.slice), f"{quote}{similar[0][1]}{quote}")], f"the key that line {line_of(other, place)} writes", "high")])  # fmt: skip


def _written_keys(inference: Inference) -> Tuple[Dict[str, Tuple[Analyzed, ast.AST]], Set[str]]:
    """Keys of records that the program writes, and every text that it says other than to read by it."""
    found: Dict[str, Tuple[Analyzed, ast.AST]] = {}
    said: Set[str] = set()
    for module in inference.program.modules:
        for node in module.walk(ast.Constant):
            if not isinstance(node.value, str):
                continue
            parent = module.parents.get(node)
            read = isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load)
            said |= set() if read else {node.value}
            stored = isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store) and parent.slice is node
            if stored or isinstance(parent, ast.Dict) and node in parent.keys:
                found.setdefault(node.value, (module, node))
        for node in module.walk(ast.keyword):
            said |= {node.arg} if node.arg else set()
    return found, said
