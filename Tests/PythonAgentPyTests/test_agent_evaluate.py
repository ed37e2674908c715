"""`evaluate`: verdicts of candidates at both depths, and what happens to those that hang, die, write or spoil."""

import importlib.util
import unittest

from agent_client import Client
from loaded_suite import Loaded, tests

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
PASS, FAIL, PARTIAL, NO_COMPILE, SPENT, SAME, IMPURE, DIED, NOT_RUN = range(9)
ADD = "def add(a, b):\n    return a - b\n\n\ndef double(x):\n    return x * 3\n"


class Overlays(unittest.TestCase):
    """Bases that are put over the living program of base 0."""

    LIB = ("class Box:\n    def __init__(self, size):\n        self.size = size + 1\n\n    def area(self):\n        return self.size * 3\n\n\n"
           "def total(boxes, start=0):\n    for box in boxes:\n        start -= box.area()\n    return start\n")
    TESTS = (("Box(2).size", "2"), ("Box(3).area()", "9"), ("total([Box(1), Box(2)])", "9"), ("total([])", "0"), ("total([], 2)", "3"))
    BETTER = LIB.replace("size + 1", "size")

    def verdicts(self, better, kinds=("arithmetic", "augmented", "offByOne", "constant")):
        with Loaded(self.LIB, tests(*self.TESTS)) as loaded:
            hosts = loaded.client.ok("base", base=1, files={"lib.py": better})
            self.assertEqual(hosts, {})
            loaded.list(1, better)
            rows = [row for row in loaded.edits if row[1] in kinds and row[3] <= self.LIB.count("\n")]
            found = {depth: loaded.evaluate([[row[0]] for row in rows], depth, base=1) for depth in ("inProcess", "fork")}
            self.assertEqual(found["inProcess"]["results"], found["fork"]["results"])
            return [(row[8], *verdict) for row, verdict in zip(rows, found["fork"]["results"])]

    def test_verdicts_are_those_of_a_host_of_its_own(self):
        over = self.verdicts(self.BETTER)
        own = self.verdicts(self.BETTER + "\n\nOTHER = 1\n")
        self.assertGreater(len({row[2] for row in over}), 4)
        shared = {row[0] for row in over} & {row[0] for row in own}
        self.assertGreater(len(shared), 10)
        self.assertEqual({row[:3] for row in over if row[0] in shared}, {row[:3] for row in own if row[0] in shared})

    def test_base_0_is_untouched_afterwards(self):
        with Loaded(self.LIB, tests(*self.TESTS)) as loaded:
            candidates = [[row[0]] for row in loaded.edits]
            before = loaded.evaluate(candidates)
            for number, better in ((1, self.BETTER), (2, self.BETTER.replace("-=", "+="))):
                loaded.client.ok("base", base=number, files={"lib.py": better})
                loaded.list(number, better)
                loaded.evaluate([[row[0]] for row in loaded.edits[:300]], base=number)
            loaded.list(0, self.LIB)
            after = loaded.evaluate(candidates)
            self.assertEqual((before["results"], before["digests"]), (after["results"], after["digests"]))

    def test_a_base_that_was_defined_anew_is_not_the_old_one(self):
        with Loaded(self.LIB, tests(*self.TESTS)) as loaded:
            found = []
            for better in (self.BETTER, self.BETTER.replace("-=", "+=")):
                loaded.client.ok("base", base=1, files={"lib.py": better})
                loaded.list(1, better)
                found.append(loaded.evaluate([[]], base=1, full=True)["details"])
            self.assertEqual(found, [{}, {}])
            last = loaded.evaluate([[loaded.id("use `start + 1` in place of `start`", 12)]], base=1, full=True)["details"]["0"]
            self.assertEqual((last["passed"], last["regressed"]), ([0, 1, 4], [2, 3]))

    def test_many_bases_are_listed_again_when_they_are_gone_back_to(self):
        with Loaded(self.LIB, tests(*self.TESTS)) as loaded:
            first = None
            for number in range(1, 20):
                better = self.LIB.replace("size + 1", "size + %d" % number)
                loaded.client.ok("base", base=number, files={"lib.py": better})
                loaded.list(number, better)
                found = loaded.evaluate([[row[0]] for row in loaded.edits[:40]], base=number)["results"]
                first = first or found
            self.assertEqual(loaded.evaluate([[one] for one in range(40)], base=1)["results"], first)


