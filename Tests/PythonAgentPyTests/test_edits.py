"""The edit space: every edit renders to text that parses to exactly the edited tree, applies and
undoes cleanly, and compiles to what the whole file would."""
import ast
import os
import random
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "PythonAgent", "Agent"))

from heal_agent.bases import Bases
from heal_agent.edits import KINDS, PRIORS, SUPPRESSING, EditSpace
from heal_agent.edits.build import copy
from heal_agent.fuel import TICK, make_tick
from heal_agent.render import RenderError

EVERYTHING = 10 ** 9


def all_edits(space, kinds=None, limit=EVERYTHING, lines=None):
    lines = lines or range(1, space.text.count("\n") + space.text.count("\r") + 3)
    return space.enumerate({line: 1.0 for line in lines}, kinds, limit)


def replaced(text, edits):
    """The text with the protocol's edits made, by a reader of positions of its own."""
    starts = [0] + [m.end() for m in re.finditer(r"\r\n|\r|\n", text)]
    for line, column, end_line, end_column, new, _ in sorted(edits, key=lambda e: e[:4], reverse=True):
        text = text[:starts[line - 1] + column - 1] + new + text[starts[end_line - 1] + end_column - 1:]
    return text


def offered(text, kinds=None):
    """The rendered texts of all edits of these kinds."""
    space = EditSpace("a.py", text)
    return [replaced(text, space.render([e])) for e in all_edits(space, kinds)]


LAYOUTS = {
    "plain": "def f(x, items):\n    total = 0  # start\n    for item in items:\n        if item > x:\n"
             "            total += item\n    return total\n",
    "carriage returns": "def f(x):\r\n    y = x + 1\r\n    if y > 2:\r\n        y = 0\r\n    return y\r\n",
    "tabs": "def f(x):\n\tif x:\n\t\ty = x[1]\n\t\tprint(y)\n\telse:\n\t\ty = 2\n\treturn y\n",
    "semicolons": "def f(x):\n    a = 1; b = 2; c = a + b\n    if a: b = 3; c = 4\n    return c; pass\n",
    "one line": "def f(x): return x + 1\nif f(1): print(2)\nelse: print(3)\nwhile f(2): break\n",
    "decorators": "import functools\n@functools.lru_cache(maxsize=None)\n@staticmethod\ndef f(a=1, b=[]):\n"
                  "    return a\nclass C:\n    @property\n    def g(self):\n        return self.h\n",
    "f-strings": "def f(x, y):\n    s = f'{x} is {y[0]!r:>10}' 'tail'\n    return f\"{x + 1} {s}\" % y\n",
    "not ASCII": "def f(x):\n    ä = 'öü€😀' + x; ß = ä[0]\n    return ä + 'é', x > ß\n",
    "parentheses": "def f(a, b, c):\n    d = ((a) + (b)) * (c)\n    e = (a\n         and b  # why\n         and not (c))\n"
                   "    return (d,\n            e)\n",
    "continued": "def f(a, b):\n    c = a + \\\n        b\n    assert c == (\n        3), 'x'\n    return c\n",
    "elif": "def f(a):\n    if a < 0:\n        return -1\n    elif a == 0:  # nothing\n        return 0\n"
            "    else:\n        b = a\n    return b\n",
    "no newline at the end": "def f(a):\n    while a > 1:\n        a -= 1\n    return a",
    "strings over lines": "def f(a):\n    '''doc\n  of f'''\n    if a:\n        s = '''x\n y\n'''\n        t = a\n    return s\n",
    "comments between": "def f(a):\n    # first\n    b = a\n\n    # second\n    c = b  # tail\n\n    # third\n    return c\n",
    "try": "def f(a):\n    try:\n        b = a[0]\n    except (KeyError, IndexError) as error:\n        raise ValueError(error)\n"
           "    else:\n        b += 1\n    finally:\n        print(a)\n    return b\n",
    "comprehensions": "def f(a, k):\n    b = sum(x * 2 for x in a if x)\n    c = {x: y for x, y in a.items() if y > k}\n"
                      "    return sorted([x for x in b], key=lambda p: p[1], reverse=True), any(v for v in c)\n",
    "class": "class C(object):\n    n = 1\n    def __init__(self, a, b=2):\n        self.a = a\n        self.b = b\n"
             "    def m(self, *args, **kw):\n        super().__init__()\n        return a + self.b\n",
    "nested": "def f(n):\n    def g(i):\n        nonlocal n\n        n -= i\n        return lambda: n + i\n"
              "    return [g(i) for i in range(n)] + [lambda: i for i in range(3)]\n",
    "async": "async def f(a):\n    async with a as b:\n        async for c in b:\n            await c\n    return [d async for d in a]\n",
    "with": "def f(p):\n    with open(p) as a, open(p, 'w') as b:\n        for line in a: b.write(line)\n    del a, b\n",
    "recursion": "def f(n):\n    if n == 0:\n        return 0x10\n    return f(n - 1) * 2_000\n",
    "walrus and yield": "def f(a):\n    while (n := len(a)) > 3:\n        a = a[1:]\n        b = yield n\n    yield from a\n",
    "byte order mark": "\ufeffx = [1, 2]\nfor y in x:\n    print(y)\n",
    "statements in a module": "import sys; a = 1\nb = a\nif a: b = 2\nprint(a, b)\n",
}
if sys.version_info >= (3, 10):
    LAYOUTS["match"] = ("def f(a):\n    match a:\n        case [x, y] if x > y:\n            return x\n"
                        "        case {'k': 1}:\n            a = 2\n        case _:\n            pass\n    return a\n")
