"""Programs with the findings that the rules on habits of code must name, each marked at its line."""

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
