"""Tasks of asyncio under schedules: timers come in free order, what is ready keeps its own, and what is left behind is told."""

import sys
import unittest

from schedule_search import ScheduleTests, explore, learn, outcome, steps

START, END, SPAWN, JOIN, READ, WRITE, TOUCH, ACQUIRE, RELEASE = range(1, 10)
HEAD = "import asyncio\n\n\n"
RUN = "\n\nasyncio.run(main())\n"
LOST = HEAD + '''class Account:
    def __init__(self):
        self.balance = 0


account = Account()


async def pay(amount):
    before = account.balance
    await asyncio.sleep(amount)
    account.balance = before + amount


async def main():
    await pay(1)
    await asyncio.gather(pay(2), pay(4))
    print(account.balance)
''' + RUN
CROSSED = HEAD + '''async def take(one, other, delay):
    await asyncio.sleep(delay)
    async with one:
        await asyncio.sleep(1)
        async with other:
            pass


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    await asyncio.gather(take(a, b, 1), take(b, a, 9))
''' + RUN


class AsyncioTests(ScheduleTests):
    def check(self, text, expected, count=40, **params):
        results = self.random(text, count, **params)
        self.assertEqual({(one["end"], one["stdout"].strip()) for one in results}, {("completed", one) for one in expected})
        return results


