#!/usr/bin/env python3
"""What `heal trace` finds in every script of a folder: found, kind, schedules, CPU seconds, and whether it replays.

usage: trace_table.py DIR [--heal PATH] [--python PATH] [--budget 10] [--seed 0] [--timing free] [--replays 0] [--json] [NAME…]

Scripts whose name ends in `_fixed` are held to be right: what is found there is an alarm. A file NAME.expected beside a script
is the output that it must have. CPU seconds are those of `heal` and of the agent with all that it starts, summed.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def trace(options, folder, arguments):
    """The report of one call, its status, its CPU seconds and its elapsed ones."""
    command = [options.heal, "trace", "--json", "--budget", str(options.budget)] + arguments
    before, start = cpu(), time.monotonic()
    ended = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           universal_newlines=True)
    seconds, spent = time.monotonic() - start, cpu() - before
    try:
        report = json.loads(ended.stdout)
    except ValueError:
        sys.exit("%s: status %d: %s" % (" ".join(command), ended.returncode, ended.stderr))
    if report["error"]:
        sys.exit("%s: %s" % (" ".join(command), report["error"]["message"]))
    return report, ended.returncode, spent + (report["cpu"] or 0), seconds


def row(options, folder, name):
    arguments = ["--seed", str(options.seed), "--timing", options.timing]
    if options.python:
        arguments += ["--python", options.python]
    expected = os.path.join(folder, name[:-3] + ".expected")
    if os.path.exists(expected):
        arguments += ["--expect-file", expected]
    with tempfile.TemporaryDirectory() as kept:
        saved = os.path.join(kept, "schedule.json")
        report, status, spent, seconds = trace(options, folder, arguments + ["--save", saved, name])
        failure, counts = report["failure"], report["schedules"]
        again = 0
        for _ in range(options.replays if failure else 0):
            python = ["--python", options.python] if options.python else []
            one, _, _, _ = trace(options, folder, python + ["--replay", saved, name])
            again += one["status"] == "failed" and one["failure"]["choices"] == failure["choices"]
    return {
        "name": name, "status": status, "found": failure["kind"] if failure else "",
        "kind": failure["explanation"]["kind"] if failure and failure.get("explanation") else "",
        "assumes": bool(failure and failure["assumesTime"]), "method": failure["method"] if failure else report["evidence"],
        "after": failure["after"] if failure else sum(counts[one] for one in ("completed", "redundant", "cut", "limited", "diverged")),
        "switches": failure["switches"] if failure else None, "cpu": round(spent, 2), "seconds": round(seconds, 2), "replayed": again,
        "limits": report["limits"], "notes": report["notes"], "summary": failure["summary"] if failure else "",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", help="scripts, all of the folder unless given")
    parser.add_argument("--heal", default=os.path.join(HERE, "..", ".build", "release", "heal"))
    parser.add_argument("--python")
    parser.add_argument("--budget", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timing", choices=("free", "strict"), default="free")
    parser.add_argument("--replays", type=int, default=0, help="replay each failing schedule so often")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    options.heal = os.path.abspath(options.heal)
    names = options.names or sorted(one for one in os.listdir(options.folder) if one.endswith(".py"))
    rows = []
    if not options.json:
        print("%-34s %-13s %-27s %-9s %8s %8s %6s %6s" % ("script", "found", "kind", "how", "schedules", "switches", "CPU s", "again"))
    for name in names:
        found = row(options, options.folder, name)
        rows.append(found)
        if not options.json:
            print("%-34s %-13s %-27s %-9s %8d %8s %6.2f %6s" % (
                name, found["found"] + ("*" if found["assumes"] else ""), found["kind"], found["method"], found["after"],
                "" if found["switches"] is None else found["switches"], found["cpu"],
                "%d/%d" % (found["replayed"], options.replays) if found["found"] else ""), flush=True)
    right = [one for one in rows if one["name"].endswith("_fixed.py")]
    wrong = [one for one in rows if one not in right]
    caught = [one for one in wrong if one["found"]]
    summary = {
        "found": len(caught), "of": len(wrong), "alarms": sum(1 for one in right if one["found"]), "right": len(right),
        "exhausted": sum(1 for one in right if one["method"] == "exhausted"),
        "medianCPU": round(statistics.median(one["cpu"] for one in caught), 2) if caught else None,
        "mostCPU": max((one["cpu"] for one in caught), default=None),
    }
    if options.json:
        print(json.dumps({"rows": rows, "summary": summary}, indent=1))
    else:
        print("found %(found)d of %(of)d, %(alarms)d alarms on %(right)d right ones (%(exhausted)d exhausted); CPU seconds of those found: "
              "median %(medianCPU)s, most %(mostCPU)s  (* needs a time-out at any moment)" % summary)


if __name__ == "__main__":
    main()
