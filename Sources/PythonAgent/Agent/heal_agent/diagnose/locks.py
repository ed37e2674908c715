"""Locks that are made and not taken, and state that is shared and changed without one."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Set

from .findings import Finding
from .infer import Inference
from .program import Analyzed
from .shapes import FUNCTIONS, changed_path, dotted, line_of, methods_of, own_nodes, report, self_name, words_of

_LOCKS = frozenset(
    f"{module}.{kind}" for module in ("threading", "multiprocessing", "asyncio")
    for kind in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition")
)  # fmt: skip
_SETTING_UP = frozenset("__init__ __new__ __post_init__ __del__ __getstate__ __setstate__ __enter__ __exit__ setUp tearDown".split())
_PLAIN_DECORATORS = frozenset("property setter getter deleter staticmethod classmethod override".split())
_LOCK_WORDS = ("lock", "mutex", "sem", "cond", "guard", "gate", "critical", "exclusive", "atomic", "synchron")


class _Access(NamedTuple):
    """One use of an attribute of the object in a method."""

    attribute: str
    changes: bool
    node: ast.AST
    held: bool


def lock_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module; nothing costs where no lock is made."""
    found: List[Finding] = []
    if not any(word in module.text for word in ("Lock", "Semaphore", "Condition")):
        return found
    owners = {}
    for node in module.walk(ast.ClassDef):
        locks = _locks_of(module, node)
        if locks:
            owners[node] = locks
    for node, locks in owners.items():
        unused = {n: place for n, place in locks.items() if not _is_used(inference, module, node, n)}
        for name, place in unused.items():
            found.append(_unused(module, node, name, place))
        found += _unguarded(module, node, locks, unused)
        if len(unused) == len(locks):
            found += _not_atomic(inference, module, node, next(iter(unused.items())))
    return found + list(_module_locks(inference, module))


def _makes_lock(module: Analyzed, value: Optional[ast.AST]) -> bool:
    if not isinstance(value, ast.Call):
        return False
    if dotted(module, value.func) in _LOCKS:
        return True
    return any(k.arg == "default_factory" and dotted(module, k.value) in _LOCKS for k in value.keywords)


def _locks_of(module: Analyzed, node: ast.ClassDef) -> Dict[str, ast.AST]:
    """The locks that a class makes for itself or for each of its objects, with where."""
    found: Dict[str, ast.AST] = {}
    for statement in ast.walk(node):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _makes_lock(module, statement.value):
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                if isinstance(target, ast.Attribute):
                    found[target.attr] = statement
                elif isinstance(target, ast.Name) and module.parents.get(statement) is node:
                    found[target.id] = statement
    return found


def _is_used(inference: Inference, module: Analyzed, owner: ast.ClassDef, name: str) -> bool:
    """Whether a lock is named anywhere but where it and its namesakes of other classes are made."""
    for other in inference.program.modules:
        for node in other.walk(ast.Attribute):
            if node.attr != name or not isinstance(node.ctx, ast.Load):
                continue
            around = other.enclosing(node, ast.ClassDef)
            function = other.enclosing(node, *FUNCTIONS)
            of_itself = isinstance(node.value, ast.Name) and function is not None and node.value.id == self_name(other, function)
            if around is owner or not of_itself or around is None or name not in _locks_of(other, around):
                return True
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(owner))


def _unused(module: Analyzed, owner: ast.ClassDef, name: str, place: ast.AST) -> Finding:
    return report(module, "concurrency/unused-lock", place, f"the lock '{name}' of '{owner.name}' is made here and never taken",
        f"take it with 'with self.{name}:' around every step that reads and then changes what threads share, or remove it", "medium")  # fmt: skip


def _is_lock_like(node: ast.AST, locks: Set[str]) -> bool:
    """Whether what a `with` enters is a lock by its name."""
    if isinstance(node, ast.Call):
        node = node.func
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in locks or any(w in name.lower() for w in _LOCK_WORDS)


def _held(module: Analyzed, node: ast.AST, locks: Set[str]) -> bool:
    """Whether a lock is held around a node, within its function."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.With, ast.AsyncWith)) and any(_is_lock_like(i.context_expr, locks) for i in outer.items):
            return True
        if isinstance(outer, FUNCTIONS):
            return _takes_lock(outer)
    return False


def _takes_lock(function: Any) -> bool:
    """Whether a function takes a lock by call or decorator, or says that its caller does."""
    decorators = [d.attr if isinstance(d, ast.Attribute) else getattr(d, "id", "other") for d in function.decorator_list]
    if any(d not in _PLAIN_DECORATORS for d in decorators) or function.name.endswith(("locked", "nolock", "unsafe")):
        return True
    return any(isinstance(n, ast.Attribute) and n.attr in ("acquire", "enter_context", "wait") for n in own_nodes(function)) or bool({"lock", "locked", "locks"} & set(words_of(ast.get_docstring(function) or "")))


def _accesses(module: Analyzed, method: Any, locks: Set[str], known: Set[str]) -> List[_Access]:
    """The uses of the object's attributes in a method, as they are run."""
    owner = self_name(module, method)
    found: List[_Access] = []
    changed: Dict[ast.AST, ast.AST] = {}
    for node in own_nodes(method):
        target = changed_path(module, node)
        if target is not None:
            changed[target] = node
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner and node.attr not in known:
            held = _held(module, node, locks)
            augmented = isinstance(module.parents.get(node), ast.AugAssign)
            if augmented:
                found.append(_Access(node.attr, False, node, held))
            found.append(_Access(node.attr, node in changed, node, held))
    return sorted(found, key=lambda a: (_ends(module, a), a.changes))


