"""Repairs of concurrency bugs: from what is known of a failing schedule to edits of the program, best first."""
from .request import repairs

__all__ = ["repairs"]
