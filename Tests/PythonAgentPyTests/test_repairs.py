"""Candidates of `repairs`, each from a small program and what is known of its failure."""

import textwrap
import unittest

import agent_client  # noqa: F401  (puts the agent on the path)
from repair_edits import applied

from heal_agent.repair import repairs


def access(thread, kind, subject, line, column=0):
    return {"thread": thread, "kind": kind, "subject": subject, "place": ["a.py", line, column]}


def conflict(subject, *accesses):
    """A conflict from (thread, kind, line) or (thread, kind, line, column)."""
    return {"subject": subject, "pattern": len(accesses) > 2, "accesses": [access(one[0], one[1], subject, *one[2:]) for one in accesses]}


def wait(thread, kind, wants, line, holder=None, holds=()):
    return {"thread": thread, "kind": kind, "wants": wants, "made": None, "place": ["a.py", line, 0], "holder": holder,
            "holds": [{"lock": lock, "made": None, "taken": ["a.py", taken, 0]} for lock, taken in holds]}


class RepairCase(unittest.TestCase):
    """Asks for candidates of a program, and looks for one that holds certain lines."""

    def candidates(self, text, **failure):
        text = textwrap.dedent(text).lstrip("\n")
        found = repairs({"a.py": text}, {"failure": dict({"kind": "", "conflicts": [], "waits": []}, **failure)})
        for one in found:
            compile(applied({"a.py": text}, one["edits"])["a.py"], "a.py", "exec")
        return [(one["kind"], applied({"a.py": text}, one["edits"])["a.py"]) for one in found]

    def assertOffers(self, offer, wanted, text, first=5, **failure):
        """One of the first candidates is of a kind and holds the lines."""
        wanted = textwrap.dedent(wanted).strip("\n")
        found = self.candidates(text, **failure)
        shown = "\n".join("--- %s\n%s" % one for one in found[:first])
        self.assertTrue(any(one == offer and (wanted in changed or wanted in dedented(changed, wanted))
                            for one, changed in found[:first]), "no %s among\n%s" % (offer, shown))


def dedented(text, wanted):
    """The text with the indentation that the first wanted line has there taken away from all lines."""
    first = wanted.split("\n")[0]
    for line in text.split("\n"):
        if line.strip() == first.strip():
            width = len(line) - len(line.lstrip()) - (len(first) - len(first.lstrip()))
            part = "\n".join(one[width:] if not one[:width].strip() else one for one in text.split("\n"))
            if wanted in part:
                return part
    return ""


