#!/usr/bin/env python3
"""Whether what fails under some schedules is healed: candidates of the agent's `repairs`, each checked over schedules.

usage: concurrency_repairs.py [FOLDER …] [--only NAME,NAME] [--random 200] [--pct 60] [--search 300] [--python PATH] [--show] [--json]

FOLDER holds programs as Fixtures/concurrency does (the default), or files NAME.py beside NAME_fixed.py. A failing run is looked for among
--search schedules, ten times as many if need be; the first candidate that fails under none of --random and --pct schedules, and prints what it should, is accepted.
The search is the agent's alone, so that the figures are those of the candidates. The exit status is 1 when one program is not healed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
import concurrency_fixtures  # noqa: E402
from agent_client import AgentDied, Client  # noqa: E402
from repair_edits import applied  # noqa: E402
from schedule_search import learn  # noqa: E402

NAME = "program.py"
#: Seconds for one answer: a busy machine makes no candidate wrong.
PATIENCE = 900


def programs(folders):
    """Name, kind, text and expected output of each buggy program."""
    for folder in folders:
        for name, about in concurrency_fixtures.fixtures(folder).items():
            yield name, about["kind"], read(os.path.join(folder, name, "buggy.py")), about.get("expect")
        for file in sorted(os.listdir(folder)):
            if os.path.exists(os.path.join(folder, file[:-3] + "_fixed.py")):
                text = read(os.path.join(folder, file))
                yield file[:-3], re.sub(r'^"""(.*?)[:"].*', r"\1", text.splitlines()[0]), text, None


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


class Check:
    """Runs a program's texts under schedules."""

    def __init__(self, client, options, expect):
        self.client, self.options, self.expect = client, options, expect
        self.output = None

    def run(self, text, schedules, shared, **params):
        return self.client.ok("schedule", run={"argv": [NAME]}, files={NAME: text}, schedules=schedules,
                              shared=sorted(shared), patience=PATIENCE, **params)

    def failing(self, text):
        """A few failing results with the tables that they name, the shortest first; and the most frequent output of the others."""
        shared = learn(self.client, NAME, files={NAME: text}, patience=PATIENCE)
        length = self.run(text, [{}], shared)["results"][0]["steps"]
        found, passing = {}, {}
        for first in range(0, 10 * self.options.search, self.options.search):
            answer = self.run(text, concurrency_fixtures.batch(self.options.search, length, first), shared, events=True, values=True)
            for result in answer["results"]:
                verdict = self.verdict(result)
                if verdict == "none":
                    passing[result["stdout"]] = passing.get(result["stdout"], 0) + 1
                elif verdict in concurrency_fixtures.ALARMS:
                    found.setdefault(verdict, []).append(result)
            if found:
                break
        if len(passing) == 1:
            self.output = next(iter(passing))
        shown = [one for group in found.values() for one in sorted(group, key=lambda one: one["steps"])[:2]]
        shown.sort(key=lambda one: one["steps"])
        return shown[:3], answer["tables"]

    def verdict(self, result):
        return concurrency_fixtures.verdict(result, self.expect)

    def passes(self, text):
        """Whether no schedule fails; the first few sort out most candidates."""
        try:
            compile(text, NAME, "exec")
            shared = learn(self.client, NAME, files={NAME: text}, rounds=4, count=6, patience=PATIENCE)
            random = [{"policy": "random", "seed": 1000 + seed} for seed in range(self.options.random)]
            length = self.run(text, [{}], shared)["results"][0]["steps"]
            pct = [{"policy": "pct", "seed": seed, "depth": 2 + seed % 3, "length": max(10, length)} for seed in range(self.options.pct)]
            order = pct[:10] + random[:20], pct[10:] + random[20:]
            for batch in order:
                results = self.run(text, batch, shared)["results"]
                if len(results) < len(batch):
                    return False
                for result in results:
                    if self.verdict(result) != "none" or self.output is not None and result["stdout"] != self.output:
                        return False
        except (SyntaxError, AssertionError, TimeoutError):
            return False
        return True


def heal(options, name, kind, text, expect):
    begin = time.monotonic()
    row = {"name": name, "kind": kind, "healed": False, "candidates": 0}
    with tempfile.TemporaryDirectory(prefix="repairs-") as folder:
        with open(os.path.join(folder, NAME), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        try:
            with Client(folder=folder, python=options.python) as client:
                try_all(options, row, Check(client, options, expect), text)
        except (AgentDied, AssertionError, TimeoutError, subprocess.TimeoutExpired) as problem:
            row["error"] = "%s: %s" % (type(problem).__name__, str(problem)[:300])
    row["seconds"] = time.monotonic() - begin
    return row


def try_all(options, row, check, text):
    results, tables = check.failing(text)
    if not results:
        row["error"] = "no failure was found"
        return
    row["verdicts"] = [check.verdict(one) for one in results]
    begin = time.monotonic()
    candidates = check.client.ok("repairs", files={NAME: text}, results=results, tables=tables, patience=PATIENCE)["candidates"]
    row.update(candidates=len(candidates), synthesis=time.monotonic() - begin)
    for rank, one in enumerate(candidates, 1):
        changed = applied({NAME: text}, one["edits"])[NAME]
        if check.passes(changed):
            row.update(healed=True, rank=rank, by=one["kind"], lines=one["lines"], size=one["size"], why=one["why"], text=changed)
            break


def told(row):
    if not row["healed"]:
        return "%-18s %-40.40s NOT of %2d  %5.1f s  %s" % (row["name"], row["kind"], row["candidates"], row["seconds"], row.get("error", ""))
    return "%-18s %-40.40s healed %2d of %2d  %-14s %2d lines, %2d new  %5.1f s" % (
        row["name"], row["kind"], row["rank"], row["candidates"], row["by"], row["lines"], row["size"], row["seconds"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", default=[concurrency_fixtures.FOLDER])
    parser.add_argument("--only", default="")
    parser.add_argument("--random", type=int, default=200)
    parser.add_argument("--pct", type=int, default=60)
    parser.add_argument("--search", type=int, default=300)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--show", action="store_true", help="the accepted change, as a diff")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    wanted = [one for one in options.only.split(",") if one]
    rows = []
    for name, kind, text, expect in programs(options.folders):
        if wanted and name not in wanted:
            continue
        row = heal(options, name, kind, text, expect)
        rows.append(row)
        if not options.json:
            print(told(row), flush=True)
            if options.show and row["healed"]:
                show(text, row)
    healed = [row for row in rows if row["healed"]]
    summary = {"programs": len(rows), "healed": len(healed), "first": sum(row["rank"] == 1 for row in healed),
               "lines": sorted(row["lines"] for row in healed)[len(healed) // 2:][:1], "seconds": round(sum(row["seconds"] for row in rows), 1)}
    print(json.dumps({"rows": rows, "summary": summary} if options.json else summary))
    return 0 if len(healed) == len(rows) else 1


def show(text, row):
    import difflib

    print("    " + row["why"])
    for line in difflib.unified_diff(text.splitlines(), row["text"].splitlines(), lineterm="", n=1):
        if not line.startswith(("---", "+++")):
            print("    " + line)


if __name__ == "__main__":
    sys.exit(main())
