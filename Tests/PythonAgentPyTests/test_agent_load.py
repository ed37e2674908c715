"""`load`: the baseline of suites and scripts, and the depth that is sound for them."""

import importlib.util
import unittest

from agent_client import Client

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
LIB = "def add(a, b):\n    return a - b\n\n\ndef twice(x):\n    return x + x\n"
CASES = "import unittest\nfrom lib import add, twice\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(1, 2), 3)\n" \
        "    def test_twice(self):\n        self.assertEqual(twice(2), 4)\n"


def load(files, targets, regressions=None, coverage=True, timeout=5, args=()):
    with Client(files) as client:
        return load_in(client, targets, regressions, coverage, timeout, args)


def load_in(client, targets, regressions=None, coverage=True, timeout=5, args=()):
    return client.ok("load", oracle={"kind": "suite", "targets": targets, "regressions": regressions, "args": list(args)}, files={},
                     modules=[], coverage=coverage, timeout=timeout)


def outcomes(answer):
    return {test["id"]: test["outcome"] for test in answer["tests"]}


class UnittestSuites(unittest.TestCase):
    """unittest cases are run with and without pytest, with the same ids."""

    def test_outcomes_coverage_and_depth(self):
        answer = load({"lib.py": LIB, "test_lib.py": CASES}, ["test_lib.py"])
        self.assertEqual(outcomes(answer), {"test_lib.py::T::test_add": "failed", "test_lib.py::T::test_twice": "passed"})
        self.assertEqual(answer["coverage"]["test_lib.py::T::test_twice"]["lib.py"], [5, 6])
        self.assertEqual(answer["coverage"]["test_lib.py::T::test_add"]["lib.py"], [1, 2])
        self.assertEqual((answer["depth"], answer["why"]), ("inProcess", ""))
        failed = answer["tests"][0]["exception"]
        self.assertEqual((failed["type"], failed["frames"][0]["path"]), ("AssertionError", "test_lib.py"))
        self.assertEqual(answer["observation"]["exit"]["code"], 1)

    def test_a_configuration_that_stops_at_the_first_failure_hides_nothing(self):
        files = {"lib.py": LIB, "test_lib.py": CASES, "pytest.ini": "[pytest]\naddopts = -x\n"}
        self.assertEqual(set(outcomes(load(files, ["test_lib.py"], args=["--maxfail=1"])).values()), {"failed", "passed"})

    def test_targets_and_regressions(self):
        files = {"lib.py": LIB, "test_lib.py": CASES, "tests/test_more.py": CASES}
        answer = load(files, ["test_lib.py::T::test_add"], "root")
        self.assertEqual({test["id"]: test["target"] for test in answer["tests"]}, {
            "test_lib.py::T::test_add": True, "test_lib.py::T::test_twice": False,
            "tests/test_more.py::T::test_add": False, "tests/test_more.py::T::test_twice": False})

    def test_ids_are_relative_to_the_root_wherever_it_is_run(self):
        files = {"pkg/lib.py": LIB, "pkg/tests/test_lib.py": CASES, "other/test_o.py": "import unittest\n\n\nclass O(unittest.TestCase):\n"
                 "    def test_o(self): pass\n"}
        here = {"pkg/tests/test_lib.py::T::test_add": "failed", "pkg/tests/test_lib.py::T::test_twice": "passed"}
        for targets, regressions, expected in (
                (["pkg/tests"], None, here), ([], None, here), (["pkg/tests/test_lib.py"], "root", {**here, "other/test_o.py::O::test_o": "passed"})):
            with Client(files, working="pkg") as client:
                answer = load_in(client, targets, regressions)
            self.assertEqual(outcomes(answer), expected)
            self.assertEqual({test["id"] for test in answer["tests"] if test["target"]}, set(here))
            self.assertEqual(answer["coverage"]["pkg/tests/test_lib.py::T::test_twice"]["pkg/lib.py"], [5, 6])

    def test_skips_and_expected_failures(self):
        text = ("import unittest\n\n\nclass T(unittest.TestCase):\n    @unittest.skip('x')\n    def test_a(self): pass\n"
                "    @unittest.expectedFailure\n    def test_b(self): self.fail()\n    def test_c(self): self.skipTest('y')\n"
                "    def test_d(self):\n        with self.subTest(1): self.fail()\n")
        self.assertEqual(list(outcomes(load({"test_x.py": text}, ["test_x.py"])).values()), ["skipped", "xfailed", "skipped", "failed"])

    def test_collection_error_of_a_target(self):
        answer = load({"lib.py": "x = undefined_name\n", "test_lib.py": "import lib\n" + CASES}, ["test_lib.py"])
        self.assertEqual(outcomes(answer), {"test_lib.py": "error"})
        error = answer["tests"][0]["exception"]
        self.assertEqual((error["type"], error["frames"][-1]["path"], error["frames"][-1]["line"]), ("NameError", "lib.py", 1))

    def test_collection_error_elsewhere_is_not_ours(self):
        files = {"lib.py": LIB, "test_lib.py": CASES, "test_broken.py": "import nowhere_at_all\n"}
        answer = load(files, ["test_lib.py"], "root")
        self.assertEqual({test["id"]: test["target"] for test in answer["tests"]},
                         {"test_broken.py": False, "test_lib.py::T::test_add": True, "test_lib.py::T::test_twice": True})
        self.assertEqual(answer["depth"], "inProcess")

    def test_endless_test_costs_only_itself(self):
        lib = LIB + "\n\ndef loop(n):\n    while n:\n        n += 1\n    return n\n"
        text = CASES.replace("add, twice", "add, twice, loop") + "    def test_loop(self):\n        loop(1)\n    def test_z(self):\n        twice(1)\n"
        answer = load({"lib.py": lib, "test_lib.py": text}, ["test_lib.py"])
        by_id = {test["id"]: test for test in answer["tests"]}
        looping = by_id["test_lib.py::T::test_loop"]
        self.assertEqual((looping["outcome"], looping["stop"]), ("failed", "endlessLoop"))
        self.assertEqual(by_id["test_lib.py::T::test_z"]["outcome"], "passed")
        self.assertIn(11, answer["coverage"]["test_lib.py::T::test_loop"]["lib.py"])
        self.assertEqual(looping["exception"]["frames"][-1]["path"], "lib.py")

    def test_dying_test_costs_only_itself(self):
        text = CASES + "    def test_exit(self):\n        import os\n        os._exit(3)\n    def test_z(self):\n        twice(1)\n"
        by_id = {test["id"]: test for test in load({"lib.py": LIB, "test_lib.py": text}, ["test_lib.py"])["tests"]}
        self.assertEqual((by_id["test_lib.py::T::test_exit"]["outcome"], by_id["test_lib.py::T::test_exit"]["stop"]), ("failed", "died"))
        self.assertEqual(by_id["test_lib.py::T::test_z"]["outcome"], "passed")

    def depth_of(self, lib, tests):
        return load({"lib.py": lib, "test_lib.py": "import unittest, lib\n\n\nclass T(unittest.TestCase):\n" + tests}, ["test_lib.py"])

    def test_depth_when_files_are_changed(self):
        answer = self.depth_of("def f():\n    open('out.txt', 'w').write('x')\n", "    def test_a(self):\n        lib.f()\n")
        self.assertEqual(answer["depth"], "fresh")
        self.assertIn("changes files", answer["why"])

    def test_depth_when_processes_are_started(self):
        answer = self.depth_of("import subprocess, sys\ndef f():\n    subprocess.run([sys.executable, '-c', ''])\n",
                               "    def test_a(self):\n        lib.f()\n")
        self.assertEqual(answer["depth"], "fresh")

    def test_depth_when_state_is_left_behind(self):
        for lib in ("SEEN = []\ndef f():\n    SEEN.append(1)\n", "class A:\n    count = 0\ndef f():\n    A.count += 1\n",
                    "def f(seen=[]):\n    seen.append(1)\n", "import random\ndef f():\n    random.random()\n",
                    "def counter():\n    n = 0\n    def step():\n        nonlocal n\n        n += 1\n    return step\nf = counter()\n",
                    "import itertools\nIDS = itertools.count()\ndef f():\n    next(IDS)\n",
                    "import os\ndef f():\n    os.environ['A'] = 'b'\n", "import os\ndef f():\n    os.chdir('.')\n",
                    "import threading\ndef f():\n    threading.Thread(target=print).start()\n"):
            self.assertEqual(self.depth_of(lib, "    def test_a(self):\n        lib.f()\n")["depth"], "fork", lib)

    def test_depth_when_import_leaves_a_thread(self):
        lib = "import threading, time\nthreading.Thread(target=time.sleep, args=(30,), daemon=True).start()\n"
        self.assertEqual(self.depth_of(lib, "    def test_a(self): pass\n")["depth"], "fresh")

    def test_memoised_functions_do_not_hinder(self):
        lib = "import functools\n@functools.lru_cache(None)\ndef f(n):\n    return n\n"
        self.assertEqual(self.depth_of(lib, "    def test_a(self):\n        lib.f(1)\n")["depth"], "inProcess")


