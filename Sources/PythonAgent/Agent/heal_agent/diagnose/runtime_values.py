"""Runtime notes on values: keys, indices, divisions, conversions, recursion. They explain; they offer no guards."""

from __future__ import annotations

import ast
import re
from typing import Any, Dict, Iterator, List, Optional

from ..names import look_alikes
from .findings import Finding, finding, fix
from .records import records_with
from .runtime import Failure, Handler


def _names(node: ast.AST) -> List[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]


def _key_error(failure: Failure) -> Iterator[Finding]:
    key = failure.message.strip()
    module = failure.module
    nodes = failure.nodes(ast.Subscript)
    fixes: List[Optional[Dict[str, Any]]] = []
    similar: List[str] = []
    literal = re.fullmatch(r"['\"](.*)['\"]", key)
    for node in nodes:
        if literal and isinstance(node.slice, ast.Constant) and node.slice.value == literal.group(1):
            known = _known_keys(failure, node)
            similar = [n for _, n in look_alikes(literal.group(1), known, 2)]
            similar += [k for k in known if k.lower() == literal.group(1).lower() and k != literal.group(1) and k not in similar]
            quote = module.code(node.slice)[:1]
            fixes += [fix(module, [(*module.span(node.slice), f"{quote}{k}{quote}")], f"the key is '{k}'", "high" if i == 0 else "low") for i, k in enumerate(similar)]
    span = module.span(nodes[0]) if nodes else None
    values = failure.values(*[n for node in nodes for n in _names(node)])
    advice = f"write the key as '{similar[0]}'" if similar else "check how the key is spelt and whether it was ever put in"
    yield failure.report("semantic/key", f"there is no key {key}", f"Line {failure.line}: {advice}{' (' + values + ')' if values else ''}.",
        "high" if similar else "medium", fixes, span)  # fmt: skip
    if literal:
        yield from _makers(failure, nodes, literal.group(1))


def _makers(failure: Failure, nodes: List[Any], key: str) -> Iterator[Finding]:
    """Where the record was made that lacked a key, and what other records of the run have."""
    held = failure.frame.get("locals") or {}
    reprs = [str(value.get("repr") or "") for value in held.values()]
    schemas = {frozenset(keys) for text in reprs for keys in _schemas(text)}
    with_key = sorted((sorted(s) for s in schemas if key in s), key=len)
    for node in nodes:
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        seen = next(iter(_schemas(str(held.get(name, {}).get("repr") or ""))), None)
        if seen is None or key in seen or getattr(node.slice, "value", None) != key:
            continue
        for module, record in records_with(failure.program, set(seen)):
            span = module.span(record)
            line = module.original_range(*span)[0]
            others = f"; other records of the run have {', '.join(with_key[0])}" if with_key else ""
            yield finding(module, "logic/mixed-schema", span, f"the record made here has no key '{key}', which line {failure.line} reads{others}",
                f"Line {line}: give the record the key '{key}', as line {failure.line} expects.", "medium", (), "runtime",
                f"{failure.text} at line {failure.line}, with {name} = {held[name].get('repr')}")  # fmt: skip


def _schemas(text: str) -> List[List[str]]:
    """The keys of each record in the text of a value, nested ones apart; those cut off are left out."""
    found = []
    for inner in re.findall(r"\{([^{}]*)\}", text):
        keys = re.findall(r"(?:^|, )'([^'\\]+)': ", inner)
        if keys and "..." not in inner and "…" not in inner:
            found.append(keys)
    return found


