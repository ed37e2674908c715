"""Which functions of the program run while it is imported: what they computed then stays, however their code is exchanged.

A decorator has made its wrappers, a table has been filled, a parametrised test has its cases.
"""

from __future__ import annotations

import os
import sys
import types
from typing import Any, Dict, FrozenSet, Tuple

from . import describe

Place = Tuple[str, int, str]


class ImportCalls:
    """Notes calls from `start` until `stop`: one look at each call of this thread."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._folders = (root + os.sep, os.getcwd() + os.sep)
        self._codes: "Dict[int, types.CodeType]" = {}

    def start(self) -> None:
        """Begins to note; leaves a debugger's or a coverage tool's trace function alone."""
        if sys.gettrace() is None:
            sys.settrace(self._note)

    def stop(self) -> None:
        """Ends noting."""
        if sys.gettrace() == self._note:
            sys.settrace(None)

    def _note(self, frame: types.FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code.co_filename.startswith(self._folders):
            self._codes[id(code)] = code

    def places(self) -> "FrozenSet[Place]":
        """Path, first line and name of each function that was called."""
        own = [code for code in self._codes.values() if describe.is_own(code.co_filename, self._root)]
        return frozenset((describe.relative(code.co_filename, self._root), code.co_firstlineno, code.co_name) for code in own)