class VerdictTests(AsyncioTests):
    def test_an_update_is_lost_over_an_await(self):
        self.check(LOST, ["3", "5"])
        kept = LOST.replace("    before = account.balance\n", "").replace("before + amount", "account.balance + amount")
        self.check(kept, ["7"])

    def test_a_late_timer_may_come_first_and_says_what_that_assumes(self):
        text = HEAD + '''async def say(word, delay):
    await asyncio.sleep(delay)
    print(word)


async def main():
    await asyncio.gather(say("a", 1), say("b", 2))
''' + RUN
        results = self.check(text, ["a\nb", "b\na"])
        self.assertTrue(all(one.get("assumed") for one in results if one["stdout"] == "b\na\n"))
        self.check(text, ["a\nb"], timing="strict")
        natural = self.answer(text, [{}])["results"][0]
        self.assertEqual((natural["stdout"], natural.get("assumed")), ("a\nb\n", None))

    def test_what_is_ready_goes_on_in_its_own_order(self):
        text = HEAD + '''async def say(word):
    for _ in range(3):
        print(word, end="")
        await asyncio.sleep(0)


async def main():
    await asyncio.gather(*map(say, "abc"))
''' + RUN
        self.check(text, ["abcabcabc"])

    def test_locks_taken_crosswise_are_a_cycle_of_tasks(self):
        answer = self.answer(CROSSED, [{"policy": "random", "seed": seed} for seed in range(40)], events=True)
        stuck = [one for one in answer["results"] if one["end"] == "deadlock"]
        self.assertTrue(0 < len(stuck) < 40)
        one = stuck[0]
        names, places = (answer["tables"][one["table"]][key] for key in ("names", "places"))
        self.assertEqual(sorted(one["cycle"]), [2, 3])
        inner = [wait for wait in one["blocked"] if wait["kind"] == "ACQUIRE"]
        self.assertEqual(sorted((wait["thread"], wait["holder"]) for wait in inner), [(2, 3), (3, 2)])
        self.assertEqual({places[wait["place"]][1] for wait in inner}, {8})
        self.assertEqual({names[held] for wait in inner for held in wait["holds"]} , {names[wait["object"]] for wait in inner})
        self.assertEqual([wait["thread"] for wait in one["blocked"] if wait["kind"] == "JOIN"], [1])
        same = CROSSED.replace("take(b, a, 9)", "take(a, b, 9)")
        self.assertEqual(self.ends(same), {"completed": 60})

    def test_a_queue_without_an_end_and_a_wake_up_before_the_wait_hang(self):
        queue = HEAD + '''async def take(q):
    while await q.get() is not None:
        pass


async def main():
    q = asyncio.Queue(1)
    taker = asyncio.ensure_future(take(q))
    await q.put(1)
    await taker
''' + RUN
        answer = self.answer(queue, [{}])
        one = answer["results"][0]
        self.assertEqual((one["end"], one["cycle"]), ("hang", []))
        self.assertEqual([(wait["thread"], wait["kind"], answer["tables"][0]["names"][wait["object"]]) for wait in one["blocked"]],
                         [(1, "JOIN", "Task-2 (take)"), (2, "WAKE", "q")])
        self.assertEqual([wait.get("call") for wait in one["blocked"]], [None, "Queue.get"])
        early = HEAD + '''async def main():
    news = asyncio.Condition()

    async def wait():
        await asyncio.sleep(1)
        async with news:
            await news.wait()

    async def tell():
        await asyncio.sleep(2)
        async with news:
            news.notify_all()

    await asyncio.gather(wait(), tell())
''' + RUN
        self.assertEqual(set(self.ends(early)), {"completed", "hang"})
        self.assertEqual(set(self.ends(early, timing="strict")), {"completed"})

    def test_a_task_cancelled_amid_a_change(self):
        text = HEAD + '''a, b = [1], []


async def move():
    one = a.pop()
    await asyncio.sleep(1)
    b.append(one)


async def main():
    try:
        await asyncio.wait_for(move(), 2)
    except asyncio.TimeoutError:
        pass
    print(len(a) + len(b))
''' + RUN
        self.check(text, ["0", "1"])
        self.check(text, ["1"], timing="strict")

    def test_what_wakes_a_loop_from_a_thread_without_telling_it_hangs(self):
        text = "import asyncio\nimport threading\n\n\n" + '''async def main():
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(target=ready.set).start()
    await ready.wait()
''' + RUN
        self.assertEqual(set(self.ends(text)), {"completed", "hang"})
        self.assertEqual(set(self.ends(text.replace("target=ready.set", "target=loop.call_soon_threadsafe, args=(ready.set,)"))), {"completed"})

    def test_a_lock_of_threads_kept_over_an_await_stops_the_whole_loop(self):
        text = "import threading\n" + HEAD + '''lock = threading.Lock()


async def hold():
    with lock:
        await asyncio.sleep(1)


async def main():
    await asyncio.gather(hold(), hold())
''' + RUN
        one = self.answer(text, [{}])["results"][0]
        self.assertEqual((one["end"], sorted(one["cycle"])), ("deadlock", [2, 3]))
        self.assertEqual(set(self.ends(text.replace("threading.Lock", "threading.RLock"))), {"completed"})


class LeftoverTests(AsyncioTests):
    def test_exceptions_that_nobody_asked_for_and_tasks_that_never_ended(self):
        text = HEAD + '''async def fail():
    raise ValueError("lost")


async def stay():
    await asyncio.sleep(9)


async def main():
    kept.append(asyncio.ensure_future(fail()))
    kept.append(asyncio.ensure_future(stay()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)


kept = []
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
loop.close()
'''
        answer = self.answer(text, [{}])
        one = answer["results"][0]
        self.assertEqual((one["end"], one["exit"]), ("completed", 0))
        self.assertEqual([(e["thread"], e["type"], e["message"]) for e in one["exceptions"]], [(2, "ValueError", "lost")])
        self.assertEqual([(number, answer["tables"][0]["places"][place][1]) for number, place in one["pending"]], [(3, 9)])
        self.assertNotIn("pending", self.answer(LOST, [{}])["results"][0])

    def test_an_exception_of_a_callback_is_told(self):
        text = HEAD + '''def fail():
    raise KeyError("k")


async def main():
    asyncio.get_running_loop().call_later(1, fail)
    await asyncio.sleep(5)
''' + RUN
        one = self.answer(text, [{}])["results"][0]
        self.assertEqual([(one["threads"][e["thread"]], e["type"]) for e in one["exceptions"]], [("timer (fail)", "KeyError")])

    def test_a_forgotten_await_is_told_with_its_place(self):
        text = HEAD + "async def save():\n    pass\n\n\nasync def main():\n    save()\n    await save()\n" + RUN
        self.assertEqual(self.answer(text, [{}])["results"][0]["unawaited"], [["save", "main.py", 9]])

    def test_sockets_and_processes_are_limits_that_say_what_and_where(self):
        for call, told in (("open_connection('localhost', 1)", "create_connection (sockets)"), ("create_subprocess_shell('true')",
                                                                                               "subprocess_shell (processes)")):
            one = self.answer(HEAD + "async def main():\n    await asyncio.%s\n" % call + RUN, [{}])["results"][0]
            self.assertEqual((one["end"], one["limits"]), ("limit", ["asyncio's %s at main.py:5" % told]))


