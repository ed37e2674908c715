"""`compare`: what versions of a program answer to inputs that are recorded from its tests and grown from those."""

import unittest

from agent_client import Client

from heal_agent.compare.grow import Call, grown, mutations
from heal_agent.compare.values import TooMuch, identity, shape, shown, shown_call

VALUE, NONE, RAISED, ENDLESS = range(4)


def unit(test):
    """Plain test functions as a case of unittest, which every interpreter has."""
    head, *functions = test.split("def test_")
    body = "".join("    def test_%s" % one.replace("():", "(self):", 1).replace("\n    ", "\n        ") for one in functions)
    return "import unittest\n%sclass T(unittest.TestCase):\n%s" % (head, body)


class Compared:
    """The answers of versions of `lib.py`, by the text of the input."""

    def __init__(self, lib, test, versions, files=None, **options):
        with Client({"lib.py": lib, "test_lib.py": unit(test), **(files or {})}) as client:
            self.loaded = client.ok("load", oracle={"kind": "suite", "targets": ["test_lib.py"], "regressions": None, "args": []},
                                    files={"lib.py": lib, **(files or {})}, modules=[], coverage=False, timeout=5)
            asked = {"base": 0, "versions": [one if isinstance(one, dict) else {"lib.py": one} for one in versions],
                     "inputs": 150, "seed": 1, "seconds": 60, **options}
            self.reply = client.ok("compare", **asked)
            self.again = client.ok("compare", **asked)
            # The host must be as it was.
            self.after = client.ok("evaluate", base=0, candidates=[[]], depth="fork", tests=None, full=True, fuel=20000, timeout=5) \
                if client.ok("edits", base=0, places={"lib.py": {"1": 1.0}}, kinds=None, limit=10) else None
        self.why = self.reply["why"]
        self.rows = {}
        for row, answers, outcome in zip(self.reply["inputs"], self.reply["answers"], self.reply["outcomes"]):
            self.rows[row[0]] = (row, [answers[one] for one in outcome])

    def kinds(self, text):
        return [one[0] for one in self.rows[text][1]]

    def texts(self, text):
        return [one[2] for one in self.rows[text][1]]


SEARCH = "def search(x, seq):\n    for i, e in enumerate(seq):\n        if x < e:\n            return i\n    return len(seq)\n"
SEARCH_TEST = ("from lib import search\n\n\ndef test_middle():\n    assert search(5, (1, 5, 10)) == 1\n\n\n"
               "def test_end():\n    assert search(42, [1, 5, 10]) == 3\n")


