#!/usr/bin/env python3
"""Concurrent programs in single recorded runs: what `heal trace --record` sees or predicts of each, and alarms on fixed ones.

usage: recording_set.py HEAL [--programs FOLDER] [--only NAME,NAME] [--runs 1] [--budget 20] [--python PATH] [--json]

FOLDER holds programs as Fixtures/concurrency does (the default), or pairs NAME.py and NAME_fixed.py. A buggy script counts as found when any of
its runs has a finding that is an alarm, as predicted when one of these is a prediction. Runs are free: another time they may show more or
less. An alarm on a fixed script is wrong; the exit status is 1 when there is one.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
import concurrency_fixtures  # noqa: E402
import repair_set  # noqa: E402


def programs(folder):
    """The name, kind, folder, buggy and fixed file and expected output of each."""
    known = concurrency_fixtures.fixtures(folder)
    for name, about in known.items():
        yield name, about["kind"], os.path.join(folder, name), concurrency_fixtures.FILES, about.get("expect")
    for file in sorted(os.listdir(folder)):
        name, ending = os.path.splitext(file)
        if ending == ".py" and os.path.isfile(os.path.join(folder, name + "_fixed.py")):
            yield name, name, folder, (file, name + "_fixed.py"), None


def recorded(options, folder, file, expect):
    """The report of one run, with the exit status."""
    command = [*repair_set.command_of(options.heal), "trace", "--record", "--json", "--budget", str(options.budget), "--python", options.python]
    if expect is not None:
        command += ["--expect", expect]
    with tempfile.TemporaryDirectory(prefix="record-") as outer:
        copy = shutil.copytree(folder, os.path.join(outer, "program"))
        code, output = repair_set.run([*command, file], copy, options.budget + 60, HEAL_HOME=os.path.join(outer, "home"))
    try:
        return dict(json.loads(output), code=code)
    except ValueError:
        return {"code": code, "findings": [], "limits": []}


def measured(options):
    wanted = [name for name in options.only.split(",") if name]
    for name, kind, folder, files, expect in programs(options.programs):
        if wanted and name not in wanted:
            continue
        for file, is_fixed in zip(files, (False, True)):
            runs = [recorded(options, folder, file, expect) for _ in range(options.runs)]
            alarms = [one for run in runs for one in run["findings"] if one["weight"] == "alarm"]
            yield {"name": name, "kind": kind, "file": file, "fixed": is_fixed, "codes": [run["code"] for run in runs],
                   "observed": sorted({one["kind"] for one in alarms if one["basis"] == "observed"}),
                   "predicted": sorted({one["kind"] for one in alarms if one["basis"] == "predicted"}),
                   "notes": len([one for run in runs for one in run["findings"] if one["weight"] == "note"]),
                   "summaries": sorted({one["summary"] for one in alarms}), "limits": sorted({limit for run in runs for limit in run["limits"]})}


def told(row):
    bad = row["fixed"] and (row["observed"] or row["predicted"]) or set(row["codes"]) - {0, 1}
    return "%-26s %-5s %-4s %-34s observed %s, predicted %s%s%s" % (
        row["name"], "fixed" if row["fixed"] else "buggy", "BAD" if bad else "", row["kind"], ",".join(row["observed"]) or "-",
        ",".join(row["predicted"]) or "-", ", %d notes" % row["notes"] if row["notes"] else "", "  " + "; ".join(row["summaries"]) if bad else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("--programs", default=concurrency_fixtures.FOLDER)
    parser.add_argument("--only", default="")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--budget", type=float, default=20)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for row in measured(options):
        rows.append(row)
        print(json.dumps(row) if options.json else told(row), flush=True)
    buggy, fixed = [row for row in rows if not row["fixed"]], [row for row in rows if row["fixed"]]
    alarms = [row for row in fixed if row["observed"] or row["predicted"]]
    print("%d of %d buggy scripts found (%d predicted, %d seen to fail); %d alarms on %d fixed ones; %d runs without a report" % (
        sum(bool(row["observed"] or row["predicted"]) for row in buggy), len(buggy), sum(bool(row["predicted"]) for row in buggy),
        sum(bool(row["observed"]) for row in buggy), len(alarms), len(fixed), sum(code not in (0, 1) for row in rows for code in row["codes"])))
    return int(bool(alarms))


if __name__ == "__main__":
    sys.exit(main())