class Guards(RepairCase):
    COUNTER = """
        import threading


        class Counter:
            def __init__(self):
                self.value = 0{lock}

            def add(self, n):
                # one more
                self.value = self.value + n  # here

            def take(self, n):
                self.value -= n

            def show(self):
                return self.value


        counter = Counter()
        threads = [threading.Thread(target=one, args=(1,)) for one in (counter.add, counter.take, counter.show)]
        """

    def test_uses_the_lock_that_is_there_at_every_access(self):
        text = self.COUNTER.format(lock="\n                self.guard = threading.Lock()")
        failure = conflict("counter.value", (1, "READ", 11), (2, "WRITE", 14), (1, "WRITE", 11))
        found = self.candidates(text, conflicts=[failure])
        self.assertEqual(found[0][0], "guard")
        self.assertEqual(found[0][1].count("with self.guard:"), 3)
        self.assertIn("# one more\n        with self.guard:\n            self.value = self.value + n  # here\n", found[0][1])

    def test_makes_a_lock_where_there_is_none(self):
        failure = conflict("counter.value", (1, "READ", 10), (2, "WRITE", 13), (1, "WRITE", 10))
        found = self.candidates(self.COUNTER.format(lock=""), conflicts=[failure])
        self.assertIn("        self._lock = threading.Lock()\n        self.value = 0\n", found[0][1])
        self.assertEqual(found[0][1].count("with self._lock:"), 3)

    def test_makes_a_lock_in_slots(self):
        text = self.COUNTER.format(lock="").replace("class Counter:\n", 'class Counter:\n            __slots__ = ("value",)\n\n')
        found = self.candidates(text, conflicts=[conflict("counter.value", (1, "READ", 12), (2, "WRITE", 15), (1, "WRITE", 12))])
        self.assertIn('__slots__ = ("value", "_lock",)', found[0][1])

    def test_makes_a_lock_of_the_module_and_imports_what_it_needs(self):
        self.assertOffers("guard", """
            import os
            import threading
            from concurrent.futures import ThreadPoolExecutor

            seen_lock = threading.Lock()
            """, """
            import os
            from concurrent.futures import ThreadPoolExecutor

            seen = {}


            def note(word):
                if word not in seen:
                    seen[word] = os.getpid()


            with ThreadPoolExecutor() as pool:
                pool.map(note, "ab")
            """, conflicts=[conflict("seen", (1, "READ", 8), (2, "WRITE", 9), (1, "WRITE", 9))])

    def test_the_region_covers_the_test_and_the_act(self):
        self.assertOffers("guard", """
            with lock:
                if word not in seen:
                    seen[word] = 1
            """, """
            import threading

            lock = threading.Lock()
            seen = {}


            def note(word):
                if word not in seen:
                    seen[word] = 1


            thread = threading.Thread(target=note, args=("a",))
            """, first=1, conflicts=[conflict("seen", (1, "READ", 8), (2, "WRITE", 9), (1, "WRITE", 9))])

    ACCOUNT = """
        import threading


        class Account:
            def __init__(self):
                self.balance = 0
                self.lock = threading.Lock()

            def covers(self, n):
                with self.lock:
                    return self.balance >= n

            def take(self, n):
                with self.lock:
                    self.balance -= n


        def pay(account, n):
            if account.covers(n):
                account.take(n)


        account = Account()
        threads = [threading.Thread(target=pay, args=(account, 1)) for _ in range(2)]
        """

    def test_a_region_of_the_caller_covers_two_methods(self):
        self.assertOffers("guard", """
            def pay(account, n):
                with account.lock:
                    if account.covers(n):
                        account.take(n)
            """, self.ACCOUNT, first=2, conflicts=[conflict("account.balance", (1, "READ", 11), (2, "WRITE", 15), (1, "WRITE", 15))])
        found = self.candidates(self.ACCOUNT, conflicts=[conflict("account.balance", (1, "READ", 11), (2, "WRITE", 15), (1, "WRITE", 15))])
        self.assertTrue(all("RLock()" in text for _, text in found if "with account.lock:" in text), "a lock that is taken twice")

    def test_two_regions_of_one_lock_become_one(self):
        self.assertOffers("guard", """
            with lock:
                seat = taken
                seats[seat] = name
                taken = seat + 1
            """, """
            import threading

            lock = threading.Lock()
            seats = [None] * 4
            taken = 0


            def board(name):
                global taken
                with lock:
                    seat = taken
                seats[seat] = name
                with lock:
                    taken = seat + 1


            thread = threading.Thread(target=board, args=("a",))
            """, conflicts=[conflict("taken", (1, "READ", 11), (2, "WRITE", 14), (1, "WRITE", 14))])

    def test_a_loop_tests_and_acts_in_each_round(self):
        self.assertOffers("guard-loop", """
            while True:
                with lock:
                    if not jobs:
                        break
                    job = jobs.pop()
                run(job)
            """, """
            import threading

            lock = threading.Lock()
            jobs = [1, 2]


            def run(job):
                print(job)


            def work():
                while jobs:
                    job = jobs.pop()
                    run(job)


            thread = threading.Thread(target=work)
            """, conflicts=[conflict("jobs", (1, "READ", 12, 11), (2, "WRITE", 13, 15), (1, "WRITE", 13, 15))])

    def test_tasks_get_a_lock_of_asyncio(self):
        self.assertOffers("guard", """
            async with self._lock:
                old = self.left
                await asyncio.sleep(0)
                self.left = old - n
            """, """
            import asyncio


            class Rail:
                def __init__(self):
                    self.left = 3

                async def hang(self, n):
                    old = self.left
                    await asyncio.sleep(0)
                    self.left = old - n
            """, conflicts=[conflict("rail.left", (1, "READ", 9), (2, "WRITE", 11), (1, "WRITE", 11))])

    def test_no_lock_of_threads_is_held_over_an_await(self):
        for _, text in self.candidates("""
                import asyncio
                import threading

                lock = threading.Lock()
                left = 3


                async def hang(n):
                    global left
                    old = left
                    await asyncio.sleep(0)
                    left = old - n
                """, conflicts=[conflict("left", (1, "READ", 10), (2, "WRITE", 12), (1, "WRITE", 12))]):
            self.assertNotIn("with lock:", text.replace("async with", ""))

    def test_assertions_and_the_start_of_threads_stay_as_they_are(self):
        text = self.COUNTER.format(lock="") + "\nfor one in threads:\n    one.start()\nassert counter.value == 0, counter.value\n"
        for _, changed in self.candidates(text, conflicts=[conflict("counter.value", (1, "READ", 10), (2, "WRITE", 13), (1, "WRITE", 10))]):
            self.assertIn("\nassert counter.value == 0, counter.value\n", changed)
            self.assertNotIn("sleep", changed)

    def test_a_variable_of_a_closure_gets_a_lock_beside_it(self):
        self.assertOffers("guard", """
            def counter():
                lock = threading.Lock()
                inside = 0

                def come():
                    nonlocal inside
                    with lock:
                        inside = inside + 1
            """, """
            import threading


            def counter():
                inside = 0

                def come():
                    nonlocal inside
                    inside = inside + 1

                return come


            thread = threading.Thread(target=counter())
            """, conflicts=[conflict("inside", (1, "READ", 9), (2, "WRITE", 9), (1, "WRITE", 9))])


