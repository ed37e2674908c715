"""`edits` and `render` of a loaded program: the host that evaluates candidates lists them."""

import unittest

from agent_client import Client
from loaded_suite import Loaded, tests

LIB = "def spread(values):\n    low = values[1]\n    return max(values) + low\n\n\ndef width(values):\n    return spread(values) + 1\n"
CHECKS = tests(("spread([1, 3])", "2"), ("spread([2, 2, 5])", "3"), ("width([1, 3])", "2"))
PLACES = {"lib.py": {str(line): 1.0 for line in range(1, 8)}}


def listing(client, **more):
    return client.ok("edits", base=0, places=PLACES, kinds=None, limit=5000, **more)["edits"]


class Listings(unittest.TestCase):
    def test_a_host_lists_what_the_agent_lists(self):
        with Loaded(LIB, CHECKS) as loaded, Client({"lib.py": LIB}) as alone:
            self.assertEqual(loaded.edits, listing(alone))
            candidate = [loaded.id("use `0` in place of `1`", 2), loaded.id("use `-` in place of `+`", 3)]
            rendered = loaded.client.ok("render", base=0, candidate=candidate)
            self.assertEqual(rendered, alone.ok("render", base=0, candidate=candidate))
            self.assertEqual(rendered["sentences"], ["use `0` in place of `1`", "use `-` in place of `+`"])
            self.assertEqual([one["new"] for one in rendered["edits"]], ["0", "-"])

    def test_sentences_are_left_out_and_ids_stay(self):
        with Loaded(LIB, CHECKS) as loaded:
            silent = listing(loaded.client, sentences=False)
            self.assertEqual({row[8] for row in silent}, {""})
            self.assertEqual([row[:8] for row in silent], [row[:8] for row in loaded.edits])

    def test_a_twin_names_the_edit_that_it_makes_elsewhere(self):
        lib = "def first(a):\n    if a > 1:\n        return a\n\n\ndef second(b):\n    if b > 1:\n        return b\n"
        with Loaded(lib, tests(("first(1)", "1"))) as loaded:
            rows = {row[0]: row for row in loaded.edits}
            twins = [row for row in loaded.edits if row[1] == "coupled.twin"]
            self.assertTrue(twins)
            for twin in twins:
                self.assertTrue(twin[8].endswith(rows[twin[9]][8]), twin)
            self.assertEqual({row[9] for row in loaded.edits if row[1] != "coupled.twin"}, {-1})

    def test_a_malformed_listing_costs_the_request_alone(self):
        with Loaded(LIB, CHECKS) as loaded:
            for places in ({"lib.py": 3}, {"lib.py": {"two": 1.0}}):
                self.assertIn("error", loaded.client.request("edits", base=0, places=places, kinds=None, limit=10))
            self.assertEqual(listing(loaded.client), loaded.edits)
            self.assertIn(loaded.evaluate([[loaded.id("use `0` in place of `1`", 2)]])["results"][0][0], (1, 2))


if __name__ == "__main__":
    unittest.main()
