"""Schedules of threads: what is found, how it is told, that it repeats, and that what cannot be controlled is no bug."""

import collections
import hashlib
import json
import os
import unittest

from schedule_search import ScheduleTests, compressed, learn, steps

PAIR = "for one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n"
RACE = ("import threading\nvalue = 0\n\n\ndef add():\n    global value\n    value += 1\n\n\nthreads = [threading.Thread(target=add) for _ in range(2)]\n"
        + PAIR + "assert value == 2, value\n")
CROSSED = ("import threading\nfirst, second = threading.Lock(), threading.Lock()\n\n\ndef take(a, b):\n    with a:\n        with b:\n            pass\n\n\n"
           "threads = [threading.Thread(target=take, args=pair) for pair in ((first, second), (second, first))]\n" + PAIR)
START, END, SPAWN, JOIN, READ, WRITE, ACQUIRE = 1, 2, 3, 4, 5, 6, 8


class VerdictTests(ScheduleTests):
    def test_a_lost_update_is_an_assertion_that_fails_in_some_schedules(self):
        results = self.random(RACE)
        failed = [one for one in results if one["exit"]]
        self.assertTrue(0 < len(failed) < len(results))
        self.assertEqual(failed[0]["exceptions"][0]["type"], "AssertionError")
        self.assertEqual(failed[0]["exceptions"][0]["frames"][-1]["line"], RACE.count("\n"))

    def test_locks_taken_crosswise_are_a_cycle_with_holders_and_places(self):
        answer = self.answer(CROSSED, [{"policy": "random", "seed": seed} for seed in range(40)], events=True)
        stuck = [one for one in answer["results"] if one["end"] == "deadlock"]
        self.assertTrue(0 < len(stuck) < 40)
        one = stuck[0]
        names, places = answer["tables"][one["table"]]["names"], answer["tables"][one["table"]]["places"]
        self.assertEqual(sorted(one["cycle"]), [1, 2])
        inner = [wait for wait in one["blocked"] if wait["kind"] == "ACQUIRE"]
        self.assertEqual(sorted(names[wait["object"]] for wait in inner), ["first", "second"])
        self.assertEqual({places[wait["place"]][1] for wait in inner}, {7})
        self.assertEqual(sorted(wait["holder"] for wait in inner), [1, 2])

    def test_a_lost_wake_up_is_a_hang_without_a_cycle(self):
        text = ("import threading\nnews, told = threading.Condition(), False\n\n\ndef wait():\n    if not told:\n        with news:\n            news.wait()\n\n\n"
                "def tell():\n    global told\n    told = True\n    with news:\n        news.notify()\n\n\n"
                "threads = [threading.Thread(target=wait), threading.Thread(target=tell)]\n" + PAIR)
        results = self.random(text, 100)
        hung = [one for one in results if one["end"] == "hang"]
        self.assertTrue(0 < len(hung) < 100)
        self.assertEqual(hung[0]["cycle"], [])
        self.assertIn("WAKE", {wait["kind"] for wait in hung[0]["blocked"]})

    def test_an_exception_in_a_thread_and_a_lock_that_it_kept(self):
        text = ("import threading\nkept = threading.Lock()\n\n\ndef work():\n    kept.acquire()\n    raise ValueError('no')\n\n\n"
                "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n")
        one = self.random(text, 1)[0]
        self.assertEqual((one["end"], one["exit"]), ("completed", 0))
        self.assertEqual([(e["thread"], e["type"], e["message"]) for e in one["exceptions"]], [(1, "ValueError", "no")])
        self.assertEqual(one["leaks"][0][0], 1)

    def test_no_alarm_where_locks_are_used_as_they_should_be(self):
        right = RACE.replace("value = 0", "value, lock = 0, threading.Lock()").replace("    value += 1", "    with lock:\n        value += 1")
        self.assertEqual({(one["end"], one["exit"]) for one in self.random(right, 100)}, {("completed", 0)})
        self.assertEqual(self.ends(CROSSED.replace("(second, first)", "(first, second)")), {"completed": 60})


