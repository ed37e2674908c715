"""Candidates of `repairs` for lost signals, orders, containers and pools."""

import unittest

from test_repairs import RepairCase, conflict, wait

from agent_client import Client
from repair_edits import applied

HANG = {"kind": "hang"}


def raised(kind, message, line, code="", thread=1):
    return {"thread": thread, "type": kind, "message": message, "frames": [{"path": "a.py", "line": line, "function": "f", "code": code}]}


class Signals(RepairCase):
    def test_a_wait_is_in_a_loop(self):
        self.assertOffers("while-wait", "    while not shelf:\n        fresh.wait()", """
            import threading

            shelf, fresh = [], threading.Condition()


            def buy():
                with fresh:
                    if not shelf:
                        fresh.wait()
                    return shelf.pop()
            """, first=1)

    def test_all_are_notified(self):
        text = """
            import threading


            class Dock:
                def __init__(self):
                    self.crate = None
                    self.changed = threading.Condition()

                def put(self, crate):
                    with self.changed:
                        while self.crate is not None:
                            self.changed.wait()
                        self.crate = crate
                        self.changed.notify()

                def get(self):
                    with self.changed:
                        while self.crate is None:
                            self.changed.wait()
                        self.crate = None
                        self.changed.notify()
            """
        found = self.candidates(text, waits=[wait(1, "WAKE", "dock.changed", 11)], **HANG)
        self.assertEqual(found[0][0], "notify-all")
        self.assertEqual(found[0][1].count("self.changed.notify_all()"), 2)

    def test_a_condition_may_be_held_by_an_object_of_the_program(self):
        self.assertOffers("while-wait", "    while not shelf:\n        fresh.held.wait()", """
            import threading


            class Holder:
                def __init__(self, held):
                    self.held = held


            shelf, fresh = [], None
            fresh = Holder(threading.Condition())


            def buy():
                with fresh.held:
                    if not shelf:
                        fresh.held.wait()
                    return shelf.pop()
            """, first=1)

    def test_the_predicate_is_tested_and_changed_under_the_lock(self):
        text = """
            import threading

            cond, ready, seen = threading.Condition(), False, []


            def waiter():
                if not ready:
                    with cond:
                        cond.wait()
                seen.append(ready)


            def notifier():
                global ready
                ready = True
                with cond:
                    cond.notify()
            """
        failure = dict(HANG, waits=[wait(1, "WAKE", "cond", 9)])
        self.assertOffers("predicate-under-lock", "    with cond:\n        while not ready:\n            cond.wait()\n", text, first=3, **failure)
        self.assertOffers("predicate-under-lock", "    global ready\n    with cond:\n        ready = True\n        cond.notify()", text, first=3, **failure)

    def test_a_condition_without_predicate_becomes_an_event(self):
        text = """
            import threading

            cond = threading.Condition()


            def waiter():
                with cond:
                    cond.wait()


            def notifier():
                with cond:
                    cond.notify()
            """
        failure = dict(HANG, waits=[wait(1, "WAKE", "cond", 8)])
        self.assertOffers("event", "cond = threading.Event()", text, **failure)
        self.assertOffers("event", "def notifier():\n    cond.set()", text, **failure)
        self.assertOffers("event", "def waiter():\n    cond.wait()", text, **failure)

    def test_who_waits_sees_the_end(self):
        self.assertOffers("test-in-loop", """
            with self.moved:
                while not self.sacks:
                    if self.closed and not self.sacks:
                        raise StopIteration
                    self.moved.wait()
                return self.sacks.pop(0)
            """, """
            import threading


            class Belt:
                def __init__(self):
                    self.sacks, self.closed, self.moved = [], False, threading.Condition()

                def take(self):
                    with self.moved:
                        if self.closed and not self.sacks:
                            raise StopIteration
                        while not self.sacks:
                            self.moved.wait()
                        return self.sacks.pop(0)
            """, first=1, waits=[wait(1, "WAKE", "belt.moved", 13)], **HANG)

    def test_an_event_is_cleared_before_the_work(self):
        self.assertOffers("clear-first", "wanted.wait()\n        wanted.clear()\n        print(len(jobs))", """
            import threading

            wanted, jobs = threading.Event(), []


            def work():
                while True:
                    wanted.wait()
                    print(len(jobs))
                    wanted.clear()
            """, first=1, waits=[wait(1, "WAKE", "wanted", 8)], **HANG)

    def test_a_wait_does_not_give_up(self):
        self.assertOffers("no-timeout", "trip.join()", """
            import threading

            trip = threading.Thread(target=print)
            trip.start()
            trip.join(timeout=1.5)
            """, first=2)

    def test_all_meet_twice_before_they_go_on(self):
        self.assertOffers("barrier-phase", """
            meeting.wait()
            done = carried >= 3
            meeting.wait()
            if done:
                break
            """, """
            import threading

            meeting, lock, carried = threading.Barrier(2), threading.Lock(), 0


            def ant():
                global carried
                while True:
                    with lock:
                        carried += 1
                    meeting.wait()
                    if carried >= 3:
                        break
            """, first=1, waits=[wait(1, "WAKE", "meeting", 11)], **HANG)

    def test_a_barrier_waits_for_as_many_as_come(self):
        self.assertOffers("barrier-parties", "gate = threading.Barrier(2)", """
            import threading

            gate = threading.Barrier(3)
            runners = [threading.Thread(target=gate.wait) for _ in range(2)]
            """, first=2, waits=[wait(1, "WAKE", "gate", 4), wait(2, "WAKE", "gate", 4)], **HANG)


