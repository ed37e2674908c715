"""What the static rules find in programs that carry their expectations."""

import time
import unittest

from marked import diagnose, problems

CASES = {
    "look-alikes": """
class Clock:
    def tick(self):
        return 1
items = [1]
def total(values):
    result = 0
    for value in valeus:  #! name/look-alike => for value in values:
        result += value
    return reslut  #! name/look-alike => return result
print(total(itmes))  #! name/look-alike => print(total(items))
print(Cl0ck().tick())  #! name/look-alike => print(Clock().tick())
prnit(total(items))  #! name/look-alike => print(total(items))
""",
    "case and underscore": """
user_name = "x"
print(username)  #! name/look-alike => print(user_name)
print(User_name)  #! name/look-alike => print(user_name)
""",
    "missing imports": """
print(math.pi)  #! name/missing-import => import math
print(sqrt(2))  #! name/missing-import => from math import sqrt
counts = defaultdict(int)  #! name/missing-import => from collections import defaultdict
print(counts, randint(1, 2))  #! name/missing-import => from random import randint
""",
    "usual aliases": """
frame = pd.DataFrame()  #! name/missing-import => import pandas as pd
print(np.zeros(3), frame)  #! name/missing-import => import numpy as np
""",
    "misspelt keyword as a statement": """
def f(x):
    if x:
        retrun  #! name/look-alike => return
    for i in x:
        contine  #! name/look-alike => continue
""",
    "names of other languages": """
x = true  #! name/renamed => x = True
y = null  #! name/renamed => y = None
for i in xrange(3):  #! name/renamed => for i in range(3):
    print(x, y)
""",
    "missing self": """
class Box:
    def __init__(self):
        self.total = 0
    def add(self, x):
        self.total = total + x  #! name/missing-self => self.total = self.total + x
        report()  #! name/missing-self => self.report()
    def report(self):
        print(self.total)
Box().add(1)
""",
    "missing self parameter": """
class Box:
    def __init__(self):
        self.total = 0
    def add(x):  #! name/missing-self-parameter => def add(self, x):
        self.total += x  #! name/undefined
""",
    "attributes of modules": """
import math
import os.path
print(math.squrt(2), os.path.exist("x"))  #! name/attribute => print(math.sqrt(2), os.path.exist("x"))
""",
    "attributes of own objects": """
class Car:
    def __init__(self, speed):
        self.speed = speed
    def describe(self):
        return self.sped  #! name/attribute => return self.speed
car = Car(3)
print(car.descibe())  #! name/attribute => print(car.describe())
""",
    "attributes of builtin types": """
names = []
names.appned("x")  #! name/attribute => names.append("x")
names.push("y")  #! name/attribute => names.append("y")
print("a".uper(), names.length)  #! name/attribute => print("a".upper(), names.length) ;; name/attribute
""",
    "string accumulators": """
total = "0"  #! type/string-accumulator => total = 0
for i in range(3):
    total += i
class Meter:
    def __init__(self):
        self.sum = "0"  #! type/string-accumulator => self.sum = 0
    def add(self, amount):
        self.sum += amount
m = Meter()
m.add(3)
""",
    "concatenation": """
n = 3
print("n is " + n)  #! type/concatenation => print("n is " + str(n))
print(len("abc") + " letters")  #! type/concatenation => print(str(len("abc")) + " letters")
""",
    "input as a number": """
age = input("age? ")  #
if age > 18:  #! type/text-as-number => age = int(input("age? "))  #
    print("grown up")
""",
    "float index": """
values = [1, 2, 3]
for i in range(len(values) / 2):  #! type/float-index => for i in range(len(values) // 2):
    print(values[i])
for i in len(values):  #! type/not-iterable => for i in range(len(values)):
    print(i)
""",
    "arguments": """
def area(width, height):
    return width * height
area(1)  #! type/arguments
area(1, 2, 3)  #! type/arguments
area(width=1, heigth=2)  #! type/arguments => area(width=1, height=2)
""",
    "unbound local": """
count = 0
def bump():
    count += 1  #! name/unbound-local => global count
def outer():
    n = 0
    def inner():
        n += 1  #! name/unbound-local => nonlocal n
    return inner
class Box:
    def __init__(self):
        self.size = 0
    def grow(self):
        size += 1  #! name/unbound-local => self.size += 1
""",
    "misspelt modules and members": """
import maths  #! name/missing-module => import math
from colections import deque  #! name/missing-module => from collections import deque
from collections import OrderdDict  #! name/import-member => from collections import OrderedDict
print(maths.pi, deque, OrderdDict)
""",
    "not installed": """
import surely_no_such_package  #! environment/missing-package
print(surely_no_such_package)
""",
    "legal and not meant": """
x = 5
if x is 5:  #! logic/is-literal => if x == 5:
    x == 6  #! logic/comparison-statement => x = 6
def add(item, bag=[]):  #! logic/mutable-default => def add(item, bag=None):
    bag.append(item)
    return bag
names = ["b", "a"]
sorted(names)  #! logic/lost-result => names = sorted(names)
text = " x "
text.strip()  #! logic/lost-result => text = text.strip()
names = names.sort()  #! logic/none-result => names.sort()
print("hello {text}")  #! logic/missing-f-prefix => print(f"hello {text}")
def main():
    print(x)
main  #! logic/missing-call => main()
""",
    "wrong depth": """
def total(values):
    result = 0
    for v in values:
        result += v
        return result  #! logic/return-in-loop => return result
def squares(values):
    found = []
    for v in values:
        print(v)
    found.append(v * v)  #! logic/outside-loop => found.append(v * v)
    return found
""",
    "missing return": """
def double(x):
    y = x * 2
print(double(2) + 1)  #! logic/missing-return => return y
""",
    "missing call": """
class Stack:
    def __init__(self):
        self.items = []
    def is_empty(self):
        return not self.items
    def size(self):
        return len(self.items)
    def half(self):
        if self.is_empty:  #! type/missing-call => if self.is_empty():
            return 0
        return self.size / 2  #! type/missing-call => return self.size() / 2
""",
    "late binding": """
actions = []
for n in range(3):
    actions.append(lambda x: x + n)  #! logic/late-binding => actions.append(lambda x, n=n: x + n)
""",
    "shadowed builtin": """
list = [1, 2]
other = list("abc")  #! type/shadowed-builtin => list_ = [1, 2]
""",
    "missing await": """
import asyncio
async def work():
    asyncio.sleep(1)  #! concurrency/missing-await => await asyncio.sleep(1)
asyncio.run(work())
""",
}