class Verdicts(unittest.TestCase):
    def test_statuses_at_both_depths(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"), ("double(2)", "4"), ("add(1, 0)", "1"))) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            plus, two = loaded.id("use `+` in place of `-`"), loaded.id("use `2` in place of `3`")
            times = loaded.id("use `*` in place of `-`")
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[plus, two], [plus], [two], [times], [plus], [plus, times]], depth)
                self.assertEqual([row[0] for row in answer["results"]], [PASS, PARTIAL, PARTIAL, FAIL, SAME, NO_COMPILE], depth)
                self.assertEqual(answer["results"][4][1], 1)
                self.assertEqual(answer["depth"], depth)
                self.assertEqual(answer["details"]["1"], {"passed": [0, 2], "regressed": [], "outcome": {"0": "passed", "1": "failed", "2": "passed"}})
                self.assertEqual((answer["same"], answer["evaluations"]), (1, 4))

    def test_all_edits_have_the_same_verdict_at_both_depths(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"), ("double(2)", "4"), ("add(1, 0)", "1"))) as loaded:
            candidates = [[row[0]] for row in loaded.edits]
            inside, forked = loaded.evaluate(candidates), loaded.evaluate(candidates, "fork")
            self.assertEqual(inside["depth"], "inProcess")
            differing = [(loaded.edits[i][8], a, b) for i, (a, b) in enumerate(zip(inside["results"], forked["results"])) if a != b]
            self.assertEqual(differing, [])
            self.assertEqual(inside["details"], forked["details"])

    def test_regression_is_named(self):
        lib = "def f(x):\n    return x + 1\n"
        with Loaded(lib, tests(("f(1)", "0"), ("f(0)", "1"))) as loaded:
            answer = loaded.evaluate([[loaded.id("use `-` in place of `+`")]])
            self.assertEqual((answer["results"][0][0], answer["details"]["0"]["regressed"]), (PARTIAL, [1]))

    def test_hopeless_candidates_stop_early_unless_full(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"), ("add(2, 0)", "2"), ("add(3, 0)", "3"))) as loaded:
            times = loaded.id("use `*` in place of `-`")
            closer = loaded.evaluate([[times]])["results"][0]
            self.assertEqual(closer[0], FAIL)
            self.assertTrue(0 < closer[1] < 2000, closer)  # 2 is nearer to 3 than -1 is
            self.assertEqual(loaded.evaluate([[times]], full=True)["results"], [[FAIL, closer[1] - 8000, 0]])
            answer = loaded.evaluate([[times]], tests=[1, 2], full=True)
            self.assertEqual(answer["results"][0][0], FAIL)

    def test_none_is_begun_after_the_time_of_the_request(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"))) as loaded:
            candidates = [[row[0]] for row in loaded.edits]
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate(candidates, depth, seconds=0)
                self.assertEqual(answer["results"], [[NOT_RUN, 0, -1]] * len(candidates), depth)
                self.assertEqual(answer["evaluations"], 0)
                self.assertEqual(loaded.evaluate(candidates, depth, seconds=60)["depth"], depth)

    def test_a_request_that_runs_out_of_time_answers_what_it_reached(self):
        lib = "import re\n\n\ndef f(x):\n    return x - 1 if x < 5 else bool(re.match('(a+)+$', 'a' * 40 + 'b'))\n"
        with Loaded(lib, tests(("f(1)", "2"))) as loaded:
            plus, endless = loaded.id("use `+` in place of `-`"), loaded.id("use `>` in place of `<`")
            for depth in ("inProcess", "fork"):
                others = [row[0] for row in loaded.edits if row[1] in ("constant", "offByOne", "arithmetic") and row[0] not in (plus, endless)]
                answer = loaded.evaluate([[plus], *([endless, other] for other in others)], depth, timeout=1.0, seconds=0.5)
                words = [row[0] for row in answer["results"]]
                self.assertEqual((words[0], SPENT in words, NOT_RUN in words), (PASS, True, True), depth)
                self.assertTrue(set(words[words.index(NOT_RUN):]) <= {NOT_RUN, NO_COMPILE, SAME}, depth)

    def test_a_later_exception_is_progress_and_an_earlier_one_is_none(self):
        lib = "def f(x):\n    y = x\n    y = x + a\n    z = y + x[0]\n    return z\n"
        for checks in (tests(("f(1)", "3")), "import unittest\nimport lib\n\n\nclass T(unittest.TestCase):\n    def test_f(self):\n"
                       "        self.assertEqual(lib.f(1), 3)\n"):
            with Loaded(lib, checks) as loaded:
                later = loaded.id("use `x` in place of `a`")
                answered = [row[0] for row in loaded.edits if row[8] == "insert `return x`"]
                for depth in ("inProcess", "fork"):
                    rows = loaded.evaluate([[], [later], *([one] for one in answered)], depth)["results"]
                    self.assertEqual({row[0] for row in rows}, {FAIL}, depth)
                    self.assertTrue(0 == rows[0][1] < rows[1][1] < 900 < max(row[1] for row in rows[2:]), (depth, rows))

    def test_an_assertion_of_the_program_is_no_answer(self):
        lib = "def f(x):\n    assert x == 5, 'five'\n    return x\n"
        with Loaded(lib, tests(("f(4)", "5"))) as loaded:
            rows = loaded.evaluate([[], [loaded.id("use `4` in place of `5`")]])["results"]
            self.assertTrue(0 == rows[0][1] < 900 < rows[1][1], rows)

    def test_unknown_edit_and_base(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"))) as loaded:
            for candidates, base, kind in (([[10 ** 9]], 0, "malformed"), ([["x"]], 0, "malformed"), ([[0]], 7, "unknownBase")):
                reply = loaded.client.request("evaluate", base=base, candidates=candidates, depth="fork", tests=None, full=False, fuel=1, timeout=1)
                self.assertEqual(reply["error"]["kind"], kind)

    def test_base_moves_and_texts_come_with_it(self):
        with Loaded(ADD, tests(("add(1, 2)", "3"), ("double(2)", "4"))) as loaded:
            better = ADD.replace("a - b", "a + b")
            loaded.client.ok("base", base=1, files={"lib.py": better})
            loaded.list(1, better)
            two = loaded.id("use `2` in place of `3`")
            for depth in ("inProcess", "fork"):
                (status, progress, _), = loaded.evaluate([[two]], depth, base=1)["results"]
                self.assertEqual(status, PASS)
                self.assertTrue(2000 < progress <= 4000, progress)
            rendered = loaded.client.ok("render", base=1, candidate=[two])["edits"]
            self.assertEqual([(one["path"], one["range"], one["new"]) for one in rendered], [("lib.py", [6, 16, 6, 17], "2")])
            loaded.list(0, ADD)
            plus = loaded.id("use `+` in place of `-`")
            self.assertEqual(loaded.evaluate([[plus]], base=0)["results"][0][0], PARTIAL)

    def test_methods_defaults_properties_and_wrappers(self):
        lib = ("import functools\n\n\ndef noisy(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n    return inner\n\n\n"
               "class A:\n    def __init__(self, n=1):\n        self.n = n\n\n    @property\n    def v(self):\n        return self.n + 1\n\n"
               "    @staticmethod\n    def s(x):\n        return x - 1\n\n    @classmethod\n    def c(cls, x):\n        return x - 1\n\n\n"
               "class B(A):\n    def __init__(self):\n        super().__init__()\n        self.m = self.n - 1\n\n\n"
               "@noisy\ndef w(x):\n    return x - 1\n\n\n@functools.lru_cache(None)\ndef memo(x):\n    return x - 1\n")
        checks = tests(("A().v", "3"), ("A.s(1)", "2"), ("A.c(1)", "2"), ("B().m", "2"), ("w(1)", "2"), ("memo(1)", "2"))
        with Loaded(lib, checks) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            wanted = [(loaded.id("use `+` in place of `-`", line), index) for line, index in ((21, 1), (25, 2), (31, 3), (36, 4), (41, 5))]
            wanted.append((loaded.id("use `2` in place of `1`", 12), 0))
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[one] for one, _ in wanted], depth, full=True)
                for number, (_, index) in enumerate(wanted):
                    self.assertIn(index, answer["details"][str(number)]["passed"], (depth, index))
                self.assertEqual([row[0] for row in answer["results"]], [PARTIAL] * len(wanted))

    def test_module_and_class_level_edits_fall_back_to_a_fork(self):
        lib = "LIMIT = 1\n\n\nclass A:\n    size = 1\n\n\ndef f():\n    return LIMIT\n"
        with Loaded(lib, tests(("LIMIT", "2"), ("A().size", "2"), ("f()", "2"))) as loaded:
            one, two = loaded.id("use `2` in place of `1`", 1), loaded.id("use `2` in place of `1`", 5)
            answer = loaded.evaluate([[one, two], [one], [two]], full=True)
            self.assertEqual([row[0] for row in answer["results"]], [PASS, PARTIAL, PARTIAL])
            self.assertEqual(answer["details"]["1"]["passed"], [0, 2])
            self.assertEqual(answer["depth"], "inProcess")


    def test_edits_in_what_importing_called_take_effect(self):
        lib = ("import functools\n\n\ndef build():\n    return [1]\n\n\nTABLE = build()\n\n\ndef f():\n    return TABLE[0]\n\n\n"
               "def noisy(g):\n    @functools.wraps(g)\n    def inner(*a):\n        return g(*a) - 1\n    return inner\n\n\n"
               "@noisy\ndef w(x):\n    return x\n")
        with Loaded(lib, tests(("f()", "2"), ("w(1)", "2"))) as loaded:
            table, wrapper = loaded.id("use `2` in place of `1`", 5), loaded.id("use `+` in place of `-`", 18)
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[table], [wrapper], [table, wrapper]], depth, full=True)
                self.assertEqual([row[0] for row in answer["results"]], [PARTIAL, PARTIAL, PASS], depth)
                self.assertEqual([answer["details"][one]["passed"] for one in "012"], [[0], [1], [0, 1]])


