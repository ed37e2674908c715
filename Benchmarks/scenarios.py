#!/usr/bin/env python3
"""The scenarios of Fixtures/programs healed: by what the tool has of its own, and by a language model in the place of its repairs.

usage: scenarios.py HEAL [--model NAME [--base-url URL]] [--budget 60] [--variant original] [--only NAME,NAME] [--python PATH] [--json]

Each program is healed by `heal run` against its expected output, in a fresh folder with an empty state of heal: with no model; and, when
one is named, with that model while the fixes of findings and the search are switched off, told what is known of the bugs (`hints`) and not
told it (`no hints`). A table in Markdown goes to standard output. The exit status is 1 when one is not healed without a model.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import repair_set  # noqa: E402

PROGRAMS = os.path.join(HERE, "..", "Fixtures", "programs")
NAMES = ("simple", "iterative", "extreme", "nightmare", "payments", "financial")


def heal(options, name, flags, without):
    """What one healing came to."""
    source = os.path.join(PROGRAMS, name, options.variant)
    with open(os.path.join(source, "program.json"), encoding="utf-8") as file:
        about = json.load(file)
    with tempfile.TemporaryDirectory(prefix="scenario-") as outer:
        folder, expected = os.path.join(outer, "program"), os.path.join(outer, "expected.txt")
        shutil.copytree(os.path.join(source, "broken"), folder)
        with open(expected, "w", encoding="utf-8", newline="") as file:
            file.write(about["expect"])
        command = [*repair_set.command_of(options.heal), "run", "--json", "--apply", "--budget", str(options.budget), "--python", options.python,
                   "--expect-file", expected, *flags, *about["run"]]
        begin = time.monotonic()
        code, output = repair_set.run(command, folder, 2 * options.budget + 60, HEAL_HOME=os.path.join(outer, "home"), HEAL_ABLATE=without)
        seconds = time.monotonic() - begin
    try:
        report = json.loads(output)
    except ValueError:
        report = {}
    model = report.get("model") or {}
    return {"name": name, "bugs": len(about["bugs"]), "healed": code == 0 and report.get("status") == "healed", "exit": code, "seconds": seconds,
            "attempts": report.get("attempts"), "candidates": report.get("candidates"), "requests": model.get("requests", 0),
            "tokens": model.get("promptTokens", 0) + model.get("completionTokens", 0)}


def cell(row):
    text = "%s in %s attempts, %.1f s" % ("healed" if row["healed"] else "NOT, exit %s" % row["exit"], row["attempts"], row["seconds"])
    return text + (", %d requests, %d tokens" % (row["requests"], row["tokens"]) if row["requests"] else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heal")
    parser.add_argument("--model")
    parser.add_argument("--base-url")
    parser.add_argument("--budget", type=float, default=60)
    parser.add_argument("--variant", default="original")
    parser.add_argument("--only")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds = {"no model": (["--no-model"], "")}
    if options.model:
        flags = ["--model", options.model, *(["--base-url", options.base_url] if options.base_url else [])]
        rounds["hints"] = (flags, "search,findings,bank")
        rounds["no hints"] = (flags, "search,findings,bank,hints")
    rows = []
    if not options.json:
        print("| scenario | bugs | %s |\n|%s" % (" | ".join(rounds), "---|" * (2 + len(rounds))), flush=True)
    for name in options.only.split(",") if options.only else NAMES:
        found = {title: heal(options, name, *how) for title, how in rounds.items()}
        rows.append(found)
        if not options.json:
            print("| %s | %d | %s |" % (name, found["no model"]["bugs"], " | ".join(map(cell, found.values()))), flush=True)
    if options.json:
        print(json.dumps(rows, indent=2))
    return 0 if all(one["no model"]["healed"] for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
