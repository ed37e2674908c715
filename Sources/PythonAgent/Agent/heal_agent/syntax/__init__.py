"""Syntax: what the compiler says, and repairs of texts that do not parse."""

from .check import check
from .repair import repair_text, repairs

__all__ = ["check", "repair_text", "repairs"]