class Orders(RepairCase):
    def test_a_thread_starts_when_all_is_set(self):
        self.assertOffers("publish-late", "        self.limit = limit\n        self.start()\n", """
            import threading


            class Watch(threading.Thread):
                def __init__(self, limit):
                    super().__init__()
                    self.start()
                    self.limit = limit

                def run(self):
                    print(self.limit)
            """, first=2, exceptions=[raised("AttributeError", "'Watch' object has no attribute 'limit'", 11, "print(self.limit)")])

    def test_what_is_published_is_whole(self):
        self.assertOffers("publish-whole", """
            fresh = {}
            for name, number in rows:
                fresh[name] = number
            self.numbers = fresh
            """, """
            import threading


            class Book:
                def __init__(self, rows):
                    self.load(rows)

                def load(self, rows):
                    self.numbers = {}
                    for name, number in rows:
                        self.numbers[name] = number


            book = Book([])
            loader = threading.Thread(target=book.load, args=([],))
            """, first=2, conflicts=[conflict("book.numbers", (1, "WRITE", 9), (2, "READ", 11), (1, "READ", 11))])

    def test_a_test_is_made_again_under_the_lock(self):
        self.assertOffers("double-check", """
            if shared is None:
                with lock:
                    if shared is None:
                        shared = object()
            """, """
            import threading

            lock, shared = threading.Lock(), None


            def get():
                global shared
                if shared is None:
                    with lock:
                        shared = object()
                return shared


            thread = threading.Thread(target=get)
            """, conflicts=[conflict("shared", (1, "READ", 8), (2, "WRITE", 10), (1, "WRITE", 10))])

    def test_threads_are_waited_for(self):
        text = """
            import threading

            votes = []


            def count(names):
                threads = [threading.Thread(target=votes.append, args=(name,)) for name in names]
                for thread in threads:
                    thread.start()
                {}return len(votes)
            """
        failure = {"conflicts": [conflict("votes", (0, "READ", 10), (1, "WRITE", 7))]}
        self.assertOffers("join", "    for thread in threads:\n        thread.join()\n    return len(votes)", text.format(""), first=2, **failure)
        self.assertOffers("join", "    for thread in threads:\n        thread.join()\n",
                          text.format("for thread in threads[1:]:\n                    thread.join()\n                "), first=2, **failure)

    def test_a_queue_is_done_when_its_work_is(self):
        self.assertOffers("queue-join", "def close():\n    entries.join()\n", """
            import queue
            import time

            entries = queue.Queue()


            def write():
                while True:
                    print(entries.get())
                    entries.task_done()


            def close():
                while not entries.empty():
                    time.sleep(0.1)
            """, first=1)

    def test_what_was_read_before_an_await_is_read_after_it(self):
        self.assertOffers("read-after-await", "    await asyncio.sleep(0)\n    old = left\n    left = old - n", """
            import asyncio

            left = 3


            async def take(n):
                global left
                old = left
                await asyncio.sleep(0)
                left = old - n
            """, first=2)

    def test_a_coroutine_is_awaited(self):
        self.assertOffers("await", "    await save()\n    await asyncio.sleep(0)", """
            import asyncio


            async def save():
                await asyncio.sleep(0)


            async def main():
                save()
                await asyncio.sleep(0)
            """, first=1)