def _ends(module: Analyzed, access: _Access) -> int:
    """When an access is made: what a statement binds is bound after its right side is read."""
    if access.changes and isinstance(module.parents.get(access.node), (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        return module.span(module.parents[access.node])[1]
    return module.span(access.node)[0]


def _unguarded(module: Analyzed, owner: ast.ClassDef, locks: Dict[str, ast.AST], unused: Dict[str, ast.AST]) -> Iterator[Finding]:
    """Methods that change what other methods change under the lock, or that no method changes under it."""
    methods = methods_of(owner)
    known = {m.name for m in methods} | set(locks)
    names = set(locks)
    uses = {m: _accesses(module, m, names, known) for m in methods if m.name not in _SETTING_UP}
    helpers = _called_under_lock(module, owner, names)
    guarded = {a.attribute: a for m, accesses in uses.items() for a in accesses if a.changes and a.held}
    lock = next(iter(locks))
    made = line_of(module, locks[lock])
    for method, accesses in uses.items():
        if method.name in helpers:
            continue
        for read, write in _updates(accesses):
            other = guarded.get(write.attribute)
            if write.held or read.held or other is None and len(unused) < len(locks):
                continue
            where = f"which line {line_of(module, other.node)} changes with '{lock}' held" if other is not None else f"though '{owner.name}' has '{lock}' (line {made})"
            yield report(module, "concurrency/unguarded-update", read.node,
                f"'{method.name}' reads '{module.code(read.node)}' here and changes it on line {line_of(module, write.node)} without a lock, {where}",
                f"put the steps from here to line {line_of(module, write.node)} into 'with {module.code(read.node).rsplit('.', 1)[0]}.{lock}:'", "medium")  # fmt: skip
            break


def _updates(accesses: List[_Access]) -> Iterator[Any]:
    """Pairs of a read and a later change of one attribute."""
    for index, write in enumerate(accesses):
        if write.changes:
            read = next((a for a in accesses[:index] if a.attribute == write.attribute and not a.changes), None)
            if read is not None:
                yield read, write


def _called_under_lock(module: Analyzed, owner: ast.ClassDef, locks: Set[str]) -> Set[str]:
    """Private methods whose calls in their class all stand where the lock is held, or in setting up."""
    calls: Dict[str, List[bool]] = {}
    for node in ast.walk(owner):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("_"):
            function = module.enclosing(node, *FUNCTIONS)
            safe = function is not None and (function.name in _SETTING_UP or function.name.startswith("_"))
            calls.setdefault(node.func.attr, []).append(safe or _held(module, node, locks))
    return {name for name, held in calls.items() if all(held)}


def _changing_methods(inference: Inference) -> Dict[str, List[Any]]:
    """Methods of the program that change their object, by name."""
    found: Dict[str, List[Any]] = {}
    for module in inference.program.modules:
        for node in module.walk(ast.ClassDef):
            for method in methods_of(node):
                owner = self_name(module, method)
                changes = any(isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name) and n.value.id == owner for n in own_nodes(method))
                if owner is not None and changes and method.name not in _SETTING_UP:
                    found.setdefault(method.name, []).append(method)
    return found


def _not_atomic(inference: Inference, module: Analyzed, owner: ast.ClassDef, lock: Any) -> Iterator[Finding]:
    """A method of a class whose lock nobody takes, which changes several objects in steps."""
    changing = inference.fact(_changing_methods)
    for method in methods_of(owner):
        holder = self_name(module, method)
        steps = []
        for node in own_nodes(method):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changing:
                if isinstance(node.func.value, ast.Name) and node.func.value.id != holder:
                    steps.append(node)
        objects = {s.func.value.id for s in steps}
        if len(objects) < 2 or _takes_lock(method) or any(_held(module, s, {lock[0]}) for s in steps):
            continue
        first, last = steps[0], steps[-1]
        yield report(module, "concurrency/not-atomic", method,
            f"'{method.name}' changes {' and '.join(repr(o) for o in sorted(objects))} in steps (lines {line_of(module, first)} and {line_of(module, last)}) without taking '{lock[0]}' (line {line_of(module, lock[1])})",
            f"take 'with {holder or 'self'}.{lock[0]}:' around all of its steps, so that no thread sees a part of them", "medium")  # fmt: skip


def _module_locks(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Locks in variables that nothing reads."""
    for node in module.walk(ast.Assign):
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name) or not isinstance(node.value, ast.Call) or not _makes_lock(module, node.value):
            continue
        if isinstance(module.parents.get(node), ast.ClassDef):
            continue
        name = target.id
        if name in ("__all__",) or any(n.id == name and isinstance(n.ctx, ast.Load) for n in module.walk(ast.Name)):
            continue
        if _named_elsewhere(inference, module, name):
            continue
        yield report(module, "concurrency/unused-lock", node, f"the lock '{name}' is made here and never taken",
            f"take it with 'with {name}:' around every step that reads and then changes what threads share, or remove it", "medium")  # fmt: skip


def _named_elsewhere(inference: Inference, module: Analyzed, name: str) -> bool:
    for other in inference.program.modules:
        if any(n.attr == name for n in other.walk(ast.Attribute)) or any(n.name == name for n in other.walk(ast.alias)):
            return True
        if any(n.value == name for n in other.walk(ast.Constant)):
            return True
    return False
