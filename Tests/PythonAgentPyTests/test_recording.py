"""Recordings of free runs: the order that locks make is in them, unordered accesses show, and the program is left as it is."""

import collections
import itertools
import os
import subprocess
import sys
import unittest

from schedule_search import STRIDE, ScheduledCase

PAIR = "for one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n"
(START, END, SPAWN, JOIN, READ, WRITE, TOUCH, ACQUIRE, RELEASE, TRY, WAIT, WAKE, NOTIFY) = range(1, 14)
OUTPUT = 16
ACCESSES = (READ, WRITE, TOUCH)
GIVING, TAKING = (RELEASE, WAIT, NOTIFY, SPAWN, END), (ACQUIRE, WAKE, START, JOIN)

Row = collections.namedtuple("Row", "thread kind object field line")


class Recorded:
    """A recording, with its numbers resolved, and what happens before what in it."""

    def __init__(self, answer):
        self.result, = answer["results"]
        tables, events = answer["tables"][self.result["table"]], self.result["events"]
        self.names, self.places = tables["names"], tables["places"]
        objects = events["objects"]
        called = {objects[i]: self.names[objects[i + 1]] for i in range(0, len(objects), 4)}
        flat = events["rows"]
        self.rows = [Row(flat[i], flat[i + 1], called.get(flat[i + 2], ""), self.names[flat[i + 3]] if flat[i + 3] >= 0 else "",
                         self.places[flat[i + 4]][1]) for i in range(0, len(flat), STRIDE)]
        self.serials = flat[2::STRIDE]
        self.clocks = self._clocks()

    def _clocks(self):
        """A vector clock for each row: whoever takes something knows what those knew who gave it before."""
        threads, given, found = collections.defaultdict(dict), collections.defaultdict(dict), []
        for row, serial in zip(self.rows, self.serials):
            mine = threads[row.thread]
            mine[row.thread] = mine.get(row.thread, 0) + 1
            if row.kind in TAKING:
                for thread, time in given[serial].items():
                    mine[thread] = max(mine.get(thread, 0), time)
            found.append(dict(mine))
            if row.kind in GIVING:
                for thread, time in mine.items():
                    given[serial][thread] = max(given[serial].get(thread, 0), time)
        return found

    def is_before(self, first, second):
        thread = self.rows[first].thread
        return self.clocks[second].get(thread, 0) >= self.clocks[first][thread]

    def races(self):
        """Objects and fields with accesses of two threads, one of them writing, that nothing orders."""
        found, places = set(), collections.defaultdict(list)
        for index, row in enumerate(self.rows):
            if row.kind in ACCESSES:
                places[self.serials[index]].append(index)
        for indices in places.values():
            for first, second in itertools.combinations(indices, 2):
                one, other = self.rows[first], self.rows[second]
                if one.thread != other.thread and (one.kind, other.kind) != (READ, READ) and not self.is_before(first, second) \
                        and (one.field == other.field or not (one.field and other.field)):
                    found.add((one.object, one.field or other.field))
        return found

    def of(self, kind, name=None):
        return [row for row in self.rows if row.kind == kind and name in (None, row.object)]

    def pairs(self):
        """Which lock is taken while which is held, by thread."""
        held, found = collections.defaultdict(list), set()
        for row in self.rows:
            if row.kind == ACQUIRE:
                found |= {(row.thread, one, row.object) for one in held[row.thread]}
                held[row.thread].append(row.object)
            elif row.kind in (RELEASE, WAIT) and row.object in held[row.thread]:
                held[row.thread].remove(row.object)
        return found


class RecordingTests(ScheduledCase):
    def record(self, text, path="main.py", run=None, **params):
        self.write(text, path)
        return Recorded(self.client.ok("record", run={"argv": [path], **(run or {})}, **{"limits": {"wall": 60}, **params}))

    def write(self, text, path="main.py"):
        with open(os.path.join(self.folder.name, path), "w", encoding="utf-8") as file:
            file.write(text)

    def plain(self, path="main.py"):
        done = subprocess.run([sys.executable, path], cwd=self.folder.name, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60)
        return done.stdout.decode(), done.returncode

    def assert_as_plain(self, text):
        found = self.record(text)
        self.assertEqual((found.result["stdout"], found.result["exit"]), self.plain())
        return found


