"""Families on calls: call.function, call.argument, method, wrap, unwrap, subscriptToCall, sortKey."""
import ast
from typing import Dict, List

from . import build
from .collector import Collector
from .names import candidates
from .sketch import sketch
from .tree import Site
from .types import CONTAINERS, NUMBERS, SEQUENCES

GROUPS = [
    ("append", "extend", "add", "remove", "insert"), ("lower", "upper", "title", "capitalize", "swapcase"),
    ("strip", "lstrip", "rstrip"), ("find", "index", "rfind", "rindex", "count"),
    ("startswith", "endswith"), ("keys", "values", "items"), ("pop", "remove", "discard", "popleft"),
    ("add", "remove", "discard", "update"), ("append", "appendleft"), ("pop", "popitem", "get"),
    ("isalpha", "isalnum", "isdigit", "islower", "isupper", "isspace"), ("split", "rsplit", "splitlines"),
    ("union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset"),
    ("sort", "reverse"), ("get", "setdefault"), ("split", "strip"), ("ljust", "rjust", "center"),
    ("acquire", "release"), ("encode", "decode"), ("floor", "ceil", "trunc"), ("sqrt", "floor"),
    ("log", "log2", "log10"), ("sin", "cos", "tan"), ("date", "time"), ("match", "search", "fullmatch"),
    ("randint", "randrange"), ("heappush", "heappop", "heapify"), ("nlargest", "nsmallest"),
    ("bisect", "bisect_left", "bisect_right"), ("permutations", "combinations", "product"),
]
METHODS: Dict[str, List[str]] = {}
for _group in GROUPS:
    for _name in _group:
        METHODS.setdefault(_name, []).extend(n for n in _group if n != _name and n not in METHODS[_name])
FUNCTIONS = [("min", "max"), ("any", "all"), ("sum", "len", "max", "min"), ("sorted", "reversed", "list", "set"),
             ("int", "float", "round", "abs"), ("str", "repr", "int", "list"), ("list", "tuple", "set"),
             ("map", "filter"), ("range", "enumerate", "reversed"), ("zip", "enumerate"), ("ord", "chr"),
             ("bin", "hex", "oct"), ("list", "dict"), ("sorted", "set", "tuple"), ("isinstance", "issubclass"),
             ("len", "sum"), ("int", "ord"), ("str", "chr")]
SWAPS: Dict[str, List[str]] = {}
for _group in FUNCTIONS:
    for _name in _group:
        SWAPS.setdefault(_name, []).extend(n for n in _group if n != _name and n not in SWAPS[_name])
OF_NUMBER = ["abs", "int", "str", "float", "round"]
OF_CONTAINER = ["len", "list", "sorted", "set", "tuple", "reversed", "sum", "max", "min", "str", "any", "all"]


def offer(site: Site, out: Collector) -> None:
    """All of this module's edits of one expression."""
    node = site.node
    if isinstance(node, ast.Call):
        _function(site, node, out)
        _arguments(site, node, out)
        _ordering(site, node, out)
        _unwrap_call(site, node, out)
    elif isinstance(node, ast.BinOp):
        out.replace(site, "unwrap", node.left)
        out.replace(site, "unwrap", node.right)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        if not isinstance(node.slice, ast.Slice):
            out.replace(site, "unwrap", node.value)
            arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            out.replace(site, "subscriptToCall", build.call(node.value, *arguments))
            if not isinstance(site.parent, ast.Attribute):
                out.replace(site, "unwrap", node.slice)
    _wrap(site, node, out)


def _function(site: Site, node: ast.Call, out: Collector) -> None:
    function = out.tree.site_of[id(node.func)]
    if isinstance(node.func, ast.Name):
        name = node.func.id
        for other in SWAPS.get(name, ()):
            out.replace(function, "call.function", build.name(other))
        count = len(node.args) + len(node.keywords)
        if name == "set" and len(node.args) == 1:
            out.replace(site, "call.function", build.method(build.name("dict"), "fromkeys", node.args[0]),
                        "keep the order in which the elements come")
        for other, (fewest, most) in site.scope.known_functions().items():
            if other != name and fewest <= count <= most:
                out.replace(function, "call.function", build.name(other))
        if len(node.args) == 1 and not node.keywords and name not in ("len", "range", "print"):
            argument = node.args[0]
            out.replace(site, "subscriptToCall", build.item(node.func, argument))
    elif isinstance(node.func, ast.Attribute):
        for other in METHODS.get(node.func.attr, ()):
            out.change(function, "method", "attr", other,
                       f"call `.{other}` in place of `.{node.func.attr}`")
        for other in _methods_like(site, node):
            out.change(function, "method", "attr", other,
                       f"call `.{other}` in place of `.{node.func.attr}`")
        out.replace(site, "unwrap", node.func.value, lambda: f"drop the call of `.{node.func.attr}`")
        if not node.args and not node.keywords:
            out.replace(site, "call.missing", node.func, "drop the call")
        for name in candidates(site, node.func.value)[:6]:
            value = out.tree.site_of.get(id(node.func.value))
            if value is not None and not isinstance(node.func.value, ast.Name):
                out.replace(value, "variable", build.name(name))


