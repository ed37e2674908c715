"""Attributes that do not exist: of modules, of the program's own classes, of builtin types."""

from __future__ import annotations

import ast
from typing import Dict, FrozenSet, List, Optional, Tuple

from ..names import look_alikes
from .findings import Finding, finding, fix
from .infer import Inference
from .inventory import submodule_exists, type_attributes
from .program import Analyzed, ClassInfo, Program

# Members of Python 2, or removed since, and what there is instead.
MOVED_MEMBERS: Dict[str, str] = {
    "time.clock": "time.perf_counter", "string.letters": "string.ascii_letters", "string.lowercase": "string.ascii_lowercase",
    "string.uppercase": "string.ascii_uppercase", "sys.maxint": "sys.maxsize", "os.getcwdu": "os.getcwd", "itertools.izip": "zip",
    "itertools.imap": "map", "itertools.ifilter": "filter", "itertools.izip_longest": "itertools.zip_longest",
    "inspect.getargspec": "inspect.getfullargspec", "collections.Mapping": "collections.abc.Mapping", "string.join": "str.join",
    "collections.Iterable": "collections.abc.Iterable", "collections.Callable": "collections.abc.Callable",
    "collections.MutableMapping": "collections.abc.MutableMapping", "collections.Sequence": "collections.abc.Sequence",
    "math.inv": "math.inf", "time.perfcounter": "time.perf_counter", "asyncio.get_running": "asyncio.get_running_loop",
}  # fmt: skip
# Methods of other languages, or of Python 2, by the type they are looked for on.
MOVED_METHODS: Dict[str, Dict[str, str]] = {
    "list": {"push": "append", "add": "append", "length": "", "size": "", "addAll": "extend", "concat": "extend", "delete": "remove", "push_back": "append", "contains": ""},
    "dict": {"iteritems": "items", "iterkeys": "keys", "itervalues": "values", "has_key": "", "put": "", "add": "", "entries": "items", "length": ""},
    "str": {"toUpperCase": "upper", "toLowerCase": "lower", "trim": "strip", "length": "", "to_upper": "upper", "to_lower": "lower", "uppercase": "upper", "lowercase": "lower",
            "toupper": "upper", "tolower": "lower", "startsWith": "startswith", "endsWith": "endswith", "indexOf": "find", "contains": "", "substring": "", "append": "", "charAt": ""},
    "set": {"append": "add", "push": "add", "insert": "add", "length": "", "delete": "discard", "has": ""},
    "tuple": {"append": "", "length": ""},
}  # fmt: skip


def attribute_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """Findings for each read of an attribute that its object plainly does not have."""
    found: List[Finding] = []
    for node in module.walk(ast.Attribute):
        if not isinstance(node.ctx, ast.Load) or node.attr.startswith("__") and node.attr.endswith("__"):
            continue
        item = _module_member(inference.program, module, node)
        if item is None:
            item = _own_attribute(inference, module, node)
        if item is None:
            item = _builtin_attribute(inference, module, node)
        if item is not None and not _expected(module, node):
            item["subject"] = node.attr
            found.append(item)
    return found


def _expected(module: Analyzed, node: ast.Attribute) -> bool:
    """Whether the code around expects that the attribute may be missing."""
    inner: ast.AST = node
    for outer in module.ancestors(node):
        if isinstance(outer, ast.Try) and any(inner is s for s in outer.body):
            for handler in outer.handlers:
                words = module.code(handler.type) if handler.type is not None else "AttributeError"
                if "AttributeError" in words or words == "Exception":
                    return True
        if isinstance(outer, (ast.If, ast.IfExp, ast.BoolOp)):
            words = module.code(getattr(outer, "test", outer))
            if "hasattr" in words or "version_info" in words or "platform" in words or "os.name" in words or "PY2" in words:
                return True
        if isinstance(outer, ast.With) and "aises" in module.code(outer.items[0].context_expr):
            return True
        inner = outer
    return False