class Runaways(unittest.TestCase):
    def test_fuel_ends_loops(self):
        # Each step takes long inside C, where fuel does not reach.
        lib = "def f(n):\n    while n > 0:\n        n = n - 1\n        sum(range(10 ** 6))\n    return n\n"
        with Loaded(lib, tests(("f(3)", "1"), ("f(2)", "0"))) as loaded:
            plus = loaded.id("use `+` in place of `-`")
            for depth in ("inProcess", "fork"):
                self.assertEqual(loaded.evaluate([[plus]], depth)["results"][0][0], SPENT)

    def test_swallowed_fuel_is_spent_all_the_same(self):
        lib = "def f(n):\n    while n > 0:\n        try:\n            n = n - 1\n        except BaseException:\n            break\n    return 1\n"
        with Loaded(lib, tests(("f(3) + 1", "1"), ("f(2)", "1"))) as loaded:
            plus = loaded.id("use `+` in place of `-`")
            self.assertEqual(loaded.evaluate([[plus]])["results"][0][0], SPENT)

    def test_time_ends_what_fuel_does_not_reach(self):
        lib = "def f(n):\n    return 10 ** 10 ** (n - 8) % 7\n\n\ndef g(x):\n    return x - 1\n"
        with Loaded(lib, tests(("f(9)", "0"), ("g(1)", "2"))) as loaded:
            tower, plus = (loaded.id("use `+` in place of `-`", line) for line in (2, 6))
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[plus], [tower], [plus]], depth, timeout=0.7)
                self.assertEqual([row[0] for row in answer["results"]], [PARTIAL, SPENT, SAME], depth)

    def test_death_costs_one_candidate(self):
        lib = "import os\n\n\ndef f(n):\n    if n > 5:\n        os._exit(3)\n    return n\n"
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            deadly = next(row[0] for row in loaded.edits if row[3] == 5 and row[8] == "use `<` in place of `>`")
            other = next(row[0] for row in loaded.edits if row[3] == 7 and "n + 1" in row[8])
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[deadly], [other]], depth)
                self.assertEqual([row[0] for row in answer["results"]], [DIED, PARTIAL], depth)

    def test_memory_is_limited(self):
        lib = "def f(n):\n    return len('x' * (n * 10 ** 9 - n * 10 ** 9 + n))\n"
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            big = [[row[0]] for row in loaded.edits if row[8] in ("use `+` in place of `-`", "use `*` in place of `-`")]
            answer = loaded.evaluate(big, timeout=5)
            self.assertTrue({row[0] for row in answer["results"]} <= {FAIL, SPENT, DIED, SAME}, answer["results"])

    def test_impure_candidates_are_marked(self):
        lib = "def f(n):\n    if n > 5:\n        open('written.txt', 'w').close()\n    return n\n"
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            writes = next(row[0] for row in loaded.edits if row[3] == 2 and row[8] == "use `<` in place of `>`")
            other = next(row[0] for row in loaded.edits if row[3] == 4 and "n + 1" in row[8])
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[writes], [other]], depth)
                self.assertEqual([row[0] for row in answer["results"]], [IMPURE, PARTIAL], depth)

    def test_candidate_that_spoils_the_state_hurts_no_other(self):
        lib = "SEEN = []\n\n\ndef f(n):\n    if n > 5:\n        SEEN.append(n)\n    return n + len(SEEN)\n"
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            spoils = next(row[0] for row in loaded.edits if row[3] == 5 and row[8] == "use `<` in place of `>`")
            clean = [row[0] for row in loaded.edits if row[3] == 7][:150]
            alone = loaded.evaluate([[one] for one in clean])
            mixed = loaded.evaluate([[spoils]] + [[one] for one in clean])
            self.assertEqual(mixed["results"][0][0], IMPURE)
            self.assertEqual([row[0] for row in mixed["results"][1:]], [row[0] for row in alone["results"]])

    def test_cancel_stops_a_batch_and_the_host_lives_on(self):
        import time

        # Each step takes long inside C, where fuel does not reach.
        lib = "def f(n):\n    while n > 0:\n        n = n - 1\n        pow(3, 10 ** 6)\n    return n\n"
        with Loaded(lib, tests(("f(3)", "1"), ("f(2)", "0"))) as loaded:
            plus = loaded.id("use `+` in place of `-`")
            number = loaded.client.start("evaluate", base=0, candidates=[[plus]], depth="inProcess", tests=None, full=False, fuel=10 ** 12, timeout=60)
            time.sleep(0.5)
            loaded.client.send({"cancel": number})
            self.assertEqual(loaded.client.reply(number)["error"]["kind"], "cancelled")
            less = loaded.id("use `<` in place of `>`")
            self.assertEqual(loaded.evaluate([[less]])["results"][0][0], FAIL)


