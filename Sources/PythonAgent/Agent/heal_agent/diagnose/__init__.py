"""The Python rules: what is wrong with a program, where, and how it may be mended."""

from .engine import diagnose

__all__ = ["diagnose"]