class OrderTests(RecordingTests):
    def test_a_lock_orders_what_it_guards(self):
        found = self.record("import threading\n\n\nclass Counter:\n    value = 0\n\n\ncounter, lock = Counter(), threading.Lock()\n\n\ndef add():\n"
                            "    for _ in range(5):\n        with lock:\n            counter.value += 1\n\n\n"
                            "threads = [threading.Thread(target=add) for _ in range(3)]\n" + PAIR + "print(counter.value)\n")
        self.assertEqual((found.result["end"], found.result["stdout"]), ("completed", "15\n"))
        self.assertEqual(found.races(), set())
        self.assertEqual({row.thread for row in found.of(WRITE, "counter")}, {1, 2, 3})
        self.assertEqual(len(found.of(ACQUIRE, "lock")), len(found.of(RELEASE, "lock")))
        self.assertEqual({row.line for row in found.of(ACQUIRE, "lock")}, {13})
        self.assertEqual(len(found.result["times"]), len(found.rows))
        self.assertEqual(found.result["times"], sorted(found.result["times"]))

    def test_a_lock_is_never_taken_twice_before_it_is_given_back(self):
        found = self.record("import threading\nlock = threading.Lock()\n\n\ndef work():\n    for _ in range(300):\n        with lock:\n"
                            "            sum(range(50))\n\n\nthreads = [threading.Thread(target=work) for _ in range(4)]\n" + PAIR)
        holder = None
        for row in found.rows:
            if row.object == "lock" and row.kind == ACQUIRE:
                self.assertIsNone(holder)
                holder = row.thread
            elif row.object == "lock" and row.kind == RELEASE:
                self.assertEqual(holder, row.thread)
                holder = None

    def test_an_unguarded_counter_has_unordered_accesses(self):
        found = self.record("import threading\nvalue = 0\n\n\ndef add():\n    global value\n    for _ in range(1000):\n        value += 1\n\n\n"
                            "threads = [threading.Thread(target=add) for _ in range(2)]\n" + PAIR)
        self.assertIn(("globals", "value"), found.races())
        self.assertEqual({(row.thread, row.line) for row in found.of(WRITE, "globals")}, {(1, 8), (2, 8)})
        self.assertIn("globals of main.py\tvalue", found.result["shared"])

    def test_containers_closures_and_class_attributes_are_seen(self):
        text = ("import threading\n\n\nclass Shared:\n    total = 0\n\n\nitems, table = [], {}\n\n\ndef make():\n    count = 0\n\n    def work():\n"
                "        nonlocal count\n        count += 1\n        items.append(1)\n        table['key'] = table.get('key', 0) + 1\n"
                "        Shared.total += 1\n    return work\n\n\nwork = make()\nthreads = [threading.Thread(target=work) for _ in range(2)]\n" + PAIR)
        self.assertEqual({name for name, _ in self.record(text).races()}, {"variables", "items", "table", "Shared"})

    def test_what_was_written_before_the_second_thread_came_is_told(self):
        found = self.record("import threading\n\n\nclass Box:\n    pass\n\n\nbox, done = Box(), threading.Lock()\n\n\ndef late():\n    with done:\n"
                            "        pass\n    getattr(box, 'value', None)\n\n\nthread = threading.Thread(target=late)\nwith done:\n    thread.start()\n"
                            "    box.value = 1\n    box.value = 2\nthread.join()\n")
        self.assertEqual([(row.thread, row.kind, row.line) for row in found.rows if row.object == "box"], [(0, WRITE, 21), (1, READ, 14)])
        self.assertEqual(found.races(), set())

    def test_conditions_events_queues_and_joins_order(self):
        text = ("import queue, threading\nfrom concurrent.futures import ThreadPoolExecutor\nnews, told, ready = threading.Condition(), [], threading.Event()\n"
                "ways, plain = queue.Queue(), queue.SimpleQueue()\n\n\nclass Box:\n    pass\n\n\na, b, c, d, e, f = Box(), Box(), Box(), Box(), Box(), Box()\n\n\n"
                "def give():\n    a.x = 1\n    with news:\n        told.append(1)\n        news.notify()\n    b.x = 1\n    ready.set()\n    c.x = 1\n    ways.put(c)\n"
                "    d.x = 1\n    plain.put(d)\n    e.x = 1\n\n\nthread = threading.Thread(target=give)\nwith news:\n    thread.start()\n    while not told:\n"
                "        news.wait()\na.x += 1\nready.wait()\nb.x += 1\nways.get().x += 1\nplain.get().x += 1\nthread.join()\ne.x += 1\n\n\n"
                "def put():\n    f.x = 1\n\n\nwith ThreadPoolExecutor(1) as pool:\n    pool.submit(put).result()\n    f.x += 1\nprint(a.x, b.x, c.x, d.x, e.x, f.x)\n")
        found = self.assert_as_plain(text)
        self.assertEqual(found.races(), set())
        self.assertEqual(len([row for row in found.rows if row.kind == WRITE and row.object in "abcdef"]), 10)  # e is not told: it was joined
        self.assertTrue(found.of(WAIT) and found.of(WAKE, "news") and found.of(NOTIFY, "ready") and found.of(WAKE, "plain"))

    def test_locks_taken_in_both_orders_show_both(self):
        found = self.record("import threading\nfirst, second = threading.Lock(), threading.RLock()\n\n\ndef take(a, b):\n    with a:\n        with b:\n"
                            "            pass\n\n\nfor pair in ((first, second), (second, first)):\n    thread = threading.Thread(target=take, args=pair)\n"
                            "    thread.start()\n    thread.join()\n")
        self.assertEqual(found.result["end"], "completed")
        self.assertEqual(found.pairs(), {(1, "first", "second"), (2, "second", "first")})

    def test_what_the_library_could_do_to_an_object_that_it_gets_is_no_access(self):
        found = self.record("import contextlib, threading\n\n\nclass Room:\n    def __init__(self):\n        self.lock, self.visits = threading.Lock(), 0\n\n"
                            "    @contextlib.contextmanager\n    def entered(self):\n        with self.lock:\n            self.visits += 1\n            yield self\n\n\n"
                            "room = Room()\n\n\ndef visit():\n    with room.entered():\n        pass\n\n\n"
                            "threads = [threading.Thread(target=visit) for _ in range(3)]\n" + PAIR + "print(room.visits)\n")
        self.assertEqual((found.result["stdout"], found.races()), ("3\n", set()))
        self.assertTrue(found.of(WRITE, "room"))

    def test_an_attempt_that_would_not_have_waited_for_ever_says_so(self):
        for label in ("Lock", "RLock"):
            found = self.record("import threading\nlock = threading.%s()\n\n\ndef work():\n    for arguments in ((), (False,), (True, 5), (True, -1)):\n"
                                "        lock.acquire(*arguments)\n        lock.release()\n\n\nthread = threading.Thread(target=work)\nthread.start()\n"
                                "thread.join()\n" % label)
            self.assertEqual([row.field for row in found.of(ACQUIRE, "lock")], ["", "attempt", "attempt", ""], label)

    def test_what_a_thread_holds_when_it_starts_the_first_one_is_known(self):
        found = self.record("import threading\na, b = threading.Lock(), threading.Lock()\n\n\ndef work():\n    with b:\n        pass\n\n\n"
                            "a.acquire()\nthread = threading.Thread(target=work)\nthread.start()\nwith b:\n    a.release()\nthread.join()\n")
        self.assertEqual(found.pairs(), {(0, "a", "b")})

    def test_globals_are_one_object_whoever_reaches_them_first(self):
        text = ("import threading\ntotal = 0\n\n\ndef add():\n    global total\n    total = total + 1\n\n\n"
                "threads = [threading.Thread(target=add) for _ in range(2)]\nfor one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n")
        for _ in range(10):
            found = self.record(text)
            self.assertEqual([key.partition("\t")[2] for key in found.result["shared"]], ["total"])


