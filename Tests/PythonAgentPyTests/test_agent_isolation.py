"""SOUNDNESS of cheap evaluation, clause by clause: each test fails when its clause is not kept."""

import hashlib
import os
import sys
import unittest

from test_agent_evaluate import DIED, FAIL, IMPURE, NO_COMPILE, PARTIAL, PASS, SAME, SPENT, Loaded, tests

from heal_agent import workers

#: Operations that leave a mark, and whether a fork undoes it.
MARKS = (("open('w.txt', 'w').close()", False), ("os.open('w.txt', os.O_CREAT | os.O_WRONLY)", False), ("os.remove('gone.txt')", False),
         ("os.rename('gone.txt', 'there.txt')", False), ("os.mkdir('folder')", False), ("os.symlink('a', 'b')", False),
         ("os.truncate('gone.txt', 0)", False), ("os.chmod('gone.txt', 0)", False), ("os.system('true')", False),
         ("subprocess.run(['true'])", False), ("os.fork() or os._exit(0)", False), ("os.posix_spawn('/bin/true', ['true'], {})", False),
         ("start_quietly()", False), ("os.kill(os.getpid(), 0)", False),
         ("os.chdir('..')", True), ("os.environ.update(HEAL_A='b')", True), ("threading.Thread(target=int).start()", True))
QUIETLY = ("def start_quietly():\n    from multiprocessing import util\n    read, write = os.pipe()\n"
           "    os.waitpid(util.spawnv_passfds(b'/bin/true', [b'true'], [write]), 0)\n\n\n")


class AuditHook(unittest.TestCase):
    def test_every_mark_is_noticed(self):
        lib = "import os, subprocess, threading\n\n\n" + QUIETLY + "".join(
            "def f%d(n):\n    if n > 5:\n        try:\n            %s\n        except OSError:\n            pass\n    return n\n\n\n" % (number, code)
            for number, (code, _) in enumerate(MARKS))
        with Loaded(lib, tests(*(("f%d(3)" % number, "4") for number in range(len(MARKS))))) as loaded:
            self.assertEqual((loaded.baseline["depth"], loaded.baseline["why"]), ("inProcess", ""))
            lines = [number + 1 for number, line in enumerate(lib.split("\n")) if line.startswith("    if n > 5")]
            flips = [[loaded.id("use `<` in place of `>`", line)] for line in lines]
            inside, forked = (loaded.evaluate(flips, depth, full=True)["results"] for depth in ("inProcess", "fork"))
            for (code, undone), one, other in zip(MARKS, inside, forked):
                self.assertEqual((one[0], other[0]), (IMPURE, FAIL if undone else IMPURE), code)


class OneThread(unittest.TestCase):
    def test_nothing_is_forked_from_a_process_with_threads(self):
        lib = ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n\n\n"
               "def f(n):\n    return n\n")
        with Loaded(lib, tests(("f(3)", "4"))) as loaded:
            self.assertEqual(loaded.baseline["depth"], "fresh")
            fix = next(row[0] for row in loaded.edits if row[3] == 6 and "n + 1" in row[8])
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[fix]], depth)
                self.assertEqual((answer["results"][0][0], answer["depth"]), (IMPURE, "fresh"))

    def test_nothing_is_forked_from_a_process_that_writes_a_file(self):
        lib = "LOG = open('log.txt', 'w')\n\n\ndef f(n):\n    LOG.write('x')\n    return n\n"
        with Loaded(lib, tests(("f(3)", "4"))) as loaded:
            self.assertEqual(loaded.baseline["depth"], "fresh")
            self.assertIn("log.txt", loaded.baseline["why"])


class Sampling(unittest.TestCase):
    """A default time-out of sockets is state that no comparison of memory sees."""

    LIB = ("import socket\n\n\ndef spoil(n):\n    if n > 5:\n        socket.setdefaulttimeout(9)\n    return n\n\n\n"
           "def wrong(n):\n    return n - 1 if socket.getdefaulttimeout() is None else 77\n\n\n"
           "def other(a, b, c):\n" + "".join("    a = (a + b * %d) %% (c + %d)\n" % (n, n) for n in range(3, 18)) + "    return a + b + c\n")

    def loaded(self, *checks):
        loaded = Loaded(self.LIB, tests(*checks))
        self.assertEqual(loaded.baseline["depth"], "inProcess")
        return loaded, loaded.id("use `<` in place of `>`", 5), loaded.id("use `+` in place of `-`", 11)

    def test_passes_are_repeated(self):
        loaded, spoiler, _ = self.loaded(("wrong(2)", "77"), ("spoil(3)", "3"))
        with loaded:
            idle = next(row[0] for row in loaded.edits if row[3] == 17)
            answer = loaded.evaluate([[spoiler], [idle]], full=True)
            self.assertEqual(([row[0] for row in answer["results"]], answer["depth"]), ([FAIL, FAIL], "fork"))
            self.assertEqual(loaded.evaluate([[idle]])["depth"], "fork")

    def test_failing_verdicts_are_sampled(self):
        loaded, spoiler, fix = self.loaded(("wrong(2)", "3"), ("spoil(3)", "4"), ("other(1, 2, 3)", "None"))
        with loaded:
            others = [row[0] for row in loaded.edits if row[3] > 14]
            self.assertGreater(len(others), 900)  # so many that one of them is sure to be in the sample
            for start in range(0, len(others), 100):
                answer = loaded.evaluate([[spoiler]] + [[fix, one] for one in others[start:start + 100]])
                if answer["depth"] == "fork":
                    break
            self.assertEqual(answer["depth"], "fork")
            self.assertEqual({row[0] for row in answer["results"][1:]} - {NO_COMPILE, SAME}, {PARTIAL})

    def test_one_in_two_hundred_of_every_kind(self):
        board = workers.Board(8000)
        for index in range(8000):
            board.write(index, (FAIL, PARTIAL, SPENT, DIED)[index % 4], 0, -1, hashlib.blake2b(b"%d" % index, digest_size=8).digest())
        chosen = board.to_repeat()
        self.assertTrue(20 <= len(chosen) <= 80, len(chosen))
        self.assertEqual({index % 4 for index in chosen}, {0, 1, 2, 3})
        for index in range(20):
            board.write(index, PASS, 0, -1, b"")
        self.assertLess(set(chosen) - set(range(20)), set(board.to_repeat()))


