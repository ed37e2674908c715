"""Statements that are legal and hardly ever meant."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, Iterator, List, Optional

from .findings import Finding, finding, fix
from .infer import Inference
from .program import Analyzed

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_PURE_FUNCTIONS = frozenset("sorted reversed zip enumerate filter map round abs min max sum".split())
_PURE_STR = frozenset(
    "replace strip lstrip rstrip upper lower title capitalize swapcase zfill center ljust rjust split join format casefold".split()
)
_NONE_METHODS = frozenset("append extend insert sort reverse clear remove update add discard".split())
_NAMES_IN_BRACES = re.compile(r"\{([A-Za-z_]\w*)((?:\.\w+|\[[^\]{}]*\])*)(![rsa])?(:[^{}]*)?\}")


def suspicious_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    found: List[Finding] = []
    for rule in (_literal_identity, _none_comparisons, _mutable_defaults, _unreachable, _statements, _plain_braces, _shadowed_builtins, _swallowed):
        found += rule(inference, module)
    return found


def _line(module: Analyzed, node: ast.AST) -> int:
    return module.original_range(*module.span(node))[0]


def _literal_identity(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    for node in module.walk(ast.Compare):
        left = node.left
        for operator, right in zip(node.ops, node.comparators):
            literal = any(isinstance(s, ast.Constant) and isinstance(s.value, (int, float, str, bytes)) and not isinstance(s.value, bool) for s in (left, right))
            literal = literal or any(isinstance(s, (ast.List, ast.Dict, ast.Set)) for s in (left, right))
            if isinstance(operator, (ast.Is, ast.IsNot)) and literal:
                start, end = module.span(left)[1], module.span(right)[0]
                new = "==" if isinstance(operator, ast.Is) else "!="
                between = module.text[start:end]
                match = re.search(r"\bis\b(\s+not\b)?", between)
                edit = [(start + match.start(), start + match.end(), new)] if match else []
                yield finding(module, "logic/is-literal", module.span(node), f"'{'is' if new == '==' else 'is not'}' compares identity, not value",
                    f"Line {_line(module, node)}: compare with '{new}'.", "high", [fix(module, edit, f"values are compared with '{new}'", "high")] if edit else [])  # fmt: skip
            left = right


def _none_comparisons(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """`x == None` where the class of x defines its own equality; elsewhere it is a matter of style."""
    for node in module.walk(ast.Compare):
        if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
            continue
        right = node.comparators[0]
        if isinstance(right, ast.Constant) and right.value is None and isinstance(node.left, ast.Name):
            info = inference.class_of(module, node.left)
            if info is not None and "__eq__" in info.methods:
                word = "is" if isinstance(node.ops[0], ast.Eq) else "is not"
                edit = (module.span(node.left)[1], module.span(right)[0], f" {word} ")
                yield finding(module, "logic/none-comparison", module.span(node), "None is compared with '=='", f"Line {_line(module, node)}: write '{word} None'.", "low",
                    [fix(module, [edit], f"None is compared with '{word}'", "medium")])  # fmt: skip


def _mutable_defaults(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A default list, dict or set that the function changes or hands out."""
    for node in module.walk(*_Function):
        arguments = [*node.args.posonlyargs, *node.args.args]
        pairs = list(zip(arguments[len(arguments) - len(node.args.defaults) :], node.args.defaults))
        pairs += [(a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults) if d is not None]
        for argument, default in pairs:
            empty_call = isinstance(default, ast.Call) and isinstance(default.func, ast.Name) and default.func.id in ("list", "dict", "set") and not default.args
            empty = isinstance(default, ast.List) and not default.elts or isinstance(default, ast.Dict) and not default.keys
            if not (empty or empty_call) or not _changes(node, argument.arg):
                continue
            if argument.arg.startswith("_") or any(w in argument.arg for w in ("cache", "memo", "seen")):
                continue  # meant to be shared
            yield finding(module, "logic/mutable-default", module.span(default), f"the default of '{argument.arg}' is one object shared by all calls",
                f"Line {_line(module, default)}: use None as the default of '{argument.arg}', and make a new {module.code(default)} inside '{node.name}'.",
                "medium", [_fresh_default(module, node, argument.arg, default)])  # fmt: skip