class RecordTests(AsyncioTests):
    def test_accesses_belong_to_tasks_and_a_run_repeats_from_its_choices(self):
        shared = sorted(self.learnt(LOST))
        params = {"shared": shared, "events": True, "values": True}
        answer = self.answer(LOST, [{"policy": "random", "seed": seed} for seed in range(20)], **params)
        lost = next(one for one in answer["results"] if one["stdout"] == "3\n")
        names = answer["tables"][lost["table"]]["names"]
        told = [(lost["threads"][row[0]], row[1], names[row[6] - 1]) for row in steps(lost) if row[6]]
        self.assertEqual(told, [("Task-2 (pay)", READ, "1"), ("Task-3 (pay)", READ, "1"), ("Task-3 (pay)", WRITE, "5"), ("Task-2 (pay)", WRITE, "3")])
        for isolation in ("process", "fork"):
            again = self.answer(LOST, [{}, {"prefix": lost["choices"]}], isolation=isolation, **params)["results"][1]
            for key in ("choices", "stdout", "end", "steps", "threads"):
                self.assertEqual(again[key], lost[key])
            self.assertEqual([row[:4] for row in steps(again)], [row[:4] for row in steps(lost)])

    def test_what_tasks_of_one_loop_do_is_ordered_by_the_loop(self):
        one = self.answer(LOST, [{}], events=True)["results"][0]
        rows, objects = one["events"]["rows"], one["events"]["objects"]
        keys = {objects[at]: objects[at + 2] for at in range(0, len(objects), 4)}
        names = self.answer(LOST, [{}], events=True)["tables"][0]["names"]
        loop = next(number for number, key in keys.items() if names[key] == "Event loop 1")
        further = {at for at in range(0, len(rows), 7) if rows[at] < 0 and rows[at + 1:at + 3] == [TOUCH, loop]}
        begun = [at for at in range(0, len(rows), 7) if rows[at] >= 0 and rows[at + 1] in (START, END)]
        self.assertTrue(begun and all(at + 7 in further for at in begun))

    def test_every_schedule_of_a_program_with_timers_comes_to_an_end(self):
        self.write(LOST)
        results = explore(self.client, "main.py")
        self.assertEqual({outcome(one) for one in results}, {"3 []", "5 []"})

    def test_names_numbers_and_orders_are_those_of_a_fresh_interpreter_in_each_schedule(self):
        text = HEAD + '''async def name():
    return asyncio.current_task().get_name()


async def main():
    tasks = {asyncio.ensure_future(name()) for _ in range(20)}
    done, _ = await asyncio.wait(tasks)
    print([one.result() for one in done])
''' + RUN
        told = {one["stdout"] for one in self.random(text, 5)}
        self.assertEqual(len(told), 1)
        self.assertEqual(sorted(eval(told.pop())), sorted("Task-%d" % number for number in range(2, 22)))


