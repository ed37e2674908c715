"""The compiler's errors, and repairs of one and of several syntax errors."""

import statistics
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources" / "PythonAgent" / "Agent"))

from heal_agent.diagnose import diagnose  # noqa: E402
from heal_agent.facts import facts  # noqa: E402
from heal_agent.syntax import check, repair_text, repairs  # noqa: E402
from marked import apply  # noqa: E402
from syntax_injection import compiles, same, samples, several  # noqa: E402

# Broken text, and what the first repair must be.
FIRST = [
    ("def f()\n    return 1\n", "def f():\n    return 1\n"),
    ("class A\n    pass\n", "class A:\n    pass\n"),
    ("if x = 3:\n    pass\n", "if x == 3:\n    pass\n"),
    ("if a:\n    b\nelse if c:\n    d\n", "if a:\n    b\nelif c:\n    d\n"),
    ("x = (1, 2\ny = 3\n", "x = (1, 2)\ny = 3\n"),
    ("print hello)\n", "print(hello)\n"),
    ("x = len items)\n", "x = len(items)\n"),
    ("d = 'a': 1}\n", "d = {'a': 1}\n"),
    ("x = [1, 2, 3\nfor i in x:\n    print(i)\n", "x = [1, 2, 3]\nfor i in x:\n    print(i)\n"),
    ("x = foo(1, 2]\n", "x = foo(1, 2)\n"),
    ("print('hello)\n", "print('hello')\n"),
    ("print(hello')\n", "print('hello')\n"),
    ("print('it's')\n", "print('it\\'s')\n"),
    ("print(“hello”)\n", 'print("hello")\n'),
    ("x = [1 2, 3]\n", "x = [1, 2, 3]\n"),
    ("while x > 0 && y:\n    x--\n", "while x > 0 and y:\n    x -= 1\n"),
    ("if !x:\n    pass\n", "if not x:\n    pass\n"),
    ("if x <> y:\n    pass\n", "if x != y:\n    pass\n"),
    ("function f(x):\n    return x\n", "def f(x):\n    return x\n"),
    ("whlie x:\n    pass\n", "while x:\n    pass\n"),
    ("def f(x):\n    retrun x\n", "def f(x):\n    return x\n"),
    ("print 'a', b\n", "print('a', b)\n"),
    ("for i range(3):\n    print(i)\n", "for i in range(3):\n    print(i)\n"),
    ("def f:\n    pass\n", "def f():\n    pass\n"),
    ("def f(x):\nreturn x\n", "def f(x):\n    return x\n"),
    ("x = 1\n  y = 2\n", "x = 1\ny = 2\n"),
    ("if x:\n\ta = 1\n        b = 2\n", "if x:\n\ta = 1\n\tb = 2\n"),
    ("x = 1 +\ny = 2\n", "x = 1\ny = 2\n"),
    ("def f(x):\n    y = x\nreturn y\n", "def f(x):\n    y = x\n    return y\n"),
    ("x = f'{a'\n", "x = f'{a}'\n"),
    ("def f():\n\nx = 1\n", "def f():\n    pass\n\nx = 1\n"),
    ("try:\n    f()\nexcept E, e:\n    pass\n", "try:\n    f()\nexcept E as e:\n    pass\n"),
    ("raise E, 'text'\n", "raise E('text')\n"),
    ("import a from b\n", "from b import a\n"),
    ("x = a ? b : c\n", "x = b if a else c\n"),
    ("var x = 1\n", "x = 1\n"),
    ("x = 5 // the answer\n", "x = 5 # the answer\n"),
    (">>> x = 1\n", "x = 1\n"),
    ("x = $y\n", "x = y\n"),
    ("x = 0777\n", "x = 0o777\n"),
    ('def f():\n    """Doc.\n    return 1\n', 'def f():\n    """Doc."""\n    return 1\n'),
    ("returnx = 2\nif x == 2\n    print(x)\n", "returnx = 2\nif x == 2:\n    print(x)\n"),
]  # fmt: skip