def _changes(function: Any, name: str) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (*_NONE_METHODS, "setdefault", "pop"):
            if isinstance(node.func.value, ast.Name) and node.func.value.id == name:
                return True
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == name:
            return True
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return True
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
            return False
    return False


def _fresh_default(module: Analyzed, function: Any, name: str, default: ast.expr) -> Optional[Dict[str, Any]]:
    from .unbound import _body_start

    at, indent = _body_start(module, function)
    if indent.strip():
        return None
    newline = module.source.line_end
    guard = f"if {name} is None:{newline}{indent}    {name} = {module.code(default)}{newline}{indent}"
    return fix(module, [(*module.span(default), "None"), (at, at, guard)], f"make a new {module.code(default)} for each call", "high")


def _unreachable(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    for node in module.walk(*_Function, ast.For, ast.While, ast.If, ast.With, ast.Try):
        for body in (node.body, getattr(node, "orelse", []), getattr(node, "finalbody", [])):
            for before, after in zip(body, body[1:]):
                if isinstance(before, (ast.Return, ast.Break, ast.Continue)) and not _is_generator_mark(after):
                    word = type(before).__name__.lower()
                    yield finding(module, "logic/unreachable", module.span(after), f"this never runs: '{word}' stands before it",
                        f"Line {_line(module, after)}: put the statement before '{word}', or indent '{word}' as its block needs.", "low", ())  # fmt: skip
                    break


def _is_generator_mark(node: ast.stmt) -> bool:
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(node)) or isinstance(node, (ast.Pass, ast.FunctionDef)) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _in_test(module: Analyzed, node: ast.AST) -> bool:
    """Whether an expression stands where an exception of it is what is wanted."""
    for outer in module.ancestors(node):
        if isinstance(outer, (ast.With, ast.AsyncWith, ast.Try)):
            return True
        if isinstance(outer, _Function):
            return False
    return False


def _statements(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """Expressions as statements whose value is lost."""
    for node in module.walk(ast.Expr):
        value = node.value
        if _in_test(module, node):
            continue
        if isinstance(value, ast.Compare):
            yield from _comparison_statement(module, node, value)
        elif isinstance(value, ast.Call):
            yield from _lost_result(inference, module, node, value)
        elif isinstance(value, (ast.Attribute, ast.Name)):
            yield from _missing_parentheses(inference, module, node, value)
    for node in module.walk(ast.Assign):
        yield from _assigned_none(inference, module, node)


def _comparison_statement(module: Analyzed, node: ast.Expr, value: ast.Compare) -> Iterator[Finding]:
    if len(value.ops) != 1 or not isinstance(value.ops[0], ast.Eq) or not isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
        return
    start, end = module.span(value.left)[1], module.span(value.comparators[0])[0]
    at = module.text.find("==", start, end)
    fixes = [fix(module, [(at, at + 2, "=")], "assign with '='", "high")] if at >= 0 else []
    yield finding(module, "logic/comparison-statement", module.span(node), "the result of the comparison is lost; '=' may be meant",
        f"Line {_line(module, node)}: assign with '=', or use the comparison.", "medium", fixes)  # fmt: skip


def _lost_result(inference: Inference, module: Analyzed, node: ast.Expr, call: ast.Call) -> Iterator[Finding]:
    start, end = module.span(node)
    function = call.func
    if isinstance(function, ast.Name) and function.id in _PURE_FUNCTIONS and module.scope_at(function).lookup(function.id) is None:
        argument = call.args[0] if call.args else None
        target = module.code(argument) if isinstance(argument, (ast.Name, ast.Attribute)) else None
        fixes = [fix(module, [(start, start, f"{target} = ")], "keep the result", "medium")] if target and function.id in ("sorted", "round", "abs") else []
        yield finding(module, "logic/lost-result", (start, end), f"the result of '{function.id}' is not used",
            f"Line {_line(module, node)}: '{function.id}' changes nothing; assign or return its result.", "medium" if function.id in ("sorted", "reversed", "map", "filter") else "low", fixes)  # fmt: skip
    elif isinstance(function, ast.Attribute) and function.attr in _PURE_STR and inference.type_of(module, function.value) == "str":
        target = module.code(function.value) if isinstance(function.value, (ast.Name, ast.Attribute)) else None
        fixes = [fix(module, [(start, start, f"{target} = ")], "strings do not change; keep the new one", "high")] if target else []
        yield finding(module, "logic/lost-result", (start, end), f"the new string of '{function.attr}' is not used",
            f"Line {_line(module, node)}: strings never change in place; assign the result.", "high" if target else "medium", fixes)  # fmt: skip
    elif _is_coroutine_call(inference, module, call):
        inside = module.enclosing(node, *_Function)
        fixes = [fix(module, [(start, start, "await ")], "a coroutine runs only when it is awaited", "high")] if isinstance(inside, ast.AsyncFunctionDef) else []
        yield finding(module, "concurrency/missing-await", (start, end), "the coroutine is made and never awaited",
            f"Line {_line(module, node)}: put 'await' before the call.", "high" if fixes else "medium", fixes)  # fmt: skip


def _is_coroutine_call(inference: Inference, module: Analyzed, call: ast.Call) -> bool:
    function = call.func
    if isinstance(function, ast.Name):
        holder = module.scope_at(function).lookup(function.id)
        nodes = holder.bindings.get(function.id, []) if holder else []
        return len(nodes) == 1 and isinstance(nodes[0], ast.AsyncFunctionDef) and not nodes[0].decorator_list and not _is_async_generator(nodes[0])
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        if module.imported_module(function.value.id) == "asyncio" and function.attr in ("sleep", "wait_for", "wait"):
            return True
        info = inference.class_of(module, function.value)
        method = info.methods.get(function.attr) if info is not None else None
        return isinstance(method, ast.AsyncFunctionDef) and not method.decorator_list and not _is_async_generator(method)
    return False


def _is_async_generator(node: ast.AST) -> bool:
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in ast.walk(node))