@unittest.skipUnless(HAS_PYTEST, "pytest is not installed for this interpreter")
class PytestSuites(unittest.TestCase):
    def test_every_outcome(self):
        text = ("import pytest\nfrom lib import add\n\n\n@pytest.fixture\ndef broken():\n    raise ValueError('fixture')\n\n\n"
                "def test_pass(): pass\ndef test_fail(): assert add(1, 1) == 2\ndef test_error(broken): pass\n"
                "@pytest.mark.skip\ndef test_skip(): pass\n@pytest.mark.xfail\ndef test_xfail(): assert 0\n"
                "@pytest.mark.xfail\ndef test_xpass(): pass\n@pytest.mark.parametrize('n', [1, 2])\ndef test_p(n): assert n == 1\n")
        self.assertEqual(outcomes(load({"lib.py": LIB, "test_lib.py": text}, ["test_lib.py"])), {
            "test_lib.py::test_pass": "passed", "test_lib.py::test_fail": "failed", "test_lib.py::test_error": "error",
            "test_lib.py::test_skip": "skipped", "test_lib.py::test_xfail": "xfailed", "test_lib.py::test_xpass": "xpassed",
            "test_lib.py::test_p[1]": "passed", "test_lib.py::test_p[2]": "failed"})

    def test_what_pytest_says_of_its_options_is_no_part_of_a_failure(self):
        text = "def test_a():\n    assert [1, 2, 3] == [1, 2, 4], 'Use -v to say more'\n\n\ndef test_b():\n    assert list('ab') == list('abc')\n"
        said = [test["exception"]["message"] for test in load({"test_a.py": text}, ["test_a.py"])["tests"]]
        self.assertIn("Use -v to say more", said[0])
        self.assertIn("one more item", said[1])
        self.assertNotIn("get more diff", "".join(said))

    def test_teardown_counts(self):
        text = "import pytest\n@pytest.fixture\ndef f():\n    yield 1\n    assert 0\ndef test_a(f): pass\n"
        self.assertEqual(outcomes(load({"test_a.py": text}, ["test_a.py"])), {"test_a.py::test_a": "error"})

    def test_configuration_of_the_program_is_obeyed(self):
        files = {"pytest.ini": "[pytest]\npython_functions = check_*\naddopts = -x --maxfail=1\n", "test_a.py":
                 "def check_a(): assert 0\ndef check_b(): pass\ndef test_c(): assert 0\n"}
        self.assertEqual(outcomes(load(files, ["test_a.py"])), {"test_a.py::check_a": "failed", "test_a.py::check_b": "passed"})

    def test_target_that_patterns_pass_over(self):
        files = {"lib.py": LIB, "checks.py": "from lib import add\ndef test_a(): assert add(1, 1) == 2\n", "test_b.py": "def test_b(): pass\n"}
        answer = load(files, ["checks.py"], "root")
        self.assertEqual({test["id"]: test["target"] for test in answer["tests"]}, {"checks.py::test_a": True, "test_b.py::test_b": False})

    def test_conftest_that_raises_makes_the_targets_errors(self):
        files = {"conftest.py": "import lib\nlib.start()\n", "lib.py": "def start():\n    return 1 / 0\n",
                 "test_a.py": "def test_a():\n    assert True\n"}
        with Client(files) as client:
            answer = load_in(client, ["test_a.py"])
            self.assertEqual(outcomes(answer), {"test_a.py": "error"})
            error = answer["tests"][0]["exception"]
            self.assertEqual((error["type"], error["frames"][-1]["path"]), ("ZeroDivisionError", "lib.py"))
            # A candidate that mends what the conftest imports brings the tests into being.
            edits = client.ok("edits", base=0, places={"lib.py": {"2": 1.0}}, kinds=None, limit=200)["edits"]
            candidates = [[row[0]] for row in edits if "`*`" in row[8]]
            found = client.ok("evaluate", base=0, candidates=candidates, depth=answer["depth"], full=False, fuel=100000, timeout=10)
            # A plugin of pytest that starts processes makes it one to be repeated in a fresh copy.
            self.assertTrue(candidates and {row[0] for row in found["results"]} <= {0, 6}, found)

    def test_conftest_that_ends_the_process_makes_the_targets_errors(self):
        for statement, how in (("import os\nos._exit(3)", "status 3"), ("raise SystemExit(5)", "5"),
                               ("import os\nos.kill(os.getpid(), 9)", "SIGKILL")):
            with self.subTest(statement):
                answer = load({"conftest.py": statement + "\n", "test_a.py": "def test_a(): pass\n"}, ["test_a.py"])
                self.assertEqual(outcomes(answer), {"test_a.py": "error"})
                self.assertIn(how, answer["tests"][0]["exception"]["message"])

    def test_test_that_kills_its_host_makes_the_targets_errors(self):
        with Client({"test_a.py": "import os\n\n\ndef test_a():\n    os.kill(os.getppid(), 9)\n"}) as client:
            answer = load_in(client, ["test_a.py"])
            self.assertEqual(outcomes(answer), {"test_a.py": "error"})
            self.assertEqual(answer["tests"][0]["stop"], "died")
            self.assertEqual(client.ok("check", files={"a.py": "a = 1\n"})["files"], {"a.py": []})

    def test_what_pytest_refuses_is_an_error_of_usage(self):
        with Client({"test_a.py": "def test_a(): pass\n"}) as client:
            for targets, args in ((["test_a.py::test_b"], []), (["test_a.py"], ["--nonsense"])):
                reply = client.request("load", oracle={"kind": "suite", "targets": targets, "regressions": None, "args": args},
                                       files={}, modules=[], coverage=True, timeout=5)
                self.assertEqual(reply["error"]["kind"], "usage")

    def test_root_that_cannot_be_configured_leaves_the_targets(self):
        files = {"lib.py": LIB, "a/test_lib.py": "def test_a(): pass\n", "tests/conftest.py": "raise RuntimeError('x')\n", "tests/test_b.py": ""}
        answer = load(files, ["a/test_lib.py"], "root")
        self.assertEqual(outcomes(answer), {"a/test_lib.py::test_a": "passed"})

    def test_plain_fixtures_are_called_directly(self):
        text = ("import pytest, lib\n\n\n@pytest.fixture\ndef base(): return [1]\n@pytest.fixture\ndef more(base):\n    yield base + [2]\n"
                "class TestIt:\n    def setup_method(self, method): self.n = 1\n    def test_m(self, more): assert more == [1, 2] and self.n\n"
                "def test_f(base, more): assert base == [1]\n")
        self.assertEqual(load({"lib.py": LIB, "test_lib.py": text}, ["test_lib.py"])["depth"], "inProcess")

    def test_fixtures_of_pytest_need_pytest(self):
        answer = load({"lib.py": LIB, "test_lib.py": "import lib\ndef test_a(tmp_path, capsys): (tmp_path / 'a').write_text('x')\n"}, ["test_lib.py"])
        self.assertEqual((outcomes(answer), answer["depth"]), ({"test_lib.py::test_a": "passed"}, "fork"))

    def test_arguments_of_the_user(self):
        text = "def test_a(): pass\ndef test_b(): pass\n"
        self.assertEqual(list(outcomes(load({"test_a.py": text}, ["test_a.py"], args=["-k", "test_b"]))), ["test_a.py::test_b"])

    def test_no_bytecode_or_cache_is_written(self):
        import os

        with Client({"lib.py": LIB, "test_lib.py": CASES}) as client:
            load_in(client, ["test_lib.py"])
            self.assertFalse({"__pycache__", ".pytest_cache"} & set(os.listdir(client.root)))

    def test_sleeping_test_is_not_an_endless_loop(self):
        answer = load({"test_a.py": "import time\ndef test_a(): time.sleep(2.5)\n"}, ["test_a.py"])
        self.assertEqual(outcomes(answer), {"test_a.py::test_a": "passed"})
        answer = load({"test_a.py": "import time\ndef test_a(): time.sleep(60)\n"}, ["test_a.py"], timeout=1)
        self.assertEqual(answer["tests"][0]["stop"], "hang")


