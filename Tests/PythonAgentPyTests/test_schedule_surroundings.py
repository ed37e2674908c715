"""Clocks and chance are the same in every run; what cannot be an event is told; what threads and containers are is told right."""

import unittest

from schedule_search import ScheduleTests, steps

START, END, SPAWN, JOIN, READ, WRITE, TOUCH = range(1, 8)
TWO = "\n\nthreads = [threading.Thread(target=work) for _ in range(2)]\nfor one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n"


class ClockTests(ScheduleTests):
    def told(self, text):
        runs = [{"policy": "continue"}] * 2
        results = [one for isolation in ("process", "fork") for one in self.answer(text, runs, isolation=isolation)["results"]]
        self.assertEqual({(one["end"], one["exit"]) for one in results}, {("completed", 0)}, results[0].get("exceptions"))
        self.assertEqual(len({one["stdout"] for one in results}), 1)
        return results[0]["stdout"].splitlines()

    def test_every_clock_is_the_virtual_one_and_they_agree(self):
        told = self.told('''import os
import threading
import time
from datetime import date, datetime, timezone
from dataclasses import dataclass, field


class Own(datetime):
    pass


class Clock:
    now = "own"


@dataclass
class Stamped:
    at: datetime = field(default_factory=datetime.now)


def work():
    begin = time.time()
    moments = [datetime.now(), datetime.today(), Own.now(), Stamped().at, datetime.utcnow().replace(tzinfo=timezone.utc), datetime.now(timezone.utc)]
    print(*[round(one.timestamp() - begin, 3) for one in moments], type(moments[0]) is datetime, type(moments[2]).__name__)
    print(date.today() == date.fromtimestamp(begin), Clock.now, Clock().now, hasattr(datetime, "now"))
    print(time.clock_gettime(time.CLOCK_REALTIME) - begin < 1, time.asctime() == time.ctime(begin))
    before = time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC), time.perf_counter_ns(), os.times().elapsed, datetime.now()
    time.sleep(3600)
    after = time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC), time.perf_counter_ns(), os.times().elapsed, datetime.now()
    print([str(b - a)[:4] for a, b in zip(before, after)])


work()
thread = threading.Thread(target=work)
thread.start()
thread.join()
''')
        self.assertEqual(told[0], "0.0 0.0 0.0 0.0 0.0 0.0 True Own")
        self.assertEqual(told[1:4], ["True own own True", "True True", "['3600', '3600', '3600', '3600', '1:00']"])
        self.assertEqual(told[:4], told[4:])

    def test_every_source_of_chance_gives_the_same_in_every_run(self):
        told = self.told('''import os
import random
import secrets
import uuid

print(uuid.uuid1(), uuid.uuid4(), secrets.token_hex(8), os.urandom(4), random.random(), random.Random().random())
print(random.SystemRandom().random(), secrets.randbelow(1000), secrets.choice(range(1000)), os.urandom(4))
print(random.Random(1).random())
''')
        self.assertEqual(len(set(told[0].split())), 6)
        self.assertEqual(told[2], "0.13436424411240122")


class MemoryTests(ScheduleTests):
    def test_what_runs_before_held_goes(self):
        answer = self.answer('''import threading


class Cell:
    def __init__(self):
        self.value = 0


cell = Cell()


def work():
    cell.value = cell.value + 1


threads = [threading.Thread(target=work) for _ in range(2)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(sum(one.__module__ == "__main__" for one in object.__subclasses__()))
''', [{"policy": "continue"}] * 450, isolation="process")
        # Garbage is collected every 200 runs.
        self.assertLess(max(int(one["stdout"]) for one in answer["results"]), 250)