def _missing_parentheses(inference: Inference, module: Analyzed, node: ast.Expr, value: ast.expr) -> Iterator[Finding]:
    """A function or method named as a statement and not called."""
    start, end = module.span(node)
    known = False
    if isinstance(value, ast.Name):
        holder = module.scope_at(value).lookup(value.id)
        nodes = holder.bindings.get(value.id, []) if holder else []
        known = len(nodes) == 1 and isinstance(nodes[0], _Function)
    elif isinstance(value, ast.Attribute):
        info = inference.class_of(module, value.value)
        method = info.methods.get(value.attr) if info is not None else None
        known = isinstance(method, _Function) and not method.decorator_list
        kind = inference.type_of(module, value.value)
        known = known or kind in ("list", "dict", "set", "str") and value.attr in (*_NONE_METHODS, *_PURE_STR, "pop", "copy")
    if known:
        yield finding(module, "logic/missing-call", (start, end), f"'{module.code(value)}' is named and not called",
            f"Line {_line(module, node)}: add the parentheses of the call.", "medium", [fix(module, [(end, end, "()")], "call it", "high")])  # fmt: skip


def _assigned_none(inference: Inference, module: Analyzed, node: ast.Assign) -> Iterator[Finding]:
    """`x = x.sort()` and its like."""
    call = node.value
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and len(node.targets) == 1 and isinstance(node.targets[0], (ast.Name, ast.Attribute))):
        return
    owner = call.func.value
    kind = inference.type_of(module, owner)
    same = module.code(owner) == module.code(node.targets[0])
    certain = kind == "list" and call.func.attr in ("append", "extend", "insert", "sort", "reverse", "remove", "clear")
    certain = certain or kind == "dict" and call.func.attr in ("update", "clear") or kind == "set" and call.func.attr in ("add", "update", "discard", "remove", "clear")
    if not certain and not (same and call.func.attr in ("append", "sort", "reverse", "extend") and _bound_to(inference, module, owner, "list")):
        return
    start, value_start = module.span(node)[0], module.span(call)[0]
    fixes = [fix(module, [(start, value_start, "")], f"'{call.func.attr}' changes the object and returns None", "high")] if same else []
    if call.func.attr == "sort" and not same:
        inner = ", ".join([module.code(owner)] + [module.code(a) for a in call.args] + [f"{k.arg}={module.code(k.value)}" for k in call.keywords if k.arg])
        fixes = [fix(module, [(*module.span(call), f"sorted({inner})")], "'sorted' returns a new list", "high")]
    yield finding(module, "logic/none-result", module.span(node), f"'{call.func.attr}' returns None",
        f"Line {_line(module, node)}: '{call.func.attr}' changes '{module.code(owner)}' in place and returns None; do not assign it.", "high" if certain else "medium", fixes)  # fmt: skip


