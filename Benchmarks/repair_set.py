"""Runs `heal test` on the programs of a repair set, and tells of each whether it was healed and how.

A set has one JSON object a line: {"id", "kind", "files": {name: text}, "tests": {name: text}, "held_out": {name: text}}. Held-out
tests are written after heal has ended, only to be run; they are never shown or stored.
"""

import glob
import json
import math
import os
import random
import shlex
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time


def programs(path, limit=None, seed=1):
    """The programs of a set in an order drawn by the seed, the first `limit` of them."""
    with open(path, encoding="utf-8") as file:
        items = [json.loads(line) for line in file if line.strip()]
    random.Random(seed).shuffle(items)
    return items[:limit]


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def run(command, folder, seconds, **environment):
    """Exit status and standard output; the whole process group ends after the time (124)."""
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               start_new_session=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment})
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output.decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return 124, ""


def passes(folder, tests, python, seconds=15):
    command = [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return run(command, folder, seconds)[0] == 0


def path_of_repair(home):
    """The kinds of the edits that led to the claim, as the session's store has them."""
    kinds = set()
    for store in glob.glob(os.path.join(home, "**", "*.sqlite*"), recursive=True):
        if store.endswith(("-wal", "-shm")):
            continue
        connection = sqlite3.connect(store)
        try:
            rows = connection.execute("SELECT kinds, verdict, claimed FROM candidates WHERE claimed OR verdict = 'progress'")
            for names, _, _ in rows:
                kinds.update(json.loads(names) if names.startswith("[") else names.split("+"))
        finally:
            connection.close()
    return sorted(kinds - {""})


def heal(item, command, python, budget, flags=(), **environment):
    """One program in a fresh folder with an empty state of heal; None when its tests pass before anything is done."""
    folder, home = tempfile.mkdtemp(prefix="set-"), tempfile.mkdtemp(prefix="set-home-")
    try:
        write(folder, {**item["files"], **item["tests"]})
        if passes(folder, list(item["tests"]), python):
            return None
        start = time.monotonic()
        code, output = run([*command, "test", "--apply", "--json", "--budget", str(budget), "--python", python, *flags, *item["tests"]],
                           folder, budget * 3 + 60, HEAL_HOME=home, **environment)
        seconds = round(time.monotonic() - start, 2)
        try:
            report = json.loads(output)
        except ValueError:
            report = {}
        plausible = code == 0 and report.get("status") == "healed" and passes(folder, list(item["tests"]), python)
        write(folder, item.get("held_out", {}))
        correct = plausible and (not item.get("held_out") or passes(folder, list(item["held_out"]), python))
        return {"id": item["id"], "plausible": plausible, "correct": correct, "seconds": seconds, "exit": code, "status": report.get("status"),
                "candidates": report.get("candidates", 0), "confidence": report.get("confidence"), "kinds": path_of_repair(home)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def interval(count, total):
    """The 95 % Wilson score interval of a share, in percent."""
    if not total:
        return "-"
    z, share = 1.96, count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return "%.0f-%.0f" % (100 * (middle - half), 100 * (middle + half))


def command_of(text):
    """A command line in parts, its program by its absolute path."""
    parts = shlex.split(text)
    return [os.path.abspath(parts[0]) if os.path.exists(parts[0]) else parts[0], *parts[1:]]
