"""Tiny random programs of a few threads, the same for the same seed: every way in which Python code reaches shared state."""

import random

HEAD = '''
import copy
import json
from collections import defaultdict, deque
from dataclasses import dataclass

class O:
    def __init__(self):
        self.x = 0
        self.y = 0

    @property
    def p(self):
        return self.x

    @p.setter
    def p(self, value):
        self.x = self.x + value

class Slots:
    __slots__ = ("v",)

class Fallback:
    def __getattr__(self, name):
        return o.x

class Described:
    def __get__(self, owner, kind=None):
        return o.x

    def __set__(self, owner, value):
        o.x = value

class C:
    z = 0
    d = Described()

class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return self.n == other.n + o.x * 0

@dataclass
class Data:
    a: int
    b: int

def counting():
    n = 0
    while True:
        n += 1
        yield n

def cells():
    n = 0

    def bump(by):
        nonlocal n
        n += by
        return n
    return bump

o = O()
l = [1, 2]
d = {"a": 1}
s = {1}
q = deque([1])
dd = defaultdict(int)
slots = Slots()
slots.v = 0
fallback = Fallback()
c = C()
keyed = {Key(1): 0}
data = Data(0, 0)
gen = counting()
bump = cells()
lock = Lock()
g = 0

def by_x(value):
    return -value if o.x else value
'''

STATEMENTS = [
    "o.x = o.x + {k}", "o.x += {k}", "o.y = o.x", "l.append(o.x)", "d['a'] = d['a'] + {k}", "d['a'] += {k}", "d['b'] = len(l)",
    "o.y = sum(l)", "o.y = sorted(l)", "o.x = l.pop() if l else -1", "o.p = {k}", "o.y = o.p", "setattr(o, 'x', getattr(o, 'x') + {k})",
    "vars(o)['x'] = {k}", "o.y = vars(o)['x']", "s.add({k} + 1)", "o.y = 2 in s", "d.update(a={k} + 1)", "o.y = list(d)", "C.z = C.z + {k}", "C.z += {k}",
    "o.y = next(gen)", "o.y = dict(d)", "r, o.y = o.y, {k}", "d.pop('a', None)", "o.y = json.dumps(d)", "o.y = d.get('a')", "slots.v += {k}",
    "o.y = fallback.anything", "l.sort(key=by_x)", "l[0] = {k} + 3", "o.y = f'{{l}}'", "o.y = l == [1, 2]", "o.y = bump({k})", "c.d = {k}",
    "o.y = c.d", "dd['k'] += {k}", "q.append({k})", "o.y = q.popleft() if q else 0", "o.y = copy.copy(l)", "o.y = keyed.get(Key(1))",
    "keyed[Key(1)] = {k}", "data.a = {k}", "o.y = repr(data)", "o.y = data == Data({k}, 0)", "l += [{k}]", "o.y = l + [{k}]", "o.y = [v for v in l]",
    "o.y = max(l, default=0)", "l[:] = [{k}]", "o.y = l[-1] if l else 0", "del d['a']", "l.insert(0, o.x)", "o.y = (n := o.x)",
    "with lock: o.x += {k}", "lock.acquire(); o.y = o.x; lock.release()", "o.y = any(l)", "o.y = len([*l])", "o.y = {{**d}}", "o.y = len(l) and o.x",
]
GLOBALS = ["g = g + {k}", "g += {k}", "o.y = g", "g = o.x"]

TAIL = '''
def final():
    return repr((o.x, o.y, l, d, sorted(s), C.z, g, list(q), dict(dd), slots.v, next(gen), bump(0), list(keyed.values()), data.a))
'''


def program(seed, threads=2, statements=2):
    """A program with functions `t0` …, and `final`, which tells the outcome."""
    draw = random.Random(seed)
    shared = draw.sample(STATEMENTS, 3) + [draw.choice(GLOBALS)]
    parts = [HEAD]
    for number in range(threads):
        lines = [draw.choice(shared + [draw.choice(STATEMENTS)]).format(k=number + 1) for _ in range(draw.randint(1, statements))]
        parts.append("\ndef t%d(o=o, l=l, d=d, s=s, q=q, dd=dd, c=c, C=C, slots=slots, lock=lock):\n    global g\n    %s\n" % (
            number, "\n    ".join(lines)))
    return "".join(parts) + TAIL


def script(text, threads=2):
    """The same as a script that runs its threads."""
    works = ", ".join("t%d" % number for number in range(threads))
    return "from threading import Lock, Thread\n" + text + (
        "\nthreads = [Thread(target=one) for one in (%s)]\nfor one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n"
        "print(final())\n" % works)