LIBRARY = ["bisect", "heapq", "textwrap", "colorsys", "cmd", "stat", "shlex", "sched", "queue", "fnmatch",
           "string", "graphlib", "json/scanner", "json/encoder", "fractions", "html/parser"]


class RenderTests(unittest.TestCase):
    def check(self, path, text, sample=None, lines=None):
        space, chance = EditSpace(path, text), random.Random(path)
        before = ast.dump(copy(space.module))
        if lines is not None:
            lines = chance.sample(range(1, text.count("\n")), min(lines, text.count("\n") - 1))
        edits = all_edits(space, lines=lines)
        if sample is not None and sample < len(edits):
            edits = chance.sample(edits, sample)
        for edit in edits:
            edit.apply()
            wanted = ast.dump(copy(space.module))
            edit.undo()
            try:
                text_edits = space.render([edit])
            except RenderError:
                self.fail(f"{path}: not rendered: {edit!r}")
            result = replaced(text, text_edits)
            try:
                found = ast.dump(ast.parse(result.lstrip("\ufeff")))
            except SyntaxError as error:
                self.fail(f"{path}: {edit!r}: {error}\n{result}")
            self.assertEqual(found, wanted, f"{path}: {edit!r}\n{result}")
            self.assertTrue(all(t[5] for t in text_edits))
        self.assertEqual(ast.dump(copy(space.module)), before)

    def test_every_edit_of_every_layout(self):
        for name, text in LAYOUTS.items():
            with self.subTest(name):
                self.check(name, text, None if os.environ.get("HEAL_LONG_TESTS") else 120)

    def test_edits_of_the_standard_library(self):
        folder, long = os.path.dirname(os.__file__), os.environ.get("HEAL_LONG_TESTS")
        for name in LIBRARY:
            path = os.path.join(folder, name + ".py")
            if os.path.exists(path):
                with open(path, encoding="utf-8", newline="") as file, self.subTest(name):
                    self.check(name, file.read(), *((2000, None) if long else (6, 8)))

    def test_pairs_of_edits(self):
        space = EditSpace("a.py", LAYOUTS["plain"])
        edits, chance, done = all_edits(space), random.Random(3), 0
        for _ in range(400):
            pair = chance.sample(edits, 2)
            if pair[0].conflicts(pair[1]):
                continue
            for edit in pair:
                edit.apply()
            wanted = ast.dump(copy(space.module))
            for edit in reversed(pair):
                edit.undo()
            try:
                result = replaced(space.text, space.render(pair))
            except RenderError:
                continue
            done += 1
            self.assertEqual(ast.dump(ast.parse(result)), wanted, pair)
        self.assertGreater(done, 300)

    def test_comments_and_formatting_outside_stay(self):
        text = LAYOUTS["comments between"]
        for result in offered(text, {"offByOne", "variable", "statement.insertReturn", "comparison"}):
            for comment in ("# first", "# second", "# tail", "# third"):
                self.assertIn(comment, result)

    def test_an_inserted_statement_has_the_indentation_of_its_block(self):
        results = offered(LAYOUTS["tabs"], {"statement.insertReturn"})
        self.assertTrue(any("\n\t\treturn y\n" in r for r in results))
        self.assertFalse(any("\n    " in r for r in results))

    def test_an_operator_is_replaced_alone(self):
        space = EditSpace("a.py", "def f(a, b):\n    return (a)  <  (  # why\n        b)\n")
        edit = next(e for e in all_edits(space, {"comparison"}) if "`<=`" in e.description)
        self.assertEqual(space.render([edit])[0][:5], (2, 17, 2, 18, "<="))


