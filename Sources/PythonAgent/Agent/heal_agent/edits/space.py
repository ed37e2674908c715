"""EditSpace: enumerates, compiles and renders the edits of one file at one text."""
import __future__
import ast
import gc
import types
from typing import Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from .. import render as rendering
from ..fuel import instrument
from . import (calls, conditions, constants, coupled, definitions, elsewhere, handlers, inserts, loops, names,
               operators, returns, sequences, statements)
from .collector import Collector
from .primitives import Edit
from .scope import RuntimeFacts
from .tree import Tree

TextEdit = Tuple[int, int, int, int, str, str]
ON_EXPRESSIONS = (operators, constants, names, calls, sequences, conditions, returns, definitions, handlers,
                  elsewhere)
ON_STATEMENTS = (statements, returns, inserts, definitions, handlers, loops)

#: How suspicious a line that no failing test reached is, beside the most suspicious one of its function.
UNREACHED = 0.35


class EditSpace:
    """One source file at one base text. Edits are applied to its tree in place and undone."""

    def __init__(self, path: str, text: str, facts: Optional[RuntimeFacts] = None) -> None:
        self.path, self.text, self.facts = path, text, facts
        plain = text[1:] if text.startswith("\ufeff") else text
        self.module = instrument(ast.parse(plain, path))
        self.tree = Tree(self.module, facts)
        self._flags = _future_flags(self.module)
        self._units: Dict[str, Tuple[ast.Module, Callable]] = {}
        self._definitions = {q: _definition(entry[0]) for q, entry in self.tree.outermost.items()}
        self._renderer: Optional[rendering.Renderer] = None

    # -- enumerating ---------------------------------------------------------------------------

    def enumerate(self, places: Dict[int, float], kinds: Optional[Set[str]], limit: int,
                  more: Optional[Callable[[Collector], None]] = None) -> List[Edit]:
        """Edits on the lines of `places`, families interleaved, ids by position from 0.

        `more` offers edits before the families do: what both offer has its kind.
        """
        collecting = gc.isenabled()
        gc.disable()  # thousands of new nodes, none of them garbage: collections would double the time
        try:
            return self._enumerate(places, kinds, limit, more)
        finally:
            if collecting:
                gc.enable()

    def _enumerate(self, places: Dict[int, float], kinds: Optional[Set[str]], limit: int,
                   more: Optional[Callable[[Collector], None]]) -> List[Edit]:
        out = Collector(self.tree, places, kinds, self._unreached(places))
        if more is not None:
            more(out)
        for site in self.tree.sites:
            if out.suspicion(site.statement) >= 0:
                for family in ON_EXPRESSIONS:
                    family.offer(site, out)
        for block in self.tree.blocks:
            for statement in block.statements():
                if out.suspicion(statement) >= 0:
                    for family in ON_STATEMENTS:
                        family.offer_at(block, statement, out)
        coupled.couple(self.tree, out)
        chosen = _interleave(out.edits, limit)
        columns = self._renderer_now().source
        for number, edit in enumerate(chosen):
            edit.id = number
            columns.place(edit)
        return chosen

    def _unreached(self, places: Dict[int, float]) -> Dict[int, float]:
        """What no failing test reached of the functions that the places are in: an edit may lead there,
        or bring from there what stands where nothing comes by."""
        found: Dict[int, float] = {}
        for node, _, _ in self.tree.outermost.values():
            lines = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)  # type: ignore
            reached = max((places[line] for line in lines if line in places), default=0.0)
            if reached:
                found.update({line: UNREACHED * reached for line in lines if line not in places})
        return found

    # -- compiling -----------------------------------------------------------------------------

    def compile_function(self, qualname: str) -> types.CodeType:
        """The code object of an outermost function as the edits in force make it."""
        unit = self._units.get(qualname)
        if unit is None:
            unit = self._units[qualname] = self._unit(qualname)
        module, names = unit
        return _find(compile(module, self.path, "exec", self._flags, True), names)

    def function_defaults_changed(self, qualname: str) -> bool:
        """Whether defaults, decorators or parameters differ from the text's."""
        return _definition(self._node(qualname)) != self._definitions[qualname]

    def compile_module(self) -> types.CodeType:
        """The code of the whole module as the edits in force make it."""
        return compile(self.module, self.path, "exec", self._flags, True)

    def compile_def(self, qualname: str) -> types.CodeType:
        """Module code that holds only this definition; a method stands in an empty class shell."""
        module = self._shell(qualname)
        return compile(module, self.path, "exec", self._flags, True)

    def _node(self, qualname: str) -> ast.stmt:
        return self.tree.outermost[qualname][0]

    def _unit(self, qualname: str) -> Tuple[ast.Module, Sequence[str]]:
        return self._shell(qualname), qualname.split(".")

    def _shell(self, qualname: str) -> ast.Module:
        """The definition inside shells of its classes: so `super()`, `__class__`, `__qualname__` and
        private names are compiled as they are in the file."""
        node, classes, _ = self.tree.outermost[qualname]
        inner: ast.stmt = node
        for owner in reversed(classes):
            shell = ast.ClassDef(name=owner.name, bases=[], keywords=[], body=[inner],
                                 decorator_list=[])
            if hasattr(owner, "type_params"):
                shell.type_params = owner.type_params  # type: ignore[attr-defined]
            inner = ast.copy_location(shell, owner)
        return ast.Module(body=[inner], type_ignores=[])

    # -- rendering -----------------------------------------------------------------------------

    def render(self, edits: Sequence[Edit]) -> List[TextEdit]:
        """The edits as replacements of text that leave everything else as it is."""
        return self._renderer_now().render(self.module, edits)

    def _renderer_now(self) -> "rendering.Renderer":
        if self._renderer is None:
            self._renderer = rendering.Renderer(self.path, self.text)
        return self._renderer


def _definition(node: ast.stmt) -> str:
    parts = [ast.dump(node.args), *map(ast.dump, node.decorator_list)]  # type: ignore[attr-defined]
    return "\n".join(parts)


def _future_flags(module: ast.Module) -> int:
    flags = 0
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                feature = getattr(__future__, alias.name, None)
                flags |= feature.compiler_flag if feature is not None else 0
    return flags


def _find(code: types.CodeType, path: Sequence[str]) -> types.CodeType:
    """The code object reached by these names, through the scopes of type parameters."""
    for wanted in path:
        found = _child(code, wanted)
        if found is None:
            raise LookupError(f"no code for {'.'.join(path)}")
        code = found
    return code


def _child(code: types.CodeType, wanted: str) -> Optional[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_name == wanted:
                return constant
            if constant.co_name.startswith("<generic parameters"):
                inner = _child(constant, wanted)
                if inner is not None:
                    return inner
    return None


def _interleave(edits: Iterable[Edit], limit: int) -> List[Edit]:
    """The most suspicious of each kind in turn, so that a limit cuts all kinds alike."""
    families: Dict[str, List[Edit]] = {}
    for edit in edits:
        families.setdefault(edit.kind, []).append(edit)
    for family in families.values():
        family.sort(key=lambda e: (-e.suspicion, e.size))
    chosen: List[Edit] = []
    queues = [iter(f) for _, f in sorted(families.items())]
    while queues and len(chosen) < limit:
        left = []
        for queue in queues:
            edit = next(queue, None)
            if edit is not None:
                left.append(queue)
                if len(chosen) < limit:
                    chosen.append(edit)
        queues = left
    return chosen
