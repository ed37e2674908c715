"""Locks of a program: which there are, how a place refers to one, and new ones."""

from __future__ import annotations

import ast
import sys
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from .index import Field, Function, Program, bound, names_in, root
from .text import Draft, Module, NoEdit, first_line, own_nodes

KINDS = ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore")
SIGNALS = ("Event", "Barrier")


class Lock(NamedTuple):
    """A lock as the program makes it."""

    field: Field
    kind: str
    library: str
    """`threading` or `asyncio`."""
    call: "Optional[ast.Call]"
    """The call that makes it; None for a new one."""
    where: str
    """`instance`, `class`, `module` or `function`: whom it belongs to."""
    inside: str = ""
    """The attribute of an object of the program that holds it; empty where nothing does."""

    @property
    def suffix(self) -> str:
        """What follows the field's name."""
        return "." + self.inside if self.inside else ""

    @property
    def is_reentrant(self) -> bool:
        if self.kind == "Condition" and self.library == "threading":
            return self.call is None or not self.call.args or "RLock" in ast.dump(self.call.args[0])
        return self.kind == "RLock"

    @property
    def excludes(self) -> bool:
        """Whether one thread alone can hold it."""
        if not self.kind.endswith("Semaphore"):
            return self.kind in KINDS
        return self.call is not None and (not self.call.args or isinstance(self.call.args[0], ast.Constant) and self.call.args[0].value == 1)


def inventory(program: Program) -> "List[Lock]":
    """The locks that a program makes, with conditions and semaphores."""
    found = []
    for module in program.modules.values():
        for node in module.nodes:
            made = made_by(node)
            if made is not None:
                one = _lock(program, module, node, *made)
                if one is not None:
                    found.append(one)
    return found


def made_by(node: ast.AST) -> "Optional[Tuple[str, str]]":
    """Kind and library of the lock that a call makes."""
    if not isinstance(node, ast.Call):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "field":  # of a dataclass
        factory = next((one.value for one in node.keywords if one.arg == "default_factory"), None)
        name = factory.attr if isinstance(factory, ast.Attribute) else ""
        return (name, "threading") if name in KINDS else None
    if name not in KINDS + SIGNALS:
        return None
    return name, "asyncio" if isinstance(node.func, ast.Attribute) and root(node.func) == "asyncio" else "threading"


def _lock(program: Program, module: Module, call: Any, kind: str, library: str) -> "Optional[Lock]":
    statement = module.statement(call)
    target: "Optional[ast.AST]" = None
    inside = ""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        inside = _held_by(program, statement.value, call)
        if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple) and call in statement.value.elts:
            target = target.elts[statement.value.elts.index(call)]
        elif statement.value is not call and not inside:
            return None
    elif isinstance(statement, ast.AnnAssign) and statement.value is call:
        target = statement.target
    if target is None:
        return None
    parent = module.parents[statement]
    if isinstance(parent, ast.ClassDef) and isinstance(target, ast.Name):
        where = "instance" if _is_field(call) else "class"
        return Lock(Field("attribute", target.id, parent, module.path), kind, library, call, where, inside)
    field = program.field_of(module, target)
    if field is None or isinstance(target, ast.Attribute) and field.owner is None:
        return None
    return Lock(field, kind, library, call, {"attribute": "instance", "global": "module", "local": "function"}[field.kind], inside)


def _held_by(program: Program, value: ast.AST, call: ast.AST) -> str:
    """The attribute under which a class of the program keeps the lock that it is given."""
    if not isinstance(value, ast.Call) or value.args != [call]:
        return ""
    for made in program.called(value):
        arguments = [one.arg for one in made.node.args.args]
        for node in made.nodes():
            if made.name == "__init__" and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                if isinstance(node.value, ast.Name) and arguments[1:] == [node.value.id]:
                    return node.targets[0].attr
    return ""


