"""How several versions of a program answer the same inputs: recorded from its tests, grown, run, and compared."""

from .rivals import MOST_VERSIONS, Subject, compare, nothing

__all__ = ["MOST_VERSIONS", "Subject", "compare", "nothing"]