class SharedNumber(unittest.TestCase):
    def test_a_death_costs_the_candidate_in_hand(self):
        lib = "import os\n\n\ndef f(n):\n    if n > 5:\n        os._exit(3)\n    return n\n"
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            deadly = loaded.id("use `<` in place of `>`", 5)
            fix = next(row[0] for row in loaded.edits if row[3] == 7 and "n + 1" in row[8])
            others = [[row[0]] for row in loaded.edits if row[3] == 7][:80]
            for depth in ("inProcess", "fork"):
                alone, mixed = (self.statuses(loaded, others[:40] + [one, [fix]] + others[40:], depth) for one in ([fix], [deadly]))
                self.assertEqual((mixed[40], mixed[:40] + mixed[41:]), (DIED, alone[:40] + alone[41:]), depth)

    @staticmethod
    def statuses(loaded, candidates, depth):
        rows = loaded.evaluate(candidates, depth)["results"]
        return [rows[row[1]][0] if row[0] == SAME else row[0] for row in rows]

    def test_the_number_is_there_before_the_candidate_starts(self):
        seen = []
        batch = workers.Batch(1, lambda index: (seen.append(batch.board.in_hand()), FAIL, 0, -1, b"", None)[1:], (), -1, 1.0)
        state = type("State", (), {"note_state": lambda self: None, "dirty": lambda self: False})()
        batch._serve([0], state, 1, lambda message: None)
        self.assertEqual((seen, batch.board.in_hand()), ([0], -1))


class Limits(unittest.TestCase):
    """Where fuel does not reach: inside C."""

    def ends(self, lib, line, **options):
        with Loaded(lib, tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            candidate = loaded.id("use `<` in place of `>`", line)
            for depth in ("inProcess", "fork"):
                answer = loaded.evaluate([[candidate]], depth, **options)
                self.assertEqual(answer["results"][0][0], SPENT, depth)
                self.assertLess(answer["cpu"], 10, depth)

    def test_cpu_of_big_numbers(self):
        self.ends("def f(n):\n    if n > 5:\n        n = 10 ** 10 ** 9\n    return n\n", 2, timeout=60.0)

    def test_cpu_of_a_regular_expression(self):
        lib = "import re\n\n\ndef f(n):\n    if n > 5:\n        re.match('(a+)+b', 'a' * 60)\n    return n\n"
        self.ends(lib, 5, timeout=60.0)

    def test_waiting(self):
        lib = "import time\n\n\ndef f(n):\n    if n > 5:\n        time.sleep(600)\n    return n\n"
        self.ends(lib, 5, timeout=1.0)

    def test_memory(self):
        # Pages that nothing touches cost nothing: only the limit makes the difference between 4 and 3.
        lib = ("def f(n):\n    try:\n        return n + 1 if n < 5 and bytearray(3 << 29) else n\n    except MemoryError:\n        return n\n")
        with Loaded(lib.replace("n < 5", "n > 5"), tests(("f(3)", "4"), ("f(2)", "2"))) as loaded:
            candidate = loaded.id("use `<` in place of `>`", 3)
            for depth in ("inProcess", "fork"):
                self.assertEqual(loaded.evaluate([[candidate]], depth)["results"][0][0], FAIL, depth)


@unittest.skipUnless(sys.platform.startswith("linux"), "needs /proc")
class Ends(unittest.TestCase):
    def test_what_a_candidate_starts_ends_with_it(self):
        lib = ("import subprocess\n\n\ndef f(n):\n    if n > 5:\n        subprocess.Popen(['sleep', '987654'], start_new_session=True)\n"
               "        subprocess.Popen(['sleep', '987654'])\n    return n\n")
        with Loaded(lib, tests(("f(3)", "4"))) as loaded:
            flip = loaded.id("use `<` in place of `>`", 5)
            for depth in ("inProcess", "fork"):
                self.assertEqual(loaded.evaluate([[flip]], depth)["results"][0][0], IMPURE)
        left = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % name, "rb") as file:
                    if file.read().split(b"\0")[:2] == [b"sleep", b"987654"]:
                        left.append(name)
            except OSError:
                continue
        self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
