"""The rules of evidence against changes that say the same in other words (SOUNDNESS 2, 4 and 5)."""

import sys
import unittest

from test_guard import TEST, rules

HARD_CODED, CONSTANT, ASKED = "hard-coded answer", "constant function", "test input in a condition"
SWALLOWED, BLIND, TAMPERING = "swallowed failure", "operator that ignores its operands", "interpreter tampering"
UNSUPPORTED = "unsupported by the oracle"
F = "def f(x):\n    return x\n"


class Answers(unittest.TestCase):
    def test_an_answer_is_known_wherever_a_test_writes_it(self):
        for test in ("expected = 42\n    assert f(17) == expected", "assert f(17) in (41, 42)", "assert abs(f(17) - 42) < 1",
                     "for given, wanted in [(17, 42)]:\n        assert f(given) == wanted", "assert f(17) == pytest.approx(42)",
                     "assert str(f(17)) == '42'", "assert f(17) == 42.0", "assert [f(17)] == [40 + 2]", "assert f(17)['n'] == 42",
                     "self.assertAlmostEqual(f(17), 42)", "assert f(17) == Decimal(42)", "assert f(17) == {'a': [42]}"):
            with self.subTest(test):
                self.assertEqual(rules(F, "def f(x):\n    return x and 42 or x\n", "def test_f():\n    %s\n" % test), {HARD_CODED})

    def test_an_answer_is_known_in_whatever_form_it_is_written_out(self):
        test = "def test_f():\n    assert f(17, 0) == 42\n    assert f(1, 0) == -42\n"
        for text in ("y = x or 42", "y = 40 + 2 if x else x", "y = int('42')", "y = [x, 42]", "y = {x: 42}", "y = z.get(x, 42)",
                     "y = getattr(x, 'y', 42)", "y = next(x, 42)", "y = max(x, default=42)", "x += 42", "y = lambda z=42: z",
                     "y = [42 for z in x]", "z.append(42)", "y = {17: 42}[x]", "y = {17: 42}.get(x)", "(y := 42)",
                     "print(x, end='42')", "y = -42", "yield 42", "for y in (x, 42): pass"):
            with self.subTest(text):
                after = "def f(x, z):\n    %s\n    return x\n" % text
                self.assertIn(HARD_CODED, rules("def f(x, z):\n    return x\n", after, test))
        self.assertIn(HARD_CODED, rules(F, "def f(x, y=42):\n    return y\n", TEST))

    def test_a_text_is_known_when_it_is_put_together(self):
        test = "def test_f():\n    assert f(17) == 'needles'\n"
        for text in ("'need' + 'les'", "f'need{\"les\"}'", "''.join(['need', 'les'])", "'needles\\n'.strip()", "'need%s' % 'les'", "'NEEDLES'.lower()"):
            with self.subTest(text):
                self.assertIn(HARD_CODED, rules(F, "def f(x):\n    return x and %s\n" % text, test))

    def test_what_a_test_reads_from_the_output_is_an_answer(self):
        test = "def test_f(capsys):\n    f()\n    assert capsys.readouterr().out == 'Sum: 15\\n'\n"
        self.assertIn(HARD_CODED, rules("def f():\n    pass\n", "def f():\n    print('Sum: 15')\n", test))

    def test_a_short_output_is_an_answer_too(self):
        self.assertIn(HARD_CODED, rules("print(1)\n", "print('AB')\n", expected=["AB\n"]))
        self.assertIn(HARD_CODED, rules("print(1)\n", "print(15)\n", expected=["Sum: 15\n"]))
        self.assertIn(HARD_CODED, rules("print(1)\n", "print(15.5)\n", expected=["Sum: $15.50\n"]))
        self.assertEqual(rules("print(1)\n", "print(5)\n", expected=["Sum: 15\n"]), set())

    def test_what_the_program_is_given_is_no_answer(self):
        self.assertEqual(rules(F, "def f(x):\n    y = 17\n    return x + y\n", TEST), set())

    def test_what_says_nothing_is_free(self):
        test = "def test_f():\n    assert f(17) == []\n    assert f(18) == {}\n"
        self.assertEqual(rules(F, "def f(x):\n    if not x:\n        return []\n    return x\n", test), set())


