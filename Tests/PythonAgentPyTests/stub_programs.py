"""Small functions whose body is `pass`, with tests that leave room for constants and lookup tables.

Each program is a name, the stub with what surrounds it, and the checks, written in the ways in which tests are: answers beside the
call, in variables, in tables, within approximations, and in other types than the program returns.
"""

_PLAIN = "from lib import *\n\n"


def _asserts(*checks):
    return _PLAIN + "".join("def test_%d():\n    assert %s\n\n" % item for item in enumerate(checks))


def _table(name, *rows):
    cases = ", ".join("(%s, %s)" % row for row in rows)
    return _PLAIN + "CASES = [%s]\n\ndef test_all():\n    for given, wanted in CASES:\n        assert %s(given) == wanted\n" % (cases, name)


def _parametrized(name, *rows):
    cases = ", ".join("(%s, %s)" % row for row in rows)
    return ("import pytest\n%s@pytest.mark.parametrize('given, wanted', [%s])\ndef test_all(given, wanted):\n"
            "    assert %s(given) == wanted\n" % (_PLAIN, cases, name))


def _unittest(*pairs):
    lines = "".join("    def test_%d(self):\n        self.assertEqual(%s, %s)\n" % (i, a, b) for i, (a, b) in enumerate(pairs))
    return "import unittest\n%sclass T(unittest.TestCase):\n%s" % (_PLAIN, lines)


def _named(call, answer):
    return _PLAIN + "def test_named():\n    expected = %s\n    got = %s\n    assert got == expected\n" % (answer, call)


PROGRAMS = [
    ("area", "def area(width, height):\n    pass\n", _asserts("area(3, 4) == 12")),
    ("vat", "RATE = 0.21\n\n\ndef vat(amount):\n    pass\n", _named("vat(100)", "21.0")),
    ("greet", "def greet(name):\n    pass\n", _asserts("greet('Ada') == 'Hello, Ada!'")),
    ("initials", "def initials(name):\n    pass\n", _asserts("initials('Ada Lovelace') == 'AL'", "initials('alan turing') == 'AT'")),
    ("is_leap", "def is_leap(year):\n    pass\n", _asserts("is_leap(2024)", "is_leap(2000)")),
    ("is_even", "def is_even(n):\n    pass\n", _asserts("is_even(4) is True")),
    ("is_empty", "class Box:\n    def __init__(self):\n        self.things = []\n\n    def is_empty(self):\n        pass\n",
     _asserts("Box().is_empty() is True")),
    ("count", "class Box:\n    def __init__(self, things):\n        self.things = things\n\n    def count(self):\n        pass\n",
     _asserts("Box('ab').count() == 2")),
    ("fib", "def fib(n):\n    pass\n", _table("fib", (1, 1), (2, 1))),
    ("fact", "def fact(n):\n    pass\n", _table("fact", (0, 1), (5, 120))),
    ("median", "def median(xs):\n    pass\n", _parametrized("median", ("[3, 1, 2]", 2), ("[9, 7, 8]", 8))),
    ("clamp", "def clamp(x, low, high):\n    pass\n", _asserts("clamp(15, 0, 10) == 10", "clamp(-5, 0, 10) == 0")),
    ("parse", "def parse(text):\n    pass\n", _asserts("parse('a=1') == {'a': '1'}")),
    ("words", "def words(text):\n    pass\n", _asserts("words('to be') == ['to', 'be']")),
    ("vowels", "def vowels(text):\n    pass\n", _asserts("vowels('banana') == 3")),
    ("roman", "def roman(n):\n    pass\n", _table("roman", (4, "'IV'"), (9, "'IX'"))),
    ("grade", "def grade(score):\n    pass\n", _asserts("grade(95) == 'A'")),
    ("price", "def price(kind):\n    pass\n", _asserts("price('tea') in (3, 4)")),
    ("mean", "def mean(xs):\n    pass\n", "import pytest\n" + _asserts("mean([1, 2, 4]) == pytest.approx(2.333, abs=0.01)")),
    ("root", "def root(x):\n    pass\n", _asserts("abs(root(2) - 1.414) < 0.01")),
    ("circle", "def circle(r):\n    pass\n", "import math\n" + _asserts("math.isclose(circle(1), 3.14159, rel_tol=1e-3)")),
    ("as_text", "def as_text(n):\n    pass\n", _asserts("as_text(7) == '7'")),
    ("total", "def total(rows):\n    pass\n", _asserts("str(total([{'n': 20}, {'n': 22}])) == '42'")),
    ("hexed", "def hexed(n):\n    pass\n", _unittest(("hexed(255)", "'ff'"))),
    ("flat", "def flat(xs):\n    pass\n", _unittest(("flat([[1], [2]])", "[1, 2]"))),
    ("version", "def version():\n    pass\n", _asserts("version() == '1.4.2'")),
    ("limit", "def limit():\n    pass\n", _asserts("limit() == 2")),
    ("ready", "def ready():\n    pass\n", _asserts("ready()")),
    ("origin", "def origin():\n    pass\n", _asserts("origin() == (0, 0)")),
    ("empty", "def empty(n):\n    pass\n", _asserts("empty(3) == []")),
    ("minus", "def minus(n):\n    pass\n", _asserts("minus(17) == -17")),
    ("sign", "def sign(n):\n    pass\n", _asserts("sign(-8) == -1")),
    ("lookup", "NAMES = {'de': 'Deutschland'}\n\n\ndef lookup(code, default=None):\n    pass\n", _asserts("lookup('xx', 'unknown') == 'unknown'")),
    ("today", "def today(weekday):\n    pass\n", _table("today", (0, "'Mon'"), (6, "'Sun'"))),
    ("bmi", "def bmi(weight, height):\n    pass\n", _asserts("round(bmi(80, 2)) == 20")),
    ("gcd", "def gcd(a, b):\n    pass\n", _asserts("gcd(12, 18) == 6")),
    ("rate", "RATES = {'usd': 1.0, 'eur': 1.1}\n\n\ndef rate(code):\n    pass\n", _asserts("rate('usd') == 1.0")),
    ("valid", "def valid(pin):\n    pass\n", _asserts("valid('1234')", "not valid('12a4')", "not valid('')")),
    ("fizz", "def fizz(n):\n    pass\n", _parametrized("fizz", (3, "'Fizz'"), (5, "'Buzz'"))),
    ("report", "def report(items):\n    pass\n", _asserts("report(['a', 'b']) == '2 items'")),
]
