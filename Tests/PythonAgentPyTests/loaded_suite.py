"""A program with its suite, loaded by an agent, for tests of what is asked next."""

from agent_client import Client

HEADER = "import unittest\nfrom lib import *\nimport lib\n\n\nclass T(unittest.TestCase):\n"


def tests(*checks):
    return HEADER + "".join("    def test_%d(self):\n        self.assertEqual(%s, %s)\n" % (i, a, b) for i, (a, b) in enumerate(checks))


class Loaded:
    """A loaded suite with its edits listed."""

    def __init__(self, lib, test_text, files=None, path="lib.py"):
        self.client = Client({path: lib, "test_lib.py": test_text, **(files or {})})
        self.baseline = self.client.ok("load", oracle={"kind": "suite", "targets": ["test_lib.py"], "regressions": None, "args": []},
                                       files={path: lib}, modules=[], coverage=False, timeout=5)
        self.list(0, lib, path)

    def list(self, base, lib, path="lib.py"):
        places = {path: {str(line): 1.0 for line in range(1, lib.count("\n") + 2)}}
        self.edits = self.client.ok("edits", base=base, places=places, kinds=None, limit=5000)["edits"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def id(self, description, line=None):
        found = [row[0] for row in self.edits if row[8] == description and line in (None, row[3])]
        if not found:
            raise AssertionError("no edit %r among %s" % (description, sorted({row[8] for row in self.edits})))
        return found[0]

    def evaluate(self, candidates, depth="inProcess", base=0, full=False, fuel=20000, timeout=2.0, tests=None, **options):
        return self.client.ok("evaluate", base=base, candidates=candidates, depth=depth, tests=tests, full=full, fuel=fuel, timeout=timeout, **options)
