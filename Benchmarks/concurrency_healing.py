#!/usr/bin/env python3
"""Concurrent programs: whether `heal run` heals each, leaves the correct ones alone, and whether disturbed free runs agree.

usage: concurrency_healing.py HEAL [FOLDER …] [--only NAME,NAME] [--budget 30] [--seeds 60] [--fixed] [--python PATH] [--json]

FOLDER holds programs as Fixtures/concurrency does (the default), or files NAME.py beside NAME_fixed.py. A program is healed when heal says
so and writes it. The repaired program is then run --seeds times by perturb.py, which shares no code with the tool: none may fail. The
original is disturbed too; where that never breaks it, the check says nothing of the repair, and the row says `not broken`. With --fixed
the correct programs are given to heal as well: they must stay as they are, byte for byte. Parallelism is that of the report: `serial` where the
repair has threads wait for each other's whole work. The exit status is 1 when one program is not healed, not left alone, or fails.
"""

import argparse
import difflib
import json
import os
import re
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

NAME = "program.py"


def programs(folders):
    """Name, kind, buggy text, fixed text and expected output of each program."""
    for folder in folders:
        for name, about in concurrency_fixtures.fixtures(folder).items():
            yield name, about["kind"], *(read(os.path.join(folder, name, file)) for file in ("buggy.py", "fixed.py")), about.get("expect")
        for file in sorted(os.listdir(folder)):
            fixed = os.path.join(folder, file[:-3] + "_fixed.py")
            if os.path.exists(fixed):
                text = read(os.path.join(folder, file))
                yield file[:-3], re.sub(r'^"""(.*?)[:"].*', r"\1", text.splitlines()[0]), text, read(fixed), None


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def heal(options, text, expect):
    """What the tool makes of a program: its report, the text afterwards, seconds."""
    command = [*repair_set.command_of(options.heal), "run", "--json", "--apply", "--no-model", "--budget", str(options.budget),
               "--python", options.python]
    if expect is not None:
        command += ["--expect", expect]
    with tempfile.TemporaryDirectory(prefix="healing-") as outer:
        folder = os.path.join(outer, "program")
        repair_set.write(folder, {NAME: text})
        begin = time.monotonic()
        code, output = repair_set.run([*command, NAME], folder, 2 * options.budget + 60, HEAL_HOME=os.path.join(outer, "home"))
        seconds, after = time.monotonic() - begin, read(os.path.join(folder, NAME))
    try:
        report = json.loads(output)
    except ValueError:
        report = {}
    return code, report, after, seconds


def disturbed(options, text, expect, *more):
    """What free runs of a program come to that are disturbed."""
    with tempfile.TemporaryDirectory(prefix="perturb-") as folder:
        repair_set.write(folder, {NAME: text})
        command = [sys.executable, "-B", os.path.join(HERE, "perturb.py"), os.path.join(folder, NAME), "--seeds", str(options.seeds),
                   "--python", options.python, *more]
        if expect is not None:
            command += ["--expect", expect]
        return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)


def healed(options, name, kind, text, expect):
    code, report, after, seconds = heal(options, text, expect)
    schedules = (report.get("verification") or {}).get("schedules") or {}
    row = {"name": name, "kind": kind, "healed": code == 0 and report.get("status") == "healed", "exit": code, "seconds": seconds,
           "evidence": report.get("evidence"), "schedules": schedules.get("explored"), "candidates": report.get("candidates"),
           "confidence": report.get("confidence"), "rules": sorted({one["rule"] for one in report.get("findings") or ()}),
           "serial": any("narrower" in note for note in report.get("notes") or ()),
           "lines": sum(line[:1] in "+-" and line[:3] not in ("+++", "---") for line in difflib.unified_diff(
               text.splitlines(), after.splitlines(), lineterm="", n=0))}
    row["silent"] = after != text and not row["healed"]
    if row["healed"] and options.seeds:
        row["repaired"] = disturbed(options, after, expect)
        row["original"] = disturbed(options, text, expect, "--until-failure")
    row["good"] = row["healed"] and not row["silent"] and not (row.get("repaired") or {}).get("failures")
    row["text"] = after
    return row


def left_alone(options, name, kind, text, expect):
    code, report, after, seconds = heal(options, text, expect)
    return {"name": name, "kind": kind, "fixed": True, "good": code == 0 and report.get("status") == "healthy" and after == text, "exit": code,
            "seconds": seconds, "rules": sorted({one["rule"] for one in report.get("findings") or ()})}


def told(row):
    if row.get("fixed"):
        return "%-20s fixed  %-4s %5.1f s  %s" % (row["name"], "good" if row["good"] else "BAD", row["seconds"], "" if row["good"] else "exit %s %s" % (
            row["exit"], row["rules"]))
    how = "healed" if row["healed"] else "NOT, exit %s" % row["exit"]
    check = ""
    if "repaired" in row:
        check = "%d of %d disturbed runs fail; original %s" % (row["repaired"]["failures"], row["repaired"]["runs"],
                                                               row["original"]["how"] or "not broken")
    return "%-20s %-34.34s %-12s %-9s %6s schedules %5.1f s %3d lines %s %s" % (
        row["name"], row["kind"], how, row["evidence"] or "", row["schedules"] or "", row["seconds"], row["lines"],
        "serial" if row["serial"] else "kept  ", check)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("folders", nargs="*", default=[concurrency_fixtures.FOLDER])
    parser.add_argument("--only", default="")
    parser.add_argument("--budget", type=float, default=30)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--fixed", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    wanted = [one for one in options.only.split(",") if one]
    rows = []
    for name, kind, buggy, fixed, expect in programs(options.folders):
        if wanted and name not in wanted:
            continue
        made = [healed(options, name, kind, buggy, expect)] + ([left_alone(options, name, kind, fixed, expect)] if options.fixed else [])
        for row in made:
            rows.append(row)
            print(json.dumps(row) if options.json else told(row), flush=True)
    buggy = [row for row in rows if not row.get("fixed")]
    fixed = [row for row in rows if row.get("fixed")]
    done = [row for row in buggy if row["healed"]]
    summary = {"programs": len(buggy), "healed": len(done), "exhausted": sum(row["evidence"] == "exhausted" for row in done),
               "serial": sum(row["serial"] for row in done), "fail when disturbed": sum(bool((row.get("repaired") or {}).get("failures")) for row in done),
               "not broken when disturbed": sum("original" in row and not row["original"]["failures"] for row in done),
               "median seconds": round(statistics.median([row["seconds"] for row in done] or [0]), 1),
               "most seconds": round(max([row["seconds"] for row in done] or [0]), 1),
               "median lines": statistics.median([row["lines"] for row in done] or [0]), "fixed": len(fixed), "left alone": sum(row["good"] for row in fixed)}
    print(json.dumps({"summary": summary} if options.json else summary))
    return int(any(not row["good"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