def attribute_span(module: Analyzed, node: ast.Attribute) -> Tuple[int, int]:
    """Offsets of the attribute's name alone."""
    end = module.span(node)[1]
    return end - len(node.attr), end


def _misspelt(
    module: Analyzed, node: ast.Attribute, known: FrozenSet[str], owner: str, what: str, sure: str = "high"
) -> Optional[Finding]:
    hidden = node.attr.startswith("_")
    similar = look_alikes(node.attr, [k for k in known if hidden or not k.startswith("_")], 3)
    span = attribute_span(module, node)
    line = module.original_range(*span)[0]
    if not similar:
        return None
    called = isinstance(module.parents.get(node), ast.Call)
    best = similar[0][1]
    fixes = [fix(module, [(*span, other)], f"{what} has no '{node.attr}', it has '{other}'", sure if i == 0 else "low") for i, (_, other) in enumerate(similar)]
    return finding(module, "name/attribute", span, f"{what} has no attribute '{node.attr}'; it has '{best}'",
        f"Line {line}: write '{owner}.{best}{'(…)' if called else ''}' instead of '{owner}.{node.attr}'.", sure, fixes)  # fmt: skip


def _module_member(program: Program, module: Analyzed, node: ast.Attribute) -> Optional[Finding]:
    if not isinstance(node.value, ast.Name):
        return None
    target = module.imported_module(node.value.id, module.scope_at(node.value))
    if target is None:
        return None
    names = program.names_of(target)
    if names is None or node.attr in names or node.attr in program.stored_attributes:
        return None
    if target in program.by_name and program.by_name[target] is module:
        return None
    if f"{target}.{node.attr}" in _imported_paths(program) or submodule_exists(f"{target}.{node.attr}"):
        return None
    if target in program.by_name and any(m.name.startswith(f"{target}.{node.attr}") for m in program.modules):
        return None
    moved = MOVED_MEMBERS.get(f"{target}.{node.attr}")
    what = f"module '{target}'"
    if moved is not None:
        span = module.span(node)
        own = moved.split(".")[0] == target and moved.count(".") == 1
        new = f"{node.value.id}.{moved.split('.', 1)[1]}" if own else moved
        fixes = [fix(module, [(*span, new)], f"it is '{moved}' in Python 3", "high")] if own or "." not in moved else []
        return finding(module, "name/attribute", attribute_span(module, node), f"{what} has no attribute '{node.attr}'; it is '{moved}' now",
            f"Line {module.original_range(*span)[0]}: use '{moved}'.", "high", fixes)  # fmt: skip
    return _misspelt(module, node, names, node.value.id, what)


def _imported_paths(program: Program) -> FrozenSet[str]:
    paths = getattr(program, "_imported_paths", None)
    if paths is None:
        found = set()
        for module in program.modules:
            for node in module.walk(ast.Import):
                for alias in node.names:
                    parts = alias.name.split(".")
                    found.update(".".join(parts[: i + 1]) for i in range(len(parts)))
        paths = frozenset(found)
        program._imported_paths = paths  # type: ignore[attr-defined]
    return paths