def _is_field(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "field"


def is_reference(program: Program, module: Module, node: ast.AST, lock: Lock) -> bool:
    """Whether an expression names a lock."""
    if lock.inside:
        if not isinstance(node, ast.Attribute) or node.attr != lock.inside:
            return False
        node = node.value
    if lock.field.kind == "attribute":
        return isinstance(node, ast.Attribute) and node.attr == lock.field.name and \
            program.owner_of(module, node) in (lock.field.owner, None)
    return isinstance(node, ast.Name) and node.id == lock.field.name and \
        (program.scope_of(module, node) is (lock.field.owner if lock.field.kind == "local" else None))


def holding(program: Program, module: Module, node: ast.AST, lock: Lock) -> "Optional[Any]":
    """The `with` statement, or the call of `acquire`, by which a place holds a lock."""
    below: ast.AST = node
    for one in module.up(node):
        if isinstance(one, (ast.With, ast.AsyncWith)):
            if below in one.body and any(is_reference(program, module, item.context_expr, lock) for item in one.items):
                return one
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
        below = one
    return _acquired(program, module, node, lock)


def _acquired(program: Program, module: Module, node: ast.AST, lock: Lock) -> "Optional[ast.AST]":
    function = module.function(node)
    if function is None:
        return None
    place = (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
    latest: "Tuple[Any, Any]" = (None, None)
    for one in own_nodes(function):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr in ("acquire", "release"):
            where = (one.lineno, one.col_offset)
            if where < place and is_reference(program, module, one.func.value, lock) and (latest[0] is None or where > latest[0]):
                latest = (where, one)
    found = latest[1]
    return found if found is not None and found.func.attr == "acquire" else None


def reference(lock: Lock, function: Function, receivers: "Sequence[str]") -> "Optional[str]":
    """How a function names a lock; `receivers` are the texts before the field that is to be guarded."""
    found = _named(lock, function, receivers)
    return found + lock.suffix if found is not None else None


def _named(lock: Lock, function: Function, receivers: "Sequence[str]") -> "Optional[str]":
    field = lock.field
    if field.kind == "attribute":
        if lock.where == "class":
            if function.is_class_method and function.owner is field.owner:
                return "%s.%s" % (function.receiver, field.name)
            return "%s.%s" % (field.owner.name, field.name)
        kinds = sorted(set(receivers))
        if len(kinds) == 1:
            return "%s.%s" % (kinds[0], field.name)
        if not kinds and function.owner is field.owner and function.receiver and not function.is_class_method:
            return "%s.%s" % (function.receiver, field.name)
        return None
    if field.kind == "global":
        return field.name if function.module.path == field.path and not _shadowed(function, field.name) else None
    around = [function.node, *function.module.up(function.node)]
    return field.name if field.owner in around else None


def _shadowed(function: Function, name: str) -> bool:
    scopes = [one for one in (function.node, *function.module.up(function.node)) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return any(name in bound(one) for one in scopes)


class Maker:
    """Writes new locks, and changes of the kind of those that are, into drafts."""

    def __init__(self, program: Program, drafts: "Drafts") -> None:
        self._program = program
        self._drafts = drafts

    def make_reentrant(self, lock: Lock) -> None:
        """Another constructor for a lock."""
        if lock.is_reentrant:
            return
        call = lock.call
        if lock.library != "threading" or lock.kind != "Lock" or call is None:
            raise NoEdit("the lock cannot be re-entrant")
        draft = self._drafts[lock.field.path]
        node: ast.AST = call.func
        if _is_field(call):
            node = next(one.value for one in call.keywords if one.arg == "default_factory")
        if isinstance(node, ast.Attribute):
            draft.replace(node, draft.module.source(node.value) + ".RLock")
        else:
            draft.replace(node, import_library(draft, "threading") + ".RLock")

    def create(self, lock: Lock) -> None:
        """Puts a new lock where its field belongs."""
        draft = self._drafts[lock.field.path]
        value = "%s.%s()" % (import_library(draft, lock.library), lock.kind)
        if lock.where == "instance":
            self._create_in_instance(draft, lock, value)
        elif lock.where == "class":
            self._create_in_class(draft, lock, value)
        elif lock.where == "module":
            line = _after_imports(draft.module)
            texts = ["%s = %s" % (lock.field.name, value)]
            texts = ["", *texts] if line and draft.module.lines[line - 1].strip() else texts
            draft.after(line, *texts) if line else draft.before(1, *texts)
        else:
            body = self._program.of(lock.field.owner).body
            draft.before(first_line(body[0]), "%s%s = %s" % (draft.module.indent(body[0]), lock.field.name, value))

    def _create_in_instance(self, draft: Draft, lock: Lock, value: str) -> None:
        owner = lock.field.owner
        made = self._program.constructor(owner)
        if made is None:
            raise NoEdit("the class has no constructor")
        place = next((one for one in made.body if not _is_super(one)), None)
        text = "%s%s.%s = %s" % (draft.module.indent(made.body[0]), made.receiver, lock.field.name, value)
        if place is None or made.node.body[0].lineno == made.node.lineno:
            raise NoEdit("the constructor is empty")
        draft.before(first_line(place), text)
        for statement in owner.body:
            if isinstance(statement, ast.Assign) and names_in(statement.targets[0]) == {"__slots__"}:
                slots = statement.value
                if not isinstance(slots, (ast.Tuple, ast.List)) or not slots.elts:
                    raise NoEdit("the slots cannot be extended")
                draft.replace(slots.elts[-1], '%s, "%s"' % (draft.module.source(slots.elts[-1]), lock.field.name))

    def _create_in_class(self, draft: Draft, lock: Lock, value: str) -> None:
        owner = lock.field.owner
        body = [one for one in owner.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
        if not body or body[0].lineno == owner.lineno:
            raise NoEdit("the class has no body")
        text = draft.module.indent(body[0]) + lock.field.name
        draft.before(first_line(body[0]), "%s = %s" % (text, value))
        if isinstance(body[0], (ast.FunctionDef, ast.AsyncFunctionDef)):
            draft.before(first_line(body[0]), "")


class Drafts(Dict[str, Draft]):
    """A draft for each module that is touched."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def __missing__(self, path: str) -> Draft:
        self[path] = found = Draft(self._program.modules[path])
        return found

    def of(self, module: Module) -> Draft:
        return self[module.path]


def _is_super(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and "super" in names_in(statement) or \
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and \
        isinstance(statement.value.func, ast.Attribute) and statement.value.func.attr == "__init__"


def _after_imports(module: Module) -> int:
    """The last line of the imports at the top; of the documentation where there is none; else 0."""
    found = 0
    for index, statement in enumerate(module.tree.body):
        documents = index == 0 and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not documents and not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        found = statement.end_lineno or statement.lineno
    return found


def import_library(draft: Draft, name: str) -> str:
    """The name by which a module knows a library; imports it where it does not."""
    module = draft.module
    for statement in module.tree.body:
        if isinstance(statement, ast.Import):
            for one in statement.names:
                if one.name == name:
                    return one.asname or one.name
    if name not in draft.imported:
        draft.imported.add(name)
        text = "import " + name
        plain = [one for one in module.tree.body if isinstance(one, ast.Import)]
        others = [one for one in module.tree.body if isinstance(one, ast.ImportFrom) and one.module != "__future__"]
        later = next((one for one in plain if one.names[0].name > name), None) or (others[0] if others and not plain else None)
        line = plain[-1].end_lineno if plain else _after_imports(module)
        if later is not None:
            draft.before(later.lineno, text)
        elif line:
            draft.after(line, text)
        else:
            draft.before(1, text, "", "") if module.tree.body else draft.before(1, text)
    return name


def candidates_for(program: Program, locks: "Sequence[Lock]", field: Field, library: str, path: str) -> "Iterator[Lock]":
    """Locks that could guard a field, the likeliest first: those that are, then new ones."""
    fitting = [one for one in locks if one.library == library and one.excludes]
    owner = field.owner if field.kind == "attribute" else None
    same = [one for one in fitting if one.field.kind == field.kind and one.field.owner is field.owner and one.field.path == field.path]
    if is_of_class(program, field):
        same = [one for one in same if one.where == "class"]
    yield from same
    yield from new_locks(program, field, library)
    yield from (one for one in fitting if one not in same and one.where == "module" and one.field.path == path)
    if field.kind == "attribute" or field.kind == "local":
        yield new_module_lock(program, field, library, path)
    if owner is None:
        yield from (one for one in fitting if one not in same and one.where == "class")


def is_of_class(program: Program, field: Field) -> bool:
    """Whether an attribute is one of the class itself rather than of each instance."""
    if field.kind != "attribute" or field.owner is None:
        return False
    in_body = any(isinstance(one, (ast.Assign, ast.AnnAssign)) and field.name in names_in(one) for one in field.owner.body)
    made = program.constructor(field.owner)
    return in_body and not (made is not None and any(
        isinstance(node, ast.Attribute) and node.attr == field.name and isinstance(node.ctx, ast.Store) for node in made.nodes()))


def new_locks(program: Program, field: Field, library: str) -> "Iterator[Lock]":
    """A lock that is yet to be made, where the field itself is."""
    if field.kind == "attribute" and field.owner is not None:
        module = program.module_of_class(field.owner)
        words = {one.attr for one in module.nodes if isinstance(one, ast.Attribute)} | names_in(field.owner)
        name = _free(words, "_lock", "_%s_lock" % field.name.strip("_"))
        own = not is_of_class(program, field) and program.constructor(field.owner) is not None
        yield Lock(Field("attribute", name, field.owner, module.path), "Lock", library, None, "instance" if own else "class")
    elif field.kind == "global":
        yield new_module_lock(program, field, library, field.path)
    elif field.kind == "local":
        function = program.of(field.owner)
        if any(isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) for one in own_nodes(function.node)):
            words = names_in(program.modules[field.path].tree)
            yield Lock(Field("local", _free(words, "lock", field.name + "_lock"), field.owner, field.path), "Lock", library, None, "function")


def new_module_lock(program: Program, field: Field, library: str, path: str) -> Lock:
    words = names_in(program.modules[path].tree)
    return Lock(Field("global", _free(words, field.name.strip("_") + "_lock", "lock"), None, path), "Lock", library, None, "module")


def _free(words: "Any", *names: str) -> str:
    for name in names:
        if name not in words:
            return name
    number = 2
    while "%s_%d" % (names[-1], number) in words:
        number += 1
    return "%s_%d" % (names[-1], number)


def works_in_modules(library: str) -> bool:
    """Before Python 3.10 an asyncio lock belonged to the loop that was current when it was made."""
    return library != "asyncio" or sys.version_info >= (3, 10)
