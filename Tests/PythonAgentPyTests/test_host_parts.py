"""What a host is made of, in one process: modules run anew, fingerprints of memory, and the order of tests."""

import builtins
import os
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "PythonAgent", "Agent"))

from heal_agent import bases, direct, live, state, verdicts
from heal_agent.fuel import TICK, make_tick


class RunAnew(unittest.TestCase):
    """Whole modules run again in their namespaces: importers get the new objects."""

    def test_importers_are_rebound(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            sys.path.insert(0, folder)
            try:
                with open(os.path.join(folder, "anew_lib.py"), "w") as file:
                    file.write("LIMIT = [1]\nclass A:\n    x = 1\ndef f():\n    return LIMIT, A.x\n")
                with open(os.path.join(folder, "anew_user.py"), "w") as file:
                    file.write("from anew_lib import *\nimport anew_lib\ng = f\n")
                import anew_lib
                import anew_user

                program = live.LiveProgram(folder, bases.Bases(folder), 0, [])
                program.modules = [anew_lib, anew_user]
                program.files["anew_lib.py"] = live.LiveFile("anew_lib.py", [anew_lib], None)
                code = compile("LIMIT = [2]\nclass A:\n    x = 3\ndef f():\n    return LIMIT, A.x\n", "anew_lib.py", "exec")
                live.run_anew(program, {"anew_lib.py": code})
                self.assertEqual((anew_user.f(), anew_user.g(), anew_user.LIMIT, anew_user.A.x), (([2], 3), ([2], 3), [2], 3))
            finally:
                sys.path.remove(folder)
                sys.modules.pop("anew_lib", None), sys.modules.pop("anew_user", None)


class Fingerprints(unittest.TestCase):
    def module(self, text):
        module = types.ModuleType("fingerprinted")
        exec(text, module.__dict__)
        return module

    def test_changes_are_seen(self):
        for text, change in (("a = [1, {2: 3}]", "a[1][2] = 4"), ("class A:\n    x = 1", "A.x = 2"), ("def f(a=[]): pass", "f.__defaults__[0].append(1)"),
                             ("class A: pass\na = A()", "a.x = 1"), ("s = {1}", "s.add(2)"), ("import collections\nd = collections.deque()", "d.append(1)"),
                             ("class A:\n    __slots__ = ('x',)\na = A()", "a.x = 1"), ("class L(list): pass\nl = L()", "l.append(1)"),
                             ("def f(): pass", "f.calls = 1"), ("import itertools\nc = itertools.count()", "next(c)"),
                             ("import random\nr = random.Random(1)", "r.random()"), ("import io\ns = io.StringIO()", "s.write('x')"),
                             ("import array\na = array.array('i', [1])", "a[0] = 2")):
            module = self.module(text)
            before = state.fingerprint([module])
            self.assertEqual(before, state.fingerprint([module]))
            exec(change, module.__dict__)
            self.assertNotEqual(before, state.fingerprint([module]), text)

    def test_what_cannot_be_seen_is_said(self):
        for text in ("i = iter([1])", "import itertools\nc = itertools.cycle([1])", "g = (x for x in [1])", "import zlib\nz = zlib.compressobj()"):
            with self.assertRaises(state.Opaque):
                state.fingerprint([self.module(text)])

    def test_cycles_and_size_are_bounded(self):
        state.fingerprint([self.module("a = []\na.append(a)")])
        with self.assertRaises(state.Opaque):
            state.fingerprint([self.module("a = list(range(%d))" % state.MAX_NODES)])


class Plans(unittest.TestCase):
    def test_one_of_each_failure_first_and_endless_ones_last(self):
        plan = verdicts.plan(["passed", "failed", "failed", "failed", "passed"], ["", "endlessLoop x", "a", "a", ""], None, [0] * 5)
        self.assertEqual((plan.order, plan.probes), ((2, 1, 3, 0, 4), (2, 1)))

    def test_direct_call_words(self):
        def call(body):
            tick = builtins.__dict__[TICK] = make_tick(10)
            names = {}
            exec("import unittest\ndef f():\n    %s\n" % body, names)
            return verdicts.run_direct(names["f"], tick)

        self.assertEqual(call("pass"), ("passed", False))
        self.assertEqual(call("assert 0"), ("asserted", False))
        self.assertEqual(call("raise SystemExit"), ("failed", False))
        self.assertEqual(call("raise unittest.SkipTest('x')"), ("skipped", False))
        self.assertEqual(call("[%s() for _ in range(20)]" % TICK), ("failed", True))

    def test_first_problem_of_a_case_is_what_is_raised(self):
        class T(unittest.TestCase):
            def test_a(self):
                with self.subTest(1):
                    self.fail("one")

        with self.assertRaises(direct.TestFailed):
            direct.of_unittest(T, "test_a")()


if __name__ == "__main__":
    unittest.main()
