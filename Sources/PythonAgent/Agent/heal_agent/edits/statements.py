"""Families on whole statements: delete, duplicate, move, indent, copy, swap, insertUpdate, augmented,
branch, loop and leave."""
import ast
from typing import Callable, List, Type

from ..fuel import tick_before
from . import build
from .collector import Collector
from .operators import ARITHMETIC
from .primitives import Insert, Remove, SetField
from .returns import answers
from .scope import Function
from .sketch import sketch, symbol
from .tree import Block

LOOPS = (ast.For, ast.AsyncFor, ast.While)
LEAVES = (ast.Break, ast.Continue, ast.Pass)


def offer_at(block: Block, statement: ast.stmt, out: Collector) -> None:
    """All of this module's edits at one statement."""
    if isinstance(statement, (*Function, ast.ClassDef, ast.Import, ast.ImportFrom)):
        return
    if not _is_docstring(block, statement):
        out.remove(block, "statement.delete", statement,
                   lambda: f"delete `{sketch(statement)}`")
        _moves(block, statement, out)
    if isinstance(statement, (ast.Assign, ast.AugAssign)):
        _assignment(block, statement, out)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        _expression(block, statement, statement.value, out)
        _split(block, statement, statement.value, out)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Compare):
        _compared(block, statement, statement.value, out)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.BinOp):
        _computed(block, statement, statement.value, out)
    elif isinstance(statement, ast.If):
        _branch(block, statement, out)
    elif isinstance(statement, LOOPS):
        _loop(block, statement, out)
    elif isinstance(statement, (*LEAVES, ast.Return)):
        _leave(block, statement, out)