class ReplayTests(ScheduleTests):
    def test_what_a_run_imports_is_told_with_hashes_where_asked_for(self):
        text = "import json\nimport threading\nimport helper\nthread = threading.Thread(target=helper.work)\nthread.start()\nthread.join()\n"
        self.write("def work():\n    pass\n", "helper.py")
        self.assertEqual(self.answer(text, [{}])["modules"], [])
        for isolation in ("process", "fork"):
            told = {row[0]: row[1:] for row in self.answer(text, [{}], modules=True, isolation=isolation)["modules"]}
            self.assertNotIn("helper", told)
            self.assertFalse([name for name in told if name.startswith("heal_agent")])
            with open(json.__file__, "rb") as file:
                self.assertEqual(told["json"][0], json.__version__)
                self.assertEqual(told["json"][2], hashlib.sha256(file.read()).hexdigest())
        stuck = self.answer("import threading\nlock = threading.Lock()\nlock.acquire()\nthreading.Thread(target=lock.acquire).start()\n", [{}], modules=True)
        self.assertEqual(stuck["results"][0]["end"], "deadlock")
        self.assertIn("threading", [row[0] for row in stuck["modules"]])

    def test_a_run_repeats_from_its_choices_in_one_process_and_in_a_fork(self):
        shared = sorted(self.learnt(RACE))
        first = self.answer(RACE, [{"policy": "random", "seed": 5}], shared=shared, events=True, values=True)["results"][0]
        for isolation in ("process", "fork"):
            again = self.answer(RACE, [{"policy": "continue"}, {"prefix": first["choices"]}], shared=shared, events=True, values=True,
                                isolation=isolation)["results"][1]
            for key in ("choices", "exit", "end", "steps"):
                self.assertEqual(again[key], first[key])
            self.assertEqual([row[:4] for row in steps(again)], [row[:4] for row in steps(first)])

    def test_a_prefix_that_cannot_be_followed_is_a_divergence(self):
        self.assertEqual(self.answer(RACE, [{"prefix": [2, 1]}])["results"][0]["end"], "divergence")

    def test_the_random_policy_can_be_computed_by_the_other_side(self):
        one = self.answer(RACE, [{"policy": "random", "seed": 7}], events=True)["results"][0]
        state, left, bits, expected = 7, 0, 0, []
        for row in steps(one):
            ready = one["events"]["sets"][row[5]][0]
            if len(ready) == 1:
                expected.append(ready[0])
                continue
            if not left:
                state = (state + 0x9E3779B97F4A7C15) % 2**64
                bits = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
                bits = (bits ^ bits >> 27) * 0x94D049BB133111EB % 2**64
                bits, left = bits ^ bits >> 31, 8
            expected.append(ready[(bits & 255) * len(ready) >> 8])
            bits, left = bits >> 8, left - 1
        self.assertEqual(compressed(expected), one["choices"])

    def test_what_only_one_thread_reaches_costs_no_step(self):
        text = ("import threading\n\n\ndef work():\n    mine = {'n': 0}\n    for _ in range(50):\n        mine['n'] += 1\n\n\n"
                "threads = [threading.Thread(target=work) for _ in range(2)]\n" + PAIR)
        self.assertEqual({one["steps"] for one in self.random(text, 5)}, {8})

    def test_slots_are_state_that_threads_share_like_any_other(self):
        self.write("import threading\n\n\nclass Pair:\n    __slots__ = ('low', 'high')\n\n    def __init__(self):\n        self.low = self.high = 0\n\n"
                   "    def move(self):\n        self.low = 1\n        self.high = 2\n\n    @property\n    def both(self):\n        return self.low, self.high\n\n\n"
                   "pair, seen = Pair(), []\nthreads = [threading.Thread(target=pair.move), threading.Thread(target=lambda: seen.append(pair.both))]\n" + PAIR
                   + "print(seen)\n")
        shared = sorted(learn(self.client, "main.py"))
        answer = self.client.ok("schedule", run={"argv": ["main.py"]}, shared=shared,
                                schedules=[{"policy": "random", "seed": seed} for seed in range(60)])
        self.assertEqual({one["stdout"] for one in answer["results"]}, {"[(0, 0)]\n", "[(0, 2)]\n", "[(1, 0)]\n", "[(1, 2)]\n"})

    def test_the_life_of_a_thread_is_about_that_thread(self):
        answer = self.answer(RACE, [{"policy": "random", "seed": 3}], events=True)
        (result,) = answer["results"]
        objects = result["events"]["objects"]
        names = answer["tables"][result["table"]]["names"]
        keys = {objects[i]: names[objects[i + 2]] for i in range(0, len(objects), 4)}
        lives = collections.Counter((keys[row[2]], row[1]) for row in steps(result) if row[1] in (SPAWN, START, END, JOIN))
        self.assertEqual(lives, collections.Counter({("thread %d" % number, kind): 1 for number in (1, 2)
                                                     for kind in (SPAWN, START, END, JOIN)}))

    def test_values_read_and_written_are_told(self):
        answer = self.answer(RACE, [{}], events=True, values=True)
        names = answer["tables"][0]["names"]
        told = [(row[1], names[row[6] - 1]) for row in steps(answer["results"][0]) if row[6]]
        self.assertEqual(told, [(READ, "0"), (WRITE, "1"), (READ, "1"), (WRITE, "2")])