class AddressTests(ScheduleTests):
    def test_what_the_library_keeps_in_sets_has_the_same_order_in_every_process(self):
        text = '''import concurrent.futures
import threading


def work(number):
    with lock:
        return number


lock = threading.Lock()
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    jobs = [pool.submit(work, number) for number in range(3)]
    done, _ = concurrent.futures.wait(jobs)
    print([one.result() for one in done], [one.result() for one in concurrent.futures.as_completed(jobs)])
'''
        shared = sorted(self.learnt(text))
        runs = [{"policy": "random", "seed": seed} for seed in range(30)]
        answers = [self.answer(text, runs, shared=shared, isolation=isolation)["results"] for isolation in ("process", "fork", "fork")]
        for one, *others in zip(*answers):
            for other in others:
                self.assertEqual((one["choices"], one["stdout"]), (other["choices"], other["stdout"]))


class EventTests(ScheduleTests):
    def test_ends_and_joins_are_of_the_thread(self):
        answer = self.answer("import threading\nvalue = 0\n\n\ndef work():\n    global value\n    value += 1\n" + TWO, [{}], events=True)
        rows = steps(answer["results"][0])
        objects = {kind: [row[2] for row in rows if row[1] == kind] for kind in (SPAWN, START, END, JOIN)}
        self.assertEqual(sorted(objects[SPAWN]), sorted(objects[START]))
        self.assertEqual(sorted(objects[SPAWN]), sorted(objects[JOIN]))
        self.assertEqual({row[0]: row[2] for row in rows if row[1] == START}, {row[0]: row[2] for row in rows if row[1] == END if row[0]})

    def test_classes_derived_from_containers_are_containers(self):
        text = '''import threading


class Bag(dict):
    pass


bag = Bag(n=0)


def work():
    before = bag["n"]
    bag["n"] = before + 1
''' + TWO + "print(bag['n'])\n"
        self.assertEqual({one["stdout"] for one in self.random(text)}, {"1\n", "2\n"})
        method = text.replace('before = bag["n"]', 'before = bag.get("n")').replace('bag["n"] = before + 1', "bag.update(n=before + 1)")
        self.assertEqual({one["stdout"] for one in self.random(method)}, {"1\n", "2\n"})

    def test_both_threads_may_miss_in_a_cache_of_results(self):
        text = '''import functools
import threading

calls = []


@functools.lru_cache(None)
def cached(n):
    calls.append(n)
    return n


def work():
    cached(1)
''' + TWO + "print(len(calls))\n"
        self.assertEqual({one["stdout"] for one in self.random(text, 100)}, {"1\n", "2\n"})


class UnseenTests(ScheduleTests):
    def unseen(self, body, head=""):
        text = "import threading\n%s\n\n\ndef work():\n    %s\n" % (head, body) + TWO
        return self.answer(text, [{"policy": "random", "seed": seed} for seed in range(4)])["results"][-1].get("unseen")

    def test_what_cannot_be_an_event_is_told_with_its_place(self):
        self.assertEqual(self.unseen("exec('1')"), ["exec at main.py:6"])
        self.assertEqual(self.unseen("some[0] += 1", "import ctypes\nsome = (ctypes.c_int * 1)()"), ["items of c_int_Array_1 at main.py:7"])
        self.assertEqual(self.unseen("some.update(b'')", "import hashlib\nsome = hashlib.sha256()"), ["HASH.update at main.py:7"])
        many = "import json\nmany = {one: [one] for one in range(300)}"
        self.assertEqual(self.unseen("json.dumps(many)", many), ["what is reachable from more than 200 objects at main.py:7"])

    def test_what_is_an_event_or_concerns_one_thread_only_is_not_told(self):
        for body, head in (("some.append(1)", "some = []"), ("import ctypes; mine = (ctypes.c_int * 1)(); mine[0] += 1", ""),
                           ("some.strftime('%Y')", "import datetime\nsome = datetime.date(2020, 1, 1)"), ("some.match('a')", "import re\nsome = re.compile('a')"),
                           ("some.x = 1", "import types\nsome = types.SimpleNamespace()"), ("some.add(1)", "class S(set):\n    pass\n\n\nsome = S()")):
            self.assertIsNone(self.unseen(body, head), body)


if __name__ == "__main__":
    unittest.main()