def _bound_to(inference: Inference, module: Analyzed, node: ast.expr, kind: str) -> bool:
    """Whether some assignment gives a name that type."""
    if not isinstance(node, ast.Name):
        return False
    holder = module.scope_at(node).lookup(node.id)
    for binding in holder.bindings.get(node.id, []) if holder else []:
        value = getattr(module.parents.get(binding), "value", None)
        if inference.type_of(module, value) == kind:
            return True
    return False


def _plain_braces(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A printed or returned string whose braces name what is in reach, without the `f`."""
    for node in module.walk(ast.Constant):
        if not isinstance(node.value, str) or "{" not in node.value or "{{" in node.value:
            continue
        parent = module.parents.get(node)
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add):
            parent = module.parents.get(parent)
        in_print = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and (parent.func.id == "print" or parent.func.id.endswith(("Error", "Exception")))
        if not (in_print or isinstance(parent, ast.Return)):
            continue
        matches = list(_NAMES_IN_BRACES.finditer(node.value))
        scope = module.scope_at(node)
        if not matches or not all(scope.lookup(m.group(1)) for m in matches):
            continue
        if not any((holder := scope.lookup(m.group(1))) is not None and holder.kind in ("function", "comprehension") or scope.kind == "module" for m in matches):
            continue
        start, end = module.span(node)
        text = module.text[start:end]
        if text[:1] not in "\"'" or "\\N" in text:
            continue
        yield finding(module, "logic/missing-f-prefix", (start, end), "the braces stay as they are: the string has no 'f' before it",
            f"Line {_line(module, node)}: put 'f' before the string to have its names filled in.", "medium", [fix(module, [(start, start, "f")], "names in braces need an f-string", "high")])  # fmt: skip


def _shadowed_builtins(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A builtin's name that holds a plain value and is then called."""
    for call in module.walk(ast.Call):
        if not isinstance(call.func, ast.Name):
            continue
        name = call.func.id
        if name not in ("list", "dict", "str", "int", "set", "tuple", "max", "min", "sum", "len", "input", "range", "sorted", "type", "print", "float", "bool", "id", "map", "filter", "next", "iter", "abs", "round", "any", "all", "zip"):
            continue
        kind = inference.type_of(module, call.func)
        holder = module.scope_at(call.func).lookup(name)
        if holder is None or kind not in ("list", "dict", "str", "int", "float", "set", "tuple", "bool"):
            continue
        uses = [n for n in module.walk(ast.Name) if n.id == name and (module.scope_at(n).lookup(name) is holder or n in holder.bindings[name])]
        called = {c.func for c in module.walk(ast.Call)}
        edits = [(*module.span(n), name + "_") for n in uses if n not in called]
        yield finding(module, "type/shadowed-builtin", module.span(call.func), f"'{name}' holds a {kind} here and is called",
            f"Line {_line(module, call)}: a variable hides the builtin '{name}'; give the variable another name.", "high",
            [fix(module, edits, f"a variable must not hide the builtin '{name}'", "high")])  # fmt: skip
        return


def _swallowed(inference: Inference, module: Analyzed) -> Iterator[Finding]:
    """A handler for everything that does nothing, around code of the program itself."""
    for node in module.walk(ast.ExceptHandler):
        broad = node.type is None or isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
        silent = all(isinstance(s, ast.Pass) for s in node.body)
        around = module.parents.get(node)
        if not (broad and silent and isinstance(around, ast.Try)) or len(around.body) < 2:
            continue
        yield finding(module, "logic/swallowed-exception", module.span(node), "every failure of this block is hidden",
            f"Line {_line(module, node)}: catch only what is expected, or let the failure be seen.", "low", ())  # fmt: skip