CLEAN = {
    "star import": "from math import *\nprint(sqrt(2))\n",
    "guarded name": "try:\n    unicode\nexcept NameError:\n    unicode = str\nprint(unicode)\n",
    "comprehension scopes": "rows = [[1]]\nprint([x for row in rows for x in row])\nprint({k: v for k, v in zip('a', 'b')})\n",
    "class scope": "class A:\n    x = 1\n    y = [x for _ in range(2)]\n",
    "conditional definition": "import sys\nif sys.argv:\n    value = 1\nprint(value)\n",
    "del and global": "def f():\n    global g\n    g = 1\nf()\nprint(g)\n",
    "walrus and match": "if (n := 3) > 2:\n    print(n)\n",
    "decorated class": "def wrap(c):\n    return c\n@wrap\nclass A:\n    pass\nprint(A().anything)\n",
    "getattr class": "class A:\n    def __getattr__(self, name):\n        return 1\nprint(A().anything)\n",
    "string building": "bits = ''\nfor c in 'abc':\n    bits += c\nprint(bits)\n",
    "padded digits": "code = '0'\ncode += input()\nprint(code.zfill(3))\n",
    "format later": "text = 'hello {name}'\nname = 'x'\nprint(text.format(name=name))\n",
    "exception name": "try:\n    pass\nexcept OSError as error:\n    print(error)\n",
    "lambda and defaults": "f = lambda a, b=2: a + b\nprint(f(1))\n",
    "submodule": "import os\nimport xml.dom\nprint(os.path.sep, xml.dom)\n",
    "nested functions": "def f():\n    def g():\n        return h()\n    def h():\n        return 1\n    return g()\n",
    "type annotations": "from __future__ import annotations\ndef f(x: int) -> list[int]:\n    return [x]\n",
}


class StaticRules(unittest.TestCase):
    def test_marked_programs(self) -> None:
        for name, marked in CASES.items():
            with self.subTest(name):
                only = name not in ("attributes of modules", "missing self parameter")
                self.assertEqual(problems(marked, only=only), [])

    def test_clean_programs(self) -> None:
        for name, text in CLEAN.items():
            with self.subTest(name):
                self.assertEqual([(f["rule"], f["message"]) for f in diagnose({"main.py": text}, None, [])], [])

    def test_all_bugs_of_a_broken_file_at_once(self) -> None:
        self.assertEqual(
            problems(
                """
def mean(values)  #! syntax/missing-colon => def mean(values):
    total = "0"  #! type/string-accumulator => total = 0
    for v in values  #! syntax/missing-colon => for v in values:
        total += float(v)
    retrun total / len(valeus)  #! syntax/keyword => return total / len(valeus) ;; name/look-alike => retrun total / len(values)
print("mean: " + maen([1]))  #! name/look-alike => print("mean: " + mean([1]))
"""
            ),
            [],
        )

    def test_large_and_deep_texts_end(self) -> None:
        started = time.process_time()
        for text in ("x = " + " + ".join(["1"] * 5000) + "\n", "x = " + "[" * 80 + "]" * 80 + "\n", "x = 1\n" * 600_000 + "y = (\n", "\0", "a." * 3000 + "b\n"):
            diagnose({"main.py": text}, None, [])
        self.assertLess(time.process_time() - started, 20)

    def test_two_files(self) -> None:
        files = {
            "shop.py": "class Basket:\n    def add(self, item):\n        return item\n",
            "main.py": "from shop import Baskt\nb = Baskt()\nimport shop\nshop.Basket().ad(1)\n",
        }
        rules = [(f["path"], f["rule"], f["range"][0]) for f in diagnose(files, None, [])]
        self.assertIn(("main.py", "name/import-member", 1), rules)

    def test_tools_join_ours(self) -> None:
        text = "value = 1\nprint(valeu)\n"
        tools = [
            {"tool": "ruff", "path": "main.py", "rule": "F821", "message": "Undefined name `valeu`", "range": [2, 7, 2, 12]},
            {"tool": "ty", "path": "main.py", "rule": "unresolved-reference", "message": "Name `valeu` used when not defined", "range": [2, 7, 2, 12]},
            {"tool": "ruff", "path": "main.py", "rule": "F401", "message": "`os` imported but unused", "range": [1, 1, 1, 2]},
        ]
        found = diagnose({"main.py": text}, None, tools)
        self.assertEqual([f["rule"] for f in found], ["name/look-alike"])
        self.assertEqual({e["source"] for e in found[0]["evidence"]}, {"static", "ruff", "ty"})


if __name__ == "__main__":
    unittest.main()
