"""`observe`: one run of a script, everything recorded, whatever the script does."""

import os
import select
import subprocess
import sys
import time
import unittest
from unittest import mock

from agent_client import HERE, Client

from heal_agent import children

HOSTILE = os.path.join(HERE, "..", "..", "Fixtures", "hostile")


def observe(text, path="main.py", files=None, **options):
    with Client({path: text, **(files or {})}) as client:
        return client.observe(path, **options)


class PlainRuns(unittest.TestCase):
    def test_runs_as_python_file_would(self):
        text = ("import sys, os\nprint(sys.argv, sys.path[0] == os.getcwd(), __name__, os.path.basename(__file__))\n"
                "import helper\nprint(helper.VALUE, __spec__, sys.modules['__main__'].__file__ == __file__)\n")
        seen = observe(text, files={"helper.py": "VALUE = 5\n"}, args=["a", "b c"])
        self.assertEqual(seen["stdout"]["head"], "['main.py', 'a', 'b c'] True __main__ main.py\n5 None True\n")
        self.assertEqual((seen["exit"], seen["stop"], seen["started"]), ({"code": 0, "signal": None}, "finished", True))

    def test_script_in_a_folder_imports_from_there(self):
        seen = observe("import helper\nprint(helper.X)\n", path="src/main.py", files={"src/helper.py": "X = 1\n"})
        self.assertEqual(seen["stdout"]["head"], "1\n")
        self.assertEqual(seen["coverage"], {"src/main.py": [1, 2], "src/helper.py": [1]})

    def test_stdin_and_its_end(self):
        self.assertEqual(observe("print(input(), input())\n", stdin="a\nb\n")["stdout"]["head"], "a b\n")
        self.assertEqual(observe("print(input())\n")["exception"]["type"], "EOFError")
        big = "x" * 3_000_000
        self.assertEqual(observe("import sys\nprint(len(sys.stdin.read()))\n", stdin=big)["stdout"]["head"], "3000000\n")

    def test_exit_statuses(self):
        for text, code in (("raise SystemExit(3)", 3), ("import sys; sys.exit()", 0), ("import sys; sys.exit('no')", 1),
                           ("import os; os._exit(4)", 4), ("1/0", 1)):
            self.assertEqual(observe(text)["exit"], {"code": code, "signal": None}, text)
        self.assertEqual(observe("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n")["exit"], {"code": None, "signal": 15})

    def test_end_of_the_interpreter_is_kept(self):
        text = ("import atexit, threading, time\natexit.register(print, 'atexit')\n"
                "class A:\n    def __del__(self): print('del')\na = A()\n"
                "threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()\n")
        seen = observe(text)
        self.assertEqual(seen["stdout"]["head"], "thread\natexit\ndel\n")
        self.assertEqual(seen["threadsStarted"], 1)

    def test_forgotten_import_of_a_submodule_fails_as_it_does_fresh(self):

        text = "import xml\nprint(xml.etree)\n"
        fresh = subprocess.run([sys.executable, "-c", text], capture_output=True).returncode
        self.assertEqual(observe(text)["exit"]["code"], fresh)

    def test_environment_of_the_request(self):
        self.assertEqual(observe("import os; print(os.environ['A_B'])", env={"A_B": "c"})["stdout"]["head"], "c\n")

    def test_files_are_written_in_their_own_encoding(self):
        with Client({"main.py": b"# -*- coding: latin-1 -*-\r\nprint('\xe9')\r\n", "bom.py": b"\xef\xbb\xbfprint('x')\n"}) as client:
            seen = client.observe(files={"main.py": "# -*- coding: latin-1 -*-\r\nprint(len('é'), 'é')\r\n", "bom.py": "print('y')\n"})
            self.assertEqual(seen["stdout"]["head"], "1 é\n")
            with open(os.path.join(client.root, "main.py"), "rb") as file:
                self.assertIn(b"'\xe9')\r\n", file.read())
            with open(os.path.join(client.root, "bom.py"), "rb") as file:
                self.assertEqual(file.read(), b"\xef\xbb\xbfprint('y')\n")

    def test_paths_out_of_the_root_are_refused(self):
        with Client({"main.py": ""}) as client:
            for path in ("../x.py", "/tmp/x.py", "a/../../x.py"):
                reply = client.request("observe", run={"argv": ["main.py"], "limits": {}}, files={path: ""}, coverage=False)
                self.assertEqual(reply["error"]["kind"], "malformed", path)