def _known_keys(failure: Failure, node: ast.Subscript) -> List[str]:
    """Keys of the mapping at the time of the failure, else those of dictionaries in the program."""
    held = failure.frame.get("locals") or {}
    name = node.value.id if isinstance(node.value, ast.Name) else None
    shown = str(held.get(name, {}).get("repr") or "") if name else ""
    keys = re.findall(r"['\"]([^'\"]+)['\"]\s*:", shown)
    if keys:
        return keys
    found = []
    for module in failure.program.modules:
        for item in module.walk(ast.Dict):
            found += [k.value for k in item.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
    return sorted(set(found))


def _index_error(failure: Failure) -> Iterator[Finding]:
    nodes = [n for n in failure.nodes(ast.Subscript) if not isinstance(n.slice, ast.Slice)]
    span = failure.module.span(nodes[0]) if nodes else None
    values = failure.values(*[n for node in nodes for n in _names(node)])
    yield failure.report("semantic/index", failure.text,
        f"Line {failure.line}: the index is beyond the end, or the sequence is empty{' (' + values + ')' if values else ''}; check the bounds of the loop.",
        "medium", (), span)  # fmt: skip


def _zero_division(failure: Failure) -> Iterator[Finding]:
    nodes = [n for n in failure.nodes(ast.BinOp, ast.AugAssign) if isinstance(n.op, (ast.Div, ast.FloorDiv, ast.Mod))]
    divisor = None
    if nodes:
        divisor = nodes[0].right if isinstance(nodes[0], ast.BinOp) else nodes[0].value
    code = failure.module.code(divisor) if divisor is not None else "the divisor"
    values = failure.values(*_names(divisor)) if divisor is not None else failure.values()
    yield failure.report("semantic/zero-division", f"'{code}' is zero",
        f"Line {failure.line}: '{code}' is zero here{' (' + values + ')' if values else ''}; say what the result is in that case, or find out why it is zero.",
        "medium", (), failure.module.span(nodes[0]) if nodes else None)  # fmt: skip


def _value_error(failure: Failure) -> Iterator[Finding]:
    values = failure.values()
    advice = "check where the value comes from"
    confidence = "low"
    unpack = re.search(r"(too many|not enough) values to unpack \(expected (?:at least )?(\d+)", failure.message)
    if unpack:
        advice = f"the value does not have {unpack.group(2)} parts; match the number of targets to it"
        confidence = "medium"
    elif "invalid literal for int()" in failure.message:
        advice = "the text is no whole number; strip it, choose the right field, or use float(…)"
        confidence = "medium"
    elif "could not convert string to float" in failure.message:
        advice = "the text is no number; strip it or choose the right field"
        confidence = "medium"
    elif "not in list" in failure.message or "not found" in failure.message:
        advice = "what is looked for is not there"
    fixes: List[Optional[Dict[str, Any]]] = []
    for node in failure.nodes(ast.For) if unpack else []:
        if isinstance(node.target, ast.Tuple) and isinstance(node.iter, ast.Name):
            end = failure.module.span(node.iter)[1]
            if failure.inference.type_of(failure.module, node.iter) == "dict" or "dict" in str((failure.frame.get("locals") or {}).get(node.iter.id, {}).get("type")):
                fixes.append(fix(failure.module, [(end, end, ".items()")], "keys and values come from items()", "high"))
            elif len(node.target.elts) == 2:
                start = failure.module.span(node.iter)[0]
                fixes.append(fix(failure.module, [(start, end, f"enumerate({node.iter.id})")], "position and item come from enumerate(…)", "medium"))
    yield failure.report("semantic/value", failure.text, f"Line {failure.line}: {advice}{' (' + values + ')' if values else ''}.", confidence, fixes)


def _recursion(failure: Failure) -> Iterator[Finding]:
    name = str(failure.frame.get("function") or "the function").rsplit(".", 1)[-1]
    values = failure.values()
    yield failure.report("logic/endless-recursion", f"'{name}' calls itself without end",
        f"Line {failure.line}: '{name}' never reaches a case that returns without calling itself{' (' + values + ')' if values else ''}; add that case or make each call smaller.", "medium")  # fmt: skip


def _unicode(failure: Failure) -> Iterator[Finding]:
    yield failure.report("resource/encoding", failure.text, f"Line {failure.line}: the data are in another encoding; name it, as in open(…, encoding='…').", "medium")


def _runtime_error(failure: Failure) -> Iterator[Finding]:
    if "changed size during iteration" in failure.message:
        fixes = []
        loops = [n for n in failure.nodes(ast.For)]
        for loop in loops:
            start, end = failure.module.span(loop.iter)
            fixes.append(fix(failure.module, [(start, end, f"list({failure.module.text[start:end]})")], "iterate over a copy while the original changes", "high"))
        yield failure.report("logic/changed-during-iteration", failure.message, f"Line {failure.line}: iterate over a copy, list(…), while the loop changes the collection.", "high", fixes)


VALUE_HANDLERS: Dict[str, Handler] = {
    "KeyError": _key_error,
    "IndexError": _index_error,
    "ZeroDivisionError": _zero_division,
    "ValueError": _value_error,
    "RecursionError": _recursion,
    "UnicodeDecodeError": _unicode,
    "UnicodeEncodeError": _unicode,
    "RuntimeError": _runtime_error,
}
