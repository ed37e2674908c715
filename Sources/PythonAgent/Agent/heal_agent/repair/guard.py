"""Locks around accesses: every access of a field in the program under one lock, those that belong together in one region.

The regions are the smallest that cover the accesses of each function, then wider ones, then callers that run both accesses.
"""

from __future__ import annotations

import ast
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .candidates import Candidate, Context, calls
from .evidence import Access, Conflict
from .index import Field, Function, names_in, root
from .locks import (Drafts, Lock, Maker, candidates_for, holding, is_reference, reference, works_in_modules)
from .regions import Region, across, covering, grouped, wider
from .text import Module, NoEdit, own_nodes

Site = Tuple[Module, ast.AST]
_CONFLICTS = 5


class Subject(NamedTuple):
    """What is to be guarded."""

    field: Field
    name: str
    sites: "Tuple[Site, ...]"
    """Every place in concurrent functions that reaches it."""
    shown: "Tuple[Site, ...]"
    """Those of the conflict itself."""
    library: str


def offers(context: Context) -> "Iterator[Candidate]":
    """Candidates for each conflict, and for all of one owner together."""
    subjects = [one for one in (subject(context, conflict) for conflict in context.evidence.conflicts[:_CONFLICTS]) if one is not None]
    late = 6.0 if context.evidence.is_stuck else 0.0
    for index, one in enumerate(subjects):
        yield from _guarded(context, one, late + 6.0 * index)
    for one in _together(subjects):
        yield from _guarded(context, one, late + 5.0)


def subject(context: Context, conflict: Conflict) -> "Optional[Subject]":
    """The field that a conflict is about, with its places."""
    word = conflict.subject.rpartition(".")[2].partition("[")[0]
    if "." in conflict.subject and not context.program.knows(word):
        return None  # inside the library
    shown: "List[Site]" = []
    fields: "Dict[Field, None]" = {}
    every: "List[Site]" = []
    for index, access in enumerate(conflict.accesses):
        site = base_at(context, access)
        if site is None:
            continue
        field = context.program.field_of(*site)
        if field is None:
            continue
        fields[field] = None
        every.append(site)
        if index < 3:
            shown.append(site)
    if not shown:
        return None
    for field in fields:
        every += [site for site in context.program.sites(field) if _is_concurrent(context, site, field)]
    every = [site for site in dict.fromkeys(every) if site in shown or not _is_quiet(context, site)]
    functions = [context.program.function(*site) for site in shown]
    library = "asyncio" if any(one is not None and one.is_async for one in functions) else "threading"
    first = next((one for one in fields if one.kind != "local"), next(iter(fields)))
    name = conflict.subject if conflict.subject.endswith(first.name) else first.name
    return Subject(first, name, tuple(every), tuple(dict.fromkeys(shown)), library)


def base_at(context: Context, access: Access) -> "Optional[Site]":
    """The expression that names what an access reaches."""
    module = context.module(access.place)
    nodes = context.nodes_at(access.place)
    if module is None or not nodes:
        return None
    word = access.subject.rpartition(".")[2].partition("[")[0]
    exact = [node for node in nodes if node.col_offset + 1 == access.place.column]  # type: ignore[attr-defined]
    for group in (exact, nodes):
        for node in group:
            if isinstance(node, ast.Attribute) and node.attr == word or isinstance(node, ast.Name) and node.id == word:
                return module, node
        function = context.function_at(access.place)
        if function is not None and function.is_generator and context.program.knows(word):
            continue  # the generator itself is what is reached: it runs there
        for node in group:
            base = _container(node)
            if base is not None:
                return module, base
    return None


def _container(node: ast.AST) -> "Optional[ast.AST]":
    """What an operation on a container works on."""
    found: "Optional[ast.AST]" = None
    if isinstance(node, ast.Subscript):
        found = node.value
    elif isinstance(node, ast.Call):
        found = node.func.value if isinstance(node.func, ast.Attribute) else node.args[0] if node.args else None
    elif isinstance(node, (ast.For, ast.comprehension)):
        found = node.iter
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        found = node.comparators[0]
    if isinstance(found, ast.Call) and isinstance(found.func, ast.Attribute):
        found = found.func.value
    return found if isinstance(found, (ast.Name, ast.Attribute)) else None


