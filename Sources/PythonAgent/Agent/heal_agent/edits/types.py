"""Guesses of the types of names and expressions: None where nothing is known.

A guess only decides which edits are worth offering, never whether one is right.
"""
import ast
from typing import Callable, Dict, FrozenSet, Optional

Types = Optional[FrozenSet[str]]

NUMBERS = frozenset({"int", "float", "bool", "complex", "Decimal", "Fraction"})
CONTAINERS = frozenset({"list", "tuple", "dict", "set", "frozenset", "str", "bytes", "range",
                        "OrderedDict", "defaultdict", "Counter", "deque", "bytearray"})
SEQUENCES = frozenset({"list", "tuple", "str", "bytes", "range", "deque", "bytearray"})

RESULT = {
    "len": "int", "int": "int", "ord": "int", "round": "int", "hash": "int", "id": "int",
    "float": "float", "str": "str", "repr": "str", "chr": "str", "hex": "str", "bin": "str",
    "input": "str", "format": "str", "list": "list", "sorted": "list", "dict": "dict",
    "set": "set", "frozenset": "frozenset", "tuple": "tuple", "bool": "bool", "any": "bool",
    "all": "bool", "isinstance": "bool", "callable": "bool", "hasattr": "bool", "range": "range",
    "OrderedDict": "OrderedDict", "defaultdict": "defaultdict", "Counter": "Counter",
    "deque": "deque", "open": "file",
}
METHOD_RESULT = {
    "lower": "str", "upper": "str", "strip": "str", "lstrip": "str", "rstrip": "str",
    "title": "str", "capitalize": "str", "swapcase": "str", "replace": "str", "join": "str",
    "zfill": "str", "format": "str", "split": "list", "rsplit": "list", "splitlines": "list",
    "find": "int", "rfind": "int", "index": "int", "rindex": "int", "count": "int",
    "startswith": "bool", "endswith": "bool", "isdigit": "bool", "isalpha": "bool",
    "isalnum": "bool", "isupper": "bool", "islower": "bool", "isspace": "bool",
    "append": "NoneType", "extend": "NoneType", "sort": "NoneType", "reverse": "NoneType",
    "insert": "NoneType", "add": "NoneType", "update": "NoneType", "clear": "NoneType",
    "remove": "NoneType",
}
ANNOTATED = {"List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple", "FrozenSet": "frozenset",
             "int": "int", "float": "float", "str": "str", "bool": "bool", "list": "list",
             "dict": "dict", "set": "set", "tuple": "tuple", "bytes": "bytes"}
DISPLAYS = {ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict",
            ast.Set: "set", ast.SetComp: "set", ast.Tuple: "tuple", ast.GeneratorExp: "generator",
            ast.JoinedStr: "str", ast.Lambda: "function", ast.Compare: "bool"}


def one(kind: str) -> FrozenSet[str]:
    """The guess of exactly one type."""
    return _SINGLE.setdefault(kind, frozenset({kind}))


_SINGLE: Dict[str, FrozenSet[str]] = {}


def type_of(node: ast.AST, lookup: Callable[[str], Types]) -> Types:
    """The types that an expression may have, `lookup` giving those of names."""
    if isinstance(node, ast.Constant):
        return one(type(node.value).__name__)
    if isinstance(node, ast.Name):
        return lookup(node.id)
    if type(node) in DISPLAYS:
        return one(DISPLAYS[type(node)])
    if isinstance(node, ast.UnaryOp):
        return one("bool") if isinstance(node.op, ast.Not) else type_of(node.operand, lookup)
    if isinstance(node, ast.BinOp):
        return _binary(node, lookup)
    if isinstance(node, ast.BoolOp):
        kinds = [type_of(v, lookup) for v in node.values]
        return None if None in kinds else frozenset().union(*kinds)  # type: ignore[arg-type]
    if isinstance(node, ast.Call):
        return _call(node, lookup)
    if isinstance(node, ast.Subscript):
        value = type_of(node.value, lookup)
        if isinstance(node.slice, ast.Slice) or value == one("str"):
            return value
    if isinstance(node, ast.IfExp):
        a, b = type_of(node.body, lookup), type_of(node.orelse, lookup)
        return None if a is None or b is None else a | b
    return None


def _binary(node: ast.BinOp, lookup: Callable[[str], Types]) -> Types:
    left, right = type_of(node.left, lookup), type_of(node.right, lookup)
    if isinstance(node.op, ast.Div):
        return one("float")
    if left == one("str") and isinstance(node.op, ast.Mod):
        return left
    if left is None or right is None:
        known = left or right
        if known and isinstance(node.op, ast.Add):
            return known  # both operands of a sum have one type, as a rule
        return None
    if left <= NUMBERS and right <= NUMBERS:
        return one("float") if "float" in left | right else one("int")
    return left if left - NUMBERS else right


def _call(node: ast.Call, lookup: Callable[[str], Types]) -> Types:
    if isinstance(node.func, ast.Name):
        if node.func.id in RESULT:
            return one(RESULT[node.func.id])
        if node.func.id in ("abs", "sum") and node.args:
            kinds = type_of(node.args[0], lookup)
            return kinds if kinds and kinds <= NUMBERS else None
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHOD_RESULT:
        return one(METHOD_RESULT[node.func.attr])
    return None


def annotated(node: Optional[ast.expr]) -> Types:
    """What an annotation promises, for the plain ones."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        node = ast.Name(id=node.attr, ctx=ast.Load())
    if isinstance(node, ast.Name) and node.id in ANNOTATED:
        return one(ANNOTATED[node.id])
    return None


def alike(a: Types, b: Types) -> bool:
    """Whether a value of one guess could stand where one of the other does."""
    if a is None or b is None:
        return True
    if a & b or (a & NUMBERS and b & NUMBERS):
        return True
    return "NoneType" in a and len(a) == 1 or "NoneType" in b and len(b) == 1
