"""Synthesis: expressions from recorded values, one for each way to differ; what it makes, and what it must never do."""

import ast
import builtins
import collections
import json
import random
import sys
import types
import unittest

from agent_client import Client

from heal_agent import verdicts
from heal_agent.edits import KINDS, EditSpace
from heal_agent.edits.scope import Function
from heal_agent.fuel import TICK, exhausted, left, make_tick
from heal_agent.synthesis import choose, conditions, interpret, terms, values
from heal_agent.synthesis.offers import offer_all
from heal_agent.synthesis.run import ANGELIC, STEPS, Synthesis

PATH = "lib.py"


class Runs:
    """Functions of a text and tests that call them, in this process."""

    scopes = Function

    def __init__(self, text, tests):
        builtins.__dict__[TICK] = make_tick(1 << 60)
        self.steps = 0
        self.space = EditSpace(PATH, text)
        self.spaces = {PATH: self.space}
        self.module = types.ModuleType("synthesis_lib")
        exec(self.space.compile_module(), vars(self.module))
        names = dict(vars(self.module))
        exec(tests, names)
        self.calls = [value for name, value in names.items() if name.startswith("test")]
        outcomes = [self.run(number, 20_000)[0] for number in range(len(self.calls))]
        self.failing = [number for number, passed in enumerate(outcomes) if not passed]
        self.passing = [number for number, passed in enumerate(outcomes) if passed]
        self.steps = 0

    def take_code(self, functions):
        for name in functions[PATH]:
            owner, _, last = name.rpartition(".")
            holder = vars(self.module)[owner] if owner else self.module
            getattr(holder, last).__code__ = self.space.compile_function(name)

    def run(self, test, most):
        tick = builtins.__dict__[TICK] = make_tick(most)
        word, _ = verdicts.run_direct(self.calls[test], tick)
        steps = 50 + (most if exhausted(tick) else most - left(tick))
        self.steps += steps
        return word == "passed", steps

    def constants(self, path):
        return dict(vars(self.module))


def synthesised(text, *checks):
    """The runs, the offers, and the edits that they become."""
    tests = "\n".join("def test_%d(): assert %s" % (number, check) for number, check in enumerate(checks))
    runs = Runs(text, tests)
    places = {line: 1.0 for line in range(1, text.count("\n") + 2)}
    offers = Synthesis(runs, {PATH: places}).offers().get(PATH, [])
    edits = EditSpace(PATH, text).enumerate(places, {kind for kind in KINDS if kind.startswith("synthesis")}, 10_000,
                                            lambda out: offer_all(offers, out))
    return runs, offers, sorted(edits, key=lambda edit: (edit.size, edit.id))


def words(edits, kind):
    return [edit.description for edit in edits if edit.kind == kind]


UNIQUE = """def unique(items):
    new = []
    for i in items:
        if items.count(i) == 1:
            new.append(i)
    return new
"""
FIRST = """def first(items, k):
    new = []
    while len(items) >= len(items) - k:
        new.append(max(items))
        items = [x for x in items if x != max(items)]
    return new
"""
EVENS = "def evens(xs):\n    out = []\n    for x in xs:\n        out.append(x)\n    return out\n"