class RefusedOperations(unittest.TestCase):
    """What the sandbox refused to a test that fails is told: such a failure is not the program's (SOUNDNESS 8)."""

    def refused(self, lib, test, targets=("test_lib.py",), regressions=None, withheld=("USERS_OWN",), files=None):
        case = "import unittest\nimport lib\n\n\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertTrue(%s)\n" % test
        with Client({"lib.py": lib, "test_lib.py": case, **(files or {})}) as client:
            answer = client.ok("load", oracle={"kind": "suite", "targets": list(targets), "regressions": regressions, "args": []}, files={},
                               modules=[], coverage=False, timeout=5, withheld=list(withheld))
        return [(one["operation"], one["what"]) for one in answer["observation"]["refused"]]

    def test_errors_that_a_refusal_causes(self):
        for error, told in (("errno.ENETUNREACH, 'unreachable'", "network"), ("errno.EROFS, 'read-only', '/opt/x'", "write")):
            lib = "import errno\n\n\ndef f():\n    raise OSError(%s)\n" % error
            self.assertEqual([one[0] for one in self.refused(lib, "lib.f()")], [told])

    def test_also_while_a_module_is_imported(self):
        self.assertEqual(self.refused("import errno\nraise OSError(errno.EROFS, 'read-only', '/opt/x')\n", "lib"), [("write", "/opt/x")])

    def test_a_test_that_passes_met_nothing(self):
        lib = "import errno\n\n\ndef f():\n    try:\n        raise OSError(errno.EROFS, 'read-only', '/opt/x')\n    except OSError:\n        return %s\n"
        self.assertEqual(self.refused(lib % "True", "lib.f()"), [])
        self.assertEqual(self.refused("import os\n\n\ndef f():\n    return os.environ.get('USERS_OWN') or 1\n", "lib.f()"), [])

    def test_variables_that_were_left_out(self):
        for read in ("os.environ['USERS_OWN']", "os.environ.get('USERS_OWN')", "os.getenv('USERS_OWN')"):
            with self.subTest(read):
                self.assertEqual(self.refused("import os\n\n\ndef f():\n    return %s\n" % read, "lib.f()"), [("environment", "USERS_OWN")])
                self.assertEqual(self.refused("import os\nX = %s\n" % read, "lib.X"), [("environment", "USERS_OWN")])

    def test_what_has_a_value_was_not_refused(self):
        for read in ("os.environ.get('USERS_OWN', '')", "os.getenv('USERS_OWN', '')", "'USERS_OWN' in os.environ", "os.environ.get('OTHER')",
                     "os.environ.update(USERS_OWN='') or os.environ['USERS_OWN']"):
            with self.subTest(read):
                self.assertEqual(self.refused("import os\n\n\ndef f():\n    return %s\n" % read, "lib.f()"), [])

    def test_only_those_asked_for_count(self):
        other = "import errno\n\n\ndef test_other():\n    raise OSError(errno.EROFS, 'read-only', '/opt/x')\n"
        self.assertEqual(self.refused("", "not lib", regressions="root", files={"test_other.py": other}), [])