# Any of the repairs offered must be this.
AMONG = [
    ("if x:\n    a = 1\n  b = 2\n", "if x:\n    a = 1\nb = 2\n"),
    ("if x:\n    a = 1\n  b = 2\n", "if x:\n    a = 1\n    b = 2\n"),
    ("for i in x:\nfor j in y:\nprint(i, j)\n", "for i in x:\n    for j in y:\n        print(i, j)\n"),
    ("for i in x\n    a(i)\nfor j in y:\n    b(i, j)\n", "for i in x:\n    a(i)\n    for j in y:\n        b(i, j)\n"),
    ("for i in x\n    a(i)\nfor j in y:\n        b(i, j)\n", "for i in x:\n    a(i)\n    for j in y:\n        b(i, j)\n"),
    ("x = foo(bar(a, b)\n", "x = foo(bar(a), b)\n"),
]


class Check(unittest.TestCase):
    def test_error_places(self) -> None:
        found = check({"a.py": "x = 1\nif x\n    pass\n", "b.py": "x = 1\n"})["files"]
        self.assertEqual(found["b.py"], [])
        self.assertEqual(found["a.py"][0]["range"][0], 2)
        self.assertEqual(found["a.py"][0]["kind"], "SyntaxError")

    def test_kinds(self) -> None:
        kinds = {"if 1:\nx = 1\n": "IndentationError", "if 1:\n\tx\n        y\n": "TabError", "x = (\n": "SyntaxError"}
        for text, kind in kinds.items():
            self.assertEqual(check({"a.py": text})["files"]["a.py"][-1]["kind"], kind)

    def test_warnings(self) -> None:
        items = check({"a.py": "x = 1\nif x is 1:\n    pass\n"})["files"]["a.py"]
        self.assertEqual([(i["kind"], i["range"][0]) for i in items], [("warning", 2)])

    def test_columns_are_scalars_and_lines_end_as_python_says(self) -> None:
        text = "a = 'é𝄞'\r\nb = 'é' )\rc = 1"
        item = check({"a.py": text})["files"]["a.py"][0]
        self.assertEqual(item["range"], [2, 9, 2, 10])

    def test_odd_texts_are_survived(self) -> None:
        for text in ("\0", "(" * 3000, "x = " + "-" * 5000 + "1", "", "\ufeffx = 1", "a\x0cb", "'" * 4001):
            self.assertIsInstance(check({"a.py": text})["files"]["a.py"], list)
            repair_text(text)