class EndTests(RecordingTests):
    def test_a_lock_that_is_held_when_its_thread_ends_is_a_leak(self):
        found = self.record("import threading\nlock, other = threading.Lock(), threading.Lock()\n\n\ndef work():\n    lock.acquire()\n    with other:\n"
                            "        raise ValueError('no')\n\n\nthread = threading.Thread(target=work)\nthread.start()\nthread.join()\n")
        self.assertEqual([(number, found.names[name]) for number, name in found.result["leaks"]], [(1, "lock")])
        error, = found.result["exceptions"]
        self.assertEqual((error["thread"], error["type"], error["message"], error["frames"][-1]["line"]), (1, "ValueError", "no", 8))
        self.assertTrue(0 < error["row"] <= len(found.rows))

    def test_a_lock_that_another_thread_gives_back_is_none(self):
        found = self.record("import threading\nlock = threading.Lock()\nthread = threading.Thread(target=lock.acquire)\nthread.start()\nthread.join()\n"
                            "lock.release()\n")
        self.assertNotIn("leaks", found.result)

    def test_a_wait_that_nobody_ends_is_a_hang(self):
        found = self.record("import threading\nnews = threading.Condition()\n\n\ndef wait():\n    with news:\n        news.wait()\n\n\n"
                            "thread = threading.Thread(target=wait)\nthread.start()\nthread.join()\n")
        self.assertEqual((found.result["end"], found.result["exit"]), ("hang", None))
        waits = {one["thread"]: one for one in found.result["blocked"]}
        self.assertEqual((waits[1]["kind"], found.names[waits[1]["object"]], found.places[waits[1]["place"]][1]), ("WAKE", "news", 7))
        self.assertEqual((waits[0]["kind"], waits[0]["holder"]), ("JOIN", 1))

    def test_at_the_time_limit_those_that_wait_are_told(self):
        found = self.record("import threading, time\nlock = threading.Lock()\nlock.acquire()\n\n\ndef work():\n    with lock:\n        pass\n\n\n"
                            "threading.Thread(target=work).start()\nwhile True:\n    time.sleep(0.01)\n", limits={"wall": 3})
        self.assertEqual((found.result["end"], found.result["cut"]), ("cut", "wall"))
        wait, = found.result["blocked"]
        self.assertEqual((wait["thread"], wait["kind"], found.names[wait["object"]], wait["holder"]), (1, "ACQUIRE", "lock", 0))

    def test_a_deadlock_is_a_cycle_with_holders(self):
        found = self.record("import threading\nfirst, second, met = threading.Lock(), threading.RLock(), threading.Barrier(2)\n\n\ndef take(a, b):\n"
                            "    with a:\n        met.wait()\n        with b:\n            pass\n\n\nthreads = [threading.Thread(target=take, args=pair) for pair in "
                            "((first, second), (second, first))]\n" + PAIR)
        self.assertEqual((found.result["end"], sorted(found.result["cycle"])), ("deadlock", [1, 2]))
        waits = {one["thread"]: (found.names[one["object"]], one["holder"], [found.names[held] for held in one["holds"]], found.places[one["place"]][1])
                 for one in found.result["blocked"] if one["thread"]}
        self.assertEqual(waits, {1: ("second", 2, ["first"], 8), 2: ("first", 1, ["second"], 8)})

    def test_a_thread_that_waits_for_itself_is_a_cycle(self):
        found = self.record("import threading\nlock = threading.Lock()\n\n\ndef work():\n    with lock:\n        with lock:\n            pass\n\n\n"
                            "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n")
        self.assertEqual((found.result["end"], found.result["cycle"]), ("deadlock", [1]))

    def test_waits_with_a_time_limit_are_none(self):
        found = self.record("import threading\nnever = threading.Event()\nthread = threading.Thread(target=never.wait, args=(1,))\nthread.start()\nthread.join()\n"
                            "print(never.wait(0.01))\n")
        self.assertEqual((found.result["end"], found.result["stdout"]), ("completed", "False\n"))


