#!/usr/bin/env python3
"""What each technique of the search contributes: a repair set healed with everything, then with one technique off at a time.

usage: ablation.py SET.jsonl --heal BINARY --rows FOLDER [--limit N] [--seed 1] [--budget 10] [--flags "--no-model"]
                   [--techniques pairs,climb,...] [--no-rules] [--python PATH]

Rounds are named by what HEAL_ABLATE holds; their rows stay in FOLDER, and a run that was cut off goes on where it was. A rule
(a kind of edit, or a finding's rule) is asked only for programs whose repair went through it: it decides those that are healed
with it and not without it. A table in Markdown goes to standard output: plausible is healed by the visible tests, correct also
by the held-out ones, each with its 95 % interval; lost and won are programs whose correctness changed with the technique off.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import repair_set  # noqa: E402

EVERYTHING = "everything"
TECHNIQUES = ["closeness", "combine", "pairs", "climb", "comparison", "rivals", "findings", "twins", "priors", "localisation"]


class Rounds:
    """Rounds over the programs of a set, with their rows on the disk."""

    def __init__(self, options):
        self.options = options
        self.items = repair_set.programs(options.set, options.limit, options.seed)
        self.command = repair_set.command_of(options.heal)
        os.makedirs(options.rows, exist_ok=True)

    def rows(self, name, ids=None):
        """The rows of a round by the program's id, programs that pass from the start left out."""
        path = os.path.join(self.options.rows, name.replace(":", "-") + ".jsonl")
        rows = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                rows = {row["id"]: row for row in map(json.loads, file)}
        environment = {} if name == EVERYTHING else {"HEAL_ABLATE": name}
        with open(path, "a", encoding="utf-8") as file:
            for item in self.items:
                if item["id"] in rows or ids is not None and item["id"] not in ids:
                    continue
                row = repair_set.heal(item, self.command, self.options.python, self.options.budget,
                                      self.options.flags.split(), **environment) or {"id": item["id"], "skipped": True}
                if row.get("exit") == 2:
                    sys.exit("%s: heal refused the command line; does the binary know %s?" % (item["id"], name))
                rows[item["id"]] = row
                file.write(json.dumps(row) + "\n")
                file.flush()
        wanted = {item["id"] for item in self.items} if ids is None else ids
        return {key: row for key, row in rows.items() if key in wanted and not row.get("skipped")}


def share(rows, key):
    count = sum(bool(row[key]) for row in rows.values())
    return "%d (%.0f %%, %s)" % (count, 100 * count / max(1, len(rows)), repair_set.interval(count, len(rows)))


def contributions(rounds, techniques):
    """The lines of the table of techniques."""
    whole = rounds.rows(EVERYTHING)
    lines = ["| off | n | plausible | correct | lost | won | median s |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name in [None, *techniques]:
        rows = whole if name is None else rounds.rows(name)
        common = [key for key in rows if key in whole]
        lost = sum(whole[key]["correct"] and not rows[key]["correct"] for key in common)
        won = sum(rows[key]["correct"] and not whole[key]["correct"] for key in common)
        seconds = sorted(row["seconds"] for row in rows.values())
        lines.append("| %s | %d | %s | %s | %s | %s | %.1f |" % (
            name or "nothing", len(rows), share(rows, "plausible"), share(rows, "correct"), "" if name is None else lost,
            "" if name is None else won, seconds[len(seconds) // 2] if seconds else 0))
    return lines


def decided(rounds):
    """The lines of the table of rules: how many programs are healed only with each."""
    whole = rounds.rows(EVERYTHING)
    rules = {}
    for key, row in whole.items():
        for kind in row["kinds"] if row["plausible"] else ():
            rules.setdefault(kind, set()).add(key)
    lines = ["| rule | on the way of | decides, correct | decides, plausible |", "| --- | --- | --- | --- |"]
    for kind, ids in sorted(rules.items(), key=lambda entry: (-len(entry[1]), entry[0])):
        name = "findings" if "/" in kind or kind == "syntax" else "kind:" + kind
        rows = rounds.rows(name, None if name in TECHNIQUES else ids)
        counts = [sum(whole[key][what] and not rows[key][what] for key in ids if key in rows) for what in ("correct", "plausible")]
        lines.append("| %s | %d | %d | %d |" % (kind, len(ids), *counts))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set")
    parser.add_argument("--heal", required=True)
    parser.add_argument("--rows", required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=float, default=10)
    parser.add_argument("--flags", default="--no-model")
    parser.add_argument("--techniques", default=",".join(TECHNIQUES))
    parser.add_argument("--no-rules", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    rounds = Rounds(options)
    print("\n".join(contributions(rounds, [name for name in options.techniques.split(",") if name])), flush=True)
    if not options.no_rules:
        print("\n" + "\n".join(decided(rounds)))


if __name__ == "__main__":
    main()