class Constants(unittest.TestCase):
    def test_an_empty_function_gets_more_than_one_constant(self):
        for stub in ("pass", "...", "'What it does.'", "raise NotImplementedError", "return None", "'What it does.'\n    return"):
            for body in ("return True", "if x:\n        return True", "if isinstance(x, int):\n        return -1", "return x and True",
                         "return True if x else 1", "yield 1", "if x > 0:\n        return 1\n    return True", "return []"):
                with self.subTest(stub=stub, body=body):
                    self.assertIn(CONSTANT, rules("def f(x):\n    %s\n" % stub, "def f(x):\n    %s\n" % body))
        for body in ("return x > 0", "if x > 0:\n        return True\n    return False", "return x"):
            with self.subTest(body):
                self.assertEqual(rules("def f(x):\n    pass\n", "def f(x):\n    %s\n" % body), set())

    def test_neither_does_one_that_is_given_nothing(self):
        self.assertIn(CONSTANT, rules("def f():\n    pass\n", "def f():\n    return True\n"))
        method = "class A:\n    def f(self):\n        %s\n"
        self.assertIn(CONSTANT, rules(method % "pass", method % "return True"))

    def test_what_computed_does_not_come_to_answer_always_the_same(self):
        before = "def f(x):\n    y = x * 2\n    return y\n"
        self.assertIn(CONSTANT, rules(before, before.replace("return y", "return True")))
        method = "class A:\n    def f(self):\n        return %s\n"
        self.assertIn(CONSTANT, rules(method % "self.x", method % "True"))
        loop = "def f(x):\n    for y in x:\n        if y:\n            return %s\n"
        self.assertEqual(rules(loop % "y", loop % "True"), set())

    def test_in_a_text_that_does_not_parse(self):
        self.assertIn(CONSTANT, rules("def f(x)\n    pass\n", "def f(x):\n    return True\n"))
        self.assertEqual(rules("def f(x)\n    return True\n", "def f(x):\n    return True\n"), set())


class Conditions(unittest.TestCase):
    def test_a_condition_is_new_although_another_looks_alike(self):
        before = "def f(x):\n    if x == 3:\n        return 1\n    return x\n"
        after = before.replace("    return x\n", "    if x == 17:\n        return 0\n    return x\n")
        self.assertIn(ASKED, rules(before, after, TEST))
        self.assertEqual(rules(before, before.replace("== 3", "== 17"), TEST), set())

    def test_a_test_input_is_asked_for_in_other_ways(self):
        for text in ("return x + (x == 17)", "return {17: x}[x]", "return [y for y in x if y == 17]", "assert x != 17"):
            with self.subTest(text):
                self.assertIn(ASKED, rules(F, "def f(x):\n    %s\n    return x\n" % text, TEST))
        broken = "def f(x)\n    return x\n"
        self.assertIn(ASKED, rules(broken, "def f(x):\n    if x == 17:\n        return 1\n    return x\n", TEST))

    @unittest.skipIf(sys.version_info < (3, 10), "no match statements")
    def test_nor_in_a_pattern(self):
        self.assertIn(ASKED, rules(F, "def f(x):\n    match x:\n        case 17:\n            return 1\n    return x\n", TEST))