class LibraryTests(AsyncioTests):
    def test_primitives_generators_timers_and_the_clock(self):
        self.check(HEAD + '''async def count(n):
    for one in range(n):
        await asyncio.sleep(1)
        yield one


async def guarded(gate, full, log):
    async with full:
        await gate.wait()
        log.append(await asyncio.wait_for(asyncio.shield(asyncio.sleep(0, "slept")), None))
    return [one async for one in count(2)]


async def main():
    loop, log = asyncio.get_running_loop(), []
    gate, full, later = asyncio.Event(), asyncio.BoundedSemaphore(1), loop.create_future()
    loop.call_later(3, later.set_result, "later")
    loop.call_soon(log.append, "soon")
    work = asyncio.ensure_future(guarded(gate, full, log))
    await asyncio.sleep(0)
    gate.set()
    begin = loop.time()
    await asyncio.sleep(100)
    log.append(loop.time() - begin >= 100)
    print(await work, await later, sorted(map(str, log)))
    for one in asyncio.as_completed([asyncio.sleep(1, 1), asyncio.sleep(1, 1)]):
        print(await one)
    done, left = await asyncio.wait([asyncio.ensure_future(asyncio.sleep(9))], timeout=None)
    print(len(done), len(left))
''' + RUN, ["[0, 1] later ['True', 'slept', 'soon']\n1\n1\n1 0"])

    def test_work_in_threads_races_with_the_loop(self):
        text = HEAD + '''value = 0


def add():
    global value
    for _ in range(5):
        before = value
        value = before + 1


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.gather(asyncio.to_thread(add), loop.run_in_executor(None, add))
    print(value)
''' + RUN
        results = self.answer(text, [{"policy": "pct", "seed": seed} for seed in range(100)])["results"]
        self.assertEqual({one["end"] for one in results}, {"completed"})
        told = {int(one["stdout"]) for one in results}
        self.assertTrue(min(told) < 10 == max(told), told)

    def test_a_loop_in_a_thread_of_its_own(self):
        self.check("import threading\n" + HEAD + '''async def more(value):
    await asyncio.sleep(1)
    return value + 1


loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever, daemon=True)
thread.start()
print(asyncio.run_coroutine_threadsafe(more(1), loop).result())
loop.call_soon_threadsafe(loop.stop)
thread.join()
''', ["2"])

    def test_a_task_that_waits_for_a_flag_ends_and_one_that_never_ends_is_cut(self):
        text = HEAD + '''flag = False


async def rise():
    global flag
    await asyncio.sleep(1)
    flag = True


async def main():
    task = asyncio.ensure_future(rise())
    while not flag:
        await asyncio.sleep(%s)
    print("done")
''' + RUN
        for pause in ("0", "0.1"):
            self.check(text % pause, ["done"])
            self.check(text % pause, ["done"], timing="strict")
            for policy in ("continue", "pct"):
                self.assertEqual(self.answer(text % pause, [{"policy": policy}])["results"][0]["end"], "completed")
        for pause in ("0", "1"):
            endless = HEAD + "async def main():\n    while True:\n        await asyncio.sleep(%s)\n" % pause + RUN
            one = self.answer(endless, [{}], limits={"steps": 500})["results"][0]
            self.assertEqual((one["end"], one["cut"]), ("cut", "steps"))

    @unittest.skipIf(sys.version_info < (3, 11), "needs task groups")
    def test_groups_and_time_outs(self):
        text = HEAD + '''async def work(n):
    await asyncio.sleep(n)
    if n == 2:
        raise ValueError(n)


async def main():
    try:
        async with asyncio.timeout(10):
            async with asyncio.TaskGroup() as group:
                for n in (1, 2):
                    group.create_task(work(n))
    except* ValueError:
        print("failed")
    except* TimeoutError:
        print("late")
''' + RUN
        self.check(text, ["failed", "late"])
        self.check(text, ["failed"], timing="strict")


if __name__ == "__main__":
    unittest.main()
