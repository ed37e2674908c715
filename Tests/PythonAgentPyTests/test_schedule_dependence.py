"""What a thread does next follows from what came before it in the order of dependent steps, and from nothing else.

A search that runs one of each class of schedules that differ only in the order of independent steps stands on this law: with a
dependence that no step tells of, it would miss what it reaches in another order. It is tested on every schedule of small programs.
"""

import unittest

from schedule_search import STRIDE, ScheduleTests, compressed, expanded, explore, steps

START, END, SPAWN, JOIN, READ, WRITE, TOUCH, ACQUIRE, RELEASE, TRY, WAIT, WAKE, NOTIFY, SLEEP, TIMEOUT, OUTPUT, YIELD = range(1, 18)
ACCESSES, PASSIVE = (READ, WRITE, TOUCH), (START, JOIN, TRY, WAKE, TIMEOUT)


def depend(one, other):
    """Whether the order of two events of different threads can matter: kind, object and field of each."""
    if (END, 0) in (one[:2], other[:2]) or one[0] == other[0] == SPAWN:
        return True
    if not one[1] or one[1] != other[1]:
        return False
    if one[0] in ACCESSES and other[0] in ACCESSES:
        return (-1 in (one[2], other[2]) or one[2] == other[2]) and not one[0] == other[0] == READ
    if one[0] not in ACCESSES and other[0] not in ACCESSES:
        return not (one[0] in PASSIVE and other[0] in PASSIVE)
    access, operation = (one, other) if one[0] in ACCESSES else (other, one)
    return access[2] < 0 and not (access[0] == READ and operation[0] in PASSIVE)


def told(result):
    """Each step's thread and events."""
    rows, found = result["events"]["rows"], []
    for at in range(0, len(rows), STRIDE):
        event = tuple(rows[at + 1:at + 4])
        if rows[at] >= 0:
            found.append((rows[at], [event]))
        else:
            found[-1][1].append(event)
    return found


def causes(result, names):
    """Each step's thread, what it is about in words, and all that came before it, in a form that is the same in all runs."""
    carriers = dict(map(tuple, result.get("carriers", ())))
    objects = result["events"]["objects"]
    called = {objects[at]: names[objects[at + 1]] for at in range(0, len(objects), 4)}
    found, seen = [], told(result)
    for at, (thread, events) in enumerate(seen):
        before = frozenset(found[other][2] for other in range(at) if carriers.get(seen[other][0], seen[other][0]) == carriers.get(thread, thread)
                           or any(depend(a, b) for a in seen[other][1] for b in events))
        words = tuple((kind, called.get(number), names[field] if field >= 0 else "") for kind, number, field in events)
        found.append((thread, words, hash((thread, words, before))))
    return found


