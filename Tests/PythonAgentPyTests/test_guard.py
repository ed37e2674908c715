"""What no repair may do, whatever its oracle says (SOUNDNESS 2, 4 and 5)."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "PythonAgent", "Agent"))

from heal_agent import guard  # noqa: E402


def rules(before, after, tests="", expected=(), strength="suite"):
    refusals = guard.refusals({
        "before": {"a.py": before}, "after": {"a.py": after}, "tests": {"test_a.py": tests},
        "expected": list(expected), "strength": strength,
    })
    return {refusal["rule"] for refusal in refusals}


TEST = "from a import f\n\ndef test_f():\n    assert f(17) == 42\n    assert f('needle') == [7, 8]\n"


class HardCodedAnswers(unittest.TestCase):
    def test_an_answer_returned_whole_is_refused(self):
        for text in ("return 42", "y = 42\n    return y", "return 42 if x else x", "return x and 42", "return {17: 42}[x]",
                     "return [7, 8]", "return lambda: 42"):
            with self.subTest(text):
                self.assertIn("hard-coded answer", rules("def f(x):\n    return x\n", "def f(x):\n    %s\n" % text, TEST))

    def test_an_expected_output_printed_whole_is_refused(self):
        for text in ("print('Sum: 15')", "print(f'Sum: 15')", "import sys; sys.stdout.write('Sum: 15')"):
            with self.subTest(text):
                self.assertIn("hard-coded answer", rules("print(1)\n", text + "\n", expected=["Sum: 15\n"]))

    def test_a_literal_that_the_program_has_is_free(self):
        self.assertEqual(rules("def f(x):\n    y = 42\n    return x\n", "def f(x):\n    y = 42\n    return 42 + x\n", TEST), set())
        self.assertEqual(rules("def f(x)\n    print('Sum:', x)\n", "def f(x):\n    print('Sum:', x)\n", expected=["Sum: 15"]), set())

    def test_a_number_of_a_text_that_does_not_parse_is_known_in_any_form(self):
        before = "def f(x)\n    price = 8.50\n    print(price)\n"
        self.assertEqual(rules(before, before.replace("f(x)", "f(x):"), expected=["8.5\n", "price 8.50"]), set())

    def test_a_function_that_reads_nothing_is_refused(self):
        self.assertIn("constant function", rules("def f(x):\n    pass\n", "def f(x):\n    return True\n"))
        self.assertEqual(rules("def f():\n    return False\n", "def f():\n    return True\n"), set())

    def test_a_test_input_in_a_new_condition_is_refused(self):
        for text in ("if x == 17:\n        return x + 1", "while x == 'needle':\n        x = 0", "x = 0 if x == 17 else x"):
            with self.subTest(text):
                self.assertIn("test input in a condition",
                              rules("def f(x):\n    return x\n", "def f(x):\n    %s\n    return x\n" % text, TEST))

    def test_a_bound_that_moves_is_no_new_condition(self):
        self.assertEqual(rules("def f(x):\n    if x < 16:\n        return x\n", "def f(x):\n    if x < 17:\n        return x\n", TEST), set())


class Tampering(unittest.TestCase):
    def test_wide_handlers_are_refused(self):
        for kind in ("", " AssertionError", " (ValueError, BaseException)", " SystemExit"):
            with self.subTest(kind):
                self.assertIn("swallowed failure", rules("f()\n", "try:\n    f()\nexcept%s:\n    pass\n" % kind))
        self.assertIn("swallowed failure", rules("f()\n", "with contextlib.suppress(AssertionError):\n    f()\n"))
        self.assertEqual(rules("f()\n", "try:\n    f()\nexcept ValueError:\n    pass\n"), set())

    def test_blind_operators_are_refused(self):
        for method in ("__eq__(self, other)", "__bool__(self)", "__hash__(self)"):
            with self.subTest(method):
                self.assertIn("operator that ignores its operands",
                              rules("class A:\n    pass\n", "class A:\n    def %s:\n        return True\n" % method))
        good = "class A:\n    def __eq__(self, other):\n        return self.x == other.x\n"
        self.assertEqual(rules("class A:\n    pass\n", good), set())

    def test_the_interpreter_stays_untouched(self):
        for text in ("sys.modules['a'] = None", "os._exit(0)", "sys._getframe()", "import heal_agent; heal_agent", "exit()"):
            with self.subTest(text):
                self.assertIn("interpreter tampering", rules("x = 1\n", text + "\n"))

    def test_new_capabilities_are_refused_unless_the_program_speaks_of_them(self):
        for name in ("subprocess", "socket", "ctypes"):
            with self.subTest(name):
                self.assertIn("new capability", rules("x = 1\n", "import %s\n" % name))
                self.assertEqual(rules("x = %s.y\n" % name, "import %s\nx = %s.y\n" % (name, name)), set())

    def test_a_repair_does_not_look_for_its_tests(self):
        for text in ("import pytest", "x = 'PYTEST_CURRENT_TEST'", "x = 'test_f'"):
            with self.subTest(text):
                self.assertIn("looks for its tests", rules("x = 1\n", text + "\n", TEST))

    def test_assertions_stay(self):
        self.assertIn("removed assertion", rules("assert f()\n", "f()\n"))


class CrashOnly(unittest.TestCase):
    def test_what_hides_a_crash_is_not_supported(self):
        before = "def f(x):\n    g(x)\n    return x.y\n"
        for text in ("def f(x):\n    g(x)\n    return x.y if x else None\n", "def f(x):\n    return x.y\n",
                     "def f(x):\n    g(x)\n    if x is None:\n        return None\n    return x.y\n",
                     "def f(x):\n    g(x)\n    return (x or 0).y\n",
                     "def f(x):\n    try:\n        g(x)\n    except ValueError:\n        pass\n    return x.y\n"):
            with self.subTest(text):
                self.assertIn("unsupported by the oracle", rules(before, text, strength="crash-only"))
                self.assertNotIn("unsupported by the oracle", rules(before, text))

    def test_a_name_that_exists_is_supported(self):
        self.assertEqual(rules("x = conut\n", "x = count\n", strength="crash-only"), set())
        self.assertEqual(rules("x = math.pi\n", "import math\nx = math.pi\n", strength="crash-only"), set())


WORKERS = """import queue, threading

