"""Runs a folder of unittest tests and writes the interpreter's version and one verdict for each into a JSON file.

usage: run-python-tests.py FOLDER TARGET.json [MODULE…]

The modules are left out.
"""

import json
import platform
import sys
import unittest


class Recorder(unittest.TextTestResult):
    """Notes the verdict of every test by its id."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.verdicts = {}

    def startTest(self, test):
        super().startTest(test)
        self.verdicts[test.id()] = ["passed", ""]

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.verdicts[test.id()] = ["skipped", reason]

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(test, err)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.verdicts[test.id()] = ["failed", "passed although a failure is expected"]

    def _fail(self, test, err):
        self.verdicts[test.id()] = ["failed", self._exc_info_to_string(err, test)]


def without(suite, modules):
    """The tests of a suite but those of some modules."""
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from without(one, modules)
        elif type(one).__module__ not in modules:
            yield one


def main():
    folder, target, *left_out = sys.argv[1:]
    suite = unittest.TestSuite(without(unittest.TestLoader().discover(folder, top_level_dir=folder), left_out))
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=Recorder, verbosity=0)
    result = runner.run(suite)
    with open(target, "w", encoding="utf-8") as file:
        json.dump({"version": platform.python_version(), "verdicts": result.verdicts}, file)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
