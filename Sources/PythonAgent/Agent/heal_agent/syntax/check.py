"""What this interpreter's own compiler says of each file."""

from __future__ import annotations

import re
import sys
import warnings
from typing import Any, Dict, List, Optional

from .source import Source

_MATCH = re.compile(r"^[ \t]*match\b[^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]+case\b[^\n]*:", re.MULTILINE)
_EXCEPT_STAR = re.compile(r"^[ \t]*except[ \t]*\*", re.MULTILINE)
_TYPE = re.compile(r"^[ \t]*(?:type[ \t]+\w+(?:\[[^\n]*\])?[ \t]*=[^=]|(?:async[ \t]+)?(?:def|class)[ \t]+\w+\[[^\]\n]*\][ \t]*[:(])", re.MULTILINE)

# Beyond this size compile() could take more memory than a diagnosis may cost.
LARGEST = 32 * 1024 * 1024


def check(files: Dict[str, str]) -> Dict[str, Any]:
    """Compile errors and syntax warnings per file, without running anything."""
    return {"files": {path: check_text(path, text) for path, text in files.items()}}


def check_text(path: str, text: str) -> List[Dict[str, Any]]:
    """The findings of compile() for one text: warnings, then at most one error."""
    source = Source(text)
    found: List[Dict[str, Any]] = []
    error = compile_error(text, path, found=found, source=source)
    if error is not None:
        found.append(_error_item(error, source))
    return found


def compile_error(
    text: str,
    path: str = "<program>",
    found: Optional[List[Dict[str, Any]]] = None,
    source: Optional[Source] = None,
) -> Optional[SyntaxError]:
    """The error compile() raises for `text`, or None; its warnings are added to `found`."""
    if len(text) > LARGEST:
        return SyntaxError("the file is too large to be compiled here", (path, 1, 1, ""))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(text, path, "exec", dont_inherit=True)
        except SyntaxError as error:
            return error
        except (ValueError, OverflowError) as error:
            line = text.count("\n", 0, text.find("\0")) + 1 if "\0" in text else 1
            return SyntaxError(str(error), (path, line, 1, ""))
        except (MemoryError, RecursionError):
            return SyntaxError("the code is nested too deeply for the compiler", (path, 1, 1, ""))
        finally:
            if found is not None and source is not None:
                found.extend(_warning_items(caught, source))
    return None


def newer_syntax(text: str) -> Optional[str]:
    """The statement of a newer Python that this interpreter cannot parse, if the text has one: it is no slip to mend."""
    if sys.version_info < (3, 10) and _MATCH.search(text):
        return "'match' needs Python 3.10, this is %d.%d" % sys.version_info[:2]
    if sys.version_info < (3, 11) and _EXCEPT_STAR.search(text):
        return "'except*' needs Python 3.11, this is %d.%d" % sys.version_info[:2]
    if sys.version_info < (3, 12) and _TYPE.search(text):
        return "type parameters need Python 3.12, this is %d.%d" % sys.version_info[:2]
    return None


def _error_item(error: SyntaxError, source: Source) -> Dict[str, Any]:
    return {
        "range": error_range(error, source),
        "message": str(error.msg),
        "kind": type(error).__name__,
    }


def error_range(error: SyntaxError, source: Source) -> List[int]:
    """The place of a syntax error, never empty unless its line is."""
    line = min(max(error.lineno or 1, 1), len(source.starts))
    start = source.offset(line, error.offset or 1)
    end_line = getattr(error, "end_lineno", None)
    end_column = getattr(error, "end_offset", None)
    end = start
    if end_line and end_column and end_column > 0 and end_line >= line:
        end = source.offset(end_line, end_column)
    if end <= start:
        limit = source.line_bounds(line)[1]
        end = start
        while end < limit and source.text[end].isalnum():
            end += 1
        end = end if end > start else min(start + 1, max(limit, start))
    return source.range(start, end)


def _warning_items(caught: List[warnings.WarningMessage], source: Source) -> List[Dict[str, Any]]:
    items = []
    for warning in caught:
        if not issubclass(warning.category, (SyntaxWarning, DeprecationWarning)):
            continue
        line = min(max(warning.lineno or 1, 1), len(source.starts))
        start, end = source.line_bounds(line)
        while start < end and source.text[start] in " \t\f":
            start += 1
        items.append(
            {
                "range": source.range(start, end),
                "message": str(warning.message),
                "kind": "warning",
            }
        )
    return items
