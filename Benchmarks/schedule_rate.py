#!/usr/bin/env python3
"""Schedules per CPU second, random policy: many in one process beside a fork for each, in the same run.

usage: schedule_rate.py [--schedules 2000] [--python PATH] [--json]

The program has 3 threads with 60 shared events in all; the steps of their starts, ends and joins come on top. Each schedule
runs to its end and sends its events. CPU seconds are those of the agent and of its processes together.
"""

import argparse
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
from agent_client import Client  # noqa: E402
from schedule_search import learn  # noqa: E402

PROGRAM = """import threading


class Cell:
    def __init__(self):
        self.value = 0


cell = Cell()


def work():
    for _ in range(10):
        cell.value = cell.value + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(cell.value)
"""


def cpu_of(pid):
    """CPU seconds of a process and of its children that have ended."""
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return sum(int(one) for one in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def rate(client, shared, count, isolation):
    """Completed schedules per CPU second, and how many outcomes they had."""
    before = cpu_of(client.hello["pid"])
    answer = client.ok("schedule", run={"argv": ["main.py"]}, schedules=[{"policy": "random", "seed": n} for n in range(count)],
                       shared=shared, events=True, isolation=isolation)
    cpu = cpu_of(client.hello["pid"]) - before
    done = [one for one in answer["results"] if one["end"] == "completed" and one["events"]["rows"]]
    return len(done) / cpu, len({one["stdout"] for one in done})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=2000)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with Client({"main.py": PROGRAM}, python=options.python) as client:
        shared = sorted(learn(client, "main.py", rounds=4))
        process, outcomes = rate(client, shared, options.schedules, "process")
        fork, _ = rate(client, shared, max(1, options.schedules // 8), "fork")
    found = {"process": round(process, 1), "fork": round(fork, 1), "ratio": round(process / fork, 2), "outcomes": outcomes}
    if options.json:
        print(json.dumps(found))
    else:
        print("schedules per CPU second: %(process)s in one process, %(fork)s with a fork for each, ratio %(ratio)s; %(outcomes)d outcomes" % found)


if __name__ == "__main__":
    main()
