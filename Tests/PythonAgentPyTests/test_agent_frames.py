"""The wire: frames, typed refusals, cancel, deadline, and the end of the control descriptor."""

import os
import signal
import struct
import time
import unittest

from agent_client import Client

from heal_agent import frames
from heal_agent.errors import AgentError

LOOP = "while True:\n    pass\n"


def run_of(path, wall=30):
    return {"argv": [path], "stdin": None, "limits": {"wall": wall, "cpu": wall, "memory": 1 << 30, "output": 1 << 20}, "env": {}}


class FrameBufferTests(unittest.TestCase):
    def test_whole_frames_come_out_of_any_cut(self):
        data = frames.encode({"a": 1}) + frames.encode({"b": "é"})
        for cut in range(len(data) + 1):
            buffer = frames.FrameBuffer()
            found = list(buffer.feed(data[:cut])) + list(buffer.feed(data[cut:]))
            self.assertEqual([frames.decode(body) for body in found], [{"a": 1}, {"b": "é"}])

    def test_oversized_frame_is_skipped_and_the_stream_goes_on(self):
        buffer = frames.FrameBuffer(limit=10)
        found = list(buffer.feed(struct.pack(">I", 11) + b"x" * 11 + struct.pack(">I", 2) + b"{}"))
        self.assertEqual(found[0].kind, "oversized")
        self.assertEqual(found[1], b"{}")

    def test_empty_frame_is_malformed(self):
        found = list(frames.FrameBuffer().feed(struct.pack(">I", 0) + struct.pack(">I", 2) + b"{}"))
        self.assertEqual(found[0].kind, "malformed")
        self.assertEqual(found[1], b"{}")

    def test_what_is_no_object_is_malformed(self):
        for body in (b"[1]", b"{", b"\xff", b"1", b'"x"'):
            with self.assertRaises(AgentError) as caught:
                frames.decode(body)
            self.assertEqual(caught.exception.kind, "malformed")

    def test_lone_surrogates_do_not_break_a_frame(self):
        self.assertEqual(frames.decode(frames.encode({"a": "x\udc80"})[4:]), {"a": "x?"})


class ServerTests(unittest.TestCase):
    def test_greeting_names_protocol_and_interpreter(self):
        with Client() as client:
            self.assertEqual(client.hello["protocol"], 1)
            self.assertEqual(client.hello["implementation"], "CPython")

    def test_unknown_request(self):
        with Client() as client:
            self.assertEqual(client.request("nonsense")["error"]["kind"], "unsupported")

    def test_missing_parameter(self):
        with Client() as client:
            self.assertEqual(client.request("check")["error"]["kind"], "malformed")
            self.assertEqual(client.request("check", files={"a.py": 1})["error"]["kind"], "malformed")

    def test_bad_frames_are_refused_and_the_agent_goes_on(self):
        with Client() as client:
            for data in (b"\0\0\0\1{", b"\0\0\0\0", struct.pack(">I", 17 << 20) + b"x" * (17 << 20), struct.pack(">I", 1) + b"\xff",
                         struct.pack(">I", 14) + b'{"request":"a"', struct.pack(">I", 24) + b'{"id":true,"request":"a"'):
                client.send_raw(data)
                reply = client.receive()
                self.assertIsNone(reply["id"])
                self.assertIn(reply["error"]["kind"], ("malformed", "oversized"))
            self.assertIn("ok", client.request("check", files={"a.py": "x = 1\n"}))

    def test_malformed_request_with_id_is_answered_by_id(self):
        with Client() as client:
            client.send({"id": 7, "request": 5})
            self.assertEqual(client.receive()["id"], 7)
            client.send({"id": 8, "request": "check", "deadline": "soon"})
            self.assertEqual(client.receive()["error"]["kind"], "malformed")

    def test_cancel_stops_a_run(self):
        with Client({"loop.py": LOOP}) as client:
            number = client.start("observe", run=run_of("loop.py"), files={}, coverage=False)
            time.sleep(0.3)
            begin = time.monotonic()
            client.send({"cancel": number})
            self.assertEqual(client.reply(number)["error"]["kind"], "cancelled")
            self.assertLess(time.monotonic() - begin, 3)
            self.assertIn("ok", client.request("check", files={"a.py": ""}))

    def test_cancel_of_a_request_that_waits(self):
        with Client({"loop.py": LOOP}) as client:
            first = client.start("observe", run=run_of("loop.py", 1), files={}, coverage=False)
            second = client.start("check", files={"a.py": ""})
            client.send({"cancel": second})
            self.assertIn("ok", client.reply(first))
            self.assertEqual(client.reply(second)["error"]["kind"], "cancelled")

    def test_deadline_stops_a_run(self):
        with Client({"loop.py": LOOP}) as client:
            reply = client.request("observe", deadline=0.5, run=run_of("loop.py"), files={}, coverage=False)
            self.assertEqual(reply["error"]["kind"], "deadline")

    def test_deadline_stops_plain_computation(self):
        text = "x = " + "(" * 80 + "1" + ")" * 80 + "\n" + "\n".join("def f%d(a):\n    return a + %d" % (i, i) for i in range(60000))
        with Client() as client:
            reply = client.request("check", deadline=0.05, files={"a.py": text})
            self.assertEqual(reply.get("error", {}).get("kind"), "deadline", str(reply)[:200])

    def test_everything_ends_with_the_control_descriptor(self):
        pid_file = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nwhile True:\n    time.sleep(0.01)\n"
        client = Client({"wait.py": pid_file})
        client.start("observe", run=run_of("wait.py"), files={}, coverage=False)
        pid = wait_for_pid(os.path.join(client.root, "pid"))
        client.close()
        self.assertTrue(ends(pid))

    def test_everything_ends_when_the_agent_is_killed(self):
        pid_file = "import os, time\nopen('pid', 'w').write(str(os.getpid()))\nwhile True:\n    time.sleep(0.01)\n"
        client = Client({"wait.py": pid_file})
        client.start("observe", run=run_of("wait.py"), files={}, coverage=False)
        pid = wait_for_pid(os.path.join(client.root, "pid"))
        os.kill(client.hello["pid"], signal.SIGKILL)
        self.assertTrue(ends(pid))
        client.close()

    def test_starts_isolated_without_site(self):
        with Client({"main.py": "print(1)\n"}, flags=("-I", "-S")) as client:
            self.assertEqual(client.observe()["stdout"]["head"], "1\n")


def wait_for_pid(path):
    for _ in range(500):
        if os.path.exists(path):
            with open(path) as file:
                text = file.read()
            if text:
                return int(text)
        time.sleep(0.01)
    raise AssertionError("the program did not start")


def ends(pid):
    for _ in range(500):
        try:
            with open("/proc/%d/stat" % pid) as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    unittest.main()