class Answers(unittest.TestCase):
    def test_versions_answer_the_inputs_of_the_tests_and_others_like_them(self):
        mended = SEARCH.replace("x < e", "x <= e")
        literal = SEARCH.replace("x < e", "x < e or x == 5")
        found = Compared(SEARCH, SEARCH_TEST, [{}, mended, literal])
        self.assertEqual(found.texts("search(5, (1, 5, 10))"), ["2", "1", "0"])
        self.assertEqual(found.texts("search(42, [1, 5, 10])"), ["3", "3", "3"])
        row = found.rows["search(42, [1, 5, 10])"][0]
        self.assertEqual(row[2:], [0, True], "it is a call of a test that passed")
        self.assertEqual(found.rows["search(5, (1, 5, 10))"][0][2:], [0, False])
        self.assertGreater(len(found.rows), 100)
        self.assertIn("search(42, [])", found.rows)

    def test_the_same_question_has_the_same_answer_and_leaves_the_program_as_it_was(self):
        found = Compared(SEARCH, SEARCH_TEST, [{}, SEARCH.replace("x < e", "x <= e")])
        self.assertEqual(found.reply, found.again)
        self.assertEqual(found.after["results"][0][0], 1, "the base still fails")

    def test_how_a_call_ends(self):
        lib = "def f(n):\n    return 10 // n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(3) == 4\n\n\ndef test_g():\n    assert f(5) == 2\n"
        endless = "def f(n):\n    while n == 0:\n        pass\n    return -(-10 // n)\n"
        nothing = "def f(n):\n    if n:\n        return -(-10 // n)\n"
        found = Compared(lib, test, [{}, endless, nothing])
        self.assertEqual(found.kinds("f(0)"), [RAISED, ENDLESS, NONE])
        self.assertEqual(found.texts("f(0)"), ["raises ZeroDivisionError", "does not end", "None"])

    def test_what_no_fuel_reaches_costs_one_input(self):
        lib = "def f(n):\n    return n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(3) == 4\n"
        stuck = "import time\n\n\ndef f(n):\n    if n == 0:\n        time.sleep(60)\n    return n + 1\n"
        found = Compared(lib, test, [{}, stuck])
        self.assertNotIn("f(0)", found.rows)
        self.assertEqual(found.texts("f(2)"), ["2", "3"])

    def test_what_is_slow_as_the_tests_are_is_not_called_endless(self):
        lib = "def f(n):\n    total = 0\n    for i in range(n):\n        total += 1\n    return total\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(30000) == 30001\n"
        mended = lib.replace("return total", "return total + 1")
        found = Compared(lib, test, [{}, mended])
        self.assertEqual(found.texts("f(30000)"), ["30000", "30001"])
        found = Compared(lib, test, [{}, mended], fuel=20_000)
        self.assertNotIn("f(30000)", found.rows)
        self.assertEqual(found.texts("f(0)"), ["0", "1"])

    def test_all_steps_are_bounded(self):
        lib = "def f(n):\n    for i in range(n * n):\n        pass\n    return n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(200) == 201\n"
        found = Compared(lib, test, [{}, lib.replace("return n", "return n + 1")])
        self.assertEqual(found.texts("f(200)"), ["200", "201"])
        self.assertLess(len(found.rows), 40)

    def test_changed_arguments_and_output_are_part_of_the_answer(self):
        lib = "def f(xs):\n    return sum(xs) + 1\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f([1, 2]) == 3\n"
        changing = "def f(xs):\n    xs.append(0)\n    return sum(xs)\n"
        printing = "def f(xs):\n    print(len(xs))\n    return sum(xs)\n"
        plain = "def f(xs):\n    return sum(xs)\n"
        found = Compared(lib, test, [{}, changing, printing, plain])
        row, answers = found.rows["f([1, 2])"]
        self.assertEqual([one[1] for one in answers], [False, True, False, False])
        self.assertEqual([one[2] for one in answers], ["4", "3 and leaves [1, 2, 0]", "3 and prints '2\\n'", "3"])
        self.assertEqual(len(set(found.reply["outcomes"][list(found.rows).index("f([1, 2])")])), 4)

    def test_equal_values_are_one_answer(self):
        lib = "def f(n):\n    return n == 3\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4)\n"
        found = Compared(lib, test, [{}, "def f(n):\n    return True\n", "def f(n):\n    return 1.0\n"])
        index = list(found.rows).index("f(4)")
        self.assertEqual(found.reply["outcomes"][index], [0, 1, 1])


