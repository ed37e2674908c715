"""Failures that are taken for successes, and single objects that are made twice."""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from .findings import Finding, fix
from .infer import Inference, own_returns
from .program import Analyzed
from .shapes import FUNCTIONS, last_name, line_of, methods_of, own_nodes, report, words_of

_NOTHING = frozenset("null noop dummy empty missing silent nothing blank fallback default unknown none".split())


def failure_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_bypassed(inference, module), *_null_objects(inference, module), *_false_success(module)]


# Singletons.


def _makes_single(function: Any, names: Set[str]) -> bool:
    """Whether a function makes an object only when a stored one is None, and returns the stored one."""
    for node in own_nodes(function):
        if not isinstance(node, ast.If):
            continue
        tested = {last_name(n) for n in ast.walk(node.test) if isinstance(n, (ast.Name, ast.Attribute))}
        made = [
            n for s in node.body for n in ast.walk(s)
            if isinstance(n, ast.Assign) and isinstance(n.value, ast.Call) and last_name(n.value.func) in names
        ]  # fmt: skip
        stored = {last_name(t) for n in made for t in n.targets} & tested
        returned = {last_name(n) for r in own_returns(function) if r.value is not None for n in ast.walk(r.value)}
        if stored & returned:
            return True
    return False


def _singletons(inference: Inference) -> Dict[str, Tuple[Analyzed, Any, str]]:
    """Classes of which the program keeps one object: where it is handed out, and how it is asked for."""
    found: Dict[str, Tuple[Analyzed, Any, str]] = {}
    for module in inference.program.modules:
        for node in module.walk(ast.ClassDef):
            for method in methods_of(node):
                kinds = {d.id for d in method.decorator_list if isinstance(d, ast.Name)}
                own = {node.name} | {a.arg for a in method.args.args[:1]} if kinds & {"classmethod"} else {node.name}
                if kinds & {"classmethod", "staticmethod"} and len(method.args.args) <= 1 and _makes_single(method, own):
                    found[node.name] = (module, method, f"{node.name}.{method.name}()")
        for function in dict.fromkeys(module.enclosing(n, *FUNCTIONS) for n in module.walk(ast.Global)):
            public = function is not None and not function.args.args and not function.name.startswith("_")
            for name in module.classes if public else ():
                if _makes_single(function, {name}):
                    found[name] = (module, function, f"{function.name}()")
    return found


def _bypassed(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """An object made directly of a class of which there is to be one."""
    for name, (owner, accessor, way) in inference.fact(_singletons).items():
        info = owner.classes[name]
        for other, call in inference.calls_of(name):
            inside = other is owner and (call in set(ast.walk(info.node)) or accessor in other.ancestors(call))
            if other is not module or inside or inference.program.class_named(module, name) is not info:
                continue
            if isinstance(call.func, ast.Name) and not _fills_store(module, call):
                fixes = [fix(module, [(*module.span(call), way)], f"'{way}' hands out the one object", "medium")] if not call.args and not call.keywords and module is owner else []
                yield report(module, "semantic/bypassed-singleton", call, f"this makes another '{name}', past the one that '{way}' hands out (line {line_of(owner, accessor)})",
                    f"ask for the shared object with '{way}', or what is put into one is missing in the other", "medium", fixes)  # fmt: skip


def _fills_store(module: Analyzed, call: ast.Call) -> bool:
    """Whether an object is made once for all, in a variable of the module."""
    return module.enclosing(call, *FUNCTIONS) is None and isinstance(module.parents.get(call), (ast.Assign, ast.AnnAssign))


# Objects that stand for nothing.


def _fallbacks(inference: Inference) -> Set[str]:
    """Classes whose objects stand in where a look-up finds nothing."""
    found: Set[str] = set()
    for module in inference.program.modules:
        for node in module.walk(ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop") and len(node.args) == 2:
                found |= {n for n in [last_name(node.args[1].func)] if n} if isinstance(node.args[1], ast.Call) else set()
        for node in module.walk(ast.ClassDef):
            if node.bases and set(words_of(node.name)[:1]) & _NOTHING:
                found.add(node.name)
    return found


def _null_objects(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A stand-in for a missing object that reports the success of what it does not do."""
    names = inference.fact(_fallbacks)
    for node in module.walk(ast.ClassDef):
        if node.name not in names:
            continue
        for method in methods_of(node):
            for returned in own_returns(method):
                flag = _claims_success(returned.value) if len(method.body) <= 2 else None
                if flag is not None:
                    yield report(module, "logic/null-object-success", returned.value or returned,
                        f"'{node.name}' stands in where nothing was found, and '{method.name}' does nothing and yet says {module.code(flag[0])}: True",
                        f"let '{node.name}.{method.name}' say False, so that what was not done is not counted as done", "medium",
                        [fix(module, [(*module.span(flag[1]), "False")], "nothing was done here", "medium")])  # fmt: skip


def _claims_success(node: Optional[ast.AST]) -> Optional[Tuple[ast.expr, ast.expr]]:
    """The key and the True of a record that otherwise says nothing: 0, None or an empty text among its values."""
    if not isinstance(node, ast.Dict) or not all(isinstance(k, ast.Constant) for k in node.keys):
        return None
    constants = [v.value for v in node.values if isinstance(v, ast.Constant)]
    nothing = any(c is None or c == "" or c == 0 and c is not False for c in constants)
    for key, value in zip(node.keys, node.values):
        if isinstance(value, ast.Constant) and value.value is True and nothing and key is not None:
            return key, value
    return None


# Handlers.


def _false_success(module: Analyzed) -> Iterator[Finding]:
    """A handler of every exception that answers as success does."""
    for node in module.walk(ast.ExceptHandler):
        broad = node.type is None or isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        last = node.body[-1]
        around = module.parents.get(node)
        if not broad or not isinstance(last, ast.Return) or not isinstance(last.value, ast.Constant) or last.value.value is not True:
            continue
        function = module.enclosing(node, *FUNCTIONS)
        succeeds = [
            r for s in (*getattr(around, "body", ()), *getattr(around, "orelse", ())) for r in (s, *own_nodes(s))
            if isinstance(r, ast.Return) and isinstance(r.value, ast.Constant) and r.value.value is True
        ]  # fmt: skip
        failing = any(isinstance(r.value, ast.Constant) and r.value.value is False for r in own_returns(function)) if function is not None else False
        if succeeds or failing:
            where = f", as line {line_of(module, succeeds[0])} does on success" if succeeds else ", which is what success looks like"
            yield report(module, "logic/failure-as-success", last, f"any exception ends in 'return True' here{where}",
                f"return False or let the exception go on; it is caught on line {line_of(module, node)}", "medium",
                [fix(module, [(*module.span(last.value), "False")], "a failure is no success", "medium")])  # fmt: skip