class Expressions(unittest.TestCase):
    def test_a_condition_over_what_the_loop_makes(self):
        _, _, edits = synthesised(UNIQUE, "unique([1, 2, 1, 3, 3]) == [1, 2, 3]", "unique([]) == []", "unique([4]) == [4]")
        self.assertEqual(words(edits, "synthesis.condition")[0], "use `i not in new` in place of `items.count(i) == 1`")

    def test_a_condition_of_a_loop_that_never_ended(self):
        _, _, edits = synthesised(FIRST, "first([3, 1, 2], 2) == [3, 2]", "first([3, 1, 2], 1) == [3]", "first([9, 8], 0) == []")
        self.assertEqual(words(edits, "synthesis.condition")[0], "use `len(new) < k` in place of `len(items) >= (len(items) - k)`")

    def test_a_condition_that_was_missing(self):
        _, _, edits = synthesised(EVENS, "evens([1, 2, 3, 4]) == [2, 4]", "evens([6, 7]) == [6]", "evens([2]) == [2]")
        self.assertEqual(words(edits, "synthesis.only")[0], "do `out.append(x)` only if `(x % 2) == 0`")
        self.assertEqual(words(edits, "synthesis.leave")[0], "`continue` if `(x % 2) != 0`")

    def test_what_a_test_wants_is_what_is_returned(self):
        _, _, edits = synthesised("def mean(xs):\n    return sum(xs) / 2\n", "mean([1, 2, 3]) == 2", "mean([1, 2, 3, 6]) == 3",
                                  "mean([7, 9]) == 8")
        self.assertEqual(words(edits, "synthesis.return")[0], "use `sum(xs) / len(xs)` in place of `sum(xs) / 2`")

    def test_a_guard_holds_where_tests_fail_and_not_where_they_pass(self):
        text = "def last(xs, default):\n    return xs[-1]\n"
        checks = "last([1, 2], 7) == 2", "last([5, 1], 0) == 1", "last([], 3) == 3", "last([], 0) == 0"
        runs, _, edits = synthesised(text, *checks)
        guards = [edit for edit in edits if edit.kind == "synthesis.guard"]
        self.assertIn("insert `if not xs: return default`", [edit.description for edit in guards])
        self.assertEqual((runs.failing, runs.passing), ([2, 3], [0, 1]))
        for description in [edit.description for edit in guards]:
            source = text.replace("    return", "    " + description[8:-1].replace(": return", ":\n        return") + "\n    return", 1)
            guarded = Runs(source, "\n".join("def test_%d(): assert %s" % one for one in enumerate(checks)))
            self.assertTrue({0, 1} < set(guarded.passing), source)

    def test_values_of_objects(self):
        text = "def top(node):\n    return node.left\n\n\nclass Node:\n    def __init__(self, left, right):\n" \
               "        self.left = left\n        self.right = right\n"
        _, _, edits = synthesised(text, "top(Node(1, 2)) == 2", "top(Node(3, 4)) == 4")
        self.assertEqual(words(edits, "synthesis.return")[0], "use `node.right` in place of `node.left`")

    def test_where_nothing_helps_nothing_is_offered(self):
        text = "def f(x, y):\n    if x > 0:\n        y = 1\n    return [x, y, 7]\n"
        _, _, edits = synthesised(text, "f(1, 5) == 8", "f(2, 5) == 9")
        self.assertEqual(words(edits, "synthesis.condition"), [])


class Offers(unittest.TestCase):
    def test_they_are_bounded_named_and_render_to_what_parses(self):
        for text, checks in ((UNIQUE, ("unique([1, 1]) == [1]",)), (EVENS, ("evens([1, 2]) == [2]", "evens([2]) == [2]"))):
            _, offers, edits = synthesised(text, *checks)
            self.assertEqual({offer[1] for offer in offers} - set(KINDS), set())
            counts = collections.Counter(json.dumps(offer[0]) for offer in offers)
            self.assertLessEqual(max(counts.values()), max(choose.OFFERS.values()))
            space = EditSpace(PATH, text)
            lines = {line: 1.0 for line in range(1, 20)}
            for edit in space.enumerate(lines, set(KINDS), 10_000, lambda out: offer_all(offers, out)):
                if edit.kind.startswith("synthesis"):
                    self.assertTrue(space.render([edit]), edit)

    def test_no_two_of_them_are_equal_in_all_recorded_moments_beyond_a_few(self):
        moments = [{"x": value, "y": value} for value in (1, 2, 5)]
        pool = terms.Pool(moments, frozenset())
        pool.add_name("x")
        pool.add_name("y")
        terms.grow(pool)
        rows = [tuple(map(values.name_of, term.row)) for term in pool.terms]
        self.assertEqual(len(rows), len(set(rows)))

    def test_the_same_program_gets_the_same_offers(self):
        checks = "first([3, 1, 2], 2) == [3, 2]", "first([3, 1, 2], 1) == [3]"
        self.assertEqual(synthesised(FIRST, *checks)[1], synthesised(FIRST, *checks)[1])

    def test_the_steps_of_endless_programs_are_bounded(self):
        text = "def f(n, k):\n    i = 0\n    while i >= 0:\n        if i != k:\n            i += n\n        while k < 0:\n            i = 0\n    return i\n"
        runs, _, _ = synthesised(text, "f(1, 2) == 2", "f(2, 2) == 4", "f(3, 2) == 4", "f(1, -1) == 0")
        self.assertLessEqual(runs.steps, 1.2 * (STEPS + ANGELIC))

    def test_nothing_is_left_in_the_tree(self):
        runs, offers, _ = synthesised(UNIQUE, "unique([1, 1]) == [1]")
        self.assertTrue(offers)
        self.assertEqual(ast.dump(runs.space.module), ast.dump(EditSpace(PATH, UNIQUE).module))


