"""Files, connections and locks that are opened or taken and not given back."""

from __future__ import annotations

import ast
from typing import Any, Iterator, List, Optional

from .findings import Finding
from .infer import Inference
from .program import Analyzed
from .shapes import dotted, function_around, is_builtin_call, line_of, own_nodes, path_of, report

_OPENERS = frozenset((
    "socket.socket", "socket.create_connection", "sqlite3.connect", "io.open", "gzip.open", "bz2.open", "lzma.open", "codecs.open",
    "zipfile.ZipFile", "tarfile.open", "os.fdopen", "tempfile.TemporaryFile",
))  # fmt: skip


def resource_findings(inference: Inference, module: Analyzed) -> List[Finding]:
    """All findings of these rules in a module."""
    return [*_unclosed(module), *_unreleased(module)]


def _opens(module: Analyzed, node: ast.AST) -> Optional[str]:
    """What a call opens, as its reader would name it."""
    if is_builtin_call(module, node, "open"):
        return "open"
    name = dotted(module, node.func) if isinstance(node, ast.Call) else None
    return name if name in _OPENERS else None


def _unclosed(module: Analyzed) -> Iterator[Finding]:
    """What is opened into a name that never leaves the function and is never closed."""
    for node in module.walk(ast.Call):
        name = _opens(module, node)
        if name is None:
            continue
        parent = module.parents.get(node)
        function = function_around(module, node)
        if isinstance(parent, ast.Attribute) and isinstance(module.parents.get(parent), ast.Call) and parent.attr in ("write", "writelines"):
            yield report(module, "resource/unclosed", node, f"what '{name}' opens is written to and never closed, so that the text may not reach the file",
                f"open it with 'with {module.code(node)} as file:'", "medium")  # fmt: skip
            continue
        if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or not isinstance(parent.targets[0], ast.Name) or function is None:
            continue
        target = parent.targets[0].id
        if _leaves(module, function, target):
            continue
        ended = [r for r in own_nodes(function) if isinstance(r, (ast.Return, ast.Raise))]
        written = any(isinstance(n, ast.Attribute) and n.attr in ("write", "writelines", "commit", "execute") and path_of(n.value) == target for n in own_nodes(function))
        where = f"when '{function.name}' ends" if not ended else f"when '{function.name}' ends, as on line {line_of(module, ended[-1])}"
        yield report(module, "resource/unclosed", parent, f"'{target}' is opened with '{name}' and still open {where}",
            f"open it with 'with {module.code(node)} as {target}:', or call '{target}.close()' in a finally block", "medium" if written else "low")  # fmt: skip


def _leaves(module: Analyzed, function: Any, name: str) -> bool:
    """Whether what a name holds is closed, entered, stored, returned or passed on."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        parent = module.parents.get(node)
        if isinstance(parent, ast.Attribute):
            if parent.attr in ("close", "detach", "shutdown", "__exit__", "fileno", "makefile") or not isinstance(module.parents.get(parent), ast.Call):
                return True
            continue
        if isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node:
            continue
        return True
    return any(isinstance(n, (ast.Global, ast.Nonlocal)) and name in n.names for n in own_nodes(function))


def _unreleased(module: Analyzed) -> Iterator[Finding]:
    """A lock that is taken by call and given back nowhere, or not when something fails."""
    taking = [n for n in module.walk(ast.Call) if isinstance(n.func, ast.Attribute) and n.func.attr == "acquire"]
    for function in dict.fromkeys(f for n in taking if (f := function_around(module, n)) is not None):
        nodes = [n for n in own_nodes(function) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
        for taken in (n for n in nodes if n in taking):
            path = path_of(taken.func.value)
            statement = module.parents.get(taken)
            if path is None or not isinstance(statement, ast.Expr) or taken.args or taken.keywords or "sem" in path.lower() or "limit" in path.lower():
                continue
            released = [n for n in nodes if n.func.attr == "release" and path_of(n.func.value) == path]
            if not released and _released_elsewhere(module, function, path):
                continue
            if released and any(_in_finally(module, r) for r in released):
                continue
            risky = [n for n in nodes if released and module.span(taken)[1] < module.span(n)[0] < module.span(released[-1])[0] and n not in released]
            ended = [r for r in own_nodes(function) if released and isinstance(r, ast.Return) and module.span(taken)[1] < module.span(r)[0] < module.span(released[-1])[0]]
            early = ended and not any(module.span(r)[0] < module.span(ended[0])[0] for r in released)
            if released and not risky and not early:
                continue
            how = "never released in the file" if not released else f"not released where line {line_of(module, (ended if early else risky)[0])} {'returns' if early else 'fails'}"
            yield report(module, "concurrency/unreleased-lock", taken, f"'{path}' is taken here and {how}: whoever waits for it then waits for ever",
                f"write 'with {path}:' around what needs it", "medium" if not released or early else "low")  # fmt: skip


def _in_finally(module: Analyzed, node: ast.AST) -> bool:
    return any(isinstance(o, ast.Try) and any(node in set(ast.walk(s)) for s in o.finalbody) for o in module.ancestors(node))


def _released_elsewhere(module: Analyzed, function: Any, path: str) -> bool:
    """Whether something else of the file gives the lock back, as a pair of methods does."""
    name = path.rsplit(".", 1)[-1]
    return any(n.attr in ("release", "__exit__") and (path_of(n.value) or "").rsplit(".", 1)[-1] == name for n in module.walk(ast.Attribute)) or function.name in ("acquire", "__enter__", "lock")