def _methods_like(site: Site, node: ast.Call) -> List[str]:
    """Methods that the file calls on the same name, and those of its own class."""
    owner = node.func.value  # type: ignore[attr-defined]
    if not isinstance(owner, ast.Name):
        return []
    found: Dict[str, None] = {}
    inside = site.scope.in_class
    if inside is not None and site.scope.parameters[:1] == [owner.id]:
        for part in inside.body:
            if isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
                if len(part.args.args) - 1 >= len(node.args):
                    found[part.name] = None
    else:
        for part in ast.walk(site.scope.node):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and isinstance(
                    part.func.value, ast.Name) and part.func.value.id == owner.id:
                found[part.func.attr] = None
    found.pop(node.func.attr, None)  # type: ignore[attr-defined]
    return list(found)[:6]


def _with(node: ast.Call, args: List[ast.expr], keywords: List[ast.keyword]) -> ast.Call:
    return ast.Call(func=node.func, args=args, keywords=keywords)


def _arguments(site: Site, node: ast.Call, out: Collector) -> None:
    args, keywords = node.args, node.keywords
    for i, argument in enumerate(args):
        if len(args) > 1 or keywords or not isinstance(node.func, ast.Name) or \
                site.scope.known_functions().get(node.func.id, (1, 1))[0] == 0:
            out.replace(site, "call.argument", _with(node, args[:i] + args[i + 1:], keywords),
                        lambda a=argument: f"drop the argument `{sketch(a)}`")
        for j in range(i + 1, len(args)):
            swapped = list(args)
            swapped[i], swapped[j] = args[j], args[i]
            out.replace(site, "call.argument", _with(node, swapped, keywords), "swap two arguments")
    for i in range(len(keywords)):
        out.replace(site, "call.argument", _with(node, args, keywords[:i] + keywords[i + 1:]),
                    f"drop the keyword argument `{keywords[i].arg}`")
    _added(site, node, out)


