"""What the exception of a run adds: the rule, the place, and a fix that mends the program."""

import unittest

from marked import apply, diagnose, observe

# (program, rule of a finding at run time, fixed line or None)
CASES = [
    ("class Data:\n    def sum(self):\n        return 6\ndef make():\n    return [Data()]\nprint(make()[0].summ())\n", "name/attribute", "print(make()[0].sum())"),
    ("import math\nprint(math.sqroot(4))\n", "name/attribute", "print(math.sqrt(4))"),
    ("class A:\n    def __init__(self):\n        self.total = 1\nprint([A()][0].totl)\n", "name/attribute", "print([A()][0].total)"),
    ("def make():\n    return ['b']\nx = make()\nx.apend('a')\nprint(x)\n", "name/attribute", "x.append('a')"),
    ("def f(n):\n    return 'n: ' + n\nfor v in [3]:\n    print(f(v))\n", "type/concatenation", "return 'n: ' + str(n)"),
    ("import json\nn = json.loads('3')\nprint(n + ' items')\n", "type/concatenation", "print(str(n) + ' items')"),
    ("import json\nn = json.loads('\"3\"')\nprint(n - 1)\n", "type/operands", "print(int(n) - 1)"),
    ("def f(a):\n    return a\nprint(f(a=1) + f[2])\n", "type/not-subscriptable", "print(f(a=1) + f(2))"),
    ("import json\nrow = json.loads('[1, 2]')\nprint(row(0))\n", "type/not-callable", "print(row[0])"),
    ("import json\nn = json.loads('3')\nfor i in n:\n    print(i)\n", "type/not-iterable", "for i in range(n):"),
    ("import json\nv = json.loads('[1, 2, 3, 4]')\nprint(v[len(v) / 2])\n", "type/float-index", "print(v[len(v) // 2])"),
    ("import json\nv = json.loads('[1, 2]')\nprint(', '.join(v))\n", "type/join", "print(', '.join(map(str, v)))"),
    ("def total(xs):\n    t = 0\n    for x in xs:\n        t += x\nprint(total([1, 2]) + 1)\n", "type/none", "return t"),
    ("d = {'name': 1}\nprint(d['nmae'])\n", "semantic/key", "print(d['name'])"),
    ("d = {'a': 1}\nfor k, v in d:\n    print(k)\nd = {'ab': 1}\n", "semantic/value", "for k, v in d.items():"),
    ("d = {1: 1, 2: 2}\nfor k in d:\n    del d[k]\n", "logic/changed-during-iteration", "for k in list(d):"),
    ("def f(x):\n    if x:\n        y = 1\n    return y\nf(0)\n", "name/unbound-local", None),
    ("class A:\n    def go(x):\n        return x\na = [A()]\na[0].go(1)\n", "type/arguments", "def go(self, x):"),
    ("def draw(colour):\n    return colour\nfs = [draw]\nfs[0](color=1)\n", "type/arguments", "fs[0](colour=1)"),
    ("def f(xs):\n    return 1 / len(xs)\nf([])\n", "semantic/zero-division", None),
    ("def f(n):\n    return f(n - 1)\nf(3)\n", "logic/endless-recursion", None),
    ("x = [1]\nprint(x[3])\n", "semantic/index", None),
    ("print(b'\\xff'.decode('utf-8'))\n", "resource/encoding", None),
    ("int('x')\n", "semantic/value", None),
    ("import importlib\nimportlib.import_module('surely_missing_package')\n", "environment/missing-package", None),
    ("f()\ndef f():\n    pass\n", "name/used-before-definition", None),
]  # fmt: skip


class RuntimeRules(unittest.TestCase):
    def test_each_failure_is_named_and_mended(self) -> None:
        for text, rule, fixed in CASES:
            with self.subTest(text):
                found = diagnose({"main.py": text}, observe(text), [])
                hits = [f for f in found if f["rule"] == rule and any(e["source"] == "runtime" for e in f["evidence"])]
                self.assertTrue(hits, [(f["rule"], f["message"]) for f in found])
                if fixed is None:
                    continue
                options = [apply(text, x["edits"]) for x in hits[0]["fixes"]]
                self.assertTrue(options, hits)
                self.assertIn(fixed, [line.strip() for line in options[0].split("\n")])

    def test_the_first_fix_heals(self) -> None:
        for text, rule, fixed in CASES:
            if fixed is None:
                continue
            with self.subTest(text):
                found = diagnose({"main.py": text}, observe(text), [])
                hit = next(f for f in found if f["rule"] == rule and f["fixes"])
                mended = apply(text, hit["fixes"][0]["edits"])
                self.assertIsNone(observe(mended)["exception"], mended)

    def test_guards_are_never_offered(self) -> None:
        for text, rule, _ in CASES:
            for item in diagnose({"main.py": text}, observe(text), []):
                for fix in item["fixes"]:
                    for edit in fix["edits"]:
                        self.assertNotIn("try:", edit["new"])
                        self.assertNotIn("except", edit["new"])

    def test_static_and_runtime_are_one_finding(self) -> None:
        text = "items = [1]\nprint(itms)\n"
        found = diagnose({"main.py": text}, observe(text), [])
        self.assertEqual([f["rule"] for f in found], ["name/look-alike"])
        self.assertEqual({e["source"] for e in found[0]["evidence"]}, {"static", "runtime"})

    def test_endless_loop(self) -> None:
        text = "n = 3\nwhile n > 0:\n    print(n)\n"
        stack = [{"thread": "MainThread", "frames": [{"path": "main.py", "line": 3, "function": "<module>"}]}]
        found = diagnose({"main.py": text}, {"stop": "endlessLoop", "exception": None, "stacks": stack}, [])
        self.assertEqual([(f["rule"], f["range"][0]) for f in found], [("resource/endless-loop", 2)])

    def test_odd_observations_are_survived(self) -> None:
        for observation in ({}, {"exception": {}}, {"exception": {"type": "NameError", "message": "?", "frames": [{"path": "main.py", "line": 99}]}},
                            {"exception": {"type": "TypeError", "message": None, "frames": [{"path": "gone.py", "line": 1}]}, "attributes": None}):  # fmt: skip
            diagnose({"main.py": "print(1)\n"}, observation, [{"tool": "ruff"}, {}])


if __name__ == "__main__":
    unittest.main()
