#!/usr/bin/env python3
"""What the built tool claims of functions whose body is `pass`: constants and tables must be fewer than 1 % of the claims.

usage: stub_claims.py HEAL [--budget 6] [--python PATH]

The programs are those of Tests/PythonAgentPyTests/stub_programs.py, whose tests leave room for them. Every claim is shown; the
exit status is 1 when there are too many constants among them, alternatives counted too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
from stub_programs import PROGRAMS  # noqa: E402
from test_stubs import is_written_out  # noqa: E402


def claims(heal, lib, test, budget, python):
    """The patches that a run of the tool claims: the repair, then its alternatives."""
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, "program")
        os.mkdir(folder)
        for name, text in (("lib.py", lib), ("test_lib.py", test), ("pytest.ini", "[pytest]\n")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([heal, "test", "--json", "--budget", str(budget), "--python", python], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env={**os.environ, "HEAL_HOME": root + "/home"})
    report = json.loads(done.stdout)
    return [report["patch"], *(one["patch"] for one in report["alternatives"])] if report["status"] == "healed" else []


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("heal")
    parser.add_argument("--budget", type=float, default=6)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    total = constants = 0
    for name, lib, test in PROGRAMS:
        for patch in claims(os.path.abspath(options.heal), lib, test, options.budget, options.python):
            added = [line[1:].strip() for line in patch.splitlines() if line.startswith("+") and not line.startswith("+++")]
            written = is_written_out(added)
            total, constants = total + 1, constants + written
            print("%-10s %s%s" % (name, " | ".join(added), "   <- a constant" if written else ""), flush=True)
    print("%d programs, %d claims with their alternatives, %d constants" % (len(PROGRAMS), total, constants))
    return 1 if constants > 0.01 * total else 0


if __name__ == "__main__":
    sys.exit(main())