class Hostile:
    """An object that notices being used in any way."""

    touched = []

    def _touch(self, *_):
        Hostile.touched.append(sys._getframe(1).f_code.co_name)
        raise AssertionError("the program's code was called")

    __eq__ = __lt__ = __bool__ = __len__ = __iter__ = __hash__ = __repr__ = __getattr__ = __add__ = __contains__ = __copy__ = _touch
    __deepcopy__ = __reduce_ex__ = __index__ = _touch


def random_value(rng, depth=3):
    kind = rng.randrange(9 if depth else 5)
    if kind < 5:
        return rng.choice([0, 1, -3, 2.5, float("nan"), True, None, "", "ab", b"x", 10 ** 30])
    parts = [random_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    if kind == 5:
        return parts
    if kind == 6:
        return tuple(parts)
    if kind == 7:
        return {str(number): part for number, part in enumerate(parts)}
    return collections.deque(parts)


def spoil(value):
    """Changes every container that a value holds."""
    if isinstance(value, (list, collections.deque, tuple)):
        for part in list(value):
            spoil(part)
    if isinstance(value, dict):
        for part in list(value.values()):
            spoil(part)
        value["spoilt"] = True
    if isinstance(value, (list, collections.deque)):
        value.append("spoilt")


class Values(unittest.TestCase):
    def test_copies_are_equal_and_independent(self):
        rng = random.Random(1)
        for _ in range(300):
            value = random_value(rng)
            before = values.name_of(value)
            copy = values.Copier(1000).copy(value)
            self.assertEqual(values.name_of(copy), before)
            spoil(copy)
            self.assertEqual(values.name_of(value), before)

    def test_copies_keep_what_is_shared(self):
        inner = [1]
        copy = values.Copier(10).copy([inner, inner])
        self.assertIs(copy[0], copy[1])

    def test_what_is_too_large_is_refused(self):
        for value in ([[]] * 201, "x" * 3000, 1 << 2000, [[[] for _ in range(20)] for _ in range(20)]):
            with self.assertRaises(values.Unfit):
                values.Copier(100).copy(value)

    def test_nothing_of_the_program_is_called(self):
        moments = [{"a": Hostile(), "b": Hostile(), "c": [1, 2], "n": 1} for _ in range(3)]
        for moment in moments:
            copy = values.Copier(50).copy(moment["a"])
            self.assertIs(type(copy), Hostile)
        pool = terms.Pool(moments, frozenset())
        for name in "abcn":
            pool.add_name(name)
        pool.add_constant(0)
        terms.grow(pool)
        found = conditions.Conditions(3, {})
        found.add_comparisons(pool.terms, 60)
        reader = interpret.Interpreter(moments[0], {})
        for source in ("a == b", "a < b", "a + b", "not a", "len(a)", "a in c", "a.x", "str(a)", "[a] == [b]", "sorted([a, b])", "a[0]"):
            self.assertIs(reader.value(ast.parse(source, mode="eval").body), values.ERROR, source)
        self.assertEqual(Hostile.touched, [])


class Evaluation(unittest.TestCase):
    NAMES = {"x": 3, "y": -2, "xs": [1, 2, 3], "s": "ab c", "d": {"a": 1}, "t": (1, 2), "z": 0}
    SOURCES = ("x + y", "x / z", "xs[x]", "xs[y]", "len(xs) - x", "s.upper()", "s.split()", "d['a']", "d.get('b', 0)", "x in xs",
               "xs[1:]", "xs[::-1]", "s * x", "x if y else z", "x and z or y", "1 < x <= 3", "sum(xs) // len(t)", "-x % 2", "not z",
               "sorted(s)", "max(xs) - min(t)", "xs + [x]", "s[0] + s[-1]", "d == {'a': 1}", "isinstance(x, int)", "x is None",
               "list(range(x))", "xs.count(1)", "t.index(2)", "unknown", "s % x", "{1, 2}", "xs.append(4)", "d.pop('a')")

    def test_it_gives_what_python_gives_and_changes_nothing(self):
        reader = interpret.Interpreter(self.NAMES, {})
        before = repr(self.NAMES)
        for source in self.SOURCES:
            got = reader.value(ast.parse(source, mode="eval").body)
            try:
                wanted = eval(source, {}, {name: values.Copier(99).copy(value) for name, value in self.NAMES.items()})
            except Exception:
                wanted = values.ERROR
            if got is not values.ERROR:
                self.assertEqual(values.name_of(got), values.name_of(wanted), source)
            self.assertEqual(repr(self.NAMES), before, source)

    def test_terms_and_conditions_have_the_values_that_their_text_has(self):
        rng = random.Random(3)
        moments = [{"a": rng.randrange(-3, 9), "b": rng.randrange(1, 5), "xs": [rng.randrange(5) for _ in range(rng.randrange(1, 5))],
                    "s": rng.choice(["ab", "b", "cab"])} for _ in range(8)]
        pool = terms.Pool(moments, frozenset(("sum", "max", "count", "upper")))
        for name in ("a", "b", "xs", "s"):
            pool.add_name(name)
        pool.add_constant(0)
        pool.add_constant(2)
        terms.grow(pool)
        self.assertGreater(len(pool.terms), 100)
        for term in pool.terms:
            self.check(term.node, moments, term.row)
        found = conditions.Conditions(len(moments), {})
        found.add_comparisons(pool.terms, 50)
        some = rng.sample(found.found, 60)
        joined = [conditions.joined(op, one, other, found.everywhere) for one in some[:8] for other in some for op in (ast.And, ast.Or)]
        for condition in found.found + joined:
            for number, moment in enumerate(moments):
                value = self.value(condition.node, moment)
                self.assertEqual(bool(condition.raises >> number & 1), value is values.ERROR, ast.dump(condition.node))
                if value is not values.ERROR:
                    self.assertEqual(bool(condition.holds >> number & 1), bool(value), ast.dump(condition.node))

    def check(self, node, moments, row):
        for moment, value in zip(moments, row):
            wanted = self.value(node, moment)
            if value is values.ERROR or wanted is values.ERROR:
                self.assertIs(wanted, value, ast.dump(node))
            else:
                self.assertEqual(values.name_of(value), values.name_of(wanted), ast.dump(node))

    @staticmethod
    def value(node, moment):
        code = compile(ast.fix_missing_locations(ast.Expression(body=ast.parse(ast.unparse(node), mode="eval").body)), "x", "eval")
        try:
            return eval(code, {}, dict(moment))
        except Exception:
            return values.ERROR


COUNTED = """CALLS = []


def add(a, b):
    CALLS.append(a)
    return a - b


def calls():
    return len(CALLS)
"""
COUNTED_TESTS = """import unittest
import lib


class T(unittest.TestCase):
    def test_add(self):
        lib.CALLS.clear()
        self.assertEqual(lib.add(1, 2), 3)
        lib.CALLS.clear()

    def test_other(self):
        self.assertEqual(lib.add(5, 0), 5)
        lib.CALLS.clear()

    def test_none_before(self):
        self.assertEqual(lib.calls(), 0)
"""


class InTheAgent(unittest.TestCase):
    def loaded(self, text=COUNTED, tests=COUNTED_TESTS):
        client = Client({PATH: text, "test_lib.py": tests})
        self.addCleanup(client.close)
        client.ok("load", oracle={"kind": "suite", "targets": ["test_lib.py"], "regressions": None, "args": []}, files={PATH: text},
                  modules=[], coverage=False, timeout=5)
        return client

    def edits(self, client, text=COUNTED, **options):
        places = {PATH: {str(line): 1.0 for line in range(1, text.count("\n") + 2)}}
        return client.ok("edits", base=0, places=places, kinds=None, limit=20_000, **options)

    def test_offers_travel_and_give_the_same_edits_to_another_agent(self):
        first = self.edits(self.loaded(), synthesise=True)
        self.assertTrue([row for row in first["edits"] if row[1] == "synthesis.return" and "a + b" in row[8]])
        again = self.edits(self.loaded(), offers=first["offers"])
        self.assertEqual(again, first)

    def test_the_program_s_state_is_as_before(self):
        client = self.loaded()
        self.edits(client, synthesise=True)
        answer = client.ok("evaluate", base=0, candidates=[[]], depth="inProcess", tests=None, full=True, fuel=20_000, timeout=2)
        self.assertEqual(answer["details"], {})
        self.assertEqual(answer["results"][0][0], 1)

    def test_edits_of_offers_are_evaluated_as_others_are(self):
        client = self.loaded()
        listed = self.edits(client, synthesise=True)["edits"]
        ids = [[row[0]] for row in listed if row[1] == "synthesis.return"]
        self.assertTrue(ids)
        for depth in ("inProcess", "fork"):
            answer = client.ok("evaluate", base=0, candidates=ids, depth=depth, tests=None, full=False, fuel=20_000, timeout=2)
            self.assertIn(0, [row[0] for row in answer["results"]], depth)

    def test_a_base_that_lies_over_another_has_offers_of_its_own(self):
        client = self.loaded()
        over = COUNTED.replace("a - b", "a * 2 - b")
        client.ok("base", base=1, files={PATH: over})
        places = {PATH: {str(line): 1.0 for line in range(1, 9)}}
        rows = client.ok("edits", base=1, places=places, kinds=None, limit=20_000, synthesise=True)["edits"]
        ids = [[row[0]] for row in rows if row[1] == "synthesis.return"]
        answer = client.ok("evaluate", base=1, candidates=ids, depth="inProcess", tests=None, full=False, fuel=20_000, timeout=2)
        self.assertIn(0, [row[0] for row in answer["results"]])

    def test_a_script_is_run_with_notes_too(self):
        text = "n = int(input())\nfor x in [3, 8, 5, 12]:\n    print(x)\n"
        client = Client({"main.py": text})
        self.addCleanup(client.close)
        client.ok("load", oracle={"kind": "script", "argv": ["main.py"], "cases": [
            {"name": "a", "args": [], "stdin": "6\n", "expected": "8\n12\n"}]}, files={"main.py": text}, modules=[], coverage=False, timeout=5)
        rows = client.ok("edits", base=0, places={"main.py": {"2": 1.0, "3": 1.0}}, kinds=None, limit=9000, synthesise=True)["edits"]
        self.assertIn("do `print(x)` only if `x > n`", [row[8] for row in rows if row[1] == "synthesis.only"])

    def test_a_test_that_kills_its_process_costs_the_offers_alone(self):
        text = "import os\n\n\ndef f(x):\n    if x > 1:\n        os._exit(3)\n    return x\n"
        tests = "import unittest\nimport lib\n\n\nclass T(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(lib.f(2), 2)\n"
        client = self.loaded(text, tests)
        self.assertEqual(self.edits(client, text, synthesise=True)["offers"], "{}")
        listed = self.edits(client, text)["edits"]
        wanted = [[row[0]] for row in listed if row[1] == "statement.delete" and row[3] == 6]
        answer = client.ok("evaluate", base=0, candidates=wanted, depth="fork", tests=None, full=False, fuel=20_000, timeout=2)
        self.assertEqual([row[0] for row in answer["results"]], [0] * len(wanted))

    def test_where_no_fork_is_sound_nothing_runs(self):
        text = "def f(x):\n    with open('made', 'w') as file:\n        file.write(x)\n    return x + 'b'\n"
        tests = "import unittest\nimport lib\n\n\nclass T(unittest.TestCase):\n    def test_f(self):\n        self.assertEqual(lib.f('a'), 'a')\n"
        client = Client({PATH: text, "test_lib.py": tests})
        self.addCleanup(client.close)
        loaded = client.ok("load", oracle={"kind": "suite", "targets": ["test_lib.py"], "regressions": None, "args": []}, files={PATH: text},
                           modules=[], coverage=False, timeout=5)
        self.assertEqual(loaded["depth"], "fresh")
        self.assertEqual(self.edits(client, text, synthesise=True)["offers"], "{}")

    def test_before_anything_is_loaded_there_is_nothing(self):
        client = Client({PATH: COUNTED})
        self.addCleanup(client.close)
        self.assertEqual(self.edits(client, synthesise=True)["offers"], "")

    def test_malformed_offers_are_refused(self):
        client = Client({PATH: COUNTED})
        self.addCleanup(client.close)
        for offers in ("[", "[]", '{"lib.py": [[1]]}', '{"lib.py": [[true, "synthesis.value", "1", 1]]}', '{"lib.py": [[0, "x", "1 +", 1]]}'):
            reply = client.request("edits", base=0, places={PATH: {"1": 1.0}}, kinds=None, limit=9, offers=offers)
            self.assertEqual(reply.get("error", {}).get("kind"), "malformed", offers)


if __name__ == "__main__":
    unittest.main()