class Functions(unittest.TestCase):
    def test_the_function_that_tests_call_is_asked_for_one_that_changed_within(self):
        lib = "def half(n):\n    return n // 3\n\n\ndef f(n):\n    return half(n) + 1\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4) == 3\n"
        found = Compared(lib, test, [{}, lib.replace("// 3", "// 2"), lib.replace("// 3", "- 2")])
        self.assertEqual(found.texts("f(0)"), ["1", "1", "-1"])
        self.assertFalse([text for text in found.rows if text.startswith("half")])

    def test_functions_that_did_not_change_are_not_asked(self):
        lib = "def f(n):\n    return n\n\n\ndef g(n):\n    return n\n"
        test = "from lib import f, g\n\n\ndef test_f():\n    assert f(4) == 5\n\n\ndef test_g():\n    assert g(4) == 4\n"
        found = Compared(lib, test, [{}, lib.replace("return n\n", "return n + 1\n", 1)])
        self.assertTrue(found.rows)
        self.assertFalse([text for text in found.rows if text.startswith("g")])

    def test_methods_get_an_object_of_their_own(self):
        lib = ("class Account:\n    def __init__(self, balance):\n        self.balance = balance\n\n"
               "    def take(self, amount):\n        self.balance -= amount\n        return self.balance > 0\n")
        test = ("from lib import Account\n\n\ndef test_all():\n    assert Account(5).take(5)\n\n\n"
                "def test_more():\n    assert not Account(5).take(6)\n")
        found = Compared(lib, test, [{}, lib.replace("> 0", ">= 0"), lib.replace("> 0", "> -1")])
        text = "Account.take(Account(balance=5), 5)"
        self.assertEqual([one.partition(" and leaves ")[0] for one in found.texts(text)], ["False", "True", "True"])
        self.assertIn("Account(balance=0)", found.texts(text)[0])

    def test_defaults_are_left_to_the_version(self):
        lib = "def f(n, step=2):\n    return n + step\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4) == 5\n"
        found = Compared(lib, test, [{}, lib.replace("step=2", "step=1"), lib.replace("n + step", "n + 1")])
        self.assertEqual(found.texts("f(4)"), ["6", "5", "5"])

    def test_what_stands_outside_of_functions_may_matter_to_all(self):
        lib = "STEP = 2\n\n\ndef f(n):\n    return n + STEP\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4) == 5\n"
        found = Compared(lib, test, [{}, lib.replace("STEP = 2", "STEP = 1"), lib.replace("n + STEP", "n + 1")])
        self.assertEqual(found.texts("f(0)"), ["2", "1", "1"])

    def test_an_answer_does_not_depend_on_what_was_asked_before(self):
        lib = "SEEN = []\n\n\ndef f(n):\n    SEEN.append(n)\n    return len(SEEN) + n\n"
        test = "from lib import SEEN, f\n\n\ndef test_f():\n    SEEN.clear()\n    assert f(4) == 6\n"
        found = Compared(lib, test, [{}, lib.replace("+ n", "+ n + 1"), lib.replace("+ n", "+ 5")])
        self.assertEqual(found.texts("f(0)"), ["1", "2", "6"])

    def test_generators_are_run_to_their_end(self):
        lib = "def f(n):\n    for i in range(n):\n        yield i\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert list(f(2)) == [1, 2]\n"
        found = Compared(lib, test, [{}, lib.replace("yield i", "yield i + 1")])
        self.assertEqual(found.texts("f(2)"), ["[0, 1]", "[1, 2]"])

    def test_secrets_are_masked(self):
        lib = "def f(n, password):\n    return n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4, 'hunter2') == 5\n"
        found = Compared(lib, test, [{}, lib.replace("return n", "return n + 1")])
        self.assertIn("f(4, '***')", found.rows)
        self.assertNotIn("hunter2", str(found.reply))


class Refusals(unittest.TestCase):
    def test_functions_that_do_more_than_compute_are_not_asked(self):
        lib = "def f(n):\n    return n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4) == 5\n"
        writing = "def f(n):\n    if n == 0:\n        open('trace.txt', 'w').close()\n    return n + 1\n"
        found = Compared(lib, test, [{}, writing])
        self.assertEqual((found.rows, found.why), ({}, "its functions do more than compute"))

    def test_without_calls_nothing_is_compared(self):
        lib = "VALUE = 1\n"
        test = "import lib\n\n\ndef test_value():\n    assert lib.VALUE == 2\n"
        found = Compared(lib, test, [{}, "VALUE = 2\n"])
        self.assertEqual((found.rows, found.why), ({}, "the tests make no call that can be repeated"))

    def test_scripts_are_not_compared(self):
        with Client({"main.py": "print(1)\n"}) as client:
            client.ok("load", oracle={"kind": "script", "argv": ["main.py"], "cases": [{"name": "a", "args": [], "stdin": "", "expected": "2"}]},
                      files={"main.py": "print(1)\n"}, modules=[], coverage=False, timeout=5)
            reply = client.ok("compare", base=0, versions=[{}, {"main.py": "print(2)\n"}], inputs=10, seed=1, seconds=5)
        self.assertEqual(reply["inputs"], [])

    def test_the_request_is_checked(self):
        lib = "def f(n):\n    return n\n"
        test = "from lib import f\n\n\ndef test_f():\n    assert f(4) == 5\n"
        with Client({"lib.py": lib, "test_lib.py": unit(test)}) as client:
            self.assertEqual(client.request("compare", base=0, versions=[])["error"]["kind"], "unknownBase")
            client.ok("load", oracle={"kind": "suite", "targets": ["test_lib.py"], "regressions": None, "args": []},
                      files={"lib.py": lib}, modules=[], coverage=False, timeout=5)
            for versions, kind in (([{}], "malformed"), ([{}, {"../x.py": ""}], "malformed"), (None, "malformed")):
                self.assertEqual(client.request("compare", base=0, versions=versions)["error"]["kind"], kind, versions)
            self.assertEqual(client.request("compare", base=7, versions=[{}, {}])["error"]["kind"], "unknownBase")
            self.assertIn("parse", client.ok("compare", base=0, versions=[{}, {"lib.py": "def f(:\n"}])["why"])