class Repair(unittest.TestCase):
    def test_first_repair(self) -> None:
        for text, wanted in FIRST:
            with self.subTest(text):
                found = repair_text(text)
                self.assertTrue(found)
                self.assertEqual(found[0].patch.apply(text), wanted)

    def test_among_repairs(self) -> None:
        for text, wanted in AMONG:
            with self.subTest(text):
                self.assertIn(wanted, [r.patch.apply(text) for r in repair_text(text, 8)])

    def test_repairs_span_files_and_apply_to_the_original(self) -> None:
        files = {"a.py": "def f()\n    retrun 1\n", "b.py": "x = (1\r\ny = 2\r\n", "c.py": "z = 1\n"}
        best = repairs(files, 3)[0]
        self.assertEqual({e["path"] for e in best["edits"]}, {"a.py", "b.py"})
        for path, text in files.items():
            self.assertTrue(compiles(apply(text, [e for e in best["edits"] if e["path"] == path])), path)
        self.assertTrue(all(e["reason"] for e in best["edits"]))

    def test_nothing_to_repair(self) -> None:
        self.assertEqual(repairs({"a.py": "x = 1\n"}, 5), [])

    def test_syntax_of_a_newer_python_is_no_slip(self) -> None:
        for version, text in (((3, 10), "match x:\n    # one\n    case 1:\n        pass\n"), ((3, 11), "try:\n    f()\nexcept* OSError:\n    pass\n"),
                              ((3, 12), "def f[T](x: T) -> T:\n    return x\n"), ((3, 12), "type A[T] = list[T]\n"), ((3, 12), "class A[T]:\n    pass\n")):
            self.assertEqual(repair_text(text, 5), [])
            found = [item["message"] for item in diagnose({"main.py": text}, None, []) if item["category"] == "syntax"]
            if sys.version_info < version:
                self.assertIn("Python %d.%d" % version, found[0])
            else:
                self.assertEqual(found, [])

    def test_repairs_are_deterministic(self) -> None:
        text = "def f(x)\n    y = (x\n  return y\nprint f(1)\n"
        runs = {repr([(r.score, r.patch.edits) for r in repair_text(text)]) for _ in range(3)}
        self.assertEqual(len(runs), 1)

    def test_injected_single_errors(self) -> None:
        rows, times = [], []
        for kind, original, text in samples(4, 11):
            started = time.process_time()
            found = repair_text(text)
            times.append(time.process_time() - started)
            outcomes = [same(r.patch.apply(text), original) for r in found]
            rows.append((bool(found), bool(outcomes) and outcomes[0], any(outcomes)))
        share = [sum(r[i] for r in rows) / len(rows) for i in range(3)]
        self.assertGreater(len(rows), 120)
        self.assertGreaterEqual(share[0], 0.96)
        self.assertGreaterEqual(share[1], 0.86)
        self.assertGreaterEqual(share[2], 0.93)
        self.assertLess(statistics.median(times), 0.02)

    def test_injected_several_errors(self) -> None:
        for errors, first, some in ((2, 0.7, 0.78), (3, 0.58, 0.66), (4, 0.42, 0.5)):
            rows = []
            for _, original, text in several(30, errors, 12):
                outcomes = [same(r.patch.apply(text), original) for r in repair_text(text)]
                rows.append((bool(outcomes), bool(outcomes) and outcomes[0], any(outcomes)))
            share = [sum(r[i] for r in rows) / len(rows) for i in range(3)]
            with self.subTest(errors=errors, share=share):
                self.assertGreaterEqual(share[0], 0.9)
                self.assertGreaterEqual(share[1], first)
                self.assertGreaterEqual(share[2], some)

    def test_large_files_end(self) -> None:
        body = "".join(f"def f{i}(a, b):\n    x = a + {i}\n    return x * b\n\n" for i in range(20_000))
        for broken in (body + "def g(\n    x = 1\n", body.replace("def f500(a, b):", "def f500(a, b)"), body.replace("return x * b", "return (x * b", 60), "(" + body):
            started = time.process_time()
            repair_text(broken)
            self.assertLess(time.process_time() - started, 30)

    def test_hopeless_text_ends(self) -> None:
        for text in ("lorem ipsum dolor sit amet, " * 400, "{[(" * 500, "\n".join("% &$ §" * 5 for _ in range(300)), "'''" + "x y z\n" * 5000):
            started = time.process_time()
            repair_text(text)
            self.assertLess(time.process_time() - started, 20, text[:20])


class Facts(unittest.TestCase):
    def test_definitions_imports_threads(self) -> None:
        text = "import threading\nfrom os import path, sep\nN = 1\nclass A:\n    x = 2\n    def m(self):\n        def inner():\n            pass\n"
        found = facts({"a.py": text})["files"]["a.py"]
        kinds = {d["qualname"]: d["kind"] for d in found["definitions"]}
        self.assertEqual(kinds, {"N": "variable", "A": "class", "A.x": "variable", "A.m": "method", "A.m.<locals>.inner": "function"})
        self.assertEqual([(i["module"], i["names"]) for i in found["imports"]], [("threading", []), ("os", ["path", "sep"])])
        self.assertEqual((found["threads"], found["tasks"]), (True, False))

    def test_broken_file(self) -> None:
        found = facts({"a.py": "import asyncio\ndef f()\n    pass\n"})["files"]["a.py"]
        self.assertEqual([d["name"] for d in found["definitions"]], ["f"])
        self.assertEqual(found["definitions"][0]["range"], [2, 1, 3, 9])
        self.assertTrue(found["tasks"])


if __name__ == "__main__":
    unittest.main()
