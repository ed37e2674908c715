"""Requests that only look at texts; they run in the agent's own process and start nothing."""

from __future__ import annotations

import importlib
from typing import Any, Dict

from .bases import Bases
from .errors import AgentError


class Analysis:
    """Answers questions about source texts."""

    def __init__(self, root: str) -> None:
        self.bases = Bases(root)
        self._known = {
            "check": self._check, "facts": self._facts, "diagnose": self._diagnose, "syntax": self._syntax,
            "edits": self._edits, "render": self._render, "junit": self._junit, "guard": self._guard,
            "repairs": self._repairs,
        }

    def answers(self, name: str) -> bool:
        return name in self._known

    def handle(self, name: str, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return self._known[name](params)

    def _check(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return _module("syntax").check(texts(params))

    def _facts(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return _module("facts").facts(texts(params))

    def _diagnose(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        findings = _module("diagnose").diagnose(texts(params), params.get("observation"), params.get("tools") or [])
        return {"findings": findings}

    def _syntax(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return {"repairs": _module("syntax").repairs(texts(params), int(params.get("limit") or 20))}

    def _edits(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return {"edits": self.bases.enumerate(params), "offers": params.get("offers") or ""}

    def _render(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return self.bases.render(params)

    def _junit(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        try:
            return {"tests": _module("junit").read(str(params["text"]))}
        except (ValueError, SyntaxError) as error:
            raise AgentError("malformed", "the report cannot be read: %s" % error) from None

    def _guard(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return {"refusals": _module("guard").refusals(params)}

    def _repairs(self, params: "Dict[str, Any]") -> "Dict[str, Any]":
        return {"candidates": _module("repair").repairs(texts(params), params)}


def texts(params: "Dict[str, Any]") -> "Dict[str, str]":
    """The `files` parameter, checked."""
    files = params["files"]
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise AgentError("malformed", "files is not an object of texts")
    return files


def _module(name: str) -> Any:
    # Loaded at first use: an agent that only observes starts faster.
    return importlib.import_module("." + name, __package__)
