"""Functions that have no body yet: what may be claimed of them is no constant and no table (SOUNDNESS 4)."""

import ast
import importlib.util
import unittest

from agent_client import Client
from marked import apply
from stub_programs import PROGRAMS

from heal_agent import guard

HAS_PYTEST = importlib.util.find_spec("pytest") is not None
PASS = 0


def files_of(name, lib, test):
    """A program under names of its own, so that one agent holds them all."""
    return {"%s.py" % name: lib, "test_%s.py" % name: test.replace("from lib import", "from %s import" % name)}


def passing_edits(client, name, lib):
    """The texts that one edit makes of a library with which its tests pass, most of them by chance."""
    path = "%s.py" % name
    client.ok("load", oracle={"kind": "suite", "targets": ["test_" + path], "regressions": None, "args": []}, files={}, modules=[],
              coverage=False, timeout=5)
    places = {path: {str(line): 1.0 for line in range(1, lib.count("\n") + 2)}}
    candidates = [[edit[0]] for edit in client.ok("edits", base=0, places=places, kinds=None, limit=2000)["edits"]]
    results = client.ok("evaluate", base=0, candidates=candidates, depth="inProcess", tests=None, full=False, fuel=20000, timeout=2.0)["results"]
    for candidate, result in zip(candidates, results):
        if result[0] == PASS:
            yield apply(lib, client.ok("render", base=0, candidate=candidate)["edits"])


def is_constant(before, after):
    """Whether all that is newly returned is written out."""
    old = {ast.dump(node) for node in ast.walk(ast.parse(before)) if isinstance(node, ast.Return)}
    new = [node.value for node in ast.walk(ast.parse(after)) if isinstance(node, ast.Return) and ast.dump(node) not in old]
    return bool(new) and all(not any(isinstance(part, ast.Name) for part in ast.walk(value)) for value in new if value is not None)


def is_written_out(lines):
    """The same of the added lines of a patch."""
    returned = [ast.parse(line[len("return"):].strip() or "None", mode="eval") for line in lines if line.startswith("return")]
    return bool(returned) and all(not any(isinstance(part, ast.Name) for part in ast.walk(value)) for value in returned)


@unittest.skipUnless(HAS_PYTEST, "needs pytest")
class Stubs(unittest.TestCase):
    def test_fewer_than_one_claim_in_a_hundred_is_a_constant(self):
        constants, computed, tempted = [], [], 0
        client = Client({path: text for program in PROGRAMS for path, text in files_of(*program).items()})
        self.addCleanup(client.close)
        for name, lib, test in PROGRAMS:
            for text in passing_edits(client, name, lib):
                refusals = guard.refusals({"before": {"lib.py": lib}, "after": {"lib.py": text}, "tests": {"test_lib.py": test},
                                           "expected": [], "strength": "suite"})
                tempted += is_constant(lib, text)
                if not refusals:
                    (constants if is_constant(lib, text) else computed).append((name, text))
        self.assertGreater(len(PROGRAMS), 30)
        self.assertGreater(tempted, 20, "without temptation the rule is not tested")
        self.assertLessEqual(len(constants), 0.01 * len(constants + computed), constants[:5])


if __name__ == "__main__":
    unittest.main()
