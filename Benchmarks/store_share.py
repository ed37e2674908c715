#!/usr/bin/env python3
"""The share of a search that storing it takes, in CPU seconds of the same session.

usage: store_share.py [--heal PATH] [--python PATH] [--candidates 2000,20000] [--runs 3] [--json]

The program has three bugs of which no one edit mends a test, so that the search goes on until its candidates are used up. Storing is
what handing events over and writing them takes in the threads that do it; the whole is the tool with the processes that it waits for, which
leaves out most of what evaluating costs, so that the share is rather too great than too small.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

PROGRAM = """def spread(values):
    low = high = values[0]
    for value in values:
        if value > low:
            low = value
        if value < high:
            high = value
    return high - low + 1


def middle(values):
    ordered = sorted(values, reverse=True)
    half = len(ordered) // 3
    if len(ordered) % 2 == 0:
        return ordered[half]
    return (ordered[half - 1] + ordered[half + 1]) / 2
"""
TESTS = """from program import middle, spread


def test_spread():
    assert (spread([3, 1, 8]), spread([2]), spread([5, 9, -4, 0])) == (7, 0, 13)


def test_middle():
    assert (middle([5, 1, 3, 9, 7]), middle([4, 1, 8, 2]), middle([1, 2])) == (5, 3.0, 1.5)
"""


def session(heal, python, candidates):
    """CPU seconds of storing and of the whole session, and the candidates that ran to a verdict."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        for name, text in (("program.py", PROGRAM), ("test_program.py", TESTS)):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        command = [heal, "test", "--json", "--no-model", "--budget", "300", "--budget-evaluations", str(candidates), "--python", python,
                   "test_program.py"]
        with open(os.path.join(home, "out"), "w+") as out, open(os.path.join(home, "err"), "w+") as err:
            process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env={**os.environ, "HEAL_HOME": home, "HEAL_TIMES": "1"})
            _, _, usage = os.wait4(process.pid, 0)
            out.seek(0), err.seek(0)
            report, said = json.load(out), err.read()
    found = re.search(r"storing: (\S+) \+ (\S+) CPU seconds", said)
    if found is None:
        raise SystemExit("heal did not say what storing took: %s" % said[-500:])
    return sum(map(float, found.groups())), usage.ru_utime + usage.ru_stime, report["candidates"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heal", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "heal"))
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--candidates", default="2000,20000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for candidates in map(int, options.candidates.split(",")):
        measured = [session(options.heal, options.python, candidates) for _ in range(options.runs)]
        rows.append({"candidates": measured[0][2], "storing": round(statistics.median(one[0] for one in measured), 5),
                     "whole": round(statistics.median(one[1] for one in measured), 3),
                     "share": round(statistics.median(one[0] / one[1] for one in measured), 5)})
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print("%(candidates)6d candidates: storing %(storing).4f of %(whole).2f CPU seconds, " % row + "%.2f %%" % (100 * row["share"]))


if __name__ == "__main__":
    main()