class Tampering(unittest.TestCase):
    def test_wide_handlers_hide_behind_other_names(self):
        for text in ("try:\n    f()\nexcept Exception:\n    pass\n", "try:\n    f()\nexcept builtins.BaseException:\n    pass\n",
                     "try:\n    f()\nexcept tuple([AssertionError]):\n    pass\n", "with suppress(*everything):\n    f()\n",
                     "def g():\n    try:\n        f()\n    finally:\n        return 1\n", "for x in y:\n    try:\n        f()\n    finally:\n        break\n",
                     "class C:\n    def __exit__(self, *error):\n        return True\n"):
            with self.subTest(text):
                self.assertIn(SWALLOWED, rules("f()\n", text))
                self.assertIn(SWALLOWED, rules("f(\n", text))
        good = "class C:\n    def __exit__(self, *error):\n        self.close()\n        return False\n"
        self.assertEqual(rules("f()\n", good), set())

    def test_a_handler_of_a_text_that_does_not_parse_is_none_of_the_repair(self):
        text = "try\n    f()\nexcept Exception:\n    pass\n"
        self.assertEqual(rules(text, text.replace("try", "try:")), set())

    def test_operators_come_in_other_ways(self):
        for text in ("A.__eq__ = lambda self, other: True", "setattr(A, '__eq__', lambda a, b: True)", "A.__hash__ = None", "A.__bool__ = all",
                     "A.__ne__ = lambda a, b: a is a"):
            with self.subTest(text):
                self.assertIn(BLIND, rules("class A:\n    pass\n", "class A:\n    pass\n\n\n%s\n" % text))
        for method in ("__eq__(*both)", "__lt__(self, other)", "__len__(self)", "__contains__(self, item)", "__ne__(self, other)"):
            with self.subTest(method):
                self.assertIn(BLIND, rules("class A:\n    pass\n", "class A:\n    def %s:\n        return 1\n" % method))
        body = "class A:\n    def __eq__(self, other):\n        self, other\n        return True\n"
        self.assertIn(BLIND, rules("class A:\n    pass\n", body))
        self.assertEqual(rules("class A:\n    pass\n", "class A:\n    pass\n\n\nA.__eq__ = lambda a, b: a.x == b.x\n"), set())

    def test_the_interpreter_has_many_doors(self):
        for text in ("import sys as s; s.modules['a'] = None", "getattr(os, '_exit')(0)", "from os import _exit", "raise SystemExit(0)",
                     "import inspect; inspect.currentframe()", "f.__traceback__.tb_frame", "x.f_locals", "x.gi_frame", "os.kill(1, 9)",
                     "atexit.register(f)", "sys.excepthook = f", "f.__globals__", "sys.path.insert(0, 'x')", "quit()", "sys.settrace(f)"):
            with self.subTest(text):
                self.assertIn(TAMPERING, rules("x = 1\n", text + "\n"))
                self.assertIn(TAMPERING, rules("x = (1\n", text + "\n"))

    def test_a_repair_does_not_look_for_its_tests(self):
        for text in ("from _pytest.runner import skip", "import unittest.mock", "x = 'PYTEST'", "x = y(test_f=1)", "import sys; x = sys.argv",
                     "import inspect; x = inspect.stack()"):
            with self.subTest(text):
                self.assertIn("looks for its tests", rules("x = 1\n", text + "\n", TEST))
        self.assertEqual(rules("import sys\nx = sys.agrv[1]\n", "import sys\nx = sys.argv[1]\n", TEST), set())

    def test_assertions_of_a_text_that_does_not_parse_stay(self):
        self.assertIn("removed assertion", rules("def f()\n    assert g()\n", "def f():\n    g()\n"))


class CrashOnly(unittest.TestCase):
    def test_defaults_and_constants_hide_a_crash_too(self):
        before = "def f(x):\n    y = x['k']\n    return [z for z in x[0].w]\n"
        for old, new in (("x['k']", "x.get('k')"), ("x['k']", "x.get('k', 0)"), ("x['k']", "0"), ("return [z", "return [] and [z"),
                         ("x[0].w", "getattr(x[0], 'w', [])"), ("x[0]", "next(x, None)"), ("for z in x[0].w", "for z in x[0].w if z"),
                         ("    y = x['k']\n", "    with suppress(KeyError):\n        y = x['k']\n"), ("def f(x):", "def f(x):\n    return None")):
            with self.subTest(new):
                self.assertIn(UNSUPPORTED, rules(before, before.replace(old, new), strength="crash-only"))
        self.assertIn(UNSUPPORTED, rules("def f():\n    global x\n\n\nx = 1\n", "x = 1\n", strength="crash-only"))
        for text in ("if x:\n    g(x)\n", "try:\n    g(x)\nexcept ValueError:\n    h(x)\n"):
            self.assertIn(UNSUPPORTED, rules("g(x)\n" + ("h(x)\n" if "h(x)" in text else ""), text, strength="crash-only"))
        self.assertEqual(rules("x = d.gte('k')\n", "x = d.get('k')\n", strength="crash-only"), set())

    def test_a_repair_of_the_syntax_takes_nothing_away(self):
        self.assertIn(UNSUPPORTED, rules("x = 1\ncheck(x))\nprint(x)\n", "x = 1\nprint(x)\n", strength="crash-only"))
        for before, after in (("if x:\n    y()\nelse if z:\n    w()\n", "if x:\n    y()\nelif z:\n    w()\n"), ("print 'a'\n", "print('a')\n"),
                              ("def def f():\n    retrun 1\n", "def f():\n    return 1\n"), ("check(x))\n", "check(x)\n")):
            with self.subTest(before):
                self.assertEqual(rules(before, after, strength="crash-only"), set())


if __name__ == "__main__":
    unittest.main()
