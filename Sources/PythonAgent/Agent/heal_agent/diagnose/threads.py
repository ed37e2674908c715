"""State that threads share without a lock, and updates that an `await` cuts in two."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .findings import Finding
from .infer import Inference
from .locks import _held, _locks_of
from .program import Analyzed
from .shapes import FUNCTIONS, changed_path, last_name, line_of, own_nodes, path_of, report, self_name


def thread_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    found: List[Finding] = list(_across_await(module))
    if inference.fact(_starts_threads):
        for function, (other, how) in inference.fact(_run_by_threads).items():
            found += _shared(module, function, how) if other is module else ()
    return found


def _starts_threads(inference: Inference) -> bool:
    return any("Thread" in m.text for m in inference.program.modules)


def _entries(inference: Inference) -> Dict[str, str]:
    """Names of functions that threads start in, with the words for how."""
    found: Dict[str, str] = {}
    for module in inference.program.modules:
        for call in module.walk(ast.Call):
            name = last_name(call.func) or ""
            target: Optional[ast.AST] = None
            if name in ("Thread", "Timer"):
                target = next((k.value for k in call.keywords if k.arg in ("target", "function")), None)
            elif name in ("submit", "map", "run_in_executor") and isinstance(call.func, ast.Attribute) and _is_pool(call.func.value):
                target = next(iter(call.args[1 if name == "run_in_executor" else 0 :]), None)
            function = last_name(target) if target is not None else None
            if function:
                found[function] = f"threads run '{function}' (line {line_of(module, call)})"
        for node in module.walk(ast.ClassDef):
            if any(last_name(b) == "Thread" for b in node.bases):
                found["run"] = f"'{node.name}' is a thread (line {line_of(module, node)})"
    return found


def _is_pool(node: ast.AST) -> bool:
    name = (last_name(node) or "").lower()
    return any(w in name for w in ("pool", "executor", "loop"))


def _run_by_threads(inference: Inference) -> Dict[Any, Tuple[Analyzed, str]]:
    """Functions of the program that threads start in, and what those call by name, two steps deep."""
    by_name: Dict[str, List[Any]] = {}
    for other in inference.program.modules:
        for node in other.walk(*FUNCTIONS):
            by_name.setdefault(node.name, []).append((other, node))
    reached: Dict[Any, Tuple[Analyzed, str]] = {}
    names = _entries(inference)
    for _ in range(3):
        following: Dict[str, str] = {}
        for name, how in names.items():
            nodes = by_name.get(name, [])
            for other, node in nodes if len(nodes) == 1 else ():
                if node in reached:
                    continue
                reached[node] = (other, how)
                for call in own_nodes(node):
                    if isinstance(call, ast.Call) and last_name(call.func):
                        following.setdefault(str(last_name(call.func)), how)
        names = following
    return reached


def _shared(module: Analyzed, function: Any, how: str) -> Iterator[Finding]:
    """Updates of a global, or of an attribute of an object without locks, in steps."""
    scope = module.scopes.of_node.get(function) if module.scopes is not None else None
    holder = self_name(module, function)
    owner = module.enclosing(function, ast.ClassDef)
    has_lock = owner is not None and bool(_locks_of(module, owner))
    for node in own_nodes(function):
        update = _updated(module, node)
        if update is None or _held(module, node, set()):
            continue
        of_object = isinstance(update, ast.Attribute) and isinstance(update.value, ast.Name) and update.value.id == holder
        is_global = isinstance(update, ast.Name) and scope is not None and (update.id in scope.globals or _is_module_collection(module, scope, update.id, node))
        if not is_global and (not of_object or has_lock):
            continue
        name = module.code(update)
        checked = isinstance(node, ast.If)
        rule = "concurrency/check-then-act" if checked else "concurrency/unguarded-update"
        what = f"'{name}' is looked at and then changed" if checked else f"'{name}' is read and written back"
        yield report(module, rule, node.test if isinstance(node, ast.If) else node, f"{what} in two steps, and {how}: another thread may come in between",
            f"make a lock beside '{name}' and take it around both steps", "medium" if is_global and not checked else "low")  # fmt: skip


def _updated(module: Analyzed, node: ast.AST) -> Optional[ast.expr]:
    """What a statement reads and writes back, or what a condition looks at before its body changes it."""
    if isinstance(node, ast.AugAssign) and isinstance(node.target, (ast.Name, ast.Attribute)):
        return node.target
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], (ast.Name, ast.Attribute)):
        path = path_of(node.targets[0])
        inside = isinstance(node.value, ast.BinOp) and any(path_of(n) == path for n in ast.walk(node.value) if isinstance(n, type(node.targets[0])))
        return node.targets[0] if inside else None
    if isinstance(node, ast.If):
        read = {path_of(n): n for n in ast.walk(node.test) if isinstance(n, (ast.Name, ast.Attribute))}
        for statement in node.body:
            for inner in (statement, *own_nodes(statement)):
                target = changed_path(module, inner)
                if target is not None and path_of(target) in read:
                    return target
    return None


def _is_module_collection(module: Analyzed, scope: Any, name: str, node: ast.AST) -> bool:
    """Whether a name is a collection of the module that a condition looks at and changes."""
    holder = scope.lookup(name)
    if not isinstance(node, ast.If) or holder is not module.root:
        return False
    return all(isinstance(getattr(module.parents.get(n), "value", None), (ast.Dict, ast.List, ast.Set)) for n in holder.bindings.get(name, []))


def _across_await(module: Analyzed) -> Iterator[Finding]:
    """A coroutine that reads a value of the object, awaits, and writes back what it read."""
    for function in module.walk(ast.AsyncFunctionDef):
        nodes = list(own_nodes(function))
        awaits = [module.span(n)[0] for n in nodes if isinstance(n, ast.Await)]
        if not awaits:
            continue
        copies: Dict[str, Tuple[str, ast.Assign]] = {}
        written: Set[str] = set()
        for node in nodes:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute) and any(isinstance(n, ast.Await) for n in own_nodes(node)):
                if not _held(module, node, set()):
                    yield _cut(module, node, node.target, node)
            if not isinstance(node, ast.Assign) or len(node.targets) != 1:
                continue
            target = node.targets[0]
            if isinstance(target, ast.Name):
                read = path_of(node.value)
                if isinstance(node.value, ast.Attribute) and read:
                    copies[target.id] = (read, node)
                else:
                    copies.pop(target.id, None)
            elif isinstance(target, ast.Attribute) and isinstance(node.value, ast.BinOp):
                used = [copies[n.id] for n in ast.walk(node.value) if isinstance(n, ast.Name) and n.id in copies]
                first = next((c for p, c in used if p == path_of(target)), None)
                between = first is not None and any(module.span(first)[0] < a < module.span(node)[0] for a in awaits)
                if first is not None and between and str(path_of(target)) not in written and not _held(module, node, set()):
                    written.add(str(path_of(target)))
                    yield _cut(module, first, target, node)


def _cut(module: Analyzed, first: ast.AST, target: ast.expr, last: ast.AST) -> Finding:
    name = module.code(target)
    return report(module, "concurrency/update-across-await", first,
        f"'{name}' is read before an 'await' and written after it (line {line_of(module, last)}): what other tasks wrote in between is lost",
        f"await first and then read and write '{name}' at once, or hold an asyncio.Lock around both", "medium")  # fmt: skip
