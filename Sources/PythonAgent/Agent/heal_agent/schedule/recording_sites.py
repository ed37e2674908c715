"""Places of a run that nobody directs: numbered when they are told, since threads that do so at once could mix numbers up."""

from __future__ import annotations

import sys
from typing import Any

from .sites import Sites


class RecordedSites(Sites):
    """Places by number, or as code and instruction for calls from elsewhere."""

    def caller(self) -> Any:
        """Where the program itself is, seen from a function that it called."""
        frame: Any = sys._getframe(2)
        files = self.files
        while frame is not None:
            if frame.f_code.co_filename in files:
                return frame.f_code, frame.f_lasti
            frame = frame.f_back
        return 0

    def number(self, site: Any) -> int:
        """The number of a place in either form; for one thread."""
        if type(site) is int:
            return site
        key = id(site[0]), site[1]
        number = self._instructions.get(key)
        if number is None:
            self._codes.append(site[0])
            self._instructions[key] = number = len(self._positions)
            self._positions.append(site)
        return number

    def name(self, number: Any) -> str:
        """A place's name, the same in every process."""
        return super().name(self.number(number))
