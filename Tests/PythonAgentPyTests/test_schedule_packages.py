"""Programs of one thread do under the hooks what they do without: the same verdict for each test of suites that others wrote.

The suites are CPython's own, for the language and for modules of the standard library that are written in Python. These are
copied under other names, so that they are the program's own and get hooks.
"""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest

from agent_client import Client

MODULES = ("colorsys", "configparser", "contextlib", "dataclasses", "fractions", "graphlib", "shlex", "textwrap")
LANGUAGE = ("augassign", "bool", "class", "compare", "contains", "coroutines", "decorators", "dictcomps", "dynamic", "exception_hierarchy",
            "funcattrs", "generator_stop", "generators", "global", "iter", "iterlen", "keywordonlyarg", "named_expressions", "opcodes", "patma",
            "property", "raise", "scope", "slice", "subclassinit", "super", "with", "yield_from")
#: What shows that there are hooks: closures have a cell more, which `locals()` tells of, and no signal comes while a schedule runs.
KNOWN = ("CellTest.test_comparison", "FunctionPropertiesTest.test___closure__", "FunctionPropertiesTest.test_empty_cell",
         "FunctionPropertiesTest.test_set_cell", "ScopeTests.testCellIsArgAndEscapes", "ScopeTests.testCellIsLocalAndEscapes",
         "ScopeTests.testLocalsFunction", "SignalAndYieldFromTest.test_raise_and_yield_from")
RUNNER = """import io
import sys
import unittest


class Verdicts(unittest.TestResult):
    def told(self, test, verdict):
        print(verdict, test.id())

    def addSuccess(self, test):
        self.told(test, "passed")

    def addError(self, test, error):
        self.told(test, "error %s" % error[0].__name__)

    def addFailure(self, test, error):
        self.told(test, "failed")

    def addSkip(self, test, reason):
        self.told(test, "skipped")

    def addExpectedFailure(self, test, error):
        self.told(test, "expected")

    def addUnexpectedSuccess(self, test):
        self.told(test, "unexpected")


out, sys.stdout = sys.stdout, io.StringIO()
print = __import__("functools").partial(print, file=out)
unittest.defaultTestLoader.loadTestsFromName('test_own').run(Verdicts())
"""


def source(name):
    """A module's source, or nothing where the interpreter has none."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    if found is None or not found.origin or not found.origin.endswith(".py"):
        return None
    with open(found.origin, encoding="utf-8") as file:
        return file.read()


def renamed(text, module):
    """A test's source, about the copy of the module."""
    return re.sub(r"\b%s\b(?!\s*=)" % module, "own_" + module, text)


class SuiteTests(unittest.TestCase):
    def setUp(self):
        if source("test.support") is None:
            self.skipTest("the interpreter comes without its own tests")

    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**files, "main.py": RUNNER}.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            plain = subprocess.run([sys.executable, "-B", "main.py"], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, check=False, universal_newlines=True, timeout=300)
            with Client(folder=folder) as client:
                hooked = client.ok("schedule", run={"argv": ["main.py"]}, schedules=[{}], limits={"fuel": 1 << 40, "wall": 200})["results"][0]
        expected = plain.stdout.splitlines()
        self.assertGreater(len(expected), 0, plain.stderr[-2000:])
        self.assertEqual(hooked["end"], "completed", hooked.get("limits"))
        differ = sorted(set(hooked["stdout"].splitlines()) ^ set(expected))
        self.assertEqual([one for one in differ if not one.endswith(KNOWN)], [])

    def test_modules_of_the_library(self):
        for module in MODULES:
            with self.subTest(module):
                test = source("test.test_" + module)
                self.check({"own_%s.py" % module: source(module), "test_own.py": test and renamed(test, module)})

    def test_the_language(self):
        for name in LANGUAGE if sys.version_info >= (3, 10) else [one for one in LANGUAGE if one != "patma"]:
            with self.subTest(name):
                self.check({"test_own.py": source("test.test_" + name)})


if __name__ == "__main__":
    unittest.main()
