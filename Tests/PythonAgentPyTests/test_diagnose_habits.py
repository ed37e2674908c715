"""What the rules on habits of code find: locks, records, money, times, resources, sharing, shadowing."""

import re
import unittest
from pathlib import Path

from marked import diagnose, observe, problems

CASES = {
    "unused lock and the updates it was for": """
import threading
class Till:
    def __init__(self):
        self.cash = 0
        self.mutex = threading.RLock()  #! concurrency/unused-lock
    def put(self, coins):
        held = self.cash  #! concurrency/unguarded-update
        self.cash = held + coins
    def count(self):
        self.cash += 1  #! concurrency/unguarded-update
""",
    "unused lock of a dataclass and of a module": """
from dataclasses import dataclass, field
from threading import Lock
registry_lock = Lock()  #! concurrency/unused-lock
@dataclass
class Book:
    pages: int = 0
    guard: Lock = field(default_factory=Lock)  #! concurrency/unused-lock
""",
    "guarded in one method and not in the other": """
import threading
class Counter:
    def __init__(self):
        self.seen = {}
        self.lock = threading.Lock()
    def count(self, word):
        with self.lock:
            self.seen[word] = self.seen.get(word, 0) + 1
    def forget(self, word):
        if word in self.seen:  #! concurrency/unguarded-update
            self.seen.pop(word)
""",
    "steps over several objects": """
import threading
class Shelf:
    def __init__(self):
        self.books = 0
    def add(self, n):
        self.books += n
    def drop(self, n):
        self.books -= n
class Library:
    def __init__(self):
        self.guard = threading.Lock()  #! concurrency/unused-lock
    def move(self, one, two, n):  #! concurrency/not-atomic
        one.drop(n)
        two.add(n)
""",
    "globals that threads change": """
import threading
hits = 0
cache = {}
def load(key):
    return key
def work(key):
    global hits
    hits += 1  #! concurrency/unguarded-update
    if key not in cache:  #! concurrency/check-then-act
        cache[key] = load(key)
threads = [threading.Thread(target=work, args=(k,)) for k in "ab"]
class Worker(threading.Thread):
    done = 0
    def run(self):
        self.done += 1  #! concurrency/unguarded-update
""",
    "updates across an await": """
import asyncio
class Purse:
    def __init__(self):
        self.coins = 0
    async def ask(self):
        await asyncio.sleep(0)
        return 1
    async def spend(self, n):
        left = self.coins  #! concurrency/update-across-await
        await self.ask()
        self.coins = left - n
    async def gain(self):
        self.coins += await self.ask()  #! concurrency/update-across-await
""",
    "keys in two orders": """
class Routes:
    def __init__(self):
        self.known = {}
    def learn(self, start, goal, miles):
        self.known[(goal, start)] = miles  #! logic/swapped-key => self.known[(start, goal)] = miles
    def find(self, start, goal):
        return self.known.get((start, goal))
seats = {}
def book(row, place, name):
    seats[f"{row}-{place}"] = name  #! logic/swapped-key => seats[f"{place}-{row}"] = name
def who(row, place):
    return seats[f"{place}-{row}"]
class Tariffs:
    def __init__(self):
        self.rates = {}
    def rate(self, origin, target):
        key = (origin, target)
        if key not in self.rates:
            self.rates[(target, origin)] = 1  #! logic/swapped-key
        return self.rates[key]
    def name(self, names, first, second):
        names[first + ":" + second] = 1  #! logic/swapped-key
        return names.get(second + ":" + first)
""",
    "records in two shapes": """
class Probe:
    def read(self, at):
        return {"value": 1, "at": at}
class WarmProbe(Probe):
    def read(self, at):
        return {"reading": 2, "at": at}  #! logic/mixed-schema => return {"value": 1, "at": at}
def report(probes):
    return [p.read(0)["value"] for p in probes]
""",
    "an odd record and an unknown key": """
rows = [{"title": "a", "amount": 1}, {"title": "b", "amuont": 2}, {"title": "c", "amount": 3}]  #! logic/odd-key
def weigh(parcel):
    return parcel["wieght"]  #! logic/unknown-key => return parcel["weight"]
print(weigh({"weight": 3}))
""",
    "singletons bypassed": """
class Settings:
    _only = None
    @classmethod
    def shared(cls):
        if cls._only is None:
            cls._only = cls()
        return cls._only
def start():
    settings = Settings()  #! semantic/bypassed-singleton => settings = Settings.shared()
    return settings, Settings.shared()
class Log:
    pass
_log = None
def get_log():
    global _log
    if _log is None:
        _log = Log()
    return _log
def write(text):
    log = Log()  #! semantic/bypassed-singleton => log = get_log()
    return log, text
""",
    "failures that look like success": """
class Sender:
    def send(self, text):
        return {"sent": True, "bytes": len(text)}
class Nobody(Sender):
    def send(self, text):
        return {"sent": True, "bytes": 0}  #! logic/null-object-success => return {"sent": False, "bytes": 0}
def pick(senders, name):
    return senders.get(name, Nobody())
def save(store, text):
    try:
        store.write(text)
        return True
    except Exception:
        return True  #! logic/failure-as-success => return False
""",
    "limits": """
class Tank:
    def __init__(self, litres, max_litres, ttl):
        self.litres = litres
        self.max_litres = max_litres
        self.ttl = ttl
    def draw(self, wanted):
        if self.litres > wanted:  #! logic/strict-limit => if self.litres >= wanted:
            self.litres -= wanted
    def is_fresh(self, age):
        return age < self.ttl  #! logic/strict-ttl => return age <= self.ttl
    def may_add(self, level):
        return level < self.max_litres
    def check(self, level):
        if level <= self.max_litres:  #! logic/mixed-limits
            print(level)
""",
    "signs and sums": """
class Jar:
    def __init__(self):
        self.sweets = 0
    def add(self, n):
        self.sweets -= n  #! logic/sign-against-name => self.sweets += n
    def remove(self, n):
        now = self.sweets
        self.sweets = now + n  #! logic/sign-against-name => self.sweets = now - n
def total(jars):
    total = 0
    for jar in jars:
        total -= jar.sweets  #! logic/falling-sum => total += jar.sweets
    return total
def average_jar(jars, shelves):  #! logic/unused-parameter
    if not shelves:
        return 0
    return 12 / len(shelves)  #! logic/wrong-count => return 12 / len(jars)
""",
    "rounding": """
def bill(lines):
    owed = 0
    for price, n in lines:
        owed += round(price * n, 2)  #! logic/early-rounding => owed += price * n
    return round(owed, 2)
def bill_again(lines):
    return sum(round(p * n, 2) for p, n in lines)  #! logic/early-rounding
def to_cents(price):
    return int(price * 100)  #! logic/truncated-cents => return int(round(price * 100))
def is_third(a, b):
    return a + b == 0.3  #! logic/float-equality
def steps():
    x = 0.0
    while x != 1.0:
        x += 0.1  #! logic/float-steps
""",
    "units": """
import time
def wait(delay_ms):
    time.sleep(delay_ms)  #! logic/mixed-units
def charge(amount_cents):
    return amount_cents
def pay(price_dollars, length_km, length_miles):
    charge(price_dollars)  #! logic/mixed-units
    charge(amount_cents=price_dollars)  #! logic/mixed-units
    return length_km + length_miles  #! logic/mixed-units
""",
    "points in time": """
from datetime import datetime, timezone
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
def since(text):
    return EPOCH - datetime.fromisoformat(text)  #! logic/naive-aware => return EPOCH - datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
def is_late(limit):
    return datetime.now() > limit  #! logic/naive-aware
print(is_late(EPOCH))
def drift():
    return datetime.now() - datetime.utcnow()  #! logic/two-clocks
def stamp():
    return datetime.utcnow().timestamp()  #! logic/two-clocks
""",
    "divisors": """
def mean(values):
    return sum(values) / len(values)  #! semantic/zero-division => if not values:
print(mean([]))
def share(rows):
    good = bad = 0
    count = 0
    for row in rows:
        if row.good:
            count += 1
            good += 1
    return good / count, bad  #! semantic/zero-division
""",
    "mixed sorts": """
print(sorted([1, "b", 2]))  #! logic/mixed-sort => print(sorted([1, "b", 2], key=str))
def order(pairs):
    names = []
    for name, age in pairs:
        names.append(name)
    names.sort()  #! logic/mixed-sort => names.sort(key=str)
    return names
print(order([("ann", 1), (7, 2)]))
""",
    "case": """
def total(payments):
    return sum(n for n, unit in payments if unit == "EUR")  #! logic/case-mismatch => return sum(n for n, unit in payments if unit.upper() == "EUR")
print(total([(1, "EUR"), (2, "eur")]))
""",
    "resources": """
import threading
def save(path, text):
    file = open(path, "w")  #! resource/unclosed
    file.write(text)
def note(path):
    open(path, "a").write("x")  #! resource/unclosed
lock = threading.Lock()
def step(items):
    lock.acquire()  #! concurrency/unreleased-lock
    if not items:
        return None
    items.pop()
    lock.release()
""",
    "shared objects": """
import time
class Cart:
    lines = []  #! logic/shared-class-attribute
    def add(self, line):
        self.lines.append(line)
class Box:
    def __init__(self, things=[]):  #! logic/mutable-default => def __init__(self, things=None):
        self.things = things
    def put(self, thing):
        self.things.append(thing)
def log(text, when=time.time()):  #! logic/early-default => def log(text, when=None):
    return text, when
grid = [[0] * 3] * 2  #! logic/shared-value => grid = [[0] * 3 for _ in range(2)]
grid[0][1] = 5
groups = dict.fromkeys("ab", [])  #! logic/shared-value => groups = {key: [] for key in "ab"}
groups["a"].append(1)
""",
    "late binding": """
import threading
calls = [lambda: i for i in range(3)]  #! logic/late-binding
for n in range(3):
    def call():  #! logic/late-binding
        return n
    calls.append(call)
for n in range(3):
    threading.Thread(target=lambda: print(n)).start()  #! logic/late-binding
""",
    "shadowing": """
def table(rows, cells):
    for i in rows:
        for i in cells:  #! logic/shadowed-loop-variable
            print(i)
        print(i)
def find(item, items):
    for item in items:  #! logic/shadowed-parameter
        print(item)
    return item
def biggest(a, b):
    max = max(a, b)  #! name/unbound-local => max_ = max(a, b)
    return max
def width(list):
    for x in list:
        print(x)
    return list(x)  #! type/shadowed-builtin
""",
    "slips": """
def compare(one, other):
    if one.size == one.size:  #! logic/same-twice
        return one.size - other.size
    elif one.age > 3:
        return 1
    elif one.age > 3:  #! logic/repeated-condition
        return 2
    return 0
def rises(values):
    found = 0
    for i in range(len(values)):
        found += values[i + 1] - values[i]  #! semantic/index
    return found
def largest(values):
    best = values[0]
    for i in range(len(values) - 1):  #! logic/short-of-end => for i in range(len(values)):
        best = max(best, values[i])
    return best
def scale(values, factor):  #! logic/unused-parameter
    base = values[0] * 2  #! logic/unused-variable
    return [v * 2 for v in values]
def position(values, wanted):
    for i, value in enumerate(values):  #! logic/end-without-value
        if value == wanted:
            return i
print(position([1], 1) + 1)
""",
}