def _is_concurrent(context: Context, site: Site, field: Field) -> bool:
    """Whether threads may come there while others run: not while an object is made, nor in what nobody runs beside others."""
    function = context.program.function(*site)
    if function is None or function.node not in context.concurrent:
        return False
    node = site[1]
    made = function.name in ("__init__", "__new__", "__post_init__") and isinstance(node, ast.Attribute) and root(node) == function.receiver
    return not made and not (field.kind == "local" and function.node is field.owner and _is_frame(context, function))


def _is_frame(context: Context, function: Function) -> bool:
    return context.program.is_frame([function.node])


def _is_quiet(context: Context, site: Site) -> bool:
    """A place where threads are started or waited for, or an assertion."""
    function = context.program.function(*site)
    return isinstance(site[0].statement(site[1]), ast.Assert) or function is not None and _is_frame(context, function)


def _together(subjects: "Sequence[Subject]") -> "Iterator[Subject]":
    """Several fields of one owner as one subject."""
    groups: "Dict[Any, List[Subject]]" = {}
    for one in subjects:
        groups.setdefault((one.field.kind, one.field.owner, one.field.path, one.library), []).append(one)
    for group in groups.values():
        if len(group) > 1:
            sites = tuple(dict.fromkeys(site for one in group for site in one.sites))
            shown = tuple(dict.fromkeys(site for one in group for site in one.shown))
            yield Subject(group[0].field, " and ".join(dict.fromkeys(one.name for one in group)), sites, shown, group[0].library)


def _guarded(context: Context, one: Subject, rank: float) -> "Iterator[Candidate]":
    program = context.program
    groups = grouped(program, one.sites)
    narrow = {key: covering(program, sites[0][0], [node for _, node in sites]) for key, sites in groups.items()}
    path = one.shown[0][0].path
    locks = [lock for lock in candidates_for(program, context.locks, one.field, one.library, path)
             if lock.where != "module" or lock.call is not None or works_in_modules(one.library)]
    for step, (regions, words) in enumerate(_variants(context, one, narrow)):
        for order, lock in enumerate(locks[:5]):
            why = "%s is reached by several threads; %s holds %s%s" % (
                one.name, words, lock.field.name, "" if lock.call is not None else ", which is new")
            cost = rank + 0.9 * step + 0.4 * order + (0.3 if lock.call is None and order else 0)
            yield from context.attempt("guard", why, cost, lambda drafts, regions=regions, lock=lock: Guard(context, one, lock, drafts).put(regions))
    yield from _split_loops(context, one, narrow, locks[:3], rank)


def _variants(context: Context, one: Subject, narrow: "Dict[Any, Region]") -> "Iterator[Tuple[List[Region], str]]":
    """Which regions: the narrow ones; then wider ones in the functions of the conflict; then callers."""
    yield list(narrow.values()), "each of its accesses now"
    culprits = list(dict.fromkeys(site[0].function(site[1]) or site[0] for site in one.shown))
    widened = {key: list(wider(context.program, narrow[key])) for key in culprits if key in narrow}
    depth = max([len(found) for found in widened.values()] or [0])
    crossing = list(_crossing(context, one, narrow))
    yield from crossing[:1]
    for step in range(depth):
        chosen = dict(narrow)
        for key, found in widened.items():
            if found:
                chosen[key] = found[min(step, len(found) - 1)]
        yield list(chosen.values()), "a wider region around its accesses now"
    yield from crossing[1:]


def _crossing(context: Context, one: Subject, narrow: "Dict[Any, Region]") -> "Iterator[Tuple[List[Region], str]]":
    functions = [site[0].function(site[1]) for site in one.shown]
    first, second = {functions[0]}, {functions[-1]}
    if None in first | second:
        return
    for region in across(context.program, first, second, one.sites):  # type: ignore[arg-type]
        chosen = {key: found for key, found in narrow.items() if key is not region.key}
        chosen[region.key] = region
        yield list(chosen.values()), "%s, which needs them to be one," % (region.function.name if region.function is not None else "the module")


