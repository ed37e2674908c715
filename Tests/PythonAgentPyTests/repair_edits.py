"""Puts the edits of a candidate into texts, as the protocol's positions say."""

import re

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def applied(files, edits):
    """The texts after the edits."""
    found = dict(files)
    for edit in sorted(edits, key=lambda one: one["range"], reverse=True):
        text = found[edit["path"]]
        begin, end = (offset(text, *edit["range"][index:index + 2]) for index in (0, 2))
        found[edit["path"]] = text[:begin] + edit["new"] + text[end:]
    return found


def offset(text, line, column):
    """A position as an offset."""
    return sum(len(one) for one in LINE.findall(text)[:line - 1]) + column - 1