class Growing(unittest.TestCase):
    def call(self, *values, passing=True):
        return Call("lib.py", "f", ["a", "b"][: len(values)], list(values), {}, passing, 0)

    def test_types_are_never_mixed(self):
        for value in (3, 2.5, True, "abc", [1, 2], (1, 2), {1, 2}, {"a": 1}, [(1, "x"), (2, "y")]):
            for one in mutations(value):
                self.assertIs(type(one), type(value))
                self.assertNotEqual((type(one), one), (type(value), value))

    def test_rows_of_a_table_keep_their_columns(self):
        rows = [("May", 15), ("June", 16), ("July", 17)]
        for one in mutations(rows):
            for row in one:
                self.assertEqual([type(cell) for cell in row], [str, int])

    def test_it_is_bounded_deterministic_and_begins_with_the_tests_own(self):
        calls = [self.call(5, [1, 2, 3]), self.call(7, [4], passing=False)]
        found = grown(calls, 100, 1)
        self.assertEqual(found[:2], calls)
        self.assertEqual(len(found), 100)
        self.assertEqual(found, grown(calls, 100, 1))
        self.assertNotEqual(found, grown(calls, 100, 2))
        self.assertEqual(len({identity([one.positional]) for one in found}), 100)
        self.assertTrue({True, False} <= {one.passing for one in found[2:]})
        self.assertEqual(grown([], 100, 1), [])

    def test_objects_stay_as_they_are(self):
        holder = object()
        self.assertTrue(all(one.positional[0] is holder for one in grown([self.call(holder, 3)], 50, 1)))


class Values(unittest.TestCase):
    def test_identity_is_that_of_equal_values(self):
        for left, right in ((1, 1.0), (True, 1), ({1, 2}, {2, 1}), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (0.1 + 0.2, 0.3)):
            self.assertEqual(identity(left), identity(right))
        for left, right in (([1], (1,)), ("1", 1), ([1, 2], [2, 1]), (None, 0), (1.5, 1), ([[], []], [[]])):
            self.assertNotEqual(identity(left), identity(right))

    def test_objects_are_what_they_hold_and_run_no_code(self):
        class Point:
            __slots__ = ("x",)

            def __init__(self, x):
                self.x = x

            def __eq__(self, other):
                raise AssertionError("called")

            __repr__ = __hash__ = __eq__

        self.assertEqual(identity(Point(1)), identity(Point(1)))
        self.assertNotEqual(identity(Point(1)), identity(Point(2)))
        self.assertEqual(shown(Point(1)), "Point(x=1)")

    def test_cycles_and_great_values_are_bounded(self):
        ring = []
        ring.append(ring)
        self.assertEqual(identity(ring), identity(ring))
        with self.assertRaises(TooMuch):
            identity(list(range(10_000)))
        self.assertLess(len(shown(list(range(10_000)))), 300)
        self.assertLess(len(shown_call("f", ["a"], ["x" * 5000], {})), 300)

    def test_shapes(self):
        self.assertEqual(shape([1, 2]), shape([3]))
        self.assertNotEqual(shape([1]), shape(["a"]))


if __name__ == "__main__":
    unittest.main()