class Exceptions(unittest.TestCase):
    def test_frames_locals_and_masks(self):
        text = ("class Cat:\n    name = 'x'\ndef f(items, api_key, cat):\n    return items[9]\n"
                "f([1, {'a': (2.5, None)}], 'abc', Cat())\n")
        error = observe(text)["exception"]
        self.assertEqual((error["type"], error["message"]), ("IndexError", "list index out of range"))
        self.assertEqual([(f["path"], f["line"], f["function"]) for f in error["frames"]], [("main.py", 5, "<module>"), ("main.py", 4, "f")])
        self.assertEqual(error["frames"][1]["code"], "    return items[9]")
        self.assertEqual(error["frames"][1]["locals"], {
            "items": {"type": "list", "repr": "[1, {'a': (…)}]"}, "api_key": {"type": "str", "repr": "'***'"},
            "cat": {"type": "Cat", "repr": "<Cat object>"}})

    def test_no_code_of_the_program_runs_for_a_description(self):
        text = ("class Bad:\n    def __repr__(self): print('ran'); raise ValueError\n    def __getattr__(self, name): print('ran')\n"
                "def f(bad): 1/0\nf(Bad())\n")
        seen = observe(text)
        self.assertEqual(seen["stdout"]["head"], "")
        self.assertEqual(seen["exception"]["type"], "ZeroDivisionError")

    def test_chain(self):
        text = "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('bad') from e\n"
        error = observe(text)["exception"]
        self.assertEqual([one["type"] for one in error["chain"]], ["KeyError"])

    def test_attributes_of_the_object(self):
        text = "class Shape:\n    def __init__(self): self.width = 1\n    def area(self): pass\nshape = Shape()\nshape.areas()\n"
        names = observe(text)["attributes"]["Shape"]
        self.assertTrue({"width", "area"} <= set(names))
        self.assertIn("sqrt", observe("import math\nmath.sqroot(2)\n")["attributes"]["math"])

    def test_suggestion_of_the_interpreter(self):
        for text, name in (("total = 1\nprint(totl)\n", "'total'"), ("class A:\n    name = 1\nA().nam\n", "'name'")):
            suggestion = observe(text)["exception"]["suggestion"]
            if sys.version_info < (3, 10):
                self.assertIsNone(suggestion)  # it makes none
            else:
                self.assertIn(name, suggestion)

    def test_syntax_error_says_where(self):
        seen = observe("x = 1\ndef f(:\n    pass\n")
        self.assertEqual((seen["started"], seen["exit"]["code"]), (False, 1))
        self.assertEqual((seen["exception"]["type"], seen["exception"]["frames"][-1]["line"]), ("SyntaxError", 2))

    def test_deep_recursion_is_bounded(self):
        error = observe("def f(n):\n    return f(n + 1)\nf(0)\n")["exception"]
        self.assertEqual(error["type"], "RecursionError")
        self.assertLessEqual(len(error["frames"]), 50)

    def test_traceback_shows_nothing_of_the_agent(self):
        seen = observe("def f():\n    raise ValueError('x')\nf()\n")
        self.assertNotIn("heal_agent", seen["stderr"]["head"])
        self.assertIn("ValueError: x", seen["stderr"]["head"])


class Limits(unittest.TestCase):
    def test_endless_loop_and_its_line(self):
        seen = observe("x = 0\nwhile x >= 0:\n    x += 1\n", wall=0.8)
        self.assertEqual(seen["stop"], "endlessLoop")
        self.assertIn(seen["stacks"][-1]["frames"][-1]["line"], (2, 3))
        self.assertEqual(seen["coverage"], {"main.py": [1, 2, 3]})

    def test_hang_and_every_stack(self):
        text = ("import threading\nlock = threading.Lock()\ndef other():\n    lock.acquire()\nlock.acquire()\n"
                "threading.Thread(target=other).start()\nlock.acquire()\n")
        seen = observe(text, wall=0.8)
        self.assertEqual((seen["stop"], seen["exit"]), ("hang", {"code": None, "signal": 9}))
        self.assertEqual({stack["frames"][-1]["line"] for stack in seen["stacks"]}, {4, 7})

    def test_loop_inside_c_code(self):
        seen = observe("10 ** 10 ** 9\n", wall=0.8)
        self.assertEqual(seen["stop"], "endlessLoop")
        self.assertEqual(seen["stacks"][-1]["frames"][-1]["line"], 1)

    def test_cpu_limit(self):
        seen = observe("while True: pass\n", wall=20, cpu=1)
        self.assertEqual(seen["stop"], "endlessLoop")
        self.assertLess(seen["wall"], 15)

    def test_memory_limit(self):
        seen = observe("a = []\nwhile True:\n    a.append(' ' * 10 ** 7)\n", memory=200 << 20, wall=20)
        self.assertEqual(seen["stop"], "memory")

    def test_output_is_bounded_and_counted(self):
        seen = observe("import sys\nfor i in range(2000): sys.stdout.write('%04d' % (i % 10000) * 64)\n")
        self.assertEqual((seen["stdout"]["total"], len(seen["stdout"]["head"]), len(seen["stdout"]["tail"])), (512000, 65536, 65536))
        self.assertTrue(seen["stdout"]["tail"].endswith("1999"))
        seen = observe("while True: print('x' * 1000)\n", output=1 << 20)
        self.assertEqual(seen["stop"], "output")

    def test_a_gigabyte_of_output_is_survived(self):
        seen = observe("import os\nblock = b'x' * (1 << 20)\nfor _ in range(1024): os.write(1, block)\n", output=2 << 30, wall=60)
        self.assertEqual((seen["stop"], seen["stdout"]["total"]), ("finished", 1 << 30))

    def test_stack_overflow_in_c_is_a_kill(self):
        seen = observe("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
        self.assertEqual((seen["stop"], seen["exit"]["signal"]), ("killed", 11))


class Computing(unittest.TestCase):
    def test_a_loop_demands_what_it_does_not_get(self):
        # At the lowest priority it may get hardly any time, and demands it all the same; a sleep demands none.
        for text, least, most in (("import os\nos.nice(19)\nprint(flush=True)\nwhile True: pass\n", 0.25, 2.0),
                                  ("import time\nprint(flush=True)\ntime.sleep(60)\n", 0.0, 0.25)):
            process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE)
            try:
                process.stdout.readline()
                before, begin = children.demand([process.pid]), time.monotonic()
                select.select([], [], [], 0.5)
                share = (children.demand([process.pid]) - before) / (time.monotonic() - begin)
                self.assertTrue(least <= share <= most, share)
            finally:
                process.kill()
                process.communicate()


