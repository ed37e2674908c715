#!/usr/bin/env python3
"""Runs a threaded script freely, again and again, and disturbs its threads at random: a check of repairs that knows nothing of schedules.

usage: perturb.py SCRIPT [--seeds 60] [--first 0] [--until-failure] [--seconds 20] [--expect TEXT] [--python PATH]

Each seed is a process of its own in which threads change every microsecond, and pause or give way at random instructions of the script's
own files (opcode tracing). Prints a JSON object: runs, failures, and how the first failure ended. A run fails when its status is not
0, it does not end in its time, or its output is not TEXT.
"""

import argparse
import json
import os
import random
import runpy
import subprocess
import sys
import threading
import time


def disturb(seed, script):
    """In the process of one run: lets threads of the script pause at random instructions, then runs it."""
    chance = random.Random(seed)
    folder = os.path.dirname(os.path.abspath(script))
    rate = chance.choice((0.005, 0.02, 0.1))
    pause = chance.choice((0.0, 0.0, 1e-5, 1e-3))
    draw, sleep = chance.random, time.sleep
    budget = [400]

    def at_instruction(frame, event, argument):
        if event == "opcode" and draw() < rate:
            budget[0] -= 1
            sleep(pause if budget[0] > 0 else 0)
        return at_instruction

    def at_call(frame, event, argument):
        if not frame.f_code.co_filename.startswith(folder):
            return None
        frame.f_trace_opcodes = True
        return at_instruction

    sys.setswitchinterval(1e-6)
    threading.settrace(at_call)
    sys.argv = [script]
    sys.path.insert(0, folder)
    sys.settrace(at_call)
    runpy.run_path(script, run_name="__main__")


def once(options, seed):
    """What one run comes to; nothing when it passes."""
    command = [options.python, "-B", os.path.abspath(__file__), "--run", str(seed), options.script]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        output, errors = process.communicate(timeout=options.seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return "does not end"
    # A thread that dies of an exception tells so, and the process ends well all the same.
    if process.returncode or b"Exception in thread" in errors:
        return "status %d: %s" % (process.returncode, errors.decode(errors="replace").strip().rpartition("\n")[2][:120])
    if options.expect is not None and lines(output.decode(errors="replace")) != lines(options.expect):
        return "another output"
    return None


def lines(text):
    return [line.rstrip() for line in text.rstrip().split("\n")]


def main():
    if sys.argv[1:2] == ["--run"]:
        return disturb(int(sys.argv[2]), sys.argv[3])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script")
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--until-failure", action="store_true")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--expect")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    runs, failures, how = 0, 0, None
    for seed in range(options.first, options.first + options.seeds):
        came = once(options, seed)
        runs += 1
        if came is not None:
            failures += 1
            how = how or came
            if options.until_failure:
                break
    print(json.dumps({"runs": runs, "failures": failures, "how": how}))
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
