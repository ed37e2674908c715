#!/usr/bin/env python3
"""How often a claim is correct when its confidence is high, medium or low; on each half of the programs for itself.

usage: confidence.py ROWS.jsonl REPORTS.jsonl
       confidence.py --record REPORTS.jsonl -- HEAL ARGUMENTS…

ROWS has an object a line: {"id", "claimed", "correct", "program": {path: text after the repair}}, as a measurement writes it that
applies repairs and then runs tests that the tool never saw. REPORTS is made by the second form, which stands in for HEAL in such
a measurement: it runs HEAL, keeps the files that it changed with the confidence of its report, and is HEAL in all else. Rows and
reports are brought together by the text of the repaired program. Halves are by SHA-256 of the id, so that thresholds which were
chosen on one half can be judged on the other.
"""

import hashlib
import json
import math
import os
import subprocess
import sys

LEVELS = ("high", "medium", "low")


def record(path, command):
    """Runs the tool and notes what it made of the program; its output and status are the tool's."""
    done = subprocess.run(command, stdout=subprocess.PIPE)
    sys.stdout.buffer.write(done.stdout)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return done.returncode
    if report.get("status") == "healed":
        program = {}
        for changed in {edit["path"] for edit in report["edits"]}:
            with open(changed, encoding="utf-8", newline="") as file:
                program[changed] = file.read()
        alternatives = [one["distinguishingInput"] for one in report["alternatives"]]
        row = {"program": program, "confidence": report["confidence"], "alternatives": len(alternatives),
               "distinguished": sum(one is not None for one in alternatives)}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    return done.returncode


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def joined(rows, reports):
    """The claims: id, whether correct, and the report of the same repaired program."""
    found = []
    for row in rows:
        if not row.get("claimed"):
            continue
        report = next((one for one in reports if one["program"].items() <= (row.get("program") or {}).items()), None)
        if report is not None:
            found.append((row["id"], bool(row.get("correct")), report))
    return found


def half(name):
    return hashlib.sha256(name.encode()).digest()[-1] % 2


def interval(right, count):
    """95 % Wilson score interval of a share, in percent."""
    z, share = 1.96, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    width = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return "%.0f-%.0f" % (100 * (middle - width), 100 * (middle + width))


def table(title, claims):
    print("%s: %d claims" % (title, len(claims)))
    for level in LEVELS:
        right = [correct for _, correct, report in claims if report["confidence"] == level]
        if right:
            print("  %-6s %3d of %3d correct (%.0f %%, 95 %% %s)" % (
                level, sum(right), len(right), 100 * sum(right) / len(right), interval(sum(right), len(right))))


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--record"] and arguments[2:3] == ["--"] and len(arguments) > 3:
        return record(os.path.abspath(arguments[1]), arguments[3:])
    if len(arguments) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    claims = joined(lines(arguments[0]), lines(arguments[1]))
    for number in (0, 1):
        table("half %d" % number, [one for one in claims if half(one[0]) == number])
    table("all", claims)
    shown = [report for _, _, report in claims if report["alternatives"]]
    told = sum(report["distinguished"] > 0 for report in shown)
    print("of %d claims with alternatives, %d show an input that tells one apart" % (len(shown), told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
