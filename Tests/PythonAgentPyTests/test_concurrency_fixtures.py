"""The programs of Fixtures/concurrency: schedules that fail are found in each buggy one and in no fixed one, in variants too."""

import ast
import glob
import importlib.machinery
import importlib.util
import os
import random
import tempfile
import unittest

from agent_client import Client
from concurrency_fixtures import ALARMS, FILES, FOLDER, batch, fixtures, verdict

ROOT = os.path.normpath(os.path.join(FOLDER, "..", ".."))
FIXTURES = fixtures()
BATCHES = (20, 30, 200, 600)
"""Schedules that are tried, one batch after the other, until a buggy program fails; of a fixed one the first two."""
VARIANTS = 6


def vary():
    path = os.path.join(ROOT, "scripts", "vary-concurrency")
    spec = importlib.util.spec_from_loader("vary_concurrency", importlib.machinery.SourceFileLoader("vary_concurrency", path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sources():
    found = []
    for path in glob.glob(os.path.join(ROOT, "Sources", "**", "*"), recursive=True):
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found.append(file.read())
    return "\n".join(found)


def peculiar(name):
    """Names and texts that are the fixture's own: its name, functions and classes of two words, and what it says in three."""
    found = {name}
    for file in FILES:
        with open(os.path.join(FOLDER, name, file), encoding="utf-8") as source:
            tree = ast.parse(source.read())
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and "_" in node.name.strip("_"):
                found.add(node.name)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 2:
                found.add(node.value.strip())
    return found


class DescriptionTests(unittest.TestCase):
    def test_each_fixture_says_what_it_is(self):
        self.assertGreaterEqual(len(FIXTURES), 26)
        self.assertGreaterEqual(len({about["kind"] for about in FIXTURES.values()}), 12)
        for name, about in FIXTURES.items():
            with self.subTest(name):
                self.assertLessEqual({"kind", "category", "verdict", "features"}, set(about))
                self.assertIn(about["verdict"], ALARMS)

    def test_nothing_of_a_fixture_stands_in_the_sources(self):
        text = sources()
        self.assertGreater(len(text), 100000)
        self.assertEqual([own for name in FIXTURES for own in sorted(peculiar(name)) if own in text], [])


class SearchTests(unittest.TestCase):
    """A fixed batch of schedules of each program."""

    def check(self, client, path, about):
        """A buggy program shows what it is known for, and nothing else but that and success; a fixed one succeeds."""
        shared, tried, length = set(), 0, 50
        for number, count in enumerate(BATCHES):
            schedules = batch(count, length, tried)
            results = client.ok("schedule", run={"argv": [path]}, schedules=schedules, shared=sorted(shared))["results"]
            tried += count
            length = max(one["steps"] for one in results)
            shared.update(place for one in results for place in one["shared"])
            seen = {verdict(one, about.get("expect")): one for one in results}
            if path.endswith("fixed.py"):
                self.assertEqual(set(seen), {"none"}, seen)
                if number == 1:
                    return
            self.assertLessEqual(set(seen), {"none", *ALARMS}, seen)
            if about["verdict"] in seen:
                return
        self.fail("%s did not come to a %s under %d schedules" % (path, about["verdict"], tried))

    def test_each_buggy_one_is_found_and_no_fixed_one(self):
        with Client(folder=FOLDER) as client:
            for name, about in FIXTURES.items():
                for file in FILES:
                    with self.subTest(name, file=file):
                        self.check(client, "%s/%s" % (name, file), about)

    def test_so_are_variants(self):
        made, draw = vary(), random.Random(4)
        names = draw.sample(sorted(FIXTURES), VARIANTS)
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                files = made.variant(os.path.join(FOLDER, name), "all", 4)
                made.write(os.path.join(folder, name), files, FIXTURES[name])
            with Client(folder=folder) as client:
                for name in names:
                    for file in FILES:
                        with self.subTest(name, file=file):
                            self.check(client, "%s/%s" % (name, file), FIXTURES[name])


class VariantTests(unittest.TestCase):
    """The script that makes variants."""

    @classmethod
    def setUpClass(cls):
        cls.made = vary()

    def test_the_same_seed_gives_the_same_files_and_another_one_other_names(self):
        folder = os.path.join(FOLDER, sorted(FIXTURES)[0])
        for kind in (*self.made.KINDS, "all"):
            self.assertEqual(self.made.variant(folder, kind, 1), self.made.variant(folder, kind, 1))
        self.assertNotEqual(self.made.variant(folder, "renamed", 1), self.made.variant(folder, "renamed", 2))

    def changed(self, text, kind):
        return self.made.changed(text, kind, random.Random(1))

    def test_names_of_the_program_change_and_those_of_libraries_do_not(self):
        text = self.changed("import threading\n\nclass Box(threading.Thread):\n    def run(self):\n        self.weight = heavy(by=3)\n\n"
                            "def heavy(by):\n    return by\nBox(name='x').start()\n", "renamed")[""]
        for word in ("Box", "weight", "heavy", "by"):
            self.assertNotRegex(text, r"\b%s\b" % word)
        for word in ("run", "start", "name", "threading"):
            self.assertRegex(text, r"\b%s\b" % word)

    def test_locks_move_into_a_class_or_a_module(self):
        text = "import threading\nguard = threading.Lock()\n\ndef work():\n    with guard:\n        pass\n"
        self.assertIn("with Guards.guard:", self.changed(text, "lock-class")[""])
        moved = self.changed(text, "lock-module")
        self.assertIn("with guards.guard:", moved[""])
        self.assertIn("guard = threading.Lock()", moved["guards"])
        text = "import threading\nclass A:\n    def __init__(self):\n        self.lock = threading.Lock()\n    def work(self):\n        with self.lock:\n            pass\n"
        self.assertIn("with self.lock.held:", self.changed(text, "lock-class")[""])

    def test_what_others_bind_anew_does_not_move(self):
        text = "total = 0\nhats = []\n\ndef add():\n    global total\n    total += 1\n\ndef hang():\n    hats.append(1)\nadd()\nhang()\n"
        moved = self.changed(text, "helper-file")
        self.assertIn("def add", moved[""])
        self.assertIn("def hang", moved["parts"])
        self.assertIn("hats = []", moved["parts"])


if __name__ == "__main__":
    unittest.main()