def _added(site: Site, node: ast.Call, out: Collector) -> None:
    """One argument more, where the function takes one."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    functions = site.scope.known_functions()
    if name in ("min", "max") and not node.keywords:
        names = [n for n in site.scope.names(site.statement.lineno)
                 if site.scope.is_container(n) is not True][:5]
        for i, first in enumerate(names):
            for second in names[i + 1:]:
                out.replace(site, "call.argument", _with(node, [build.name(first), build.name(second)], []))
    room = name in functions and len(node.args) < functions[name][1]
    if isinstance(node.func, ast.Attribute):
        room = node.func.attr in ("pop", "get", "split", "index", "count", "find", "insert", "join",
                                  "append", "remove", "add")
        room = room and len(node.args) < (2 if node.func.attr in ("get", "insert", "index") else 1)
    if not room:
        return
    new: List[ast.expr] = [build.name(n) for n in site.scope.names(site.statement.lineno)[:8]]
    new += [build.const(0), build.const(-1), build.const(1), build.const("")]
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        new += [ast.List(elts=[], ctx=build.LOAD)]
    for argument in new:
        out.replace(site, "call.argument", _with(node, [*node.args, argument], node.keywords),
                    lambda a=argument: f"add the argument `{sketch(a)}`")
        if node.args and name:
            out.replace(site, "call.argument", _with(node, [argument, *node.args], node.keywords),
                        lambda a=argument: f"add the argument `{sketch(a)}`")


def _ordering(site: Site, node: ast.Call, out: Collector) -> None:
    """Keys and direction of sorted, sort, min and max."""
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in ("sorted", "sort", "min", "max", "nlargest", "nsmallest"):
        return
    present = {k.arg for k in node.keywords}
    if name in ("sorted", "sort") and "reverse" not in present:
        out.replace(site, "sortKey", _with(node, node.args, [
            *node.keywords, ast.keyword(arg="reverse", value=build.const(True))]),
            "sort in falling order")
    if name == "sorted":
        out.replace(site, "sortKey", build.cut(node, step=build.const(-1)), "reverse the result")
    keys = _keys()
    if "key" in present:
        others = [k for k in node.keywords if k.arg != "key"]
        for key in keys:
            out.replace(site, "sortKey", _with(node, node.args, [
                ast.keyword(arg="key", value=key), *others]))
    elif name in ("sorted", "sort") or len(node.args) == 1:
        for key in keys:
            out.replace(site, "sortKey", _with(node, node.args, [
                ast.keyword(arg="key", value=key), *node.keywords]))


def _keys() -> List[ast.expr]:
    def function(body: ast.expr) -> ast.Lambda:
        arguments = ast.arguments(posonlyargs=[], args=[ast.arg(arg="item")], kwonlyargs=[],
                                  kw_defaults=[], defaults=[])
        return ast.Lambda(args=arguments, body=body)

    def part(index: int) -> ast.expr:
        return build.item(build.name("item"), build.const(index))

    def minus(value: ast.expr) -> ast.expr:
        return ast.UnaryOp(op=ast.USub(), operand=value)

    return [function(part(0)), function(part(1)), function(part(-1)), build.name("len"),
            build.name("abs"), build.name("str"), build.attr(build.name("str"), "lower"),
            build.name("int"), function(minus(part(1))),
            function(ast.Tuple(elts=[build.call("len", build.name("item")), build.name("item")],
                               ctx=build.LOAD)),
            function(ast.Tuple(elts=[part(1), part(0)], ctx=build.LOAD)),
            function(ast.Tuple(elts=[minus(part(1)), part(0)], ctx=build.LOAD))]


def _unwrap_call(site: Site, node: ast.Call, out: Collector) -> None:
    for argument in node.args:
        if not isinstance(argument, (ast.Starred, ast.GeneratorExp)):
            out.replace(site, "unwrap", argument, lambda a=argument: f"use `{sketch(a)}` as it is")


def _wrap(site: Site, node: ast.expr, out: Collector) -> None:
    if not isinstance(node, (ast.Name, ast.Call, ast.BinOp, ast.Subscript, ast.Attribute, ast.ListComp,
                             ast.IfExp)) or not isinstance(getattr(node, "ctx", build.LOAD), ast.Load):
        return
    parent = site.parent
    if isinstance(parent, ast.Call) and site.field == "func" or isinstance(
            parent, (ast.Attribute, ast.Expr)) or isinstance(parent, ast.Subscript) and \
            site.field == "value" or site.field in ("targets", "target", "decorator_list", "bases"):
        return
    kinds = site.scope.type_of(node)
    if kinds is None and isinstance(node, ast.Name):
        container = site.scope.is_container(node.id)
        names = OF_CONTAINER if container else OF_NUMBER if container is False else \
            ["len", "str", "int", "abs", "list", "sorted", "set", "tuple"]
    elif kinds is None:
        names = ["str", "int", "abs", "len", "list", "sorted", "set", "round", "tuple", "sum"]
    elif kinds <= NUMBERS:
        names = OF_NUMBER if "bool" not in kinds else ["int", "str"]
    elif kinds & CONTAINERS:
        names = OF_CONTAINER + (["int", "float"] if "str" in kinds else [])
    else:
        names = ["list", "tuple", "sorted", "set", "str", "sum", "len"]
    inside = parent.func.id if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) else ""
    for name in names:
        if name != inside:
            out.replace(site, "wrap", build.call(name, node), f"wrap it in `{name}`")
    if (kinds is None or kinds & NUMBERS) and not isinstance(parent, ast.Subscript):
        for other in site.scope.names(site.statement.lineno)[:5]:
            if site.scope.is_number(other) is not False and not (
                    isinstance(node, ast.Name) and node.id == other):
                for name in ("max", "min"):
                    out.replace(site, "wrap", build.call(name, node, build.name(other)))
        for name in ("max", "min"):
            out.replace(site, "wrap", build.call(name, node, build.const(0)))
    if kinds is None or kinds & {"str"}:
        for name in ("lower", "upper", "strip", "split", "encode", "title"):
            if isinstance(node, (ast.Name, ast.Subscript)):
                out.replace(site, "wrap", build.method(node, name), f"call `.{name}` on it")
    _own_functions(site, node, out)
    if kinds and kinds & SEQUENCES and isinstance(parent, (ast.Return, ast.Assign)):
        out.replace(site, "wrap", build.method(build.const(""), "join", node), "join the parts")


def _own_functions(site: Site, node: ast.expr, out: Collector) -> None:
    for name, (fewest, most) in site.scope.known_functions().items():
        if fewest <= 1 <= most:
            out.replace(site, "wrap", build.call(name, node), f"wrap it in `{name}`")