class CollectAnew(unittest.TestCase):
    def test_candidate_that_lets_tests_be_collected(self):
        lib = "def f(x):\n    return x\n\n\nSTART = f(1, 2)\n"
        with Loaded(lib, tests(("f(3)", "3"), ("START", "2"))) as loaded:
            self.assertEqual([test["outcome"] for test in loaded.baseline["tests"]], ["error"])
            candidates = [[row[0]] for row in loaded.edits if row[3] == 5][:40]
            answer = loaded.evaluate(candidates, "fork")
            by_text = {loaded.edits[one[0]][8]: row[0] for one, row in zip(candidates, answer["results"])}
            self.assertIn(PASS, by_text.values(), by_text)
            self.assertIn(PARTIAL, by_text.values(), by_text)
            self.assertIn(FAIL, by_text.values(), by_text)


    def test_import_that_does_not_end(self):
        lib = "def f(n):\n    return n\n\n\nx = 3\nwhile x > 0:\n    x += 1\n"
        with Loaded(lib, tests(("f(3)", "3"))) as loaded:
            test = loaded.baseline["tests"][0]
            self.assertEqual((test["id"], test["outcome"], test["stop"]), ("test_lib.py", "error", "endlessLoop"))
            self.assertEqual(test["exception"]["frames"][-1]["path"], "lib.py")
            fixes = [row[0] for row in loaded.edits if row[3] == 5 and row[8] == "use `0` in place of `3`"]
            others = [row[0] for row in loaded.edits if row[3] == 5 and row[8] == "use `2` in place of `3`"]
            answer = loaded.evaluate([[fixes[0]], [others[0]]], "fork")
            self.assertEqual([row[0] for row in answer["results"]], [PASS, FAIL])


