"""What the global lock lets happen: the model of each version on plain bytecode, and plain runs with pauses."""

import sys
import textwrap
import unittest

from gil_events import asked, failing
from schedule_search import ScheduleTests

#: Whether something can happen between any two instructions.
ANYWHERE = sys.version_info < (3, 10)
STARTED = "\n\nthreads = [Thread(target=work) for _ in range(2)]\nfor one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n"
CLASS = "from threading import Condition, Lock, RLock, Thread\n\n\nclass Counter:\n    def __init__(self):\n        self.value = 0\n{more}\n\n\ncounter = Counter()\nlock, other, news = Lock(), Lock(), Condition()\n\n\n"


def source(work, more="", head=""):
    """A program with a function `work`, whose body is given."""
    return head + CLASS.format(more=textwrap.indent(textwrap.dedent(more), "    ")) + "def work():\n" + textwrap.indent(textwrap.dedent(work), "    ")


def event(text, what, kind, field=None, nth=0, made=None):
    """An event at the nth place where a text stands after the beginning of `work`."""
    at = text.index("def work")
    for _ in range(nth + 1):
        at = text.index(what, at + 1)
    return {"place": place(text, at), "kind": kind, "field": field, "made": None if made is None else place(text, text.index(made))}


def place(text, at):
    return ["main.py", text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)]


class ModelTests(ScheduleTests):
    """Questions about two events of a thread."""

    def ask(self, text, *pairs):
        self.write(text)
        answer = self.client.ok("gil", run={"argv": ["main.py"]}, files={}, pairs=[list(pair) for pair in pairs])
        self.assertEqual(answer["model"], "%d.%d" % sys.version_info[:2])
        return answer["answers"]

    def update(self, work, more="", head="", what="counter.value", read=0, write=0):
        """Between a read and a write of an attribute."""
        text = source(work, more, head)
        return self.ask(text, (event(text, what, "READ", "value", read), event(text, what, "WRITE", "value", write)))[0]

    def locks(self, work, made="Lock()", what="with ", nth=1):
        """Between taking a lock and another one."""
        text = source(work)
        pair = event(text, "with ", "ACQUIRE", made="Lock()"), event(text, what, "ACQUIRE", nth=nth, made=made)
        for one in pair:
            if sys.version_info >= (3, 13) and text.split("\n")[one["place"][1] - 1].lstrip().startswith("with "):
                one["place"][2] += 5  # a with statement stands at its expression there
        return self.ask(text, pair)[0]

    def test_an_augmented_assignment_is_not_interrupted_since_3_10(self):
        self.assertIs(self.update("counter.value += 1"), ANYWHERE)
        self.assertIs(self.update("counter.value = counter.value + 1", read=1), ANYWHERE)
        self.assertIs(self.update("kept = counter.value\nkept = kept * 2\ncounter.value = kept", write=1), ANYWHERE)

    def test_a_loop_around_the_update_does_not_matter_but_one_within_does(self):
        self.assertIs(self.update("for _ in range(3):\n    counter.value += 1"), ANYWHERE)
        self.assertIs(self.update("kept = counter.value\nfor _ in (1, 2):\n    kept += 1\ncounter.value = kept", write=1), True)
        self.assertIs(self.update("kept = counter.value\nwhile kept < 9:\n    kept += 1\ncounter.value = kept", write=1), True)

    def test_a_call_between_lets_others_in(self):
        self.assertIs(self.update("counter.value = abs(counter.value)", read=1), True)
        self.assertIs(self.update("counter.value = max(counter.value, 1)", read=1), True)
        self.assertIs(self.update("kept = counter.value\nprint(kept)\ncounter.value = kept + 1", write=1), True)

    def test_what_may_run_code_of_python_is_not_known(self):
        unsure = True if ANYWHERE else None
        plus = "def __add__(self, other):\n    return self\n"
        self.assertIs(self.update("counter.value += 1", more=plus), unsure)
        self.assertIs(self.update("counter.value += 1", head="import fractions\n"), unsure)
        self.assertIs(self.update("counter.value += counter.slow", more="@property\ndef slow(self):\n    return 1\n"), unsure)
        self.assertIs(self.update("counter.value += counter.fast", more="fast = 1\n"), ANYWHERE)

    def test_a_jump_of_a_condition_lets_others_in_in_3_10_alone(self):
        work = "if counter.value > 3:\n    lock\ncounter.value = 0"
        self.assertIs(self.update(work, write=1), sys.version_info < (3, 11))

    @unittest.skipIf(sys.version_info >= (3, 14), "a with statement calls there")
    def test_two_locks_are_taken_at_once(self):
        self.assertIs(self.locks("with lock:\n    with other:\n        pass"), ANYWHERE)
        self.assertIs(self.locks("with lock:\n    other.acquire()", what="other.acquire", nth=0), ANYWHERE)

    def test_a_condition_is_entered_by_code_of_python(self):
        self.assertIs(self.locks("with lock:\n    with news:\n        pass", made="Condition()"), True)

    def test_from_one_function_into_another(self):
        text = source("counter.value += 1\nhelp()", head="def help():\n    counter.value = 7\n\n\n")
        write = {"place": ["main.py", 2, 5], "kind": "WRITE", "field": "value", "made": None}
        first = event(text, "counter.value", "WRITE", "value")
        self.assertEqual(self.ask(text, (first, write)), [True])
        self.assertIs(self.ask(text, (write, event(text, "counter.value", "READ", "value")))[0], True, "the function is entered anew")

    def test_what_cannot_be_found_is_not_known(self):
        text = source("counter.value += 1")
        known, elsewhere = event(text, "counter.value", "READ", "value"), {"place": ["gone.py", 1, 1], "kind": "WRITE", "field": "value", "made": None}
        self.assertEqual(self.ask(text, (known, elsewhere), (elsewhere, known), (known, dict(known, field="nothing"))), [None, None, None])

    def test_malformed_events_are_refused(self):
        self.write(source("pass"))
        for wrong in ({"place": ["main.py"], "kind": "READ"}, {"kind": "READ"}, 3):
            reply = self.client.request("gil", run={"argv": ["main.py"]}, files={}, pairs=[[wrong, wrong]])
            self.assertEqual(reply["error"]["kind"], "malformed", wrong)


