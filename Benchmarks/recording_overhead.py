#!/usr/bin/env python3
"""What recording costs: CPU seconds of programs plain, recorded, and under opcode tracing, in the same run.

usage: recording_overhead.py [--repetitions 5] [--scale 1.0] [--python PATH] [--only NAME] [--json]

`recorded` has the bounds that a request has by default, so that it is a run as a user has it. `while all is recorded` is a part of the
program that reaches no bound, beside the same part plain, without the start of a recording. `opcode tracing` is a tenth of the program
with `sys.settrace` and `threading.settrace`, opcode events on and a function that does nothing, beside the same tenth plain. Of each the
median, without the interpreter's start; of recordings everything is counted: agent, child, encoding.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Tests", "PythonAgentPyTests"))
from agent_client import Client  # noqa: E402

RUN = """
threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
"""

#: Name, rounds of each thread (two CPU seconds or more), rounds of a part that reaches no bound, text.
PROGRAMS = (
    ("counter", 1_500_000, 10_000, """import sys, threading


class Counter:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0

    def add(self, amount):
        with self.lock:
            self.value += amount


counter = Counter()


def work(number):
    for _ in range(int(sys.argv[1])):
        counter.add(1)

""" + RUN + "print(counter.value)\n"),
    ("queue", 500_000, 3_000, """import queue, sys, threading

waiting = queue.Queue(100)
results = []
lock = threading.Lock()


def work(number):
    rounds = int(sys.argv[1])
    if number % 2:
        for index in range(rounds):
            waiting.put(index)
    else:
        total = 0
        for _ in range(rounds):
            total += waiting.get()
        with lock:
            results.append(total)

""" + RUN + "print(sum(results))\n"),
    ("cache", 1_000_000, 8_000, """import sys, threading


class Cache:
    def __init__(self):
        self.lock = threading.RLock()
        self.entries = {}
        self.hits = 0

    def get(self, key):
        with self.lock:
            if key in self.entries:
                self.hits += 1
                return self.entries[key]
            value = self.entries[key] = sum(range(key % 50))
            return value


cache = Cache()


def work(number):
    total = 0
    for index in range(int(sys.argv[1])):
        total += cache.get((index * 7 + number) % 1000)
    return total

""" + RUN + "print(len(cache.entries), cache.hits)\n"),
    ("objects", 2_000_000, 20_000, """import sys, threading


class Node:
    def __init__(self, value, following):
        self.value = value
        self.following = following


done = []
lock = threading.Lock()


def work(number):
    total = 0
    for index in range(int(sys.argv[1]) // 10):
        chain = None
        for value in range(10):
            chain = Node(value, chain)
        while chain is not None:
            total += chain.value
            chain = chain.following
    with lock:
        done.append(total)

""" + RUN + "print(sum(done))\n"),
)
TRACED = """import sys, threading


def trace(frame, event, argument):
    frame.f_trace_opcodes = True
    return trace


del sys.argv[0]
path = sys.argv[0]
code = compile(open(path).read(), path, "exec")
threading.settrace(trace)
sys.settrace(trace)
exec(code, {"__name__": "__main__"})
"""


def cpu_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def started(python, folder, *argv):
    """CPU seconds of one process."""
    before = cpu_of_children()
    subprocess.run([python, *argv], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return cpu_of_children() - before


def cpu_of(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def recorded(client, rounds, **limits):
    """CPU seconds and the result; the agent and its child are counted together."""
    before = cpu_of(client.hello["pid"])
    answer = client.ok("record", run={"argv": ["program.py", str(rounds)]}, limits={"wall": 600, **limits}, patience=600)
    found = answer["results"][0]
    assert found["end"] == "completed", found["end"]
    return answer["cpu"] + cpu_of(client.hello["pid"]) - before, found


def measure(python, rounds, part, text, repetitions):
    """The figures of one program."""
    cpu = {kind: [] for kind in ("plain", "recorded", "part", "whole part", "start", "tenth", "traced")}
    with tempfile.TemporaryDirectory() as folder, Client({"program.py": text, "trace.py": TRACED}, python=python, folder=folder) as client:
        idle = statistics.median(started(python, folder, "-c", "import queue, threading") for _ in range(repetitions))
        for _ in range(repetitions):
            cpu["plain"].append(started(python, folder, "program.py", str(rounds)) - idle)
            cost, found = recorded(client, rounds)
            cpu["recorded"].append(cost)
            cpu["part"].append(started(python, folder, "program.py", str(part)) - idle)
            cost, whole = recorded(client, part, events=400_000, accesses=1 << 40, cpu=600)
            assert "cut" not in whole, "the part reaches a bound"
            cpu["whole part"].append(cost)
            cpu["start"].append(recorded(client, 10)[0])
            cpu["tenth"].append(started(python, folder, "program.py", str(rounds // 10)) - idle)
            cpu["traced"].append(started(python, folder, "trace.py", "program.py", str(rounds // 10)) - idle)
    middle = {kind: statistics.median(values) for kind, values in cpu.items()}
    return {
        "plain": round(middle["plain"], 2), "recorded": round(middle["recorded"], 2), "cut": found.get("cut"),
        "ratio": round(middle["recorded"] / middle["plain"], 2), "events": whole["steps"],
        "whole": round((middle["whole part"] - middle["start"]) / max(middle["part"], 1e-3), 1),
        "traced": round(middle["traced"] / max(middle["tenth"], 1e-3), 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for name, rounds, part, text in PROGRAMS:
        if options.only in (None, name):
            found = dict(measure(options.python, int(rounds * options.scale), part, text, options.repetitions), name=name)
            if options.json:
                print(json.dumps(found))
            else:
                print("%(name)-8s plain %(plain)5.2f s, recorded %(recorded)5.2f s: %(ratio)5.2fx (cut: %(cut)s); "
                      "while all is recorded %(whole)5.1fx (%(events)d events); opcode tracing %(traced)5.1fx" % found)


if __name__ == "__main__":
    main()
