#!/usr/bin/env python3
"""Candidates per CPU second: in one process, in forks, and with an interpreter spawned for each, in the same run.

usage: agent_rates.py [--seconds 3] [--python PATH] [--json]

The programs are small functions with a few tests each, every one-edit candidate of the edit space is tried. CPU seconds are
those of the agent, its hosts and their children together. Two baselines spawn the resolved interpreter for each candidate:
one runs the same test file with the standard library's unittest (ratios are to this one), one runs its bare expressions
without any framework, which is the least that a fresh interpreter can cost. Scripts, judged by their output, stand below:
one that only computes, and one that starts threads, which is never evaluated in a shared process; ratios are to the bare
interpreter, spawned on the same script.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
from agent_client import Client  # noqa: E402

PROGRAMS = {
    "longest run": (
        "def longest_run(items):\n    best = 0\n    run = 0\n    last = None\n    for item in items:\n        if item == last:\n"
        "            run += 1\n        else:\n            run = 0\n        last = item\n        if run > best:\n            best = run\n    return best\n",
        ["longest_run([]) == 0", "longest_run([1, 1, 2]) == 2", "longest_run('aabbbc') == 3", "longest_run([5]) == 1"]),
    "change": (
        "def change(amount, coins):\n    used = []\n    for coin in sorted(coins):\n        while amount > coin:\n            amount -= coin\n"
        "            used.append(coin)\n    return used if amount == 0 else None\n",
        ["change(6, [1, 5]) == [5, 1]", "change(0, [1]) == []", "change(3, [2]) is None", "change(10, [5, 1, 10]) == [10]"]),
    "account": (
        "class Account:\n    def __init__(self, balance=0):\n        self.balance = balance\n        self.log = []\n\n"
        "    def withdraw(self, amount):\n        if amount < self.balance:\n            self.balance -= amount\n"
        "            self.log.append(-amount)\n            return True\n        return False\n\n"
        "    def deposit(self, amount):\n        if amount < 0:\n            raise ValueError(amount)\n        self.balance += amount\n\n\n"
        "def drain(account, step):\n    taken = 0\n    while account.withdraw(step):\n        taken += step\n    return taken\n",
        ["Account(5).withdraw(5)", "not Account(5).withdraw(6)", "drain(Account(9), 3) == 9", "drain(Account(), 1) == 0"]),
}


_WORK = ("def deposit(balances, name, amount):\n    if amount <= 0:\n        raise ValueError(amount)\n    balances[name] = balances.get(name, 0) - amount\n\n\n"
         "def work(balances, lock, name):\n    for number in range(1, 9):\n        with lock:\n            deposit(balances, name, number)\n\n\n")
SCRIPTS = {
    "script": ("class Lock:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, *_):\n        pass\n\n\n" + _WORK +
               "balances = {}\nfor name in ('a', 'b', 'c'):\n    work(balances, Lock(), name)\nprint(sorted(balances.items()))\n"),
    "script, 3 threads": ("import threading\n\n\n" + _WORK + "def main():\n    balances, lock = {}, threading.Lock()\n"
                          "    threads = [threading.Thread(target=work, args=(balances, lock, name)) for name in ('a', 'b', 'c')]\n"
                          "    for thread in threads:\n        thread.start()\n    for thread in threads:\n        thread.join()\n"
                          "    print(sorted(balances.items()))\n\n\nmain()\n"),
}
EXPECTED = "[('a', 36), ('b', 36), ('c', 36)]"


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cpu_of(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def suite(checks):
    cases = "".join("    def test_%d(self):\n        self.assertTrue(%s)\n\n" % (i, check) for i, check in enumerate(checks))
    return "import unittest\nfrom program import *\n\n\nclass T(unittest.TestCase):\n" + cases


def agent_rate(program, checks, depth, seconds, python):
    """Candidates and CPU seconds of whole batches at one depth."""
    with Client({"program.py": program, "test_program.py": suite(checks)}, python=python) as client:
        loaded = client.ok("load", oracle={"kind": "suite", "targets": ["test_program.py"], "regressions": None, "args": []},
                           files={"program.py": program}, modules=[], coverage=False, timeout=5)
        if depth == "inProcess" and loaded["depth"] != depth:
            raise SystemExit("not evaluated in one process: %s" % loaded["why"])
        return evaluated(client, "program.py", program, depth, seconds)


def evaluated(client, path, text, depth, seconds):
    """Tries candidates of a loaded program for some seconds: how many reached a verdict, and their CPU seconds."""
    places = {path: {str(line): 1.0 for line in range(1, text.count("\n") + 1)}}
    edits = client.ok("edits", base=0, places=places, kinds=None, limit=2000)["edits"]
    candidates = [[row[0]] for row in edits]
    if depth == "fork":
        candidates = candidates[:: max(1, len(candidates) // 400)]
    ran, cpu, end = 0, 0.0, time.monotonic() + seconds
    before = cpu_of(client.hello["pid"])
    while True:
        answer = client.ok("evaluate", base=0, candidates=candidates, depth=depth, tests=None, full=False, fuel=3000, timeout=2)
        ran += answer["evaluations"]  # equal bytecode and what does not compile are not counted
        cpu += answer["cpu"]
        if time.monotonic() > end:
            return ran, cpu + cpu_of(client.hello["pid"]) - before


def script_rate(text, depth, seconds, python):
    """Candidates of a script per CPU second, at the depth that is sound for it or a deeper one."""
    with Client({"program.py": text}, python=python) as client:
        cases = [{"name": "output", "args": [], "stdin": "", "expected": EXPECTED}]
        client.ok("load", oracle={"kind": "script", "argv": ["program.py"], "cases": cases}, files={"program.py": text},
                  modules=[], coverage=False, timeout=5)
        ran, cpu = evaluated(client, "program.py", text, depth, seconds)
        return ran / max(cpu, 1e-6)


def spawned_rate(program, checks, words, seconds, python):
    """The same with an interpreter for each candidate; `words` are its arguments."""
    real = subprocess.run([python, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=True).stdout.strip()
    real = os.path.realpath(real)
    with tempfile.TemporaryDirectory() as folder:
        runner = "from program import *\n" + "".join("assert %s\n" % check for check in checks)
        with open(os.path.join(folder, "run.py"), "w") as file:
            file.write(runner)
        with open(os.path.join(folder, "test_program.py"), "w") as file:
            file.write(suite(checks))
        ran, before, end = 0, cpu_of_children(), time.monotonic() + seconds
        while time.monotonic() < end:
            with open(os.path.join(folder, "program.py"), "w") as file:
                file.write(program + "# %d\n" % ran)
            subprocess.run([real, "-B", *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=10)
            ran += 1
        return ran, cpu_of_children() - before


def measured(function, *arguments):
    total_ran, total_cpu, each = 0, 0.0, {}
    for name, (program, checks) in PROGRAMS.items():
        ran, cpu = function(program, checks, *arguments)
        each[name] = ran / max(cpu, 1e-6)
        total_ran, total_cpu = total_ran + ran, total_cpu + cpu
    return total_ran / max(total_cpu, 1e-6), each


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each program and way")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    ways = {
        "inProcess": measured(lambda p, c: agent_rate(p, c, "inProcess", options.seconds, options.python)),
        "fork": measured(lambda p, c: agent_rate(p, c, "fork", options.seconds, options.python)),
        "unittest spawned": measured(lambda p, c: spawned_rate(p, c, ["-m", "unittest", "-q", "test_program"], options.seconds, options.python)),
        "bare spawned": measured(lambda p, c: spawned_rate(p, c, ["run.py"], options.seconds, options.python)),
    }
    base = ways["unittest spawned"][0]
    scripts = {}
    for name, text in SCRIPTS.items():
        if "threads" not in name:
            scripts[name + ", inProcess"] = script_rate(text, "inProcess", options.seconds, options.python)
        scripts[name + ", fork"] = script_rate(text, "fork", options.seconds, options.python)
        ran, cpu = spawned_rate(text, [], ["program.py"], options.seconds, options.python)
        scripts[name + ", spawned"] = ran / max(cpu, 1e-6)
    if options.json:
        print(json.dumps({name: {"perCPUSecond": round(rate, 1), "ratio": round(rate / base, 1), "programs": {
            one: round(value, 1) for one, value in each.items()}} for name, (rate, each) in ways.items()} | {
                name: {"perCPUSecond": round(rate, 1)} for name, rate in scripts.items()}))
        return
    print("candidates per CPU second (%s)" % options.python)
    for name, (rate, each) in ways.items():
        print("  %-17s %9.1f   x%-7.1f %s" % (name, rate, rate / base, "  ".join("%s %.0f" % pair for pair in each.items())))
    for name, rate in scripts.items():
        spawned = scripts[name.rpartition(", ")[0] + ", spawned"]
        print("  %-28s %9.1f   x%.1f" % (name, rate, rate / spawned))


if __name__ == "__main__":
    main()
