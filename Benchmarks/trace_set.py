#!/usr/bin/env python3
"""Concurrent programs and their variants: whether `heal trace` finds what each buggy one can do, and says nothing of its fixed one.

usage: trace_set.py HEAL|agent [--programs FOLDER] [--variants KIND,KIND|all|no] [--seed 1] [--only NAME,NAME] [--budget 30]
                    [--schedules 300] [--python PATH] [--json]

FOLDER holds programs as Fixtures/concurrency does (the default). Variants are made by scripts/vary-concurrency into a temporary folder.
A buggy script is right with exit status 1, a fixed one with 0; the schedules of a buggy one are those up to the first that failed. `agent` in the place of the tool searches by the agent alone, by a
fixed number of random and PCT schedules: it shows whether a miss is the search's or the agent's. CPU seconds are those of the tool,
its agent and their children together. The exit status is 1 when one program is wrong.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
import concurrency_fixtures  # noqa: E402
import repair_set  # noqa: E402
from agent_client import AgentDied, Client  # noqa: E402

#: The verdicts of the descriptions for what the tool calls failures.
KINDS = {"exception": "failure", "exit": "failure", "wrong output": "failure", "lock leak": "leak"}
VARY = os.path.join(HERE, "..", "scripts", "vary-concurrency")


def by_tool(options, folder, file, about):
    """What the tool says of one script."""
    command = [*repair_set.command_of(options.heal), "trace", "--json", "--budget", str(options.budget), "--seed", str(options.seed),
               "--python", options.python]
    if "expect" in about:
        command += ["--expect", about["expect"]]
    with tempfile.TemporaryDirectory(prefix="trace-") as outer:
        program = shutil.copytree(folder, os.path.join(outer, "program"))
        begin, before = time.monotonic(), os.times()
        code, output = repair_set.run([*command, file], program, 2 * options.budget + 60, HEAL_HOME=os.path.join(outer, "home"))
        after = os.times()
    try:
        report = json.loads(output)
    except ValueError:
        report = {}
    failure = report.get("failure") or {}
    schedules = report.get("schedules") or {}
    return {"exit": code, "found": [KINDS.get(failure["kind"], failure["kind"])] if failure else [],
            "schedules": failure["after"] if failure else schedules.get("completed"), "method": failure.get("method"),
            "evidence": report.get("evidence"), "bound": report.get("bound"), "error": (report.get("error") or {}).get("message"),
            "cpu": after.children_user + after.children_system - before.children_user - before.children_system,
            "seconds": time.monotonic() - begin, "limits": report.get("limits"), "notes": report.get("notes")}


def by_agent(options, folder, file, about):
    """What a fixed number of schedules shows."""
    begin, before = time.monotonic(), os.times()
    try:
        with Client(folder=folder, python=options.python) as client:
            counts, _ = concurrency_fixtures.search(client, file, options.schedules, about.get("expect"))
        error = None
    except (AgentDied, AssertionError, TimeoutError) as problem:
        counts, error = {}, "%s: %s" % (type(problem).__name__, problem)
    after = os.times()
    found = [one for one in counts if one in concurrency_fixtures.ALARMS]
    unclear = error or set(counts) - {"none", *found}
    return {"exit": 3 if unclear and not found else 1 if found else 0, "found": found, "schedules": sum(counts.values()), "counts": counts,
            "evidence": "explored", "error": error, "seconds": time.monotonic() - begin,
            "cpu": after.children_user + after.children_system - before.children_user - before.children_system}


def sets(options, folder):
    """The folders of programs, with the variants among them."""
    yield options.programs
    if options.variants != "no":
        kinds = [] if options.variants == "all" else ["--kinds", options.variants]
        subprocess.run([sys.executable, "-B", VARY, options.programs, folder, "--seed", str(options.seed), "--only", options.only, *kinds],
                       check=True, stdout=subprocess.DEVNULL)
        yield folder


def rows(options, folder):
    one = by_agent if options.heal == "agent" else by_tool
    wanted = [name for name in options.only.split(",") if name]
    for programs in sets(options, folder):
        for name, about in concurrency_fixtures.fixtures(programs).items():
            if wanted and name.partition("--")[0] not in wanted:
                continue
            for file in concurrency_fixtures.FILES:
                row = one(options, os.path.join(programs, name), file, about)
                row.update(name=name, kind=about["kind"], verdict=about["verdict"], file=file, good=row["exit"] == (file == "buggy.py"))
                yield row


def told(row):
    return "%-32s %-6s %-4s %-44s %6s schedules %6.2f CPU s  %s" % (
        row["name"], row["file"][:-3], "good" if row["good"] else "BAD", row["kind"], row["schedules"], row["cpu"],
        ", ".join(row["found"]) + (" by %s" % row["method"] if row.get("method") else "") or row["error"] or row["evidence"] or "exit %d" % row["exit"])


def summary(measured):
    """Figures of all rows."""
    buggy = [row for row in measured if row["file"] == "buggy.py"]
    fixed = [row for row in measured if row["file"] == "fixed.py"]
    cpu = [row["cpu"] for row in buggy if row["good"]] or [0]
    return {"buggy": len(buggy), "found": sum(row["good"] for row in buggy), "fixed": len(fixed),
            "otherwise": sum(row["good"] and row["verdict"] not in row["found"] for row in buggy),
            "exhausted": sum(row["good"] and row["evidence"] == "exhausted" for row in fixed), "alarms": sum(row["exit"] == 1 for row in fixed), "unclear": sum(row["exit"] not in (0, 1) for row in measured),
            "kinds": len({row["kind"] for row in buggy}), "cpu median": round(statistics.median(cpu), 2), "cpu most": round(max(cpu), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("--programs", default=concurrency_fixtures.FOLDER)
    parser.add_argument("--variants", default="no")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--budget", type=float, default=30)
    parser.add_argument("--schedules", type=int, default=300)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory(prefix="variants-") as folder:
        for row in rows(options, folder):
            measured.append(row)
            if options.json:
                print(json.dumps(row), flush=True)
            else:
                print(told(row), flush=True)
    figures = summary(measured)
    if options.json:
        print(json.dumps(figures))
    else:
        print("%(found)d of %(buggy)d buggy scripts of %(kinds)d kinds found (%(otherwise)d by another failure than the described one), "
              "%(alarms)d alarms on %(fixed)d fixed ones, of which %(exhausted)d exhausted, %(unclear)d unclear; "
              "CPU seconds of those found: median %(cpu median)s, most %(cpu most)s" % figures)
    return int(any(not row["good"] for row in measured))


if __name__ == "__main__":
    sys.exit(main())
