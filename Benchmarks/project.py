#!/usr/bin/env python3
"""Bugs put into a whole project, one and two at a time: whether `heal test` heals each within the budget, and how long it takes.

usage: project.py HEAL [--project FOLDER] [--bugs FILE] [--only NAME,NAME+NAME] [--pairs no] [--budget 60] [--python PATH]

FOLDER is a project whose tests pass (default: Fixtures/projects/stockroom). FILE is a JSON list of {"name", "kind", "path", "old",
"new"}: `old` stands once in the file and `new` takes its place. Each run is in a fresh copy with an empty state of heal. A run is
good when heal says that it healed, the whole suite passes afterwards, and nothing but files with a bug was changed; `as it was`
says whether they have their old text again. The exit status is 1 when one is not good. A quiet machine gives the times their meaning;
the load is printed beside them.
"""

import argparse
import itertools
import json
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import repair_set  # noqa: E402

LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", ".pytest_cache", "*.pyc", "bugs.json")


def contents(folder):
    """Every file of a project, caches left out, by its relative path."""
    found = {}
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in ("__pycache__", ".pytest_cache")]
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def inject(folder, bug):
    path = os.path.join(folder, bug["path"])
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    if text.count(bug["old"]) != 1:
        sys.exit("%s: its text stands %d times in %s" % (bug["name"], text.count(bug["old"]), bug["path"]))
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text.replace(bug["old"], bug["new"]))


def one(options, bugs):
    """One run with these bugs in place: what it came to."""
    with tempfile.TemporaryDirectory(prefix="project-") as outer:
        folder = os.path.join(outer, os.path.basename(os.path.abspath(options.project)))
        shutil.copytree(options.project, folder, ignore=LEFT_OUT, symlinks=True)
        right = contents(folder)
        for bug in bugs:
            inject(folder, bug)
        broken = contents(folder)
        begin = time.monotonic()
        code, output = repair_set.run(
            [*options.command, "test", "--apply", "--json", "--no-model", "--budget", str(options.budget), "--python", options.python,
             *options.targets], folder, 2 * options.budget + 60, HEAL_HOME=os.path.join(outer, "home"))
        seconds = time.monotonic() - begin
        after = contents(folder)
        try:
            report = json.loads(output)
        except ValueError:
            report = {}
        changed = {path for path in set(after) | set(broken) if after.get(path) != broken.get(path)}
        passes = code == 0 and repair_set.passes(folder, options.targets, options.python, 300)
        return {
            "bugs": "+".join(bug["name"] for bug in bugs), "status": report.get("status"), "exit": code, "seconds": round(seconds, 1),
            "candidates": report.get("candidates"), "attempts": report.get("attempts"), "notes": report.get("notes"),
            "confidence": report.get("confidence"), "elsewhere": sorted(changed - {bug["path"] for bug in bugs}),
            "as it was": after == right, "patch": report.get("patch"), "error": report.get("error"),
            "good": passes and changed <= {bug["path"] for bug in bugs} and seconds <= options.budget + 1,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("--project", default=os.path.join(HERE, "..", "Fixtures", "projects", "stockroom"))
    parser.add_argument("--bugs")
    parser.add_argument("--only", default="")
    parser.add_argument("--pairs", choices=("yes", "no"), default="yes")
    parser.add_argument("--budget", type=float, default=60)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--targets", nargs="*", default=[])
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    options.command = repair_set.command_of(options.heal)
    with open(options.bugs or os.path.join(options.project, "bugs.json"), encoding="utf-8") as file:
        bugs = json.load(file)
    sets = [[bug] for bug in bugs] + (list(map(list, itertools.combinations(bugs, 2))) if options.pairs == "yes" else [])
    if options.only:
        wanted = [frozenset(name.split("+")) for name in options.only.split(",")]
        sets = [chosen for chosen in sets if frozenset(bug["name"] for bug in chosen) in wanted]
    good = 0
    for chosen in sets:
        row = one(options, chosen)
        good += row["good"]
        print("%-34s %-5s %6.1f s  %6s candidates  %s%s  load %.1f" % (
            row["bugs"], "good" if row["good"] else "BAD", row["seconds"], row["candidates"],
            row["confidence"] if row["status"] == "healed" else row["status"], ", as it was" if row["as it was"] else "",
            os.getloadavg()[0]), flush=True)
        if options.verbose or not row["good"]:
            print(json.dumps({key: row[key] for key in ("exit", "attempts", "elsewhere", "notes", "error")}) + "\n%s" % row["patch"])
    print("%d of %d healed within %.0f s, nothing else changed" % (good, len(sets), options.budget))
    return good != len(sets)


if __name__ == "__main__":
    sys.exit(main())