def threads(text, check):
    return text + STARTED + check


class ForcedTests(ScheduleTests):
    """Plain runs with pauses at the switches of a failing schedule."""

    def forced(self, text, wanted=lambda one: one["exit"] or one["end"] in ("deadlock", "hang"), seconds=60, attempts=5):
        """What the agent says of the switches of a failing run, and what comes of the plain program under them.

        Beside its switches a plain run goes as it likes, so that one that shows nothing is made again, as the tool does.
        """
        shared = self.learnt(text)
        run = failing(self.client, "main.py", wanted, shared)
        switches = run.switches()
        answers = asked(self.client, "main.py", switches)["answers"]
        for _ in range(attempts):
            ended = self.client.ok("force", run={"argv": ["main.py"]}, files={}, switches=switches, order=run.order(), seconds=seconds, calm=20)
            if ended["exit"] or ended["end"] != "finished":
                break
        return answers, switches, ended

    def test_a_lost_update_shows_where_a_call_lets_others_in(self):
        text = threads(source("counter.value = abs(counter.value) + 1"), "assert counter.value == 2, counter.value\n")
        answers, switches, ended = self.forced(text)
        self.assertEqual(answers, [True] * len(switches))
        self.assertEqual((ended["end"], ended["exit"], ended["taken"]), ("finished", 1, list(range(len(switches)))))
        self.assertEqual([(one["type"], one["message"]) for one in ended["exceptions"]], [("AssertionError", "1")])

    @unittest.skipIf(ANYWHERE, "this interpreter lets others in anywhere")
    def test_no_thread_is_paused_where_the_interpreter_does_not_let_others_in(self):
        text = threads(source("counter.value += 1"), "assert counter.value == 2, counter.value\n")
        answers, switches, ended = self.forced(text, attempts=1)
        self.assertIn(False, answers)
        self.assertEqual((ended["end"], ended["exit"]), ("finished", 0))
        self.assertLess(len(ended["taken"]), len(switches))

    def test_a_deadlock_shows_with_the_places_where_threads_wait(self):
        text = source("lock.acquire()\nother.acquire()\nother.release()\nlock.release()") + (
            "\n\ndef back():\n    other.acquire()\n    lock.acquire()\n    lock.release()\n    other.release()\n\n\n"
            "threads = [Thread(target=one, daemon=True) for one in (work, back)]\nfor one in threads:\n    one.start()\nfor one in threads:\n    one.join()\n")
        answers, _, ended = self.forced(text, lambda one: one["end"] == "deadlock", seconds=8)
        self.assertNotIn(False, answers)
        self.assertEqual(ended["end"], "hang")
        lines = [place(text, text.index(what))[1] for what in ("other.acquire", "lock.acquire()\n    lock.release")]
        self.assertLessEqual({("main.py", line) for line in lines}, {tuple(one) for one in ended["waiting"]})

    def test_an_exception_in_a_thread_is_told(self):
        text = threads(source("if not counter.value:\n    abs(0)\n    counter.value += 1\nelse:\n    raise ValueError('late')"), "")
        self.write(text)
        ended = self.client.ok("force", run={"argv": ["main.py"]}, files={}, switches=[], order=[0, 1, 2], seconds=60, calm=20)
        self.assertEqual([(one["type"], one["message"]) for one in ended["exceptions"]], [("ValueError", "late")])
        self.assertEqual((ended["exit"], ended["taken"]), (0, []))

    def test_threads_that_begin_after_others_have_ended_are_told_from_these(self):
        text = source("counter.value = abs(counter.value) + 1", head="def other():\n    pass\n\n\n")
        text += STARTED.replace("target=work", "target=other") + STARTED + "assert counter.value == 2, counter.value\n"
        answers, switches, ended = self.forced(text)
        self.assertTrue({one[0] for one in switches} <= {3, 4} and switches, switches)
        self.assertEqual((ended["end"], ended["exit"], ended["taken"]), ("finished", 1, list(range(len(switches)))))

    def test_a_malformed_switch_is_refused(self):
        self.write(source("pass"))
        reply = self.client.request("force", run={"argv": ["main.py"]}, files={}, switches=[[1, 2]], order=[], seconds=1, calm=1)
        self.assertEqual(reply["error"]["kind"], "malformed")


if __name__ == "__main__":
    unittest.main()