class BoundTests(RecordingTests):
    def test_two_hundred_threads(self):
        found = self.assert_as_plain("import threading\ncount, lock = 0, threading.Lock()\n\n\ndef work():\n    global count\n    with lock:\n        count += 1\n\n\n"
                                     "threads = [threading.Thread(target=work) for _ in range(200)]\n" + PAIR + "print(count)\n")
        self.assertEqual((len(found.result["threads"]), len(found.of(START)), len(found.of(JOIN))), (201, 200, 200))
        self.assertEqual(found.races(), set())

    def test_a_million_accesses_stay_within_bounds(self):
        found = self.record("import threading\nlock, counts = threading.Lock(), [0]\n\n\ndef work():\n    for _ in range(125000):\n        with lock:\n"
                            "            counts[0] += 1\n\n\nthreads = [threading.Thread(target=work) for _ in range(4)]\n" + PAIR + "print(counts)\n",
                            limits={"wall": 110, "events": 20000, "cpu": 60})
        self.assertEqual((found.result["end"], found.result["cut"], found.result["stdout"]), ("completed", "events", "[500000]\n"))
        self.assertTrue(20000 <= len(found.rows) < 21000, len(found.rows))

    def test_after_its_share_of_time_nothing_more_is_told(self):
        found = self.record("import threading, time\nlock = threading.Lock()\n\n\ndef work():\n    end = time.monotonic() + 2\n    while time.monotonic() < end:\n"
                            "        with lock:\n            pass\n\n\nthreads = [threading.Thread(target=work) for _ in range(2)]\n" + PAIR,
                            limits={"wall": 60, "events": 400000, "accesses": 1 << 40, "cpu": 0.1})
        self.assertEqual((found.result["end"], found.result["cut"]), ("completed", "cpu"))
        self.assertTrue(found.of(ACQUIRE, "lock"))

    def test_after_the_bound_it_is_still_known_who_holds_what(self):
        found = self.record("import threading\nlock, other = threading.Lock(), threading.Lock()\n\n\ndef work():\n    for _ in range(500):\n        with lock:\n"
                            "            pass\n    with lock:\n        other.acquire()\n        other.acquire()\n\n\nthread = threading.Thread(target=work)\nthread.start()\n"
                            "thread.join()\n", limits={"wall": 60, "events": 100})
        self.assertEqual((found.result["end"], found.result["cut"], found.result["cycle"]), ("deadlock", "events", [1]))
        wait = found.result["blocked"][1]
        self.assertEqual((found.names[wait["object"]], sorted(found.names[one] for one in wait["holds"])), ("other", ["lock", "other"]))

    def test_what_one_thread_alone_reaches_takes_no_events_and_is_not_kept(self):
        found = self.record("import gc, threading\n\n\nclass Node:\n    alive = 0\n\n    def __init__(self):\n        Node.alive += 1\n        self.next = None\n\n"
                            "    def __del__(self):\n        Node.alive -= 1\n\n\ndef work():\n    most = 0\n    for _ in range(3000):\n        node = Node()\n"
                            "        node.next = [1]\n        node.next[0] += 1\n        most = max(most, Node.alive)\n    print(most)\n\n\n"
                            "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n")
        self.assertLess(int(found.result["stdout"]), 20)
        self.assertLess(len(found.rows), 20)