class LibraryTests(ScheduleTests):
    def check(self, text, expected, count=40, **params):
        results = self.random(text, count, **params)
        self.assertEqual({(one["end"], one["stdout"].strip()) for one in results}, {("completed", one) for one in expected})

    def test_queues_hand_over_in_order(self):
        self.check("import queue, threading\nq, got = queue.Queue(1), []\n\n\ndef take():\n    while (one := q.get()) is not None:\n        got.append(one)\n\n\n"
                   "thread = threading.Thread(target=take)\nthread.start()\nfor one in (1, 2, None):\n    q.put(one)\nthread.join()\nprint(got)\n", ["[1, 2]"])

    def test_executors(self):
        self.check("from concurrent.futures import ThreadPoolExecutor, as_completed\nwith ThreadPoolExecutor(2) as pool:\n"
                   "    work = [pool.submit(pow, 2, n) for n in range(3)]\n    print(sorted(one.result() for one in as_completed(work)))\n", ["[1, 2, 4]"])

    def test_a_daemon_thread_that_waits_for_ever_ends_with_the_program(self):
        self.check("import queue, threading\nq = queue.Queue()\n\n\ndef serve():\n    while True:\n        q.get()\n        q.task_done()\n\n\n"
                   "threading.Thread(target=serve, daemon=True).start()\nq.put(1)\nq.join()\nprint('done')\n", ["done"])

    def test_subclasses_locals_barriers_and_names(self):
        self.check("import threading\nlocal, gate, seen = threading.local(), threading.Barrier(2), []\n\n\nclass Worker(threading.Thread):\n    def run(self):\n"
                   "        local.x = self.name\n        gate.wait()\n        seen.append(local.x == self.name == threading.current_thread().name)\n\n\n"
                   "threads = [Worker(name='w%d' % n) for n in range(2)]\n" + PAIR + "print(seen, hasattr(local, 'x'), threading.active_count())\n",
                   ["[True, True] False 1"])

    def test_a_time_out_is_a_choice_that_says_what_it_assumes(self):
        text = ("import threading, time\nbegin, ready = time.monotonic(), threading.Event()\nthread = threading.Thread(target=ready.set)\nthread.start()\n"
                "print(ready.wait(60))\nthread.join()\n")
        results = self.random(text, 60)
        self.assertEqual({one["stdout"].strip() for one in results}, {"True", "False"})
        self.assertTrue(all(one.get("assumed") for one in results if one["stdout"].strip() == "False"))
        self.check(text, ["True"], timing="strict")

    def test_names_imported_before_or_elsewhere_are_covered(self):
        self.write("from threading import Lock, Thread as T\n\n\nclass Box:\n    make = Lock\n", "boxes.py")
        text = ("from boxes import Box, T\na, b = Box.make(), Box.make()\n\n\ndef take(x, y):\n    with x, y:\n        pass\n\n\n"
                "threads = [T(target=take, args=pair) for pair in ((a, b), (b, a))]\n" + PAIR)
        self.assertEqual(set(self.ends(text)), {"completed", "deadlock"})