class Deadlocks(RepairCase):
    BOX = """
        import threading


        class Box:
            def __init__(self):
                self.items = []
                self.lock = threading.Lock()

            def put(self, item):
                with self.lock:
                    self.items.append(item)
                    self.evict()

            def evict(self):
                with self.lock:
                    self.items.pop(0)
        """

    def test_a_lock_that_is_taken_again_becomes_reentrant_or_the_work_a_helper(self):
        failure = {"kind": "self-deadlock", "cycle": [1], "waits": [wait(1, "ACQUIRE", "box.lock", 15, 1, [("box.lock", 10)])]}
        self.assertOffers("reentrant-lock", "self.lock = threading.RLock()", self.BOX, first=1, **failure)
        self.assertOffers("locked-helper", """
            with self.lock:
                self.items.append(item)
                self._evict_locked()
            """, self.BOX, **failure)
        self.assertOffers("locked-helper", """
            def evict(self):
                with self.lock:
                    self._evict_locked()

            def _evict_locked(self):
                self.items.pop(0)
            """, self.BOX, **failure)

    MOVE = """
        import threading


        class Vault:
            def __init__(self, number, bars):
                self.number = number
                self.bars = bars
                self.door = threading.Lock()


        def move(source, target, bars):
            with source.door:
                with target.door:
                    source.bars -= bars
                    target.bars += bars


        def count(source, target):
            with target.door:
                with source.door:
                    return source.bars + target.bars
        """

    def test_locks_of_two_objects_are_taken_in_one_order(self):
        holds = [wait(1, "ACQUIRE", "b.door", 13, 2, [("a.door", 12)]), wait(2, "ACQUIRE", "a.door", 13, 1, [("b.door", 12)])]
        self.assertOffers("lock-order", """
            first, second = sorted((source, target), key=lambda one: one.number)
            with first.door:
                with second.door:
                    source.bars -= bars
            """, self.MOVE, first=1, kind="deadlock", cycle=[1, 2], waits=holds)

    def test_one_of_two_functions_takes_them_the_other_way_round(self):
        holds = [wait(1, "ACQUIRE", "b.door", 13, 2, [("a.door", 12)]), wait(2, "ACQUIRE", "a.door", 20, 1, [("b.door", 19)])]
        self.assertOffers("lock-order", """
            def count(source, target):
                with source.door:
                    with target.door:
            """, self.MOVE, first=8, kind="deadlock", cycle=[1, 2], waits=holds)

    def test_places_of_a_list_are_sorted(self):
        holds = [wait(1, "ACQUIRE", "forks[1]", 9, 2, [("forks[0]", 8)]), wait(2, "ACQUIRE", "forks[0]", 9, 1, [("forks[1]", 8)])]
        self.assertOffers("lock-order", "left, right = sorted((i, (i + 1) % 2))", """
            import threading

            forks = [threading.Lock() for _ in range(2)]


            def dine(i):
                left, right = i, (i + 1) % 2
                with forks[left]:
                    with forks[right]:
                        print(i)
            """, first=1, kind="deadlock", cycle=[1, 2], waits=holds)

    def test_a_blocking_call_leaves_the_lock(self):
        self.assertOffers("outside-lock", """
            with books:
                sent.append(number)
            chute.put(number)
            """, """
            import queue
            import threading

            chute, books, sent = queue.Queue(1), threading.Lock(), []


            def shovel(number):
                with books:
                    sent.append(number)
                    chute.put(number)
            """, first=1, kind="hang", waits=[wait(1, "WAKE", "chute.not_full", 10, None, [("books", 8)])])

    def test_listeners_are_called_outside_of_the_lock(self):
        self.assertOffers("outside-lock", """
            with self.lock:
                listeners = list(self.listeners)
            for listener in listeners:
                listener(value)
            """, """
            import threading


            class Feed:
                def __init__(self):
                    self.lock = threading.Lock()
                    self.listeners = []

                def publish(self, value):
                    with self.lock:
                        for listener in self.listeners:
                            listener(value)


            class Board:
                def __init__(self, feed):
                    self.lock = threading.Lock()
                    feed.listeners.append(self.show)

                def show(self, value):
                    with self.lock:
                        print(value)
            """, first=4, kind="deadlock", cycle=[1, 2], waits=[wait(1, "ACQUIRE", "board.lock", 21, 2, [("feed.lock", 10)]),
                                                                wait(2, "ACQUIRE", "feed.lock", 10, 1, [("board.lock", 21)])])