class SpaceTests(unittest.TestCase):
    def test_ids_are_positions_and_equal_for_equal_questions(self):
        def listing():
            space = EditSpace("a.py", LAYOUTS["class"])
            return [(e.id, e.kind, e.line, e.column, e.end_line, e.end_column, e.size, e.description,
                     e.function) for e in all_edits(space)]
        first = listing()
        self.assertEqual([row[0] for row in first], list(range(len(first))))
        self.assertEqual(first, listing())

    def test_a_limit_takes_from_every_kind(self):
        space = EditSpace("a.py", LAYOUTS["plain"])
        kinds = {e.kind for e in all_edits(space)}
        few = all_edits(space, limit=len(kinds))
        self.assertEqual({e.kind for e in few}, kinds)

    def test_files_share_a_limit(self):
        bases = Bases("/nowhere")
        bases.loaded({name: LAYOUTS["plain"] for name in ("a.py", "b.py")})
        places = {name: {str(line): weight for line in range(1, 99)} for name, weight in (("a.py", 1.0), ("b.py", 0.5))}
        rows = bases.enumerate({"base": 0, "places": places, "limit": 30})
        self.assertEqual([sum(row[2] == name for row in rows) for name in ("a.py", "b.py")], [20, 10])

    def test_kinds_asked_for_and_lines_are_kept(self):
        space = EditSpace("a.py", LAYOUTS["plain"])
        edits = space.enumerate({4: 0.5}, {"comparison"}, 100)
        self.assertTrue(edits)
        self.assertEqual({(e.kind, e.line) for e in edits}, {("comparison", 4)})

    def test_the_range_of_an_edit_holds_one_of_the_places(self):
        space = EditSpace("a.py", "def f(a, b):\n    c = (a +\n         b)\n    if (a and\n            b):\n        c = 1\n    return c\n")
        for places in ({2: 1.0}, {3: 1.0}, {4: 0.5}, {5: 0.5, 6: 1.0}):
            for edit in space.enumerate(places, None, EVERYTHING):
                lines = set(range(edit.line, edit.end_line + 1))
                unreached = edit.suspicion < max(places.values())
                self.assertTrue(lines & set(places) or unreached and edit.function == "f", edit)

    def test_what_no_failing_test_reached_of_a_function_comes_after_what_was(self):
        space = EditSpace("a.py", "def f(a):\n    if a < 0:\n        return a + 1\n    return a\n\n\ndef g(a):\n    return a - 1\n")
        edits = space.enumerate({2: 0.8, 4: 0.5}, {"arithmetic", "comparison"}, 100)
        self.assertEqual({e.line for e in edits}, {2, 3})
        self.assertEqual({e.suspicion for e in edits if e.line == 3}, {0.35 * 0.8})

    def test_a_computation_that_is_thrown_away_was_an_assignment(self):
        results = offered("def f(a, b):\n    a - b\n    return a\n", {"statement.assign"})
        for wanted in ("a -= b", "a = b", "a = a - b"):
            self.assertTrue(any("    %s\n" % wanted in one for one in results), wanted)

    def test_a_name_is_replaced_at_neighbouring_places(self):
        text = "def f(a, b):\n    a.sort()\n    a.pop()\n    a.append(1)\n    return b\n"
        results = offered(text, {"variable", "coupled"})
        self.assertIn("def f(a, b):\n    a.sort()\n    b.pop()\n    b.append(1)\n    return b\n", results)

    def test_statements_are_put_into_a_loop(self):
        text = "def f(a, n):\n    b = []\n    c = max(a)\n    a.remove(c)\n    b.append(c)\n    return b\n"
        results = offered(text, {"loop.wrap"})
        inside = "        c = max(a)\n        a.remove(c)\n        b.append(c)\n    return b\n"
        for header in ("while a:", "while len(b) < n:", "for _ in range(n):"):
            self.assertIn("def f(a, n):\n    b = []\n    %s\n%s" % (header, inside), results)

    def test_a_sequence_takes_over_another_among_many_names(self):
        text = ("def f(left, right):\n    before = list(right)\n    for row, a in enumerate(left):\n        now = [row]\n        for column, b in enumerate(right):\n"
                "            cost = a - b\n            now.append(before[column] + cost)\n    return before\n")
        results = offered(text, {"statement.insertUpdate"})
        self.assertIn(text.replace("    return", "        before = now\n    return"), results)

    def test_every_kind_is_described_and_has_a_prior(self):
        seen = set()
        for name, text in LAYOUTS.items():
            seen |= {e.kind for e in all_edits(EditSpace(name, text))}
        self.assertEqual(seen - set(KINDS), set())
        self.assertEqual(set(KINDS), set(PRIORS))

    def test_what_suppresses_a_failure_can_be_recognised(self):
        space = EditSpace("a.py", "def f(a):\n    b = a[0]\n    return b / 2\n")
        for edit in all_edits(space):
            edit.apply()
            new = ast.unparse(copy(space.module))
            edit.undo()
            if "except" in new or "if a" in new.split("\n", 2)[1] or "return None" in new.split("\n", 2)[1]:
                self.assertTrue(edit.kind.startswith(SUPPRESSING), edit)

    def test_conflicts(self):
        space = EditSpace("a.py", "def f(a, b):\n    return a < b\n")
        edits = all_edits(space)
        operator = [e for e in edits if e.kind == "comparison"]
        self.assertTrue(operator[0].conflicts(operator[1]))
        name = next(e for e in edits if e.kind == "variable")
        self.assertFalse(name.conflicts(operator[0]))

    def test_an_edit_names_its_outermost_function(self):
        space = EditSpace("a.py", LAYOUTS["nested"])
        self.assertEqual({e.function for e in all_edits(space)}, {"f"})
        space = EditSpace("a.py", LAYOUTS["class"])
        self.assertEqual({e.function for e in all_edits(space)}, {None, "C.__init__", "C.m"})