def _own_attribute(inference: Inference, module: Analyzed, node: ast.Attribute) -> Optional[Finding]:
    program = inference.program
    if not isinstance(node.value, ast.Name):
        return None
    info = inference.class_of(module, node.value)
    through = "object of class"
    if info is None:
        info = program.class_named(module, node.value.id) if module.scope_at(node.value).lookup(node.value.id) is module.root else None
        through = "class"
    if info is None or info.node.decorator_list and not _plain_decorators(info):
        return None
    names = program.attributes_of(info)
    if names is None or node.attr in names or node.attr in program.stored_attributes:
        return None
    below = set()
    for other in program.subclasses(info):
        more = program.attributes_of(other)
        if more is None or node.attr in more:
            return None
        below |= more
    if through == "class" and node.attr in dir(type):
        return None
    made = _instantiated(program, info)
    what = f"'{info.name}' {'object' if through != 'class' else 'class'}"
    own = frozenset(n for n in names if n not in dir(object))
    item = _misspelt(module, node, own, node.value.id, what, "high" if made else "low")
    if item is not None:
        only_underscores = item["fixes"] and item["fixes"][0]["edits"][0]["new"].strip("_") == node.attr.strip("_")
        return item if made or not only_underscores else None
    if not made or info.node.bases:
        return None  # what a mixin or a base expects, others may provide
    span = attribute_span(module, node)
    line = module.original_range(*span)[0]
    return finding(module, "name/attribute", span, f"{what} has no attribute '{node.attr}'",
        f"Line {line}: nothing in class '{info.name}' defines '{node.attr}'; define it or use one that exists.", "medium")  # fmt: skip


def _instantiated(program: Program, info: ClassInfo) -> bool:
    """Whether the program makes objects of the class or of one derived from it."""
    names = {info.name} | {s.name for s in program.subclasses(info)}
    for module in program.modules:
        for call in module.walk(ast.Call):
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", None)
            if called in names:
                return True
    return False


def _plain_decorators(info: ClassInfo) -> bool:
    names = {ast.dump(d.func if isinstance(d, ast.Call) else d) for d in info.node.decorator_list}
    return all("'dataclass'" in n or "'total_ordering'" in n or "'unique'" in n for n in names)


def _builtin_attribute(inference: Inference, module: Analyzed, node: ast.Attribute) -> Optional[Finding]:
    kind = inference.type_of(module, node.value)
    if kind is None or kind.startswith("class:") or kind == "None":
        return None
    names = type_attributes(kind)
    if names is None or node.attr in names:
        return None
    span = attribute_span(module, node)
    line = module.original_range(*span)[0]
    owner = module.code(node.value)
    moved = MOVED_METHODS.get(kind, {}).get(node.attr)
    if moved:
        return finding(module, "name/attribute", span, f"a {kind} has no attribute '{node.attr}'; it has '{moved}'",
            f"Line {line}: write '{owner}.{moved}'.", "high", [fix(module, [(*span, moved)], f"a {kind} has '{moved}'", "high")])  # fmt: skip
    extra = length_fix(module, node) if node.attr in ("length", "size", "len", "Length") else None
    if extra is not None:
        return finding(module, "name/attribute", span, f"a {kind} has no attribute '{node.attr}'; its length is len(…)",
            f"Line {line}: write 'len({owner})'.", "high", [extra])  # fmt: skip
    item = _misspelt(module, node, names, owner, f"a {kind}")
    if item is not None:
        return item
    if not _plainly_typed(module, node.value):
        return None
    return finding(module, "name/attribute", span, f"a {kind} has no attribute '{node.attr}'",
        f"Line {line}: '{owner}' is a {kind}, which has no '{node.attr}'.", "medium")  # fmt: skip


def _plainly_typed(module: Analyzed, node: ast.expr) -> bool:
    """Whether a value's type does not rest on what calls of a function pass, or on assignments elsewhere."""
    if isinstance(node, ast.Attribute):
        return False
    if isinstance(node, ast.Name):
        holder = module.scope_at(node).lookup(node.id)
        return holder is not None and not any(isinstance(b, ast.arg) for b in holder.bindings.get(node.id, []))
    return True


def length_fix(module: Analyzed, node: ast.Attribute) -> Optional[dict]:
    """`x.length` and `x.length()` to `len(x)`."""
    parent = module.parents.get(node)
    whole: ast.AST = parent if isinstance(parent, ast.Call) and parent.func is node and not parent.args else node
    start, end = module.span(whole)
    return fix(module, [(start, end, f"len({module.code(node.value)})")], "the length of an object is len(…)", "high")