@unittest.skipUnless(HAS_PYTEST, "pytest is not installed for this interpreter")
class PytestItems(unittest.TestCase):
    def test_fixtures_at_fork_depth(self):
        text = ("import pytest\nfrom lib import add\n\n\n@pytest.fixture(scope='module')\ndef three():\n    yield 3\n\n\n"
                "def test_a(three, tmp_path): assert add(1, 2) == three\n@pytest.mark.parametrize('a', [1, 2])\ndef test_p(a): assert add(a, 0) == a\n")
        with Loaded(ADD, text) as loaded:
            self.assertEqual(loaded.baseline["depth"], "fork")
            answer = loaded.evaluate([[loaded.id("use `+` in place of `-`")], [loaded.id("use `*` in place of `-`")]], "inProcess")
            self.assertEqual(([row[0] for row in answer["results"]], answer["depth"]), ([PASS, FAIL], "fork"))


class Scripts(unittest.TestCase):
    def test_both_depths_agree(self):
        text = ("import helper\n\n\ndef total(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n\n\n"
                "n = int(input())\nprint('sum', helper.show(total(n)))\n")
        helper = "def show(x):\n    return x\n"
        with Client({"main.py": text, "helper.py": helper}) as client:
            cases = [{"name": "a", "args": [], "stdin": "3\n", "expected": "sum 6"}, {"name": "b", "args": [], "stdin": "1\n", "expected": "sum 1"}]
            baseline = client.ok("load", oracle={"kind": "script", "argv": ["main.py"], "cases": cases},
                                 files={"main.py": text, "helper.py": helper}, modules=[], coverage=False, timeout=3)
            self.assertEqual(baseline["depth"], "inProcess")
            places = {"main.py": {str(n): 1.0 for n in range(1, 13)}, "helper.py": {"1": 0.5, "2": 0.5}}
            rows = client.ok("edits", base=0, places=places, kinds=None, limit=400)["edits"]
            candidates = [[row[0]] for row in rows]
            answers = [client.ok("evaluate", base=0, candidates=candidates, depth=depth, tests=None, full=False, fuel=20000, timeout=2)
                       for depth in ("inProcess", "fork")]
            self.assertEqual([answer["depth"] for answer in answers], ["inProcess", "fork"])
            differing = [(rows[i][8], a, b) for i, (a, b) in enumerate(zip(answers[0]["results"], answers[1]["results"])) if a != b]
            self.assertEqual(differing, [])
            self.assertEqual(answers[0]["details"], answers[1]["details"])
            self.assertIn(PASS, [row[0] for row in answers[0]["results"]])


if __name__ == "__main__":
    unittest.main()
