"""Plain searches over the agent's schedules, for tests: every schedule there is, and random ones."""

import collections
import os
import tempfile
import unittest

from agent_client import Client

STRIDE = 7


class ScheduledCase(unittest.TestCase):
    """Tests that write scripts into one folder and have one agent run them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.client = Client(folder=cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.folder.cleanup()


def expanded(lengths):
    """Run lengths as one number a step."""
    return [thread for thread, times in zip(lengths[::2], lengths[1::2]) for _ in range(times)]


def compressed(choices):
    found = []
    for one in choices:
        if found and found[-2] == one:
            found[-1] += 1
        else:
            found += [one, 1]
    return found


def steps(result):
    """The rows of a result, further accesses of a step left out."""
    rows = result["events"]["rows"]
    return [rows[i:i + STRIDE] for i in range(0, len(rows), STRIDE) if rows[i] >= 0]


def learn(client, path, shared=(), rounds=10, count=12, **params):
    """The places that random runs find to be shared."""
    shared = set(shared)
    for _ in range(rounds):
        schedules = [{"policy": "random", "seed": seed} for seed in range(count)]
        answer = client.ok("schedule", run={"argv": [path]}, schedules=schedules, shared=sorted(shared), **params)
        new = {one for result in answer["results"] for one in result["shared"]} - shared
        if not new:
            break
        shared |= new
    return shared


def explore(client, path, limit=20000, **params):
    """Results of every schedule of a program, or None when there are more than the limit."""
    shared = learn(client, path, **params)
    while True:
        results, new = _all(client, path, shared, limit, params)
        if results is None or not new:
            return results
        shared |= new


def _all(client, path, shared, limit, params):
    results, frontier = [], [[]]
    while frontier:
        if len(results) + len(frontier) > limit:
            return None, None
        batch, frontier = frontier[:3000], frontier[3000:]
        answer = client.ok("schedule", run={"argv": [path]}, shared=sorted(shared), events=True,
                           schedules=[{"policy": "continue", "prefix": compressed(prefix)} for prefix in batch], **params)
        assert len(answer["results"]) == len(batch), "the batch was not finished"
        new = {one for result in answer["results"] for one in result["shared"]} - shared
        if new:
            return [], new
        for prefix, result in zip(batch, answer["results"]):
            result["names"] = answer["tables"][result["table"]]["names"]
            choices, rows = expanded(result["choices"]), steps(result)
            sets = result["events"]["sets"]
            for place in range(len(prefix), len(rows)):
                ready, timed = sets[rows[place][5]]
                for other in ready + timed:
                    if other != choices[place]:
                        frontier.append(choices[:place] + [other])
        results += answer["results"]
    return results, set()


def outcome(result):
    """What a result means for the one who ran the program."""
    if result["end"] in ("deadlock", "hang"):
        return "deadlock"
    raised = sorted((one["thread"] - 1, one["type"]) for one in result.get("exceptions", ()))
    return "%s %s" % (result["stdout"].strip(), raised)


class ScheduleTests(ScheduledCase):
    """The same, with what most tests ask for."""

    def write(self, text, path="main.py"):
        with open(os.path.join(self.folder.name, path), "w", encoding="utf-8") as file:
            file.write(text)

    def answer(self, text, schedules, **params):
        self.write(text)
        if "shared" not in params:
            params["shared"] = sorted(self.learnt(text))
        return self.client.ok("schedule", run={"argv": ["main.py"]}, schedules=schedules, **params)

    def random(self, text, count=60, **params):
        return self.answer(text, [{"policy": "random", "seed": seed} for seed in range(count)], **params)["results"]

    def ends(self, text, count=60, **params):
        return collections.Counter(one["end"] for one in self.random(text, count, **params))

    def learnt(self, text):
        self.write(text)
        return learn(self.client, "main.py")
