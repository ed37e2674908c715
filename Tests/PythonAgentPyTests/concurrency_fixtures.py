"""The programs of Fixtures/concurrency, and a plain search of schedules that says what each comes to."""

import json
import os

from schedule_search import learn

FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Fixtures", "concurrency"))
FILES = ("buggy.py", "fixed.py")
ALARMS = ("failure", "deadlock", "hang", "leak")


def fixtures(folder=FOLDER):
    """Each program's name and what is known about it."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, "about.json")
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as file:
                found[name] = json.load(file)
    return found


def verdict(result, expect=None):
    """What one run is to the one who ran the program: `none`, one of the alarms, or why it shows nothing."""
    if result["end"] != "completed":
        return result["end"]
    if result["exit"] or result.get("exceptions"):
        return "failure"
    if expect is not None and result["stdout"].split() != expect.split():
        return "failure"
    return "leak" if result.get("leaks") else "none"


def batch(count, length, first=0):
    """Random and PCT schedules in turn, with seeds from `first` on."""
    return [{"policy": "random", "seed": seed} if seed % 2 else {"policy": "pct", "seed": seed, "depth": 2 + seed // 2 % 3, "length": length}
            for seed in range(first, first + count)]


def search(client, path, count, expect=None, rounds=10, **params):
    """How many of a fixed batch of schedules came to each verdict, with one result of each; and the results themselves."""
    shared = sorted(learn(client, path, rounds=rounds, **params))
    length = client.ok("schedule", run={"argv": [path]}, schedules=[{}], shared=shared, **params)["results"][0]["steps"]
    results = client.ok("schedule", run={"argv": [path]}, schedules=batch(count, length), shared=shared, **params)["results"]
    counts, shown = {}, {}
    for result in results:
        one = verdict(result, expect)
        counts[one] = counts.get(one, 0) + 1
        shown.setdefault(one, result)
    return counts, shown
