#!/usr/bin/env python3
"""Candidates that reach a verdict per CPU second of whole searches, beside one pytest process for each candidate, in one run.

usage: search_rate.py HEAL [--evaluations 20000] [--spawned 12] [--python PATH] [--json]

The programs are those of agent_rates.py, each with one test more that no edit makes pass, so that the search goes on to its last
evaluation. `heal test --jobs 1` runs twice on each: to so many candidates, and to a handful. The first gives the rate of the whole
session, start-up and diagnosis included; the difference of the two is the search by itself. CPU seconds are those of heal, its agent,
hosts and their children (without a process namespace, in which the kernel would not account for all of them). Candidates with equal bytecode and those that do not compile are not counted. The baseline writes
candidates of the same enumeration into the file and runs `python -m pytest -x` on each.
"""

import argparse
import ctypes
import json
import os
import random
import resource
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from agent_rates import PROGRAMS, Client  # noqa: E402
from start_to_end import PR_SET_CHILD_SUBREAPER, measured  # noqa: E402

HANDFUL = 50
UNREACHABLE = {"longest run": "longest_run([7, 7]) == 'seven'", "change": "change(1, [1]) == 'one'", "account": "drain(Account(1), 1) == 'one'"}


def suite(checks):
    return "from program import *\n" + "".join("\n\ndef test_%d():\n    assert %s\n" % pair for pair in enumerate(checks))


def write(folder, program, checks):
    for name, text in (("program.py", program), ("test_program.py", suite(checks)), ("pytest.ini", "[pytest]\n")):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)


def session(options, folder, evaluations):
    """Candidates and CPU seconds of one session of the tool."""
    with tempfile.TemporaryDirectory() as home, open(os.path.join(home, "report.json"), "w+") as report:
        command = ["sh", "-c", 'exec "$@" >"$0"', report.name, options.heal, "test", "--json", "--no-model", "--jobs", "1", "--budget", "600",
                   "--budget-evaluations", str(evaluations), "--python", options.python]
        cpu, _, _ = measured(command, folder, home)
        told = json.load(report)
    if told["status"] != "unhealed":
        raise SystemExit("the session ended as %s: %s" % (told["status"], told["error"]))
    return told["candidates"], cpu


def spawned(options, program, checks):
    """CPU seconds of one pytest process on each of some candidates."""
    with Client({"program.py": program, "test_program.py": suite(checks)}, python=options.python) as client:
        client.ok("load", oracle={"kind": "suite", "targets": ["test_program.py"], "regressions": None, "args": []}, files={"program.py": program},
                  modules=[], coverage=False, timeout=5)
        places = {"program.py": {str(line): 1.0 for line in range(1, program.count("\n") + 1)}}
        rows = client.ok("edits", base=0, places=places, kinds=None, limit=5000)["edits"]
        chosen = random.Random(1).sample(rows, options.spawned)
        texts = [patched(program, client.ok("render", base=0, candidate=[row[0]])["edits"]) for row in chosen]
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for text in texts:
            write(folder, text, checks)
            try:
                subprocess.run([options.python, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"], cwd=folder, timeout=5,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                pass  # an endless loop, which costs its whole time
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return len(texts), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def patched(text, edits):
    """A text with replacements, the last first; columns count from 1."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for edit in sorted(edits, key=lambda one: one["range"][:2], reverse=True):
        line, column, end_line, end_column = edit["range"]
        text = text[:starts[line - 1] + column - 1] + edit["new"] + text[starts[end_line - 1] + end_column - 1:]
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("--evaluations", type=int, default=20000)
    parser.add_argument("--spawned", type=int, default=12)
    parser.add_argument("--python", default=os.path.realpath(sys.executable))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.heal = os.path.abspath(options.heal)
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("what the tool leaves behind cannot be adopted here")
    # What lives in a process namespace dies with it, unaccounted: here everything is waited for.
    os.environ["HEAL_SANDBOX"] = "limits"
    sums = [0.0] * 6
    rows = []
    for name, (program, checks) in PROGRAMS.items():
        checks = [*checks, UNREACHABLE[name]]
        with tempfile.TemporaryDirectory() as outer:
            folder = os.path.join(outer, "program")
            os.mkdir(folder)
            write(folder, program, checks)
            many, cpu = session(options, folder, options.evaluations)
            few, least = session(options, folder, HANDFUL)
        ran, spent = spawned(options, program, checks)
        for index, value in enumerate((many, cpu, few, least, ran, spent)):
            sums[index] += value
        rows.append({"program": name, **rates(many, cpu, few, least, ran, spent)})
    rows.append({"program": "all", **rates(*sums)})
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print("%(program)-12s session %(session)8.0f  search %(search)8.0f  pytest %(pytest)6.2f candidates per CPU second: x%(ratio).0f" % row)


def rates(many, cpu, few, least, ran, spent):
    whole, search, base = many / cpu, (many - few) / max(cpu - least, 1e-6), ran / max(spent, 1e-6)
    return {"candidates": int(many), "session": round(whole, 1), "search": round(search, 1), "pytest": round(base, 2), "ratio": round(whole / base, 1)}


if __name__ == "__main__":
    main()
