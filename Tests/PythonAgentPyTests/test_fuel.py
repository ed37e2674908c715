"""Loop fuel: every runaway ends, at the same step each time, and nothing else changes."""
import ast
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "PythonAgent", "Agent"))

from heal_agent.fuel import TICK, FuelExhausted, exhausted, instrument, make_tick


def run(source, fuel=1000):
    """The globals after running the instrumented source, and its tick."""
    tick = make_tick(fuel)
    space = {TICK: tick, "__name__": "program"}
    exec(compile(instrument(ast.parse(source)), "program.py", "exec"), space)
    return space, tick


class TickTests(unittest.TestCase):
    def test_it_refuses_for_ever_once_spent(self):
        tick = make_tick(2)
        self.assertIsNone(tick())
        self.assertIsNone(tick())
        self.assertFalse(exhausted(tick))
        for _ in range(3):
            with self.assertRaises(FuelExhausted):
                tick()
        self.assertTrue(exhausted(tick))

    def test_it_refuses_at_once_without_fuel(self):
        with self.assertRaises(FuelExhausted):
            make_tick(0)()


class RunawayTests(unittest.TestCase):
    def check(self, source):
        with self.assertRaises(FuelExhausted):
            run(source)

    def test_while(self):
        self.check("while True: pass")

    def test_for_over_an_endless_iterator(self):
        self.check("import itertools\nfor x in itertools.count(): pass")

    def test_comprehensions(self):
        for text in ("[x for x in C]", "{x for x in C}", "{x: x for x in C}", "sum(x for x in C)"):
            self.check("import itertools\nC = itertools.count()\n" + text)

    def test_recursion_of_functions_and_lambdas(self):
        self.check("def f(n):\n    return f(n - 1) + f(n - 2) if n > 0 else 0\nf(90)")
        self.check("f = lambda n: f(n - 1) + f(n - 2) if n > 0 else 0\nf(90)")

    def test_a_handler_that_swallows_everything(self):
        source = "while True:\n    try:\n        while True: pass\n    except:\n        continue\n"
        self.check(source)

    def test_finally_that_continues(self):
        self.check("def f():\n    while True:\n        try:\n            f()\n        finally:\n            continue\nf()")

    def test_the_flag_tells_of_a_swallowed_refusal(self):
        source = ("import contextlib\ndef f():\n    while True: pass\n"
                  "with contextlib.suppress(BaseException): f()\n")
        _, tick = run(source)
        self.assertTrue(exhausted(tick))


class TransparencyTests(unittest.TestCase):
    def test_results_do_not_change(self):
        source = ('def f(n):\n    "doc"\n    return [i * i for i in range(n) if i % 2]\n'
                  "g = lambda x, y=2: x + y\na = f(6)\nb = g(1)\nd = f.__doc__\n")
        space, tick = run(source)
        self.assertEqual((space["a"], space["b"], space["d"]), ([1, 9, 25], 3, "doc"))
        self.assertFalse(exhausted(tick))

    def test_lines_do_not_change(self):
        space, _ = run("def f(x):\n    y = 1\n    while x:\n        x -= 1\n        y / x\n    return y\n")
        try:
            space["f"](1)
        except ZeroDivisionError as error:
            frame = error.__traceback__.tb_next
            self.assertEqual(frame.tb_lineno, 5)

    def test_the_same_step_each_time(self):
        for _ in range(2):
            tick = make_tick(100)
            space = {TICK: tick, "seen": []}
            code = compile(instrument(ast.parse("while True: seen.append(1)")), "p.py", "exec")
            with self.assertRaises(FuelExhausted):
                exec(code, space)
            self.assertEqual(len(space["seen"]), 100)


if __name__ == "__main__":
    unittest.main()
