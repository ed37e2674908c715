"""What a program finds when it starts: the search path, modules and hooks of a fresh interpreter."""

from __future__ import annotations

import importlib
import importlib.util
import os
import site
import sys
from typing import Dict, FrozenSet, List, Set

_fresh_modules: "FrozenSet[str]" = frozenset()
_agent_modules: "Set[str]" = set()
_warm = False


def prepare(at_start: "FrozenSet[str]") -> None:
    """Completes the search path of an interpreter started with -I or -S, and notes which modules are the agent's."""
    global _fresh_modules
    before = set(sys.modules)
    if sys.flags.no_site and "sitecustomize" not in sys.modules:
        site.main()
    _add_isolated_paths()
    _fresh_modules = frozenset(at_start) | (frozenset(sys.modules) - frozenset(before))
    _agent_modules.clear()
    _agent_modules.update(name for name in sys.modules if name not in _fresh_modules)


def _add_isolated_paths() -> None:
    """Adds what -I left out although `python file` would have it: PYTHONPATH and the user's site folder."""
    if not sys.flags.isolated:
        return
    extra = [os.path.abspath(entry) for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:0] = [entry for entry in extra if entry not in sys.path]
    in_environment = sys.prefix != sys.base_prefix
    if in_environment or os.environ.get("PYTHONNOUSERSITE"):
        return
    folder = site.getusersitepackages()
    if os.path.isdir(folder):
        site.addsitedir(folder)


def note_agent_modules() -> None:
    """Counts what has been imported since as the agent's own (analysis modules that load late)."""
    if not _warm:
        _agent_modules.update(name for name in sys.modules if name not in _fresh_modules)


def warm(names: "List[str]", root: str) -> "Dict[str, str]":
    """Imports third-party modules once for all children; answers why each that failed did.

    Modules that would come from the program itself are left to the children: this process runs none of its code.
    """
    global _warm
    failed: "Dict[str, str]" = {}
    note_agent_modules()
    for name in names:
        if name in sys.modules:
            continue
        try:
            spec = importlib.util.find_spec(name.split(".")[0])
        except (ImportError, ValueError) as error:
            failed[name] = str(error)
            continue
        if spec is None:
            failed[name] = "No module named %r" % name
            continue
        places = [spec.origin or ""] + list(spec.submodule_search_locations or ())
        if any(_inside(place, root) for place in places):
            continue
        _warm = True
        try:
            importlib.import_module(name)
        except (Exception, SystemExit) as error:  # a package may fail in any way at all; the program will show it
            failed[name] = "%s: %s" % (type(error).__name__, error)
    return failed


def _inside(path: str, root: str) -> bool:
    if not path or not os.path.isabs(path) or "site-packages" in path or "dist-packages" in path:
        return False
    return (os.path.realpath(path) + os.sep).startswith(os.path.realpath(root) + os.sep)


def hide_agent_modules() -> None:
    """Lets a program import packages as if nobody had before: a forgotten `import importlib.util` must fail here too.

    Only packages matter (their submodules become attributes), and only while no third-party module was loaded that
    holds on to the instances loaded here.
    """
    if _warm:
        return
    packages = {name for name in _agent_modules if hasattr(sys.modules.get(name), "__path__")} - {"heal_agent"} - _fresh_modules
    for name in _agent_modules:
        if name.partition(".")[0] in packages:
            sys.modules.pop(name, None)
    for name in list(_agent_modules):
        parent, _, child = name.rpartition(".")
        if parent and parent in _fresh_modules and name not in sys.modules:
            holder = sys.modules.get(parent)
            if holder is not None and child in vars(holder):
                delattr(holder, child)


def is_installed(name: str, root: str) -> bool:
    """Whether a top-level module comes from an installed package: neither the standard library nor the program."""
    if name in sys.builtin_module_names or name in getattr(sys, "stdlib_module_names", ()) or name == "heal_agent":
        return False
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    places = [] if spec is None else [spec.origin or ""] + list(spec.submodule_search_locations or ())
    return any("site-packages" in place or "dist-packages" in place for place in places)


def can_import(name: str) -> bool:
    """Whether there is such a module, without importing it."""
    try:
        return name in sys.modules or importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
