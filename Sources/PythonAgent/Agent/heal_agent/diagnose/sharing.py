"""Objects made once and shared where each call or each object needs its own, and variables bound too late."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional

from .findings import Finding, fix
from .infer import Inference
from .program import Analyzed
from .shapes import FUNCTIONS, changed_path, dotted, is_builtin_call, line_of, methods_of, own_nodes, path_of, report, self_name

_CLOCKS = frozenset((
    "time.time", "time.monotonic", "time.perf_counter", "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today",
    "datetime.date.today", "uuid.uuid4", "uuid.uuid1", "random.random", "random.randint", "random.choice",
))  # fmt: skip


_Changes = Dict[Optional[str], List[ast.AST]]


def sharing_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    changes = _changes(module)
    return [
        *_stored_defaults(module, changes), *_early_defaults(module), *_class_collections(module, changes), *_repeated(module, changes),
        *_late(module),
    ]  # fmt: skip


def _changes(module: Analyzed) -> _Changes:
    """The places that change a collection in place, by the path of the collection."""
    found: _Changes = {}
    for node in module.walk(ast.Subscript):
        if not isinstance(node.ctx, ast.Load):
            found.setdefault(path_of(node.value), []).append(node)
    for node in module.walk(ast.Call):
        target = changed_path(module, node)
        if target is not None:
            found.setdefault(path_of(target) or path_of(getattr(target, "value", None)), []).append(node)
    return found


def _is_empty_collection(module: Analyzed, node: Optional[ast.AST]) -> bool:
    if isinstance(node, (ast.List, ast.Dict)):
        return not getattr(node, "elts", getattr(node, "keys", []))
    return node is not None and is_builtin_call(module, node, "list", "dict", "set") and not node.args and not node.keywords  # type: ignore[attr-defined]


def _defaults(function: Any) -> Iterator[Any]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    yield from zip(arguments[len(arguments) - len(function.args.defaults) :], function.args.defaults)
    yield from ((a, d) for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults) if d is not None)


def _stored_defaults(module: Analyzed, changes: _Changes) -> Iterator[Finding]:
    """A default collection that a method keeps as its object's own, and that the class changes."""
    for owner in module.walk(ast.ClassDef):
        for method in methods_of(owner):
            holder = self_name(module, method)
            for argument, default in _defaults(method) if holder is not None else ():
                if not _is_empty_collection(module, default):
                    continue
                kept = next((n for n in own_nodes(method) if isinstance(n, ast.Assign) and path_of(n.value) == argument.arg and (path_of(n.targets[0]) or "").startswith(f"{holder}.")), None)
                changed = _changed_in(module, changes, owner, path_of(kept.targets[0])) if kept is not None else None
                if kept is not None and changed is not None:
                    yield report(module, "logic/mutable-default", default,
                        f"every '{owner.name}' made without '{argument.arg}' keeps this one object in '{path_of(kept.targets[0])}' (line {line_of(module, kept)}), and line {line_of(module, changed)} changes it",
                        f"use None as the default of '{argument.arg}', and make a new {module.code(default)} inside '{method.name}'", "medium", [_fresh(module, method, argument.arg, default)])  # fmt: skip


def _fresh(module: Analyzed, method: Any, name: str, default: ast.expr) -> Any:
    from .suspicious import _fresh_default

    return _fresh_default(module, method, name, default)


def _changed_in(module: Analyzed, changes: _Changes, owner: ast.ClassDef, path: Optional[str]) -> Optional[ast.AST]:
    """The first place in a class that changes the collection at a path in place."""
    return next((n for n in changes.get(path, ()) if module.enclosing(n, ast.ClassDef) is owner), None) if path else None


def _early_defaults(module: Analyzed) -> Iterator[Finding]:
    """A default that is computed once, when the function is defined, and is meant for each call."""
    for function in module.walk(*FUNCTIONS):
        for argument, default in _defaults(function):
            name = dotted(module, default.func) if isinstance(default, ast.Call) else None
            if name in _CLOCKS:
                yield report(module, "logic/early-default", default, f"the default of '{argument.arg}' is computed once, when '{function.name}' is defined (line {line_of(module, function)}), and is the same in all calls",
                    f"use None as the default of '{argument.arg}', and call '{module.code(default)}' inside", "medium", [_fresh(module, function, argument.arg, default)])  # fmt: skip


def _class_collections(module: Analyzed, changes: _Changes) -> Iterator[Finding]:
    """A collection in a class's body that methods change through `self`, as if each object had its own."""
    for owner in module.walk(ast.ClassDef):
        if owner.decorator_list:
            continue
        for statement in owner.body:
            value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
            target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0] if isinstance(statement, ast.Assign) else None
            if not _is_empty_collection(module, value) or not isinstance(target, ast.Name) or target.id.isupper() or target.id.startswith("__"):
                continue
            if any(w in target.id for w in ("cache", "registry", "memo", "instances", "shared", "known", "all")) or _is_rebound(module, owner, target.id):
                continue
            changed = next((c for m in methods_of(owner) if (h := self_name(module, m)) and (c := _changed_in(module, changes, owner, f"{h}.{target.id}")) is not None), None)
            if changed is not None and not any(isinstance(n, ast.Attribute) and n.attr == target.id and path_of(n.value) in (owner.name, "cls", "self.__class__") for n in module.walk(ast.Attribute)):
                yield report(module, "logic/shared-class-attribute", statement, f"'{target.id}' is one object for all of '{owner.name}', and line {line_of(module, changed)} changes it through one of them",
                    f"make it in '__init__': self.{target.id} = {module.code(value)}", "low" if target.id.startswith("_") else "medium")  # type: ignore[arg-type]  # fmt: skip