class FaithTests(RecordingTests):
    def test_output_and_status_are_the_programs_own(self):
        self.assert_as_plain("import atexit, sys, threading\natexit.register(print, 'at exit')\nprint(sys.stdin.read(), sys.argv, __name__, __file__ != '')\n"
                             "thread = threading.Thread(target=print, args=('from', 'a thread'), daemon=True)\nthread.start()\nthread.join()\n"
                             "print(repr(threading.Lock()).split()[0], type(threading.Lock()).__name__, type(threading.RLock()).__name__)\nsys.exit(3)\n")

    def test_daemon_threads_do_not_keep_the_program(self):
        found = self.assert_as_plain("import threading, time\n\n\ndef work():\n    while True:\n        time.sleep(0.01)\n\n\n"
                                     "threading.Thread(target=work, daemon=True).start()\nprint('bye')\n")
        self.assertEqual((found.result["end"], len(found.result["threads"])), ("completed", 2))

    def test_what_the_standard_library_builds_on_threads_works(self):
        self.assert_as_plain(
            "import queue, threading\nfrom concurrent.futures import ThreadPoolExecutor, as_completed\nwith ThreadPoolExecutor(3) as pool:\n"
            "    print(sorted(one.result() for one in as_completed([pool.submit(pow, 2, n) for n in range(9)])))\n"
            "gate, parties, local = threading.Semaphore(2), threading.Barrier(3), threading.local()\ncounts = queue.LifoQueue()\n\n\ndef work(n):\n    local.n = n\n"
            "    with gate:\n        counts.put(local.n)\n    parties.wait()\n    counts.task_done()\n\n\n"
            "threads = [threading.Thread(target=work, args=(n,), name='T%d' % n) for n in range(3)]\n" + PAIR +
            "counts.join()\nprint(sorted(counts.get() for _ in range(3)), [one.is_alive() for one in threads], threading.active_count())\n"
            "timer = threading.Timer(0.01, print, ('timer',))\ntimer.start()\ntimer.join()\nlock = threading.RLock()\nwith lock, lock:\n"
            "    print(lock.acquire(False), threading.Condition(lock)._is_owned())\n"
            "print([[n * m for n in [k for k in range(3)]] for m in range(2)], {n: [m for m in (n,)] for n in [o for o in (1, 2)]})\n")

    def test_a_script_that_patches_threading_and_catches_everything(self):
        found = self.assert_as_plain(
            "import threading\nstarts = []\nbefore = threading.Thread.start\n\n\ndef start(self):\n    starts.append(self.name)\n    before(self)\n\n\n"
            "threading.Thread.start = start\nthreading.excepthook = lambda args: print('hook', args.exc_type.__name__)\n\n\nclass Worker(threading.Thread):\n"
            "    def run(self):\n        try:\n            with lock:\n                raise KeyboardInterrupt\n        except BaseException as error:\n"
            "            print(type(error).__name__)\n        raise KeyError(1)\n\n\nlock = threading.Lock()\nworker = Worker(name='mine')\nworker.start()\nworker.join()\n"
            "print(starts, lock.locked())\n")
        self.assertEqual([(one["thread"], one["type"]) for one in found.result["exceptions"]], [(1, "KeyError")])

    def test_nothing_of_the_program_is_called_by_recording(self):
        self.assert_as_plain(
            "import threading\n\n\nclass Loud:\n    def __getattribute__(self, name):\n        print('get', name)\n        return object.__getattribute__(self, name)\n\n"
            "    def __eq__(self, other):\n        print('eq')\n        return True\n\n    def __hash__(self):\n        print('hash')\n        return 1\n\n"
            "    def __repr__(self):\n        print('repr')\n        return 'loud'\n\n    def __bool__(self):\n        print('bool')\n        return True\n\n"
            "    def __len__(self):\n        print('len')\n        return 1\n\n\nloud, table = Loud(), {}\n\n\ndef work():\n    loud.value = 1\n    table[loud] = loud.value\n"
            "    table[loud] += 1\n    if loud:\n        print(len([loud]), loud is None)\n\n\nthreads = [threading.Thread(target=work) for _ in range(2)]\n"
            "for one in threads:\n    one.start()\n    one.join(20)\n")

    def test_modules_of_the_program_are_seen_too(self):
        self.write("import threading\n\nvalue = 0\nlock = threading.Lock()\n\n\ndef add():\n    global value\n    value = value + 1\n", "helper.py")
        found = self.record("import helper\nfrom threading import Thread as T\nthreads = [T(target=helper.add) for _ in range(2)]\n" + PAIR)
        self.assertIn("globals of helper.py\tvalue", found.result["shared"])

    def test_tasks_are_a_limit_and_their_program_runs(self):
        found = self.assert_as_plain("import asyncio\n\n\nasync def main():\n    print(await asyncio.gather(*[asyncio.sleep(0.01, n) for n in range(3)]))\n\n\n"
                                     "asyncio.run(main())\n")
        self.assertEqual(found.result["limits"], ["tasks of asyncio are not told apart"])

    def test_a_process_that_the_program_forks_is_not_recorded(self):
        found = self.record("import os, threading\npid = os.fork()\nif pid == 0:\n    thread = threading.Thread(target=print, args=('thread',), kwargs={'flush': True})\n    thread.start()\n"
                            "    thread.join()\n    os._exit(7)\nprint(os.waitpid(pid, 0)[1] >> 8)\n")
        self.assertEqual((found.result["end"], found.result["stdout"]), ("completed", "thread\n7\n"))
        self.assertIn("fork", found.result["limits"][0])

    def test_a_script_that_does_not_compile_fails_as_without(self):
        found = self.record("print(\n")
        self.assertEqual((found.result["exit"], found.result["exceptions"][0]["type"]), (1, "SyntaxError"))


if __name__ == "__main__":
    unittest.main()