def _is_docstring(block: Block, statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


# -- moving ----------------------------------------------------------------------------------------

def _moves(block: Block, statement: ast.stmt, out: Collector) -> None:
    mates = block.statements()
    at = mates.index(statement)

    def move(kind: str, primitives: list, words: str, key: object) -> None:
        out.primitives(kind, primitives, 1, statement, block, words, key=(kind, id(statement), key))

    if at + 1 < len(mates) and not isinstance(mates[at + 1], (*Function, ast.ClassDef)):
        move("statement.swap", [Remove(block.items, statement), Insert(
            block.items, mates[at + 1], [statement], True)], "swap it with the next statement", "next")
        if at + 2 < len(mates):
            move("statement.move", [Remove(block.items, statement), Insert(
                block.items, mates[-1], [statement], True)], "move it to the end of the block", "end")
    if at > 1:
        move("statement.move", [Remove(block.items, statement), Insert(
            block.items, mates[0], [statement], False)], "move it to the start of the block", "start")
    owner, outer = block.owner, block.outer
    if outer is not None and isinstance(owner, (*LOOPS, ast.If, ast.With)) and len(mates) > 1:
        for after, words in ((True, "after"), (False, "before")):
            move("statement.move", [Remove(block.items, statement), Insert(
                outer.items, owner, [statement], after)], f"move it {words} the block it is in", after)
        if at + 1 < len(mates):
            tail = mates[at:]
            primitives = [Remove(block.items, s) for s in tail]
            primitives.append(Insert(outer.items, owner, tail, True))  # type: ignore[arg-type]
            move("statement.move", primitives, "move it and what follows out of the block", "tail")
    elif outer is not None and isinstance(owner, (*LOOPS, ast.If)) and block.field == "body" and \
            not isinstance(statement, (ast.Break, ast.Continue)):
        move("statement.move", [Remove(block.items, statement), Insert(
            outer.items, owner, [statement], True)], "move it after the block it is in", "only")
    _far(block, statement, move)
    for neighbour, where in ((mates[at - 1] if at else None, "previous"),
                             (mates[at + 1] if at + 1 < len(mates) else None, "next")):
        for field in ("body", "orelse"):
            inner = getattr(neighbour, field, None)
            if isinstance(neighbour, (*LOOPS, ast.If, ast.With)) and isinstance(inner, list) and inner:
                anchor = [s for s in inner if not getattr(s, "heal_tick", False)]
                anchor = anchor[-1:] if where == "previous" else anchor[:1]
                if anchor:
                    move("statement.indent", [Remove(block.items, statement), Insert(
                        inner, anchor[0], [statement], where == "previous")],
                        f"move it into the {where} block", (where, field))
                    deepest = anchor[0]
                    if where == "previous" and isinstance(deepest, (*LOOPS, ast.If)):
                        last = [s for s in deepest.body if not getattr(s, "heal_tick", False)][-1]
                        move("statement.indent", [Remove(block.items, statement), Insert(
                            deepest.body, last, [statement], True)],
                            "move it into the innermost block before it", "deep")
    if at + 1 < len(mates) and isinstance(statement, ast.If):
        primitives = [Remove(block.items, s) for s in mates[at + 1:]]
        anchor_list = statement.orelse if statement.orelse else None
        if anchor_list is None:
            primitives.append(SetField(statement, "orelse", mates[at + 1:]))  # type: ignore[arg-type]
            move("statement.indent", primitives, "put what follows under `else`", "else")


def _far(block: Block, statement: ast.stmt, move: Callable) -> None:
    """Out of two and more blocks at once, as for a `return` that belongs after the loop."""
    home, level = block.outer, 0
    owner = block.owner
    while home is not None and not isinstance(owner, (*Function, ast.ClassDef, ast.ExceptHandler)):
        if level >= 1 or isinstance(owner, ast.If) and block.field == "orelse":
            words = f"move it after the block of line {owner.lineno}"  # type: ignore[attr-defined]
            move("statement.move", [Remove(block.items, statement, block.field == "orelse"), Insert(
                home.items, owner, [statement], True)], words, ("far", level))
        owner, home, level = home.owner, home.outer, level + 1


# -- assignments -----------------------------------------------------------------------------------

def _assignment(block: Block, statement: ast.stmt, out: Collector) -> None:
    if isinstance(statement, ast.AugAssign):
        for new in ARITHMETIC.get(type(statement.op), ()):
            out.primitives("augmented", [SetField(statement, "op", new())], 1, statement, block,
                           f"use `{symbol(new)}=` in place of `{symbol(statement.op)}=`",
                           key=(id(statement), new))
        goal = _stored(statement.target)
        out.swap_statement(block, "augmented", statement, ast.Assign(
            targets=[goal], value=statement.value), "use `=`", 1)
        if isinstance(statement.op, ast.Add):
            _element(block, statement, statement.target, statement.value, out)
        _bare(block, statement, goal, statement.value, out)
        return
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    goal, value = statement.targets[0], statement.value
    if isinstance(goal, (ast.Name, ast.Attribute, ast.Subscript)):
        ops: List[Type[ast.operator]] = [ast.Add, ast.Mult, ast.Sub]
        for op in ops:
            out.swap_statement(block, "augmented", statement, ast.AugAssign(
                target=_stored(goal), op=op(), value=value), f"use `{symbol(op)}=`", 1)
        if isinstance(goal, ast.Name) and block.scope.is_container(goal.id) is not False and block.loops:
            out.swap_statement(block, "augmented", statement, ast.Expr(
                value=build.method(build.name(goal.id), "append", value)))
    _bare(block, statement, goal, value, out)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        _element(block, statement, value.left, value.right, out)
    if isinstance(goal, ast.Tuple) and isinstance(value, ast.Tuple) and len(goal.elts) == 2 == len(
            value.elts):
        out.swap_statement(block, "statement.swap", statement, ast.Assign(
            targets=[goal], value=ast.Tuple(elts=value.elts[::-1], ctx=build.LOAD)))


def _element(block: Block, statement: ast.stmt, whole: ast.expr, part: ast.expr, out: Collector) -> None:
    """An element that is added to a list or tuple as if it were one."""
    kinds = block.scope.type_of(whole)
    site = out.tree.site_of.get(id(part))
    if site is None or kinds is not None and not kinds & {"list", "tuple", "set"}:
        return
    if isinstance(part, (ast.List, ast.Tuple, ast.ListComp)):
        return
    if kinds is None or "list" in kinds or "set" in kinds:
        out.replace(site, "element", ast.List(elts=[part], ctx=build.LOAD), "add it as one element")
    if kinds is None or "tuple" in kinds:
        out.replace(site, "element", ast.Tuple(elts=[part], ctx=build.LOAD), "add it as one element")
    owner = build.copy(whole)
    owner.ctx = build.LOAD
    if isinstance(owner, (ast.Name, ast.Attribute, ast.Subscript)):
        out.swap_statement(block, "element", statement, ast.Expr(value=build.method(
            owner, "add" if kinds and "set" in kinds else "append", part)))


NONE = ("sort", "append", "extend", "reverse", "remove", "insert", "add", "update", "shuffle", "discard",
        "clear")


def _bare(block: Block, statement: ast.stmt, goal: ast.expr, value: ast.expr, out: Collector) -> None:
    """A call for its effect whose None was assigned or added up."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in NONE:
        out.swap_statement(block, "statement.plain", statement, ast.Expr(value=value),
                           "do not assign the None that the call returns", 1)
        if isinstance(goal, ast.Name) and value.args:
            out.swap_statement(block, "statement.plain", statement, ast.Expr(value=build.method(
                build.name(goal.id), value.func.attr, *value.args)))


def _split(block: Block, statement: ast.Expr, value: ast.Call, out: Collector) -> None:
    """`a.append(b.remove(x))` as two calls, since the inner one returns None."""
    for i, inner in enumerate(value.args):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and \
                inner.func.attr in NONE and inner.args:
            arguments = list(value.args)
            arguments[i] = build.copy(inner.args[0])
            first = ast.Expr(value=ast.Call(func=value.func, args=arguments, keywords=value.keywords))
            second = ast.Expr(value=inner)
            for order in ([first, second], [second, first]):
                for made in order:
                    build.place(made, statement)
                out.primitives("statement.split", [Insert(block.items, statement, order, False), Remove(
                    block.items, statement)], 2, statement, block, "make two calls of the nested one",
                    key=(id(statement), i, order[0] is first))


def _compared(block: Block, statement: ast.Expr, value: ast.Compare, out: Collector) -> None:
    """`x == y` as a statement: an assignment was meant."""
    if len(value.ops) == 1 and isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
        goal = build.copy(value.left)
        goal.ctx = build.STORE
        right = value.comparators[0]
        out.swap_statement(block, "statement.assign", statement, ast.Assign(targets=[goal], value=right))
        out.swap_statement(block, "statement.plain", statement, ast.Expr(value=right))


def _computed(block: Block, statement: ast.Expr, value: ast.BinOp, out: Collector) -> None:
    """`x + y` as a statement: an assignment was meant, `x += y` or `x = y`."""
    if isinstance(value.left, (ast.Name, ast.Attribute, ast.Subscript)):
        goal = build.copy(value.left)
        goal.ctx = build.STORE
        out.swap_statement(block, "statement.assign", statement, ast.AugAssign(
            target=goal, op=value.op, value=value.right))
        out.swap_statement(block, "statement.assign", statement, ast.Assign(targets=[goal], value=value.right))
        out.swap_statement(block, "statement.assign", statement, ast.Assign(targets=[goal], value=value))


def _stored(node: ast.expr) -> ast.expr:
    return build.copy(node)


def _expression(block: Block, statement: ast.Expr, value: ast.Call, out: Collector) -> None:
    """A call whose result is thrown away."""
    names = block.scope.names(statement.lineno)[:5]
    if isinstance(value.func, ast.Name):
        for argument in value.args[:2]:
            if isinstance(argument, (ast.Name, ast.Attribute, ast.Subscript)):
                goal = build.copy(argument)
                goal.ctx = build.STORE
                out.swap_statement(block, "statement.assign", statement,
                                   ast.Assign(targets=[goal], value=value))
        if value.func.id == "print" and len(value.args) == 1:
            out.swap_statement(block, "return.missing", statement, ast.Return(value=value.args[0]))
        if block.loops and value.func.id == "print" and value.args:
            for name in names:
                out.swap_statement(block, "statement.assign", statement, ast.Expr(
                    value=build.method(build.name(name), "append", value.args[0])))
    elif isinstance(value.func, ast.Attribute) and isinstance(
            value.func.value, (ast.Name, ast.Attribute, ast.Subscript)):
        goal = build.copy(value.func.value)
        goal.ctx = build.STORE
        if value.func.attr not in ("append", "sort", "extend", "insert", "add"):
            out.swap_statement(block, "statement.assign", statement,
                               ast.Assign(targets=[goal], value=value))
        elif value.args and value.func.attr in ("append", "extend", "add"):
            argument = value.args[0]
            out.swap_statement(block, "statement.assign", statement, ast.AugAssign(
                target=goal, op=ast.Add(), value=argument))
            out.swap_statement(block, "statement.assign", statement, ast.Assign(
                targets=[goal], value=argument))
    for name in names[:3]:
        out.swap_statement(block, "statement.assign", statement, ast.Assign(
            targets=[build.target(name)], value=value))
    if isinstance(block.scope.node, ast.AsyncFunctionDef):
        out.swap_statement(block, "await.missing", statement, ast.Expr(value=ast.Await(value=value)))


# -- branches and loops ----------------------------------------------------------------------------

def _branch(block: Block, statement: ast.If, out: Collector) -> None:
    mates = block.statements()
    body = [s for s in statement.body if not getattr(s, "heal_tick", False)]
    out.swap_statement(block, "loop.whileIf", statement, ast.While(
        test=statement.test, body=_fuelled(statement.body), orelse=[]), "use `while` in place of `if`", 1)
    out.primitives("statement.unguard", [Insert(block.items, statement, body, False), Remove(
        block.items, statement)], 1, statement, block, "do it without the condition",
        key=(id(statement), "bare"))
    if statement.orelse:
        out.primitives("branch.swap", [SetField(statement, "body", statement.orelse),
                                       SetField(statement, "orelse", statement.body)], 1, statement,
                       block, "swap the two branches", key=(id(statement), "swap"))
        out.primitives("statement.delete", [SetField(statement, "orelse", [])], 2, statement, block,
                       "drop the `else` branch", key=(id(statement), "no else"))
        tail = list(statement.orelse)
        out.primitives("branch.elifToIf", [SetField(statement, "orelse", []), Insert(
            block.items, statement, tail, True)], 1, statement, block,
            "do the `else` branch in every case", key=(id(statement), "elif"))
        following = statement.orelse[0]
        if len(statement.orelse) == 1 and isinstance(following, ast.If):
            out.primitives("branch.swap", [
                SetField(statement, "test", following.test), SetField(following, "test", statement.test),
                SetField(statement, "body", following.body), SetField(following, "body", statement.body)],
                2, statement, block, "ask for the next condition first", key=(id(statement), "order"))
    at = mates.index(statement)
    if at + 1 < len(mates) and isinstance(mates[at + 1], ast.If) and not statement.orelse:
        following = mates[at + 1]
        out.primitives("branch.elifToIf", [Remove(block.items, following), SetField(
            statement, "orelse", [following])], 1, statement, block,
            "use `elif` in place of the `if` that follows", key=(id(statement), "to elif"))


def _fuelled(body: list) -> list:
    """A block for a new loop, which needs a tick as every loop does."""
    if any(getattr(s, "heal_tick", False) for s in body):
        return body
    return [tick_before(body[0]), *body]


def _loop(block: Block, statement: ast.stmt, out: Collector) -> None:
    if isinstance(statement, ast.While):
        out.swap_statement(block, "loop.whileIf", statement, ast.If(
            test=statement.test, body=statement.body, orelse=statement.orelse),
            "use `if` in place of `while`", 1)
    mates = block.statements()
    at = mates.index(statement)
    if statement.orelse:  # type: ignore[attr-defined]
        tail = list(statement.orelse)  # type: ignore[attr-defined]
        out.primitives("loop.else", [SetField(statement, "orelse", []), Insert(
            block.items, statement, tail, True)], 1, statement, block,
            "do what is under the loop's `else` in every case", key=(id(statement), "no else"))
    elif at + 1 < len(mates) and any(isinstance(n, ast.Break) for n in ast.walk(statement)):
        out.primitives("loop.else", [Remove(block.items, mates[at + 1]), SetField(
            statement, "orelse", [mates[at + 1]])], 1, statement, block,
            "do what follows only when the loop was not broken", key=(id(statement), "else"))
    if not statement.orelse:  # type: ignore[attr-defined]
        _otherwise(block, statement, out)


def _otherwise(block: Block, statement: ast.stmt, out: Collector) -> None:
    """What to do when a loop that may be left by `break` was not."""
    if not any(isinstance(n, ast.Break) for n in ast.walk(statement)) or not isinstance(
            block.scope.node, Function) or not out.wants("loop.else"):
        return
    made: List[ast.stmt] = [ast.Return(value=v) for v in answers(out.tree, block, statement)[:10]]
    for part in ast.walk(getattr(statement, "target", statement)):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            made.append(ast.AugAssign(target=build.target(part.id), op=ast.Add(), value=build.const(1)))
    for new in made[:14]:
        build.place(new, statement)
        out.primitives("loop.else", [SetField(statement, "orelse", [new])], 2, statement, block,
                       lambda n=new: f"when the loop is not broken: `{sketch(n)}`",
                       key=(id(statement), build.fingerprint(new)))


def _leave(block: Block, statement: ast.stmt, out: Collector) -> None:
    if block.loops:
        for new in (ast.Break(), ast.Continue(), ast.Pass()):
            out.swap_statement(block, "breakContinue", statement, new, None, 1)
    elif isinstance(statement, ast.Return) and not isinstance(block.owner, Function):
        out.swap_statement(block, "breakContinue", statement, ast.Pass(), None, 1)
    if isinstance(block.scope.node, Function) and isinstance(statement, LEAVES):
        for value in answers(out.tree, block, statement)[:12]:
            out.swap_statement(block, "breakContinue", statement, ast.Return(value=value), None, 1)
