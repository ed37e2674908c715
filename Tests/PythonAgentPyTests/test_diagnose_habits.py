"""What the rules on habits of code find: locks, records, money, times, resources, sharing, shadowing."""

import re
import unittest
from pathlib import Path

from habits_clean import CLEAN
from habits_found import CASES
from marked import diagnose, observe, problems

AGENT = Path(__file__).resolve().parents[2] / "Sources" / "PythonAgent"
_RULE = re.compile(r"[\"`]((?:syntax|name|type|logic|semantic|concurrency|resource|environment)/[a-z][a-z0-9-]+)[\"`]")


class Listing(unittest.TestCase):
    def test_every_rule_is_listed_and_every_listed_rule_exists(self) -> None:
        said = set()
        for path in (AGENT / "Agent" / "heal_agent" / "diagnose").glob("*.py"):
            said |= set(_RULE.findall(path.read_text("utf-8"))) if path.name != "tools.py" else set()
        listed = set(_RULE.findall((AGENT / "RULES.md").read_text("utf-8")))
        self.assertEqual(sorted(said ^ listed), [])


class HabitRules(unittest.TestCase):
    def test_marked_programs(self) -> None:
        for name, marked in CASES.items():
            with self.subTest(name):
                self.assertEqual(problems(marked), [])

    def test_clean_programs(self) -> None:
        for name, text in CLEAN.items():
            with self.subTest(name):
                self.assertEqual([(f["rule"], f["range"][0], f["message"]) for f in diagnose({"main.py": text}, None, [])], [])


class RecordsOfARun(unittest.TestCase):
    """A key that was missing at run time leads to where the record was made."""

    TEXT = """
def old(n):
    return {"size": n, "kind": "old"}
def new(n):
    return {"length": n, "kind": "new", "id": 1}
makers = {"a": new, "b": old}
def show(rows):
    for row in rows:
        print(row["length"])
show([makers[c](2) for c in "ab"])
"""

    def test_the_maker_is_named_with_what_other_records_have(self) -> None:
        found = diagnose({"main.py": self.TEXT}, observe(self.TEXT), [])
        hit = next(f for f in found if f["rule"] == "logic/mixed-schema")
        self.assertEqual(hit["range"][0], 3)
        self.assertIn("'length'", hit["message"])
        self.assertIn("id, kind, length", hit["message"])
        self.assertEqual(hit["evidence"][0]["source"], "runtime")

    def test_a_mapping_that_no_record_matches_names_no_maker(self) -> None:
        text = 'counts = {w: 1 for w in ["one"]}\nprint({"two": 1, "three": 3}, counts["two"])\n'
        found = diagnose({"main.py": text}, observe(text), [])
        self.assertEqual([f["rule"] for f in found], ["semantic/key"])


if __name__ == "__main__":
    unittest.main()
