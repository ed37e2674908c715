#!/usr/bin/env python3
"""Whether failing schedules fail again: those that `heal trace` finds, each replayed several times in processes of its own.

usage: replays.py [HEAL] [--programs FOLDER] [--replays 100] [--only NAME,NAME] [--seed 1] [--budget 30] [--python PATH] [--json]

FOLDER holds programs as Fixtures/concurrency does (the default), or scripts NAME.py, of which those ending in `_fixed.py` are left out. Every
replay is a call of `heal trace --replay` and runs the schedule in a fresh process. There are so many of each that they come to at
least as many as asked for. A replay failed again when the same failure came of the same choices; it diverged when the tool says
so. The exit status is 1 when a program had no failing schedule, or when one replay did not fail again.
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
    """Name, folder, script and what is known of each buggy program."""
    known = concurrency_fixtures.fixtures(folder)
    for name, about in known.items():
        yield name, os.path.join(folder, name), "buggy.py", about
    if not known:
        for file in sorted(os.listdir(folder)):
            if file.endswith(".py") and not file.endswith("_fixed.py"):
                yield file[:-3], folder, file, {}


def report(options, folder, arguments):
    """What the tool says, or an empty report."""
    command = [*repair_set.command_of(options.heal), "trace", "--json", "--python", options.python, *arguments]
    _, output = repair_set.run(command, folder, 2 * options.budget + 60, HEAL_HOME=os.path.join(folder, "..", "home"))
    try:
        return json.loads(output)
    except ValueError:
        return {}


def row(options, count, name, source, script, about):
    """How one program's failing schedule fared."""
    with tempfile.TemporaryDirectory(prefix="replays-") as outer:
        folder = shutil.copytree(source, os.path.join(outer, "program"))
        saved = os.path.join(outer, "schedule.json")
        expect = ["--expect", about["expect"]] if "expect" in about else []
        budget = ["--budget", str(options.budget)]
        first = report(options, folder, [*budget, "--seed", str(options.seed), "--save", saved, *expect, script])
        failure = first.get("failure")
        found = {"name": name, "found": failure["kind"] if failure else "", "replays": 0, "again": 0, "diverged": 0, "otherwise": 0, "why": []}
        for _ in range(count if failure else 0):
            one = report(options, folder, [*budget, "--replay", saved, script])
            same = one.get("status") == "failed" and one["failure"]["choices"] == failure["choices"] and one["failure"]["kind"] == failure["kind"]
            found["replays"] += 1
            found["again" if same else "diverged" if one.get("status") == "diverged" else "otherwise"] += 1
            if not same:
                found["why"].append(one.get("divergence") or (one.get("error") or {}).get("message") or one.get("status"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal", nargs="?", default=os.path.join(HERE, "..", ".build", "release", "heal"))
    parser.add_argument("--programs", default=concurrency_fixtures.FOLDER)
    parser.add_argument("--replays", type=int, default=100)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=30)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    wanted = [name for name in options.only.split(",") if name]
    chosen = [one for one in programs(os.path.abspath(options.programs)) if not wanted or one[0] in wanted]
    if not chosen:
        sys.exit("%s: no program of that name, or none at all" % options.programs)
    rows = []
    for one in chosen:
        rows.append(row(options, -(-options.replays // len(chosen)), *one))
        if not options.json:
            print("%(name)-24s %(found)-13s failed again %(again)d of %(replays)d, diverged %(diverged)d, otherwise %(otherwise)d" % rows[-1],
                  *rows[-1]["why"][:1], flush=True)
    figures = {key: sum(one[key] for one in rows) for key in ("replays", "again", "diverged", "otherwise")}
    figures.update(programs=len(rows), found=sum(bool(one["found"]) for one in rows))
    if options.json:
        print(json.dumps({"rows": rows, "summary": figures}, indent=1))
    else:
        print("failing schedules of %(found)d of %(programs)d programs; %(again)d of %(replays)d replays failed again, %(diverged)d diverged, "
              "%(otherwise)d came to something else" % figures)
    return int(figures["found"] < figures["programs"] or figures["again"] < max(1, figures["replays"]))


if __name__ == "__main__":
    sys.exit(main())
