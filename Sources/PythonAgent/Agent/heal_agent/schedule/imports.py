"""What a run has imported beside the program's own files: modules with their versions and the hashes of their files."""

from __future__ import annotations

import dis  # noqa: F401  # the agent may need it in any run: what is told must not depend on when
import hashlib
import os
import sys
from typing import Any, List, Optional

from ..describe import is_own, relative

_AGENT = __name__.partition(".")[0]


def loaded(root: str) -> "List[List[Any]]":
    """Name, version or None, file and SHA-256 of each module that came from a file, the agent's and the program's own left out."""
    found: "List[List[Any]]" = []
    for name, module in sorted(sys.modules.items()):
        if name.partition(".")[0] == _AGENT:
            continue
        space = getattr(module, "__dict__", None)
        path = space.get("__file__") if type(space) is dict else None
        hashed = _hash(path) if type(path) is str and os.path.isabs(path) and not is_own(path, root) else None
        if hashed is not None:
            version = space.get("__version__")  # type: ignore[union-attr]
            found.append([name, version if type(version) is str else None, relative(path, root), hashed])  # type: ignore[arg-type]
    return found


def _hash(path: str) -> "Optional[str]":
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as file:
            for part in iter(lambda: file.read(1 << 20), b""):
                digest.update(part)
    except OSError:
        return None
    return digest.hexdigest()