CLEAN = {
    "no slips": """
import math
def compare(one, other):
    if one != one:
        return math.nan
    if one > 3:
        return 1
    elif one > 2:
        return 2
    return one - other
def rises(values):
    found = 0
    for i in range(len(values) - 1):
        found += values[i + 1] - values[i]
    for i in range(len(values)):
        if i + 1 < len(values):
            found += values[i + 1]
    return found
def bubble(values):
    for i in range(len(values) - 1):
        if values[i] > values[i + 1]:
            values[i], values[i + 1] = values[i + 1], values[i]
def on_event(event, state):
    total = state.total
    return total + 1
handlers = [on_event]
def position(values, wanted):
    for i, value in enumerate(values):
        if value == wanted:
            return i
    return -1
def look(values, wanted):
    if wanted in values:
        return wanted
    return None
def numbers(limit):
    yield limit
    if limit:
        return 1
print(position([1], 1) + 1)
""",
    "lock taken everywhere": """
import threading
class Till:
    def __init__(self):
        self.cash = 0
        self.lock = threading.Lock()
    def put(self, coins):
        with self.lock:
            self.cash += coins
            self._note()
    def _note(self):
        self.cash += 0
    def take(self, coins):
        self.lock.acquire()
        try:
            self.cash -= coins
        finally:
            self.lock.release()
    def show(self):
        print(self.cash)
""",
    "lock used by others": """
import threading
guard = threading.Lock()
class Shelf:
    def __init__(self):
        self.lock = threading.Lock()
        self.books = 0
def move(one, two):
    with guard, one.lock, two.lock:
        one.books -= 1
        two.books += 1
""",
    "globals without threads, and with a lock": """
import threading
hits = 0
made = 0
lock = threading.Lock()
def count():
    global made
    made += 1
def work():
    global hits
    with lock:
        hits += 1
threading.Thread(target=work).start()
count()
""",
    "await first": """
import asyncio
class Purse:
    def __init__(self):
        self.coins = 0
    async def gain(self):
        more = await asyncio.sleep(0, 1)
        self.coins += more
    async def spend(self, lock, n):
        async with lock:
            left = self.coins
            await asyncio.sleep(0)
            self.coins = left - n
""",
    "keys mirrored on purpose": """
class Graph:
    def __init__(self):
        self.edges = {}
    def join(self, a, b):
        self.edges[(a, b)] = 1
        self.edges[(b, a)] = 1
    def has(self, a, b):
        return (a, b) in self.edges
def turned(grid, size):
    out = {}
    for x in range(size):
        for y in range(size):
            out[(y, x)] = grid[(x, y)]
    return out
""",
    "records of one shape, and of shapes nobody mixes": """
class Probe:
    def read(self, at):
        return {"value": 1, "at": at}
class WarmProbe(Probe):
    def read(self, at):
        return {"value": 2, "at": at, "warm": True}
class Other:
    def read(self, at):
        return {"other": at, "more": 1}
print(Probe().read(0)["value"], Other().read(1)["other"])
rows = [{"name": "a", "age": 1}, {"name": "b", "size": 2}, {"name": "c", "age": 3}]
print([r["name"] for r in rows])
""",
    "keys from outside": """
import json
def load(path):
    with open(path) as file:
        data = json.load(file)
    return data["weights"], data["height"], {"weight": 1}
""",
    "singletons asked for": """
class Settings:
    _only = None
    @classmethod
    def shared(cls):
        if cls._only is None:
            cls._only = Settings()
        return cls._only
    @classmethod
    def create(cls, name):
        return cls(), name
print(Settings.shared(), Settings.create("x"))
""",
    "null objects and handlers that tell": """
class Sender:
    def send(self, text):
        return {"sent": True, "bytes": len(text)}
class NullSender(Sender):
    def send(self, text):
        return {"sent": False, "bytes": 0}
def save(store, text):
    try:
        store.write(text)
        return True
    except Exception:
        return False
def exists(store):
    try:
        return store.look()
    except KeyError:
        return True
""",
    "limits that include their end": """
class Tank:
    def __init__(self, litres, ttl, limit):
        self.litres = litres
        self.ttl = ttl
        self.limit = limit
    def draw(self, wanted):
        if self.litres >= wanted:
            self.litres -= wanted
    def trim(self, step):
        if self.litres > step:
            self.litres = step
    def is_fresh(self, age):
        return age <= self.ttl
    def fits(self, n):
        return n <= self.limit
    def refuse(self, n):
        if n > self.limit:
            raise ValueError(n)
""",
    "signs as named": """
import math
class Meter:
    def __init__(self):
        self.spent = self.angle = 0
    def spend(self, n):
        self.spent += n
    def turn(self, period):
        if self.angle > period:
            self.angle -= period
def surprise(chances):
    bits = 0
    for chance in chances:
        bits -= math.log2(chance)
    return bits
class Jar:
    def __init__(self):
        self.sweets = 0
        self.free_space = 9
    def add(self, n):
        self.sweets += n
        self.free_space -= n
    def remove(self, n):
        self.sweets = self.sweets - n
def depth(steps):
    level = 0
    for step in steps:
        level += 1 if step else 0
        level -= 0 if step else 1
    return level
def average_jar(jars):
    if not jars:
        return 0
    return 12 / len(jars)
""",
    "rounded once": """
def bill(lines):
    owed = 0
    for price, n in lines:
        owed += price * n
        print(round(price, 2))
    return round(owed, 2)
def to_cents(price):
    return int(round(price * 100))
def pixels(width):
    return int(width * 100)
def is_half(a, b):
    return a + b == 0.5
def steps():
    x = 0.0
    while x < 1.0:
        x += 0.25
""",
    "units converted": """
import time
def wait(delay_ms, seconds, minutes):
    time.sleep(delay_ms / 1000)
    total_seconds = seconds + minutes * 60
    cents_per_dollar = 100
    amount_cents = total_seconds * cents_per_dollar
    return amount_cents
""",
    "points in time of one kind": """
from datetime import date, datetime, timedelta, timezone
EPOCH = datetime(2020, 1, 1, tzinfo=timezone.utc)
def since(text):
    return EPOCH - datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
def local():
    return datetime.now() - datetime(2020, 1, 1) > timedelta(1)
def day():
    return date.today() - date(2020, 1, 1)
print(datetime.now(timezone.utc) - EPOCH)
""",
    "divisors that are looked at": """
def mean(values):
    if not values:
        return 0.0
    return sum(values) / len(values)
def shares(values):
    return [v / len(values) for v in values]
def first(rows):
    return sum(rows) / len(rows) if rows else 0
def tried(rows):
    try:
        return sum(rows) / len(rows)
    except ZeroDivisionError:
        return 0
def fixed():
    sizes = [1, 2, 3]
    return sum(sizes) / len(sizes)
def counted(rows):
    count = 0
    for row in rows:
        count += 1
    return 1 / count if count else 0
""",
    "sorts of one kind": """
print(sorted([1, 2.5, True]), max(["a", "b"]), sorted([1, "b"], key=str))
def order(pairs):
    names = []
    for name, age in pairs:
        names.append(name)
    return sorted(names)
print(order([("ann", 1), ("bob", "two")]))
""",
    "cases on purpose": """
def total(payments):
    return sum(n for n, unit in payments if unit.upper() == "EUR")
print(total([(1, "EUR"), (2, "eur")]))
def show(kind):
    return "big" if kind == "big" else "Big"
print(show("big"), ["Big", "big"])
""",
    "resources given back": """
import socket
import threading
def save(path, text):
    with open(path, "w") as file:
        file.write(text)
def connect(host):
    link = socket.socket()
    link.connect(host)
    return link
def keep(self, path):
    file = open(path)
    self.file = file
def closed(path):
    file = open(path)
    text = file.read()
    file.close()
    return text
class Gate:
    def __init__(self):
        self.lock = threading.Lock()
    def enter(self):
        self.lock.acquire()
    def leave(self):
        self.lock.release()
""",
    "objects of their own": """
class Cart:
    kinds = []
    lines = []
    def __init__(self, things=()):
        self.lines = []
        self.things = list(things)
    def add(self, line):
        self.lines.append(line)
def log(text, limit=max(1, 2)):
    return text, limit
grid = [[0] * 3 for _ in range(2)]
zeros = [0] * 3
names = dict.fromkeys("ab", 0)
grid[0][1] = zeros[0] = names["a"]
""",
    "bound in time": """
calls = [lambda i=i: i for i in range(3)]
for n in range(3):
    def call(n=n):
        return n
    calls.append(call)
    print(max([1, 2], key=lambda x: x * n))
def outer(rows):
    for row in rows:
        def inner():
            return row
        print(inner())
""",
    "names of their own": """
def table(rows, cells):
    for i in rows:
        for j in cells:
            print(i, j)
    for i in cells:
        print(i)
def find(item, items):
    for item in [item, *items]:
        print(item)
    return item
def biggest(max, a, b):
    return max(a, b)
def squares(x):
    return [x for x in range(x)]
""",
}