class Containers(RepairCase):
    def test_goes_through_a_copy_that_is_made_under_the_lock(self):
        self.assertOffers("copy-under-lock", """
            with self.pencil:
                snapshot = list(self.wishes)
            for wish in snapshot:
                loud(wish)
            """, """
            import threading


            class WishList:
                def __init__(self):
                    self.wishes, self.pencil = [], threading.Lock()

                def take(self, wish):
                    with self.pencil:
                        self.wishes.remove(wish)

                def read_out(self, loud):
                    for wish in self.wishes:
                        loud(wish)


            found = WishList()
            threads = [threading.Thread(target=one) for one in (found.take, found.read_out)]
            """, conflicts=[conflict("found.wishes", (1, "READ", 13), (2, "WRITE", 10), (1, "READ", 13))])

    def test_takes_what_is_there_or_leaves(self):
        self.assertOffers("take-or-leave", """
            while True:
                try:
                    job = jobs.get_nowait()
                except queue.Empty:
                    break
                print(job)
            """, """
            import queue

            jobs = queue.Queue()


            def work():
                while not jobs.empty():
                    job = jobs.get()
                    print(job)
            """, first=1, waits=[wait(1, "WAKE", "jobs.not_empty", 8)], **HANG)

    def test_each_worker_gets_an_end(self):
        text = """
            import queue
            import threading

            jobs = queue.Queue()


            def work():
                while True:
                    job = jobs.get()
                    if job is None:
                        break


            workers = [threading.Thread(target=work) for _ in range(3)]
            for worker in workers:
                worker.start()
            jobs.put(None)
            """
        failure = dict(HANG, waits=[wait(1, "WAKE", "jobs.not_empty", 9)])
        self.assertOffers("sentinels", "for _ in workers:\n    jobs.put(None)\n", text, first=2, **failure)
        self.assertOffers("sentinels", "        if job is None:\n            jobs.put(job)\n            break", text, **failure)

    def test_a_number_decides_between_equal_priorities(self):
        self.assertOffers("tie-break", "calls.put((urgency, next(ties), place))", """
            import queue

            calls = queue.PriorityQueue()


            def ring(urgency, place):
                calls.put((urgency, place))


            def answer():
                urgency, place = calls.get()
                return place
            """, first=1, exceptions=[raised("TypeError", "'<' not supported between instances of 'dict' and 'dict'", 7)])

    def test_a_shared_generator_gives_its_items_under_a_lock(self):
        self.assertOffers("locked-iterator", "tickets = LockedIterator(roll())", """
            import threading


            def roll():
                yield 1


            tickets = roll()


            def sell():
                for ticket in tickets:
                    print(ticket)
            """, exceptions=[raised("ValueError", "generator already executing", 12)])


