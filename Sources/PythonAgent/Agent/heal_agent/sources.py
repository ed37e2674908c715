"""Source texts on disk: written as the file's own encoding has it, and only where they differ."""

from __future__ import annotations

import io
import os
import tokenize
from typing import Dict, Tuple

from .errors import AgentError

_BOM = b"\xef\xbb\xbf"


def place(root: str, path: str) -> str:
    """The absolute place of a path of the protocol; one that leads out of the root is refused."""
    full = os.path.normpath(os.path.join(root, path))
    if os.path.isabs(path) or not full.startswith(root + os.sep):
        raise AgentError("malformed", "the path %r leads out of the program's folder" % path)
    return full


def write(root: str, files: "Dict[str, str]") -> None:
    """Writes texts over the copy of the program."""
    for path, text in sorted(files.items()):
        if not isinstance(text, str):
            raise AgentError("malformed", "the text of %r is no string" % path)
        full = place(root, path)
        try:
            data = encode(text, read_bytes(full))
            if data != read_bytes(full):
                os.makedirs(os.path.dirname(full), exist_ok=True)
                _replace(full, data)
        except OSError as error:
            raise AgentError("environment", "%s cannot be written: %s" % (path, error.strerror or error)) from None


def _replace(full: str, data: bytes) -> None:
    try:
        with open(full, "wb") as file:
            file.write(data)
    except PermissionError:
        # A read-only file of the copy: the copy is ours, so the file is put there anew.
        mode = os.stat(full).st_mode
        os.unlink(full)
        with open(full, "wb") as file:
            file.write(data)
        os.chmod(full, mode)


def read_bytes(full: str) -> bytes:
    """A file's bytes; none when there is no such file."""
    try:
        with open(full, "rb") as file:
            return file.read()
    except OSError:
        return b""


def read(root: str, path: str) -> str:
    """A file's text without its byte-order mark, line ends as they are."""
    data = read_bytes(place(root, path))
    return data[len(_BOM):].decode("utf-8", "replace") if data.startswith(_BOM) else data.decode(encoding(data), "replace")


def encoding(data: bytes) -> str:
    """The encoding that PEP 263 gives to these bytes; UTF-8 where the declaration is wrong."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0].replace("utf-8-sig", "utf-8")
    except (SyntaxError, LookupError):
        return "utf-8"


def encode(text: str, like: bytes) -> bytes:
    """`text` as bytes: a mark as the file had it, and the encoding that the text itself declares."""
    mark = _BOM if like.startswith(_BOM) else b""
    text = text[1:] if text.startswith("\ufeff") else text
    header = text[:400].encode("utf-8", "replace")
    try:
        return mark + text.encode("utf-8" if mark else encoding(header))
    except (UnicodeEncodeError, LookupError):
        return mark + text.encode("utf-8", "surrogatepass")


def modules_of(root: str, files: "Dict[str, str]") -> "Tuple[str, ...]":
    """The top-level modules that these sources import, unparsable ones left out."""
    import ast

    names = set()
    for path, text in files.items():
        if not path.endswith((".py", ".pyw")):
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return tuple(sorted(names))
