"""Programs that look like those with findings and have nothing wrong."""

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