class CompileTests(unittest.TestCase):
    CLASS = ("class A:\n    def hi(self):\n        return 'A'\nclass B(A):\n    __secret = 5\n"
             "    def hi(self, n=1):\n        return super().hi() + __class__.__name__ + str(self.__secret + n)\n")

    def load(self, space):
        names = {TICK: make_tick(1000)}
        exec(space.compile_module(), names)
        return names

    def test_a_method_keeps_its_class_its_super_and_its_private_names(self):
        space = EditSpace("a.py", self.CLASS)
        names = self.load(space)
        edit = next(e for e in all_edits(space, {"arithmetic"}) if e.function == "B.hi"
                    and "`-` in place of `+`" in e.description and "self.__secret" not in e.description)
        results = set()
        for edit in all_edits(space, {"arithmetic"}):
            edit.apply()
            names["B"].hi.__code__ = space.compile_function("B.hi")
            edit.undo()
            try:
                results.add(names["B"]().hi())
            except TypeError:
                pass
        self.assertIn("AB4", results)
        names["B"].hi.__code__ = space.compile_function("B.hi")
        self.assertEqual(names["B"]().hi(), "AB6")

    def test_a_function_compiles_as_in_its_file(self):
        text = "x = 1\n\n\ndef f(a):\n    b = a / x\n    return b\n"
        space = EditSpace("a.py", text)
        code = space.compile_function("f")
        self.assertEqual((code.co_name, code.co_firstlineno, code.co_filename), ("f", 4, "a.py"))

    def test_changed_defaults_are_told(self):
        space = EditSpace("a.py", "def f(a, b=[]):\n    b.append(a)\n    return b\n")
        edit = all_edits(space, {"default.mutable"})[0]
        self.assertFalse(space.function_defaults_changed("f"))
        edit.apply()
        self.assertTrue(space.function_defaults_changed("f"))
        names = {TICK: make_tick(1000)}
        exec(space.compile_def("f"), names)
        edit.undo()
        self.assertEqual((names["f"](1), names["f"](2)), ([1], [2]))
        self.assertFalse(space.function_defaults_changed("f"))


if __name__ == "__main__":
    unittest.main()