class LawTests(ScheduleTests):
    def check(self, text, outcomes):
        self.write(text)
        results = explore(self.client, "main.py", limit=12000)
        self.assertIsNotNone(results, "too many schedules")
        after = {}
        for result in results:
            last = {}
            for thread, words, past in causes(result, result["names"]):
                kind, number = words[0][:2]
                if thread in last and kind not in (TIMEOUT, SLEEP):
                    told = ACQUIRE if kind == TRY else kind, number
                    self.assertEqual(after.setdefault((thread, last[thread]), told), told, "thread %d of %s" % (thread, result["choices"]))
                last[thread] = past
        if outcomes is not None:
            self.assertEqual({one["stdout"].strip() for one in results}, outcomes)

    def test_the_end_of_the_program_awaits_threads_whoever_else_did(self):
        self.check("from threading import Thread\n\n\ndef work():\n    pass\n\n\ndef wait():\n    worker.join()\n\n\n"
                   "worker, waiter = Thread(target=work), Thread(target=wait)\nworker.start()\nwaiter.start()\n", {""})

    def test_whether_a_thread_was_started_is_looked_at_in_a_step(self):
        head = "from threading import Thread\n\n\ndef begin():\n    late.start()\n\n\ndef look():\n    print(%s)\n\n\n"
        tail = ("late = Thread(target=int)\nthreads = [Thread(target=begin), Thread(target=look)]\nfor one in threads:\n    one.start()\n"
                "for one in threads:\n    one.join()\n")
        self.check(head % "late.is_alive()" + tail, {"True", "False"})

    def test_a_thread_is_awaited_that_another_one_starts(self):
        self.check('''from threading import Thread


def begin():
    late.start()


def wait():
    try:
        late.join()
        print("over")
    except RuntimeError:
        print("early")


late = Thread(target=int)
threads = [Thread(target=begin), Thread(target=wait)]
for one in threads:
    one.start()
''', {"over", "early"})

    def test_two_threads_start_a_third_one(self):
        self.check('''from threading import Thread


def begin():
    try:
        late.start()
    except RuntimeError:
        print("twice")


late = Thread(target=int)
threads = [Thread(target=begin), Thread(target=begin)]
for one in threads:
    one.start()
''', {"twice"})

    def test_which_threads_there_are_is_looked_at_in_a_step(self):
        self.check('''import threading


def count():
    print(threading.active_count())


threads = [threading.Thread(target=one) for one in (int, count)]
for one in threads:
    one.start()
for one in threads:
    one.join()
''', {"2", "3"})

    def test_tasks_timers_and_functions_that_a_loop_calls(self):
        self.check('''import asyncio


async def work(delay):
    await asyncio.sleep(delay)
    seen.append(delay)


def last():
    seen.append("l")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(2, last)
    tasks = [asyncio.ensure_future(work(one)) for one in (1, 2)]
    tasks[0].add_done_callback(lambda task: seen.append("d"))
    await asyncio.wait(tasks, timeout=3)
    print(*map(str, seen), sep="")


seen = []
asyncio.run(main())
''', None)

    def test_a_thread_that_gives_a_loop_something_to_do(self):
        for call in ("loop.call_soon_threadsafe(done.set_result, 1)", "loop.call_soon(done.set_result, 1)"):
            self.check('''import asyncio
import threading


def tell():
    ''' + call + '''


loop = asyncio.new_event_loop()
done = loop.create_future()
thread = threading.Thread(target=tell)
thread.start()
print(loop.run_until_complete(done))
thread.join()
''', {"1"} if "safe" in call else {"1", ""})

    def test_a_condition_looks_at_its_lock_in_a_step_only_where_another_thread_may_hold_it(self):
        text = '''import threading


def hold():
    with lock:
        pass


lock = threading.Lock()
condition = threading.Condition(lock)
thread = threading.Thread(target=hold)
thread.start()
%s
thread.join()
'''
        held = self.answer(text % "with condition:\n    condition.notify()", [{"policy": "random", "seed": 1}], events=True)["results"][0]
        self.assertEqual([row[1] for row in steps(held) if row[1] in (READ, TRY)], [])
        self.check(text % "try:\n    condition.notify()\n    print('held')\nexcept RuntimeError:\n    print('free')", {"held", "free"})


class NeighbourTests(ScheduleTests):
    """The same of programs that have too many schedules: in drawn ones, neighbours that do not depend on each other change places."""

    def check(self, text, count):
        self.write(text)
        shared = sorted(self.learnt(text))
        drawn = self.answer(text, [{"policy": "random", "seed": seed} for seed in range(count)], shared=shared, events=True)["results"]
        changed = []
        for result in drawn:
            if set(result["shared"]) - set(shared):
                continue
            choices, seen, sets = expanded(result["choices"]), told(result), result["events"]["sets"]
            carriers = dict(map(tuple, result.get("carriers", ())))
            for at, (row, (one, first), (other, second)) in enumerate(zip(steps(result), seen, seen[1:])):
                if carriers.get(one, one) == carriers.get(other, other) or any(depend(a, b) for a in first for b in second):
                    continue
                ready, timed = sets[row[5]]
                self.assertIn(other, ready + timed, "step %d of %s lets thread %d go on" % (at, result["choices"], other))
                changed.append(choices[:at] + [other, one] + choices[at + 2:])
        self.assertGreater(len(changed), 100)
        schedules = [{"policy": "continue", "prefix": compressed(choices)} for choices in changed]
        for choices, result in zip(changed, self.answer(text, schedules, shared=shared)["results"]):
            if not set(result["shared"]) - set(shared):
                self.assertNotEqual(result["end"], "divergence", compressed(choices))
                self.assertEqual(expanded(result["choices"])[:len(choices)], choices)

    def test_threads_below_a_loop(self):
        self.check('''import asyncio


def enter(level):
    seen.append(level)


async def main():
    await asyncio.gather(*(asyncio.to_thread(enter, one) for one in (1, 2)))


seen = []
asyncio.run(main())
''', 40)

if __name__ == "__main__":
    unittest.main()