def _is_rebound(module: Analyzed, owner: ast.ClassDef, name: str) -> bool:
    """Whether the class, or one built on it, gives each object a collection of its own."""
    return any(n.attr == name and isinstance(n.ctx, ast.Store) for n in module.walk(ast.Attribute))


def _repeated(module: Analyzed, changes: _Changes) -> Iterator[Finding]:
    """`[[]] * n` and `dict.fromkeys(keys, [])`, whose items are all the same object."""
    for node in module.walk(ast.BinOp, ast.Call):
        inner: Optional[ast.expr] = None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List) and len(node.left.elts) == 1:
            element = node.left.elts[0]
            nested = isinstance(element, ast.BinOp) and isinstance(element.op, ast.Mult) and isinstance(element.left, ast.List)
            inner = element if isinstance(element, (ast.List, ast.Dict, ast.Set)) or nested or _is_empty_collection(module, element) else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fromkeys" and path_of(node.func.value) == "dict" and len(node.args) == 2:
            inner = node.args[1] if isinstance(node.args[1], (ast.List, ast.Dict, ast.Set)) or _is_empty_collection(module, node.args[1]) else None
        if inner is None:
            continue
        count = module.code(node.right) if isinstance(node, ast.BinOp) else module.code(node.args[0])
        new = f"[{module.code(inner)} for _ in range({count})]" if isinstance(node, ast.BinOp) else f"{{key: {module.code(inner)} for key in {count}}}"
        changed = _changed_inside(module, changes, node)
        where = f" (line {line_of(module, changed)})" if changed is not None else ""
        yield report(module, "logic/shared-value", node, f"every place of '{module.code(node)}' holds the same {module.code(inner)}: a change of one{where} shows in all",
            f"make one for each: {new}", "medium" if changed is not None else "low", [fix(module, [(*module.span(node), new)], "a new object for each place", "high")])  # fmt: skip


def _changed_inside(module: Analyzed, changes: _Changes, node: ast.AST) -> Optional[ast.AST]:
    """Where an item of what a value is assigned to is changed in place: `rows[i][j] = 1`, `rows[i].append(1)`."""
    parent = module.parents.get(node)
    name = path_of(parent.targets[0]) if isinstance(parent, ast.Assign) else None
    for places in changes.values() if name else ():
        for other in places:
            target = other.value if isinstance(other, ast.Subscript) else changed_path(module, other)
            if isinstance(target, ast.Subscript) and path_of(target.value) == name:
                return other
    return None


def _late(module: Analyzed) -> Iterator[Finding]:
    """Functions made in a loop and kept, which all see the loop's last value."""
    for function in module.walk(ast.Lambda, *FUNCTIONS):
        loop = _loop_of(module, function)
        if loop is None:
            continue
        target = loop.target
        targets = {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
        bound = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        body = [function.body] if isinstance(function, ast.Lambda) else function.body
        assigned = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        used = sorted({n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id in targets} - bound - assigned)
        kept = _kept(module, function, loop)
        if not used or kept is None:
            continue
        named = function.name if not isinstance(function, ast.Lambda) else "the function"
        defaults = ", ".join(f"{n}={n}" for n in used)
        yield report(module, "logic/late-binding", function, f"{named!r} is kept on line {line_of(module, kept)} and will see the last value of {', '.join(map(repr, used))} in the loop of line {line_of(module, target)}",
            f"bind the value of this round as a default: {defaults}", "medium")  # fmt: skip


def _loop_of(module: Analyzed, function: ast.AST) -> Optional[Any]:
    """The loop or comprehension in each of whose rounds a function is made."""
    below: ast.AST = function
    for outer in module.ancestors(function):
        if isinstance(outer, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            return None
        if isinstance(outer, ast.For) and below in outer.body:
            return outer
        if isinstance(outer, (ast.ListComp, ast.SetComp, ast.DictComp)):
            return outer.generators[-1] if below not in outer.generators else None
        below = outer
    return None


def _kept(module: Analyzed, function: Any, loop: Any) -> Optional[ast.AST]:
    """Where a function made in a loop is put away to be called later, lambdas appended at once left out."""
    parent = module.parents.get(function)
    if isinstance(function, ast.Lambda):
        made = isinstance(parent, (ast.ListComp, ast.SetComp)) and parent.elt is function or isinstance(parent, ast.DictComp) and parent.value is function
        registered = isinstance(parent, ast.keyword) and parent.arg in ("target", "command", "callback")
        return function if made or registered and isinstance(loop, ast.For) else None
    for node in own_nodes(loop):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "add", "insert") and any(path_of(a) == function.name for a in node.args):
            return node
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript) and path_of(node.value) == function.name:
            return node
    return None
