"""Suites of whole projects: each test has its own isolation, each candidate the tests that it can change."""

import importlib.util
import unittest

from agent_client import Client

from heal_agent.selection import Reach

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
PASS, FAIL, PARTIAL, NO_COMPILE, SPENT, SAME, IMPURE, DIED, NOT_RUN = range(9)
LIB = "STATE = []\n\n\ndef add(a, b):\n    return a - b\n\n\ndef double(x):\n    return x * 3\n\n\ndef show(x):\n    return str(add(x, 1))\n"
HEAD = "import unittest\nimport lib\n\n\nclass T(unittest.TestCase):\n"


def method(name, *lines):
    return "    def test_%s(self):\n%s\n\n" % (name, "\n".join("        " + line for line in lines))


class Loaded:
    """A suite loaded with coverage, and the edits of its program."""

    def __init__(self, files, lib=LIB, targets=("test_lib.py",), everything=False):
        self.client = Client({"lib.py": lib, **files})
        oracle = {"kind": "suite", "targets": list(targets), "regressions": "root" if everything else None, "args": []}
        self.baseline = self.client.ok("load", oracle=oracle, files={"lib.py": lib}, modules=[], coverage=True, timeout=5)
        self.list(0, lib)

    def list(self, base, lib):
        places = {"lib.py": {str(line): 1.0 for line in range(1, lib.count("\n") + 2)}}
        self.edits = self.client.ok("edits", base=base, places=places, kinds=None, limit=5000)["edits"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def id(self, description, line):
        return next(row[0] for row in self.edits if row[8] == description and line == row[3])

    @property
    def plus(self):
        return self.id("use `+` in place of `-`", 5)

    @property
    def two(self):
        return self.id("use `2` in place of `3`", 9)

    def statuses(self, candidates, depth=None, base=0):
        self.answer = self.client.ok("evaluate", base=base, candidates=candidates, depth=depth or self.baseline["depth"], tests=None,
                                     full=False, fuel=20000, timeout=3)
        return [row[0] for row in self.answer["results"]]


class Isolation(unittest.TestCase):
    def test_a_test_that_writes_leaves_the_others_where_they_are(self):
        text = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method(
            "write", "open('out.txt', 'w').write(str(lib.double(1)))")
        with Loaded({"test_lib.py": text}) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            self.assertEqual(loaded.statuses([[loaded.plus]]), [PASS])
            self.assertEqual(loaded.answer["depth"], "inProcess")

    def test_a_failing_test_that_writes_needs_fresh_copies_where_it_is_reached(self):
        text = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method(
            "write", "open('out.txt', 'w').write('x')", "self.assertEqual(lib.double(1), 2)")
        with Loaded({"test_lib.py": text}) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            self.assertEqual(loaded.statuses([[loaded.plus], [loaded.two], [loaded.plus, loaded.two]]), [PARTIAL, IMPURE, IMPURE])

    def test_tests_that_leave_state_are_found_and_kept_apart(self):
        text = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method("spoil", "lib.STATE.append(lib.double(1))") + "".join(
            method("more_%d" % number, "self.assertEqual(lib.double(0), 0)") for number in range(20))
        with Loaded({"test_lib.py": text}) as loaded:
            self.assertEqual((loaded.baseline["depth"], loaded.baseline["why"]), ("inProcess", ""))
            self.assertEqual(loaded.statuses([[loaded.plus]]), [PASS])
            self.assertEqual(loaded.answer["depth"], "inProcess")

    def test_what_gets_further_is_judged_by_dearer_tests_too(self):
        text = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method(
            "spoil", "lib.STATE.append(1)", "self.assertEqual(lib.add(5, 0), 5)", "self.assertEqual(lib.add(2, 2) % 2, 0)",
            "self.assertNotEqual(lib.add(2, 5), 2)")
        with Loaded({"test_lib.py": text}) as loaded:
            self.assertEqual(loaded.baseline["depth"], "inProcess")
            last = loaded.id("use `b` in place of `a`", 5)
            self.assertEqual(loaded.statuses([[loaded.plus], [last]]), [PASS, FAIL])
            self.assertEqual(loaded.answer["depth"], "inProcess")

    def test_sentinels_have_no_state(self):
        lib = "import itertools\nimport random\nfrom collections import namedtuple\n\nPair = namedtuple('Pair', 'a b')\nNONE = object()\n" \
              "IDS = itertools.count(5)\nCHANCE = random.Random(1)\n\n\ndef f(x):\n    return x - 1\n"
        text = HEAD + method("f", "self.assertEqual(lib.f(1), 2)")
        with Loaded({"test_lib.py": text}, lib) as loaded:
            self.assertEqual((loaded.baseline["depth"], loaded.baseline["why"]), ("inProcess", ""))


class Targets(unittest.TestCase):
    def test_other_failures_are_kept_apart(self):
        text = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method("double", "self.assertEqual(lib.double(1), 2)")
        for depth in ("inProcess", "fork"):
            with Loaded({"test_lib.py": text}, targets=["test_lib.py::T::test_add"], everything=True) as loaded:
                self.assertEqual({test["id"]: test["target"] for test in loaded.baseline["tests"]},
                                 {"test_lib.py::T::test_add": True, "test_lib.py::T::test_double": False})
                self.assertEqual(loaded.statuses([[loaded.plus], [loaded.two]], depth), [PASS, FAIL], depth)

    def test_what_passes_when_it_is_run_again_decides_nothing(self):
        text = HEAD + method("a_first", "lib.STATE.append(1)") + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method(
            "order", "self.assertEqual(lib.STATE, [])")
        with Loaded({"test_lib.py": text}) as loaded:
            self.assertEqual([test["id"][-5:] for test in loaded.baseline["tests"] if test.get("flaky")], ["order"])
            self.assertEqual(loaded.statuses([[loaded.plus]]), [PASS])


class Selected(unittest.TestCase):
    TEXT = HEAD + method("add", "self.assertEqual(lib.add(1, 2), 3)") + method("double", "self.assertEqual(lib.double(1), 2)") + method(
        "show", "self.assertEqual(lib.show(2), '3')")

    def test_a_candidate_that_cannot_reach_a_failing_test_does_not_pass(self):
        with Loaded({"test_lib.py": self.TEXT}) as loaded:
            for depth in ("inProcess", "fork"):
                self.assertEqual(loaded.statuses([[loaded.plus], [loaded.two], [loaded.plus, loaded.two]], depth), [PARTIAL, PARTIAL, PASS])
            self.assertEqual(sorted(loaded.answer["details"]["0"]["outcome"]), ["0", "2"])
            self.assertEqual(sorted(loaded.answer["details"]["1"]["outcome"]), ["1"])

    def test_another_base_is_judged_by_what_was_measured_at_the_first(self):
        mended = LIB.replace("a - b", "a + b")
        with Loaded({"test_lib.py": self.TEXT}) as loaded:
            loaded.client.ok("base", base=1, files={"lib.py": mended})
            loaded.list(1, mended)
            self.assertEqual(loaded.statuses([[loaded.two]], base=1), [PASS])

    def test_reach(self):
        edit = type("Edit", (), {})
        inside, outside, other = edit(), edit(), edit()
        inside.function, outside.function, other.function = "A.f", None, "g"
        text = "X = 1\n\n\nclass A:\n    def f(self):\n        return [x\n                for x in ()]\n\n\ndef g():\n    pass\n"
        reach = Reach.measured(4, {0: {"lib.py": [7]}, 1: {"lib.py": [11]}, 2: {}}, lambda path: text)
        self.assertEqual(reach.of({"lib.py": [inside]}), {0, 3})
        self.assertEqual(reach.of({"lib.py": [other]}), {1, 3})
        self.assertIsNone(reach.of({"lib.py": [inside, outside]}))
        tests = [type("Test", (), {"id": name})() for name in ("b", "a", "new")]
        firsts = [type("Test", (), {"id": name})() for name in ("a", "b", "c", "d")]
        there = Reach.from_wire(reach.wire(firsts), tests, ["lib.py"])
        self.assertEqual(there.of({"lib.py": [inside]}), {0, 1, 2})
        there = Reach.from_wire(reach.wire(firsts), tests, [])
        self.assertEqual(there.of({"lib.py": [inside]}), {1, 2})


@unittest.skipUnless(HAS_PYTEST, "pytest is not installed for this interpreter")
class Fixtures(unittest.TestCase):
    CONFTEST = ("import pytest\nimport lib\n\n\n@pytest.fixture(scope='session')\ndef three():\n    yield lib.add(2, -1)\n\n\n"
                "@pytest.fixture(params=[1, 2])\ndef number(request, three):\n    return request.param + 0 * three\n\n\n"
                "@pytest.fixture\ndef patched(monkeypatch):\n    monkeypatch.setattr(lib, 'double', lambda x: 7)\n    return lib\n")

    def test_fixtures_of_every_scope_are_made_anew(self):
        text = ("import lib\n\n\ndef test_a(three): assert three == 1\ndef test_b(number): assert lib.add(number, 0) == number\n"
                "def test_c(patched): assert patched.double(1) == 7\ndef test_d(): assert lib.double(1) == 3\n")
        with Loaded({"test_lib.py": text, "conftest.py": self.CONFTEST}) as loaded:
            self.assertEqual((loaded.baseline["depth"], loaded.baseline["why"]), ("inProcess", ""))
            self.assertEqual(loaded.statuses([[loaded.plus], [loaded.id("use `b` in place of `a`", 5)]]), [PASS, FAIL])
            self.assertEqual(loaded.answer["depth"], "inProcess")

    def test_the_framework_is_told_what_it_runs_next(self):
        one = "import lib\n\n\ndef test_a(tmp_path): assert lib.add(1, 2) == 3\ndef test_b(): assert lib.double(1) == 3\n"
        two = "import lib\n\n\ndef test_c(tmp_path): assert lib.add(1, 0) == 1\ndef test_d(tmp_path): assert lib.show(2) == '3'\n"
        with Loaded({"test_lib.py": one, "test_more.py": two}, targets=["."]) as loaded:
            self.assertEqual(loaded.baseline["depth"], "fork")
            self.assertEqual(loaded.statuses([[loaded.plus]]), [PASS])


if __name__ == "__main__":
    unittest.main()