done = []
jobs = queue.Queue(2)


def work():
    done.append(jobs.get())


threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
assert len(done) == 2
"""


def of_threads(before, after):
    """The rules for repairs that put threads in order which a change breaks."""
    params = {"before": {"a.py": before}, "after": {"a.py": after}, "strength": "example", "threads": True}
    return {refusal["rule"] for refusal in guard.refusals(params)}


class Threads(unittest.TestCase):
    def test_time_is_no_order(self):
        for old, new in (("    done.append", "    import time; time.sleep(0.1)\n    done.append"), ("jobs.get()", "jobs.get(timeout=5)"),
                         ("t.join()", "t.join(1)"), ("t.join()", "t.join(timeout=1.5)")):
            with self.subTest(new):
                self.assertIn("time instead of order", of_threads(WORKERS, WORKERS.replace(old, new)))

    def test_as_much_happens_at_once_as_before(self):
        for old, new in (("target=work)", "target=work, daemon=True)"), ("    t.start()", "    t.daemon = True\n    t.start()"),
                         ("    t.start()", "    work()"), ("threading.Thread(target=work)", "work"), ("Queue(2)", "Queue(200)"),
                         ("Queue(2)", "Queue()")):
            with self.subTest(new):
                self.assertIn("less at once", of_threads(WORKERS, WORKERS.replace(old, new)))

    def test_assertions_stay_what_and_where_they_are(self):
        for new in ("done = [1, 2]\nassert len(done) == 2", "assert len(done) <= 2", "if len(done) == 2:\n    assert len(done) == 2", "try:\n    assert len(done) == 2\nexcept AssertionError:\n    pass",
                    "try:\n    assert len(done) == 2\nexcept AssertionError as error:\n    raise ValueError() from None"):
            with self.subTest(new):
                self.assertIn("changed assertion", of_threads(WORKERS, WORKERS.replace("assert len(done) == 2", new)))

    def test_exceptions_go_on_ending_threads(self):
        swallowed = WORKERS.replace("    done.append(jobs.get())", "    try:\n        done.append(jobs.get())\n    except KeyError:\n        pass")
        self.assertIn("held back exception", of_threads(WORKERS, swallowed))

    def test_order_is_allowed(self):
        locked = WORKERS.replace("done = []", "done = []\nlock = threading.Lock()").replace(
            "    done.append(jobs.get())", "    with lock:\n        done.append(jobs.get())")
        undone = WORKERS.replace("    done.append(jobs.get())", "    one = jobs.get()\n    try:\n        done.append(one)\n    except Exception:\n"
                                 "        jobs.put(one)\n        raise")
        inside = WORKERS.replace("assert len", "with threading.Lock():\n    assert len")
        emptied = WORKERS.replace("    done.append(jobs.get())", "    try:\n        done.append(jobs.get_nowait())\n    except queue.Empty:\n        return")
        for text in (locked, undone, inside, emptied):
            self.assertEqual(of_threads(WORKERS, text), set())


if __name__ == "__main__":
    unittest.main()
