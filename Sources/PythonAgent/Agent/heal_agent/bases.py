"""Bases: the texts that edits refer to, and the edit spaces over them."""

from __future__ import annotations

import functools
import math
from typing import Any, Dict, List, Tuple

from . import sources
from .errors import AgentError
from .synthesis.offers import offer_all, offers_of

#: Tables of edits that are kept: a search goes back to a base now and then, and each takes some megabytes.
_MOST_TABLES = 12

#: The parameters that make the edits of a base what they are.
LISTING = ("base", "places", "kinds", "limit", "offers")


class Bases:
    """Texts by base number, and for each base the last enumeration of its edits.

    The same object is built from the same requests in the agent and in the host process, so both give an edit the same id.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self._files: "Dict[int, Dict[str, str]]" = {0: {}}
        self._spaces: "Dict[Tuple[int, str], Any]" = {}
        self._tables: "Dict[int, List[Tuple[str, Any]]]" = {}  # the last ones used, the oldest first
        self.listings: "Dict[int, Dict[str, Any]]" = {}
        self.facts: Any = None

    def copy_for(self, number: int) -> "Bases":
        """The same texts without spaces: what a host starts from."""
        copy = Bases(self.root)
        copy._files = {0: dict(self._files[0]), number: dict(self.files(number))}
        copy.facts = self.facts
        return copy

    def changed_paths(self) -> "List[str]":
        """Every file that some base gives a text."""
        return sorted({path for files in self._files.values() for path in files})

    def loaded(self, files: "Dict[str, str]") -> None:
        """Starts over: base 0 is what was loaded."""
        self._files = {0: dict(files)}
        self._spaces.clear()
        self._tables.clear()
        self.listings.clear()

    def define(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        number, files = params["base"], params.get("files") or {}
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise AgentError("malformed", "base is not a number")
        for path in files:
            if path not in self._files[0]:
                self.text(0, path)
        self._files[number] = dict(self._files[0], **files)
        self._tables.pop(number, None)
        self.listings.pop(number, None)
        for key in [key for key in self._spaces if key[0] == number]:
            del self._spaces[key]
        return {}

    def files(self, number: int) -> "Dict[str, str]":
        """The texts of a base."""
        try:
            return self._files[number]
        except KeyError:
            raise AgentError("unknownBase", "base %s was not defined" % number) from None

    def text(self, number: int, path: str) -> str:
        known = self.files(number).get(path)
        if known is None:
            # Read once, as it was loaded: later bases are written over the same file.
            known = self._files[0].setdefault(path, sources.read(self.root, path))
            for files in self._files.values():
                files.setdefault(path, known)
        return known

    def space(self, number: int, path: str) -> Any:
        """The edit space of one file at one base; `None` where the text does not parse."""
        from .edits import EditSpace

        key = (number, path)
        if key not in self._spaces:
            try:
                self._spaces[key] = EditSpace(path, self.text(number, path), self.facts)
            except (SyntaxError, ValueError):
                self._spaces[key] = None
        return self._spaces[key]

    def enumerate(self, params: "Dict[str, Any]") -> "List[List[Any]]":
        """All edits at the given places, numbered densely over all files; sentences only if wanted, since they take as long again."""
        table = self.list_edits(params)
        numbers = {id(edit): number for number, (_, edit) in enumerate(table)}
        says = params.get("sentences", True)
        return [[number, edit.kind, path, edit.line, edit.column, edit.end_line, edit.end_column, edit.size,
                 edit.description if says else "", -1 if edit.twin_of is None else numbers.get(id(edit.twin_of), -1)]
                for number, (path, edit) in enumerate(table)]

    def list_edits(self, params: "Dict[str, Any]") -> "List[Tuple[str, Any]]":
        """The edits themselves."""
        number, limit = params["base"], int(params.get("limit") or 100_000)
        kinds = params.get("kinds")
        places = {path: {int(line): float(weight) for line, weight in lines.items()}
                  for path, lines in (params["places"] or {}).items()}
        offers = offers_of(params.get("offers") or "{}")
        table: "List[Tuple[str, Any]]" = []
        weights = {path: max(lines.values(), default=0.0) for path, lines in places.items()}
        left = sum(weights.values())
        # The most suspicious file first; where there are too many, each has its share, and what one leaves goes to the others.
        for path in sorted(places, key=lambda one: (-weights[one], one)):
            share = min(1.0, weights[path] / left) if left > 1e-9 else 1.0
            left -= weights[path]
            space = self.space(number, path)
            if space is None:
                continue
            wanted = set(kinds) if kinds is not None else None
            more = functools.partial(offer_all, offers.get(path, ()))
            quota = math.ceil(share * (limit - len(table)))
            table += [(path, edit) for edit in space.enumerate(places[path], wanted, quota, more)]
        self._tables.pop(number, None)
        while len(self._tables) >= _MOST_TABLES:
            self._drop(next(iter(self._tables)))
        self._tables[number] = table
        self.listings[number] = {key: params.get(key) for key in LISTING}
        return table

    def note(self, listing: "Dict[str, Any]") -> None:
        """Takes down how edits were listed elsewhere; here they are when they are asked for."""
        number = listing["base"]
        self._tables.pop(number, None)
        self.listings[number] = {key: listing.get(key) for key in LISTING}

    def listing(self, number: int) -> "Dict[str, Any]":
        """How the edits of a base were listed last."""
        self.files(number)
        if number not in self.listings:
            raise AgentError("unknownBase", "the edits of base %s were not listed" % number)
        return self.listings[number]

    def _drop(self, number: int) -> None:
        """Forgets what can be made again."""
        del self._tables[number]
        for key in [key for key in self._spaces if key[0] == number != 0]:
            del self._spaces[key]

    def table(self, number: int) -> "List[Tuple[str, Any]]":
        """The edits of a base by id."""
        listing = self.listing(number)
        if number not in self._tables:
            self.list_edits(listing)
        self._tables[number] = self._tables.pop(number)
        return self._tables[number]

    def chosen(self, number: int, ids: "List[int]") -> "Dict[str, List[Any]]":
        """The edits of one candidate, by path."""
        table = self.table(number)
        found: "Dict[str, List[Any]]" = {}
        for one in ids:
            if isinstance(one, bool) or not isinstance(one, int) or not 0 <= one < len(table):
                raise AgentError("malformed", "there is no edit %r in base %s" % (one, number))
            path, edit = table[one]
            found.setdefault(path, []).append(edit)
        return found

    def render(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        """The textual edits of one candidate, and what each of its own edits does."""
        number = params["base"]
        rendered = []
        for path, edits in sorted(self.chosen(number, params["candidate"]).items()):
            for line, column, end_line, end_column, new, reason in self.space(number, path).render(edits):
                rendered.append({"path": path, "range": [line, column, end_line, end_column], "new": new, "reason": reason})
        table = self.table(number)
        return {"edits": rendered, "sentences": [table[one][1].description for one in params["candidate"]]}