class Leaks(RepairCase):
    SHELF = """
        import threading

        key = threading.Lock()


        def order(count):
            key.acquire()
            if count > 3:
                raise ValueError(count)
            print(count)
            key.release()
            print("done")
        """
    LEAK = {"kind": "lock-leak", "leaks": [{"thread": 1, "lock": "key", "made": None, "taken": ["a.py", 7, 5]}]}

    def test_a_region_is_left_by_with_or_finally(self):
        self.assertOffers("with-lock", """
            with key:
                if count > 3:
                    raise ValueError(count)
                print(count)
            print("done")
            """, self.SHELF, first=1, **self.LEAK)
        self.assertOffers("release-in-finally", """
            key.acquire()
            try:
                if count > 3:
                    raise ValueError(count)
                print(count)
            finally:
                key.release()
            print("done")
            """, self.SHELF, **self.LEAK)

    def test_an_early_return_gives_back_once(self):
        self.assertOffers("with-lock", """
            with key:
                if count > 3:
                    return
                print(count)
            """, self.SHELF.replace("raise ValueError(count)", "key.release()\n                return"), **self.LEAK)

    def test_what_was_not_taken_is_not_given_back(self):
        self.assertOffers("release-if-taken", """
            finally:
                if got:
                    boats.release()
            """, """
            import threading

            boats = threading.BoundedSemaphore(2)


            def trip(name):
                got = boats.acquire(blocking=False)
                try:
                    print(name if got else "ice")
                finally:
                    boats.release()
            """, kind="schedule-dependent-failure")


class Texts(unittest.TestCase):
    """What is not changed stays as it is."""

    def changed(self, text, *accesses):
        files = {"a.py": text}
        found = repairs(files, {"failure": {"kind": "", "conflicts": [conflict("seen", *accesses)]}})
        return applied(files, found[0]["edits"])["a.py"], found[0]

    def test_line_ends_strings_and_tabs_stay(self):
        text = ("import threading\r\nlock = threading.Lock()\r\nseen = 0\r\n\r\ndef note(word):\r\n\tglobal seen\r\n\tseen = seen + len(\"\"\"ü\r\n"
                "  as it is\"\"\")  # kept\r\n\r\nthreading.Thread(target=note)")
        changed, one = self.changed(text, (1, "READ", 7), (2, "WRITE", 7), (1, "WRITE", 7))
        self.assertIn("\tglobal seen\r\n\twith lock:\r\n\t\tseen = seen + len(\"\"\"ü\r\n  as it is\"\"\")  # kept\r\n", changed)
        self.assertTrue(changed.endswith("threading.Thread(target=note)"))
        self.assertEqual(one["size"], 1)

    def test_a_statement_that_shares_its_line_is_not_torn(self):
        text = ("import threading\nlock = threading.Lock()\nseen = 0\n\n\ndef note(word):\n    global seen\n    if word: seen = seen + 1\n\n\n"
                "threading.Thread(target=note)\n")
        changed, _ = self.changed(text, (1, "READ", 8), (2, "WRITE", 8), (1, "WRITE", 8))
        self.assertIn("    with lock:\n        if word: seen = seen + 1\n", changed)


if __name__ == "__main__":
    unittest.main()
