#!/usr/bin/env python3
"""CPU seconds beside wall seconds of whole commands: a script with one bug healed, and a file of 300 lines diagnosed.

usage: start_to_end.py [--heal PATH] [--python PATH] [--runs 5] [--json]

CPU seconds are those of the tool and of everything that it starts: this process adopts what the tool leaves behind and waits for it
too. The baseline of the first is the interpreter running the corrected script, of the second the interpreter compiling the file.
"""

import argparse
import ctypes
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

PR_SET_CHILD_SUBREAPER = 36
ONE_BUG = "def total(rows):\n    result = 0\n    for row in rows:\n        result += row['amount']\n    return reslt\n\n\nprint('Total:', total([{'amount': 2}, {'amount': 4}]))\n"
ENOUGH = 300


def long_file():
    """A file of 300 lines with three bugs that can be seen."""
    lines = ["import os", "", ""]
    number = 0
    while len(lines) < ENOUGH - 12:
        number += 1
        lines += ["def step_%d(items, limit=%d):" % (number, number), "    found = []", "    for item in items:", "        if len(item) > limit:",
                  "            found.append(item.strip())", "    return sorted(found)", "", ""]
    lines += ["def last(items):", "    count = ''", "    for item in items:", "        count += 1", "    return cuont", "", "", "print(jsn.dumps(last([])))"]
    return "\n".join(lines) + "\n"


def measured(command, folder, home):
    """CPU and wall seconds of a command and of all that it leaves behind."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, "HEAL_HOME": home})
    process.wait()
    wall = time.monotonic() - begin
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, process.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heal", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "heal"))
    parser.add_argument("--python", default=os.path.realpath(sys.executable))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("what the tool leaves behind cannot be adopted here")
    rows = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
        for name, text in (("one.py", ONE_BUG), ("right.py", ONE_BUG.replace("reslt", "result")), ("long.py", long_file())):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        for title, command, expected in (
                ("one bug healed", [options.heal, "run", "--json", "--python", options.python, "--expect", "Total: 6", "one.py"], 5),
                ("corrected script run", [options.python, "-B", "right.py"], 0),
                ("300 lines diagnosed", [options.heal, "diagnose", "--python", options.python, "long.py"], 1),
                ("300 lines compiled", [options.python, "-B", "-c", "compile(open('long.py').read(), 'long.py', 'exec')"], 0)):
            runs = [measured(command, folder, home) for _ in range(options.runs)]
            if {run[2] for run in runs} != {expected}:
                raise SystemExit("%s: status %s in place of %d" % (title, sorted({run[2] for run in runs}), expected))
            rows.append({"what": title, "cpu": round(statistics.median(run[0] for run in runs), 3),
                         "wall": round(statistics.median(run[1] for run in runs), 3)})
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print("%(what)-22s %(cpu)6.3f CPU seconds, %(wall)6.3f wall seconds" % row)


if __name__ == "__main__":
    main()