AGENT = Path(__file__).resolve().parents[2] / "Sources" / "PythonAgent"
_RULE = re.compile(r"[\"`]((?:syntax|name|type|logic|semantic|concurrency|resource|environment)/[a-z][a-z0-9-]+)[\"`]")


class Listing(unittest.TestCase):
    def test_every_rule_is_listed_and_every_listed_rule_exists(self) -> None:
        said = set()
        for path in (AGENT / "Agent" / "heal_agent" / "diagnose").glob("*.py"):
            said |= set(_RULE.findall(path.read_text("utf-8"))) if path.name != "tools.py" else set()
        listed = set(_RULE.findall((AGENT / "RULES.md").read_text("utf-8")))
        self.assertEqual(sorted(said ^ listed), [])


class HabitRules(unittest.TestCase):
    def test_marked_programs(self) -> None:
        for name, marked in CASES.items():
            with self.subTest(name):
                self.assertEqual(problems(marked), [])

    def test_clean_programs(self) -> None:
        for name, text in CLEAN.items():
            with self.subTest(name):
                self.assertEqual([(f["rule"], f["range"][0], f["message"]) for f in diagnose({"main.py": text}, None, [])], [])


class RecordsOfARun(unittest.TestCase):
    """A key that was missing at run time leads to where the record was made."""

    TEXT = """
def old(n):
    return {"size": n, "kind": "old"}
def new(n):
    return {"length": n, "kind": "new", "id": 1}
makers = {"a": new, "b": old}
def show(rows):
    for row in rows:
        print(row["length"])
show([makers[c](2) for c in "ab"])
"""

    def test_the_maker_is_named_with_what_other_records_have(self) -> None:
        found = diagnose({"main.py": self.TEXT}, observe(self.TEXT), [])
        hit = next(f for f in found if f["rule"] == "logic/mixed-schema")
        self.assertEqual(hit["range"][0], 3)
        self.assertIn("'length'", hit["message"])
        self.assertIn("id, kind, length", hit["message"])
        self.assertEqual(hit["evidence"][0]["source"], "runtime")

    def test_a_mapping_that_no_record_matches_names_no_maker(self) -> None:
        text = 'counts = {w: 1 for w in ["one"]}\nprint({"two": 1, "three": 3}, counts["two"])\n'
        found = diagnose({"main.py": text}, observe(text), [])
        self.assertEqual([f["rule"] for f in found], ["semantic/key"])


if __name__ == "__main__":
    unittest.main()