class Scripts(unittest.TestCase):
    def load(self, text, cases, files=None):
        with Client({"main.py": text, **(files or {})}) as client:
            return client.ok("load", oracle={"kind": "script", "argv": ["main.py"], "cases": cases}, files={}, modules=[], coverage=True, timeout=3)

    def case(self, expected, stdin="", args=(), name="a"):
        return {"name": name, "args": list(args), "stdin": stdin, "expected": expected}

    def test_cases(self):
        text = "import sys\nn = int(input())\nprint(sys.argv[1], n * 2)\n"
        answer = self.load(text, [self.case("x 4 \n\n", "2\n", ["x"]), self.case("x 5", "2\n", ["x"], "b"), self.case(None, "z\n", ["y"], "c")])
        self.assertEqual(outcomes(answer), {"a": "passed", "b": "failed", "c": "failed"})
        self.assertEqual(answer["coverage"]["c"], {"main.py": [1, 2]})
        self.assertEqual((answer["depth"], answer["observation"]["stdout"]["head"]), ("inProcess", "x 4\n"))
        self.assertEqual(answer["tests"][2]["exception"]["type"], "ValueError")

    def test_depths(self):
        for text, depth in (("print(1)\n", "inProcess"), ("open('x', 'w').write('a')\n", "fresh"),
                            ("import random\nprint(1)\nrandom.random()\n", "fork"), ("import os\nos.system('true')\n", "fresh"),
                            ("import threading\nthreading.Thread(target=print).start()\n", "fork"), ("import os\nos.write(1, b'x')\n", "fork")):
            self.assertEqual(self.load(text, [self.case("1")])["depth"], depth, text)

    def test_script_that_does_not_compile(self):
        answer = self.load("def f(:\n", [self.case("1")])
        self.assertEqual((outcomes(answer), answer["observation"]["started"]), ({"a": "failed"}, False))

    def test_endless_script(self):
        answer = self.load("while True: pass\n", [self.case("1"), self.case("2", name="b")])
        self.assertEqual((outcomes(answer), answer["observation"]["stop"]), ({"a": "failed", "b": "failed"}, "endlessLoop"))


if __name__ == "__main__":
    unittest.main()