def _split_loops(context: Context, one: Subject, narrow: "Dict[Any, Region]", locks: "Sequence[Lock]", rank: float) -> "Iterator[Candidate]":
    """A loop whose condition and body belong together: each round tests and acts under the lock."""
    for key, region in narrow.items():
        loop = region.statements[0]
        if len(region.statements) > 1 or not isinstance(loop, ast.While) or loop.orelse:
            continue
        nodes = [node for module, node in one.sites if module is region.module and region.contains(node)]
        inside = [index for index, statement in enumerate(loop.body) if any(node in ast.walk(statement) for node in nodes)]
        if not any(node in ast.walk(loop.test) for node in nodes) or not inside:
            continue
        others = [found for other, found in narrow.items() if other is not key]
        for order, lock in enumerate(locks):
            def change(drafts: Drafts, lock: Lock = lock) -> None:
                guard = Guard(context, one, lock, drafts)
                guard.put(others, loop.body[:max(inside) + 1])
                guard.split(region, loop, max(inside))
            why = "%s changes between the loop's test and what is done then; each round now tests and acts under %s" % (one.name, lock.field.name)
            yield from context.attempt("guard-loop", why, rank + 0.3 + 0.4 * order, change)


class Guard:
    """Puts one lock around regions, in drafts."""

    def __init__(self, context: Context, one: Subject, lock: Lock, drafts: Drafts) -> None:
        self._context = context
        self._program = context.program
        self._subject = one
        self._lock = lock
        self._drafts = drafts
        self._maker = Maker(context.program, drafts)

    def put(self, regions: "Sequence[Region]", further: "Sequence[ast.stmt]" = ()) -> None:
        """Puts the lock around regions; `further` are statements that will be under it too."""
        todo = [one for one in regions if not self._held(one.statements[0], one.module) and not self._nothing_left(one)]
        if self._subject.library == "asyncio":
            todo = [one for one in todo if one.function is not None and one.function.is_async]
        todo = self._needed(todo)
        if not todo and not further:
            raise NoEdit("it is guarded already")
        for one in todo:
            self._wrap(one)
        self._prepare([*(statement for one in todo for statement in one.statements), *further], {one.key for one in todo})

    def split(self, region: Region, loop: ast.While, last: int) -> None:
        """`while test:` becomes an endless loop that tests and acts under the lock."""
        module, draft = region.module, self._drafts.of(region.module)
        inner = module.indent(loop.body[0])
        if loop.test.end_lineno != loop.lineno or self._takes_inside(region):
            raise NoEdit("the loop cannot be split")
        draft.replace(loop.test, "True")
        first, end = loop.body[0].lineno, loop.body[last].end_lineno or 0
        draft.before(first, inner + self.header(region), inner + module.unit + "if not %s:" % _in_parentheses(module, loop.test),
                     inner + 2 * module.unit + "break")
        draft.shift(first, end)

    def _held(self, node: ast.AST, module: Module) -> bool:
        return holding(self._program, module, node, self._lock) is not None

    def _nothing_left(self, region: Region) -> bool:
        """Whether every access of a function is under the lock already, in one piece."""
        nodes = [node for module, node in self._subject.sites if module is region.module and region.contains(node)]
        found = {id(holding(self._program, region.module, node, self._lock)) if self._held(node, region.module) else 0 for node in nodes}
        return bool(nodes) and 0 not in found and len(found) == 1

    def _needed(self, regions: "List[Region]") -> "List[Region]":
        """Regions without those that are only run by others of them."""
        found = []
        for one in regions:
            calling = self._program.callers(one.function) if one.function is not None else []
            others = [other for other in regions if other is not one]
            inside = calling and all(any(module is other.module and other.contains(node) for other in others) for module, node in calling)
            if not inside:
                found.append(one)
        return found

    def _prepare(self, statements: "Sequence[ast.stmt]", guarded: "Set[Any]") -> None:
        """Makes the lock, and makes it re-entrant where what runs under it takes it again."""
        reached = {node for one in statements for node in self._program.reached(one)}
        again = reached & guarded or any(self._takes(self._program.of(node)) for node in reached)
        lock = self._lock
        if lock.call is None:
            if again and lock.library == "asyncio":
                raise NoEdit("the lock would be taken twice")
            self._maker.create(lock._replace(kind="RLock") if again else lock)
        elif again:
            self._maker.make_reentrant(lock)

    def _takes(self, function: Function) -> bool:
        if self._lock.call is None:
            return False
        for node in function.nodes():
            if isinstance(node, (ast.With, ast.AsyncWith)):
                if any(is_reference(self._program, function.module, item.context_expr, self._lock) for item in node.items):
                    return True
        return any(is_reference(self._program, function.module, one.func.value, self._lock)  # type: ignore[attr-defined]
                   for one in calls(function.node, "acquire"))

    def _takes_inside(self, region: Region) -> bool:
        return bool(self._inner(region)) or any(
            is_reference(self._program, region.module, one.func.value, self._lock)  # type: ignore[attr-defined]
            for statement in region.statements for one in calls(statement, "acquire", "release"))

    def _inner(self, region: Region) -> "List[Any]":
        return [node for one in region.statements for node in own_nodes(one) if isinstance(node, (ast.With, ast.AsyncWith)) and
                any(is_reference(self._program, region.module, item.context_expr, self._lock) for item in node.items)]

    def _wrap(self, region: Region) -> None:
        if region.has_yield or region.has_await and self._subject.library != "asyncio" or self._program.is_frame(region.statements):
            raise NoEdit("the region waits")
        draft = self._drafts.of(region.module)
        inner = self._inner(region)
        if self._takes_inside(region) and not inner or any(len(one.items) > 1 for one in inner):
            raise NoEdit("the lock is taken inside")
        draft.wrap(region.statements, self.header(region))
        for one in inner:
            draft.unwrap(one)

    def header(self, region: Region) -> str:
        """The line that takes the lock before a region."""
        text = self._reference(region)
        return "async with %s:" % text if self._subject.library == "asyncio" else "with %s:" % text

    def _reference(self, region: Region) -> str:
        lock, field = self._lock, self._subject.field
        receivers: "List[str]" = []
        if lock.field.kind == "attribute" and lock.where == "instance":
            receivers = [self._receiver(region, node) for module, node in self._subject.sites if module is region.module
                         and region.contains(node) and isinstance(node, ast.Attribute) and node.attr == field.name]
            receivers = receivers or self._called_on(region)
        if region.function is None:
            if lock.field.kind == "global" and lock.field.path == region.module.path:
                return lock.field.name + lock.suffix
            if lock.field.kind == "attribute" and lock.where == "class":
                return "%s.%s%s" % (lock.field.owner.name, lock.field.name, lock.suffix)
            if len(set(receivers)) == 1:
                return "%s.%s%s" % (receivers[0], lock.field.name, lock.suffix)
            raise NoEdit("the lock cannot be reached")
        found = reference(lock, region.function, receivers)
        if found is None:
            raise NoEdit("the lock cannot be reached")
        return found

    def _receiver(self, region: Region, node: ast.Attribute) -> str:
        word = root(node.value)
        stored = {one.id for statement in region.statements for one in own_nodes(statement)
                  if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        if word is None or names_in(node.value) & stored:
            raise NoEdit("the object is not known where the region begins")
        return region.module.source(node.value)

    def _called_on(self, region: Region) -> "List[str]":
        """The objects on which a region calls methods of the lock's owner."""
        found = []
        for statement in region.statements:
            for node in own_nodes(statement):
                function = node.func if isinstance(node, ast.Call) else node
                if isinstance(function, ast.Attribute) and any(one.owner is self._lock.field.owner for one in self._program.called(node)):
                    if self._reaches(node):
                        found.append(self._receiver(region, function))
        return found

    def _reaches(self, node: ast.AST) -> bool:
        functions = {module.function(one) for module, one in self._subject.sites}
        return any(one.node in functions or self._program.reached(one.node) & functions for one in self._program.called(node))


def _in_parentheses(module: Module, test: ast.expr) -> str:
    text = module.source(test)
    return text if isinstance(test, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)) else "(%s)" % text