class Structure(RepairCase):
    def test_a_semaphore_that_guards_lets_one_in(self):
        self.assertOffers("single-permit", "meter = threading.Semaphore(1)", """
            import threading

            meter = threading.Semaphore(2)
            used = 0


            def pour(n):
                global used
                with meter:
                    used = used + n
            """, conflicts=[conflict("used", (1, "READ", 10), (2, "WRITE", 10), (1, "WRITE", 10))])

    def test_a_lock_that_is_made_at_each_call_is_made_once(self):
        self.assertOffers("same-lock", "lock = threading.Lock()\n\n\ndef pour(n):\n    global used\n    with lock:", """
            import threading

            used = 0


            def pour(n):
                global used
                lock = threading.Lock()
                with lock:
                    used = used + n
            """, conflicts=[conflict("used", (1, "READ", 10), (2, "WRITE", 10), (1, "WRITE", 10))])

    def test_a_lock_that_is_made_where_it_is_taken_is_made_once(self):
        self.assertOffers("same-lock", "    global used\n    with shared_lock:\n        used = used + n", """
            import threading

            used = 0


            def pour(n):
                global used
                with threading.Lock():
                    used = used + n
            """, first=2)

    def test_what_is_done_is_undone_and_the_exception_goes_on(self):
        self.assertOffers("roll-back", """
            source.add(n)
            try:
                target.take(n)
            except Exception:
                source.take(n)
                raise
            """, """
            class Account:
                def __init__(self):
                    self.balance = 0

                def take(self, n):
                    if n > self.balance:
                        raise ValueError(n)
                    self.balance -= n

                def add(self, n):
                    self.balance += n


            def move(source, target, n):
                source.add(n)
                target.take(n)
            """, first=2, exceptions=[raised("ValueError", "3", 16)])

    def test_what_is_borrowed_is_used_before_it_is_given_back(self):
        self.assertOffers("longer-region", "    with pool.borrowed() as one:\n        one.user = user\n        return one.query()", """
            import threading


            def rent(pool, user):
                with pool.borrowed() as one:
                    one.user = user
                return one.query()


            thread = threading.Thread(target=rent)
            """, first=1)

    def test_what_is_done_is_undone_when_the_rest_fails(self):
        self.assertOffers("roll-back", "    except ValueError:\n        source.deposit(n)", """
            import threading


            class Account:
                def __init__(self):
                    self.balance = 0

                def withdraw(self, n):
                    self.balance -= n

                def deposit(self, n):
                    self.balance += n


            def move(source, target, n):
                source.withdraw(n)
                try:
                    target.deposit(n)
                except ValueError:
                    pass


            thread = threading.Thread(target=move)
            """, first=1)

    def test_work_that_waits_for_its_own_pool_gets_another(self):
        text = """
            from concurrent.futures import ThreadPoolExecutor

            pool = ThreadPoolExecutor(max_workers=1)


            def outer(n):
                return pool.submit(inner, n).result()


            def inner(n):
                return n


            print(pool.submit(outer, 1).result())
            pool.shutdown()
            """
        failure = dict(HANG, waits=[wait(1, "WAKE", "Condition", 7), wait(0, "WAKE", "Condition", 14)])
        self.assertOffers("inline", "def outer(n):\n    return inner(n)", text, **failure)
        self.assertOffers("second-pool", "    return pool_inner.submit(inner, n).result()", text, **failure)
        self.assertOffers("second-pool", "pool.shutdown()\npool_inner.shutdown()", text, **failure)


class Request(unittest.TestCase):
    """Through the agent: from a failing schedule to a program that no schedule breaks."""

    def test_a_result_is_evidence_enough(self):
        text = ("import threading\n\ncount = 0\n\n\ndef work():\n    global count\n    old = count\n    count = old + 1\n\n\n"
                "threads = [threading.Thread(target=work) for _ in range(2)]\nfor one in threads:\n    one.start()\n"
                "for one in threads:\n    one.join()\nassert count == 2, count\n")
        with Client({"main.py": text}) as client:
            schedules = [{"policy": "random", "seed": seed} for seed in range(60)]
            shared = set()
            for _ in range(3):
                answer = client.ok("schedule", run={"argv": ["main.py"]}, files={}, schedules=schedules, shared=sorted(shared), events=True)
                shared |= {one for result in answer["results"] for one in result["shared"]}
            failing = [one for one in answer["results"] if one.get("exceptions")]
            self.assertTrue(failing)
            found = client.ok("repairs", files={"main.py": text}, results=failing[:1], tables=answer["tables"])["candidates"]
            changed = applied({"main.py": text}, found[0]["edits"])
            self.assertIn("with count_lock:", changed["main.py"])
            answer = client.ok("schedule", run={"argv": ["main.py"]}, files=changed, schedules=schedules, shared=[])
            self.assertFalse([one for one in answer["results"] if one.get("exceptions") or one["end"] != "completed"])

    def test_something_must_be_known(self):
        with Client({}) as client:
            self.assertEqual(client.request("repairs", files={"main.py": "x = 1\n"})["error"]["kind"], "malformed")


if __name__ == "__main__":
    unittest.main()