class Forking(unittest.TestCase):
    def test_waits_its_turn_while_there_are_no_processes(self):
        full = iter([BlockingIOError(11, "full"), -1, 7])

        def call():
            told = next(full)
            if isinstance(told, OSError):
                raise told
            return told

        self.assertEqual(children.fork(call), 7)

    def test_never_answers_a_number_that_means_all_processes(self):
        with mock.patch.object(children, "_PATIENCE", 0.05):
            self.assertRaises(BlockingIOError, children.fork, lambda: -1)


class Hostile(unittest.TestCase):
    """The fixtures of Fixtures/hostile; what only a sandbox can stop is not run here."""

    def observe(self, name, **options):
        with open(os.path.join(HOSTILE, name), encoding="utf-8") as file:
            text = file.read()
        with Client({name: text}) as client:
            seen = client.observe(name, **{"wall": 2, "memory": 300 << 20, **options})
            self.assertIn("ok", client.request("check", files={"a.py": ""}))
            return seen, client.root

    def test_kills_parent(self):
        seen, _ = self.observe("kills_parent.py", wall=5)
        self.assertEqual((seen["exit"]["code"], seen["stdout"]["head"]), (0, "parent killed\n"))

    def test_starts_daemon(self):
        with open(os.path.join(HOSTILE, "starts_daemon.py"), encoding="utf-8") as file:
            text = file.read()
        with Client({"starts_daemon.py": text}) as client:
            seen = client.observe("starts_daemon.py", wall=5)
            self.assertEqual(seen["stdout"]["head"], "daemon started\n")
            beat = os.path.join(client.root, "heartbeat.txt")
            if os.path.exists(beat):
                with open(beat) as file:
                    words = file.read().split()
                if words:
                    from test_agent_frames import ends

                    self.assertTrue(ends(int(words[0])))

    def test_installs_signal_handlers(self):
        seen, _ = self.observe("installs_signal_handlers.py")
        self.assertEqual((seen["stop"], seen["exit"], seen["exception"]), ("hang", {"code": None, "signal": 9}, None))

    def test_others(self):
        for name, stop in (("allocates_without_end.py", "memory"), ("changes_cwd.py", "finished"), ("deletes_its_folder.py", "finished"),
                           ("endless_loop.py", "endlessLoop"), ("exits_with_status.py", "finished"), ("ignores_sigterm.py", "hang"),
                           ("os_exit.py", "finished"), ("reads_stdin.py", "finished"), ("waits_forever.py", "hang")):
            with self.subTest(name):
                self.assertEqual(self.observe(name)[0]["stop"], stop)



class Refusals(unittest.TestCase):
    """What the sandbox refuses; the kernel's answers are stood in for, so that root can run this too."""

    def watch(self, writable):
        from unittest import mock

        from heal_agent import purity

        noted = []
        watch = purity.RefusalWatch("/program", lambda *found: noted.append(found), lambda: None, lambda *found: None)
        with mock.patch.object(purity.os, "access", lambda path, mode: writable), \
                mock.patch.object(purity, "has_route", lambda: False), mock.patch.object(purity, "can_reach", lambda address: False):
            yield_to = watch._hook
            yield_to("open", ("/etc/passwd", "w", os.O_WRONLY))
            yield_to("open", ("/etc/passwd", "r", os.O_RDONLY))
            yield_to("open", ("/program/x", "w", os.O_WRONLY))
            yield_to("socket.connect", (None, ("192.0.2.1", 80)))
            yield_to("socket.connect", (None, ("127.0.0.1", 80)))
            yield_to("socket.getaddrinfo", ("example.org", 80, 0, 0, 0))
            yield_to("socket.getaddrinfo", ("localhost", 80, 0, 0, 0))
        return noted

    def test_refused_operations_are_noted_once(self):
        self.assertEqual(self.watch(False), [("write", "/etc/passwd"), ("network", "192.0.2.1:80"), ("network", "example.org")])

    def test_allowed_writes_are_not(self):
        self.assertEqual(self.watch(True), [("network", "192.0.2.1:80"), ("network", "example.org")])


if __name__ == "__main__":
    unittest.main()