class BadProgramTests(ScheduleTests):
    def test_a_loop_that_waits_for_a_flag_ends(self):
        text = ("import threading\nflag = False\n\n\ndef rise():\n    global flag\n    flag = True\n\n\nthread = threading.Thread(target=rise)\nthread.start()\n"
                "while not flag:\n    pass\nthread.join()\n")
        self.assertEqual(self.ends(text, 20), {"completed": 20})
        self.assertEqual(self.answer(text, [{"policy": "continue"}, {"policy": "pct", "seed": 1}])["results"][1]["end"], "completed")

    def test_a_program_that_ends_under_no_schedule_is_cut(self):
        text = "import threading\n\n\ndef turn():\n    while True:\n        pass\n\n\nthread = threading.Thread(target=turn)\nthread.start()\nthread.join()\n"
        one = self.answer(text, [{}], shared=[], limits={"fuel": 20000})["results"][0]
        self.assertEqual((one["end"], one["cut"]), ("cut", "fuel"))

    def test_what_blocks_outside_of_the_model_is_a_limit(self):
        text = ("import os, threading\nreading, writing = os.pipe()\nthread = threading.Thread(target=lambda: os.read(reading, 1))\n"
                "thread.start()\nthread.join()\n")
        results = self.answer(text, [{}, {"policy": "random"}], shared=[], limits={"wall": 0.5})["results"]
        self.assertEqual([one["end"] for one in results], ["limit", "limit"])
        self.assertEqual(results[0]["limits"], ["blocked outside the model at main.py:3"])

    def test_a_handler_for_everything_hides_no_deadlock(self):
        text = CROSSED.replace("    with a:\n        with b:\n            pass\n", "    try:\n        with a:\n            with b:\n                pass\n"
                               "    except BaseException:\n        pass\n")
        self.assertIn("deadlock", self.ends(text))

    def test_sockets_and_processes_are_limits_with_their_places(self):
        (one,) = self.random("import socket\nimport subprocess\nimport sys\nhere, there = socket.socketpair()\nhere.close()\nthere.close()\n"
                             "subprocess.run([sys.executable, '-c', ''])\n", 1)
        self.assertEqual(one["end"], "completed")
        self.assertIn("a socket at main.py:4", one["limits"])
        self.assertIn("a process at main.py:7", one["limits"])

    def test_two_hundred_threads(self):
        text = ("import threading\nn, lock = 0, threading.Lock()\n\n\ndef add():\n    global n\n    with lock:\n        n += 1\n\n\n"
                "threads = [threading.Thread(target=add) for _ in range(200)]\n" + PAIR + "print(n)\n")
        self.assertEqual({one["stdout"] for one in self.random(text, 3)}, {"200\n"})


class TransparencyTests(ScheduleTests):
    def test_modules_and_names_begin_anew_in_each_schedule(self):
        self.write("count = 0\n", "state.py")
        text = "import threading\nimport state\nstate.count += 1\nprint(state.count, threading.Thread(target=print).name)\n"
        self.assertEqual({one["stdout"] for one in self.random(text, 3)}, {"1 Thread-1 (print)\n"} if self.client.hello["python"] >= "3.10"
                         and not self.client.hello["python"].startswith("3.9") else {"1 Thread-1\n"})

    def test_tracebacks_have_the_program_s_own_lines_only(self):
        text = ("import threading\nthread = threading.Thread(target=print)\nthread.start()\n\n\ndef fail(items):\n    for one in items:\n        one.x[0] += 1\n\n\n"
                "fail([3])\n")
        frames = self.random(text, 1)[0]["exceptions"][0]["frames"]
        self.assertEqual([(frame["path"], frame["line"]) for frame in frames], [("main.py", 11), ("main.py", 8)])

    def test_results_of_every_construct_are_those_of_the_plain_program(self):
        text = '''
import threading
class A:
    __hidden = 1
    def __init__(self): self.v = {'k': [1, 2]}; self.__p = 5
    def m(self, *a, b=2, **k): return super().__str__()[:2] and (a, b, k, self.__p, self.__hidden)
def main():
    a, out, n = A(), [], 0
    def inner():
        nonlocal n
        n += 1
        return n
    a.v['k'][inner()] += 3
    a.w = a.z = inner()
    (a.q, *rest), a.v['j'] = [1, 2, 3], 4
    for a.i in range(2): out.append(a.i)
    with open(__file__) as a.f: out.append(a.f.read(1))
    del a.v['j'], a.q
    if (x := a.v['k']) and not (1 in x and 9 in x): out += [x[::-1], x[-1]]
    out.append([i * j for i in x for j in x if i]); out.append({k: v for k, v in a.v.items()})
    try: a.missing
    except AttributeError as error: out.append(str(error))
    try: None()
    except TypeError as error: out.append(str(error))
    out.append(a.m(1, *x, c=3, **{'d': 4})); out.append(f"{n!r:>4}{x}"); out.append(n)
    gen = (yield_ for yield_ in enumerate(x, 1)); out.append(list(gen)); out.append((lambda q=3: q + n)())
    x[0:1] = [7, 8]; x += (9,); a.v['k'] = x; out.append(a.v); out.append((a.w, a.z, rest, a.i))
    print(out)
thread = threading.Thread(target=main)
thread.start()
thread.join()
'''
        import contextlib
        import io
        self.write(text)
        plain = io.StringIO()
        with contextlib.redirect_stdout(plain):
            exec(compile(text, "main.py", "exec"), {"__file__": os.path.join(self.folder.name, "main.py"), "__name__": "__main__"})
        for values in (False, True):
            self.assertEqual(self.random(text, 1, events=True, values=values)[0]["stdout"], plain.getvalue())


if __name__ == "__main__":
    unittest.main()
