"""Every outcome that switching before each bytecode reaches, a search over the agent's steps reaches, and no other."""

import os
import unittest

from opcode_reference import outcomes
from schedule_programs import program, script
from schedule_search import ScheduledCase, explore, outcome


class ReferenceTests(ScheduledCase):
    def found(self, text):
        with open(os.path.join(self.folder.name, "main.py"), "w", encoding="utf-8") as file:
            file.write(text)
        results = explore(self.client, "main.py", limit=5000)
        self.assertIsNotNone(results, "too many schedules")
        return {outcome(one) for one in results}

    def check(self, seeds, statements):
        compared = 0
        for seed in seeds:
            text = program(seed, statements=statements)
            expected = outcomes(text, 2, limit=800)
            if expected is None:
                continue
            compared += 1
            self.assertEqual(self.found(script(text)), expected, "seed %d" % seed)
        self.assertGreater(compared, len(seeds) // 3)

    def test_random_programs_of_one_statement_each(self):
        self.check([*range(24), 65], 1)

    def test_random_programs_of_two_statements_each(self):
        self.check(range(9), 2)

    def test_verdicts_do_not_depend_on_the_order_of_threads(self):
        head = "from threading import Lock, Thread\nlock, v = Lock(), [10]\n"
        double, add = ("def t%d():\n    with lock:\n        v[0] " + one + "\n" for one in ("*= 2", "+= 1"))
        tail = ("def final():\n    return v[0]\na, b = Thread(target=t0), Thread(target=t1)\na.start()\nb.start()\na.join()\nb.join()\n"
                "print(final())\n")
        for first, second in ((double, add), (add, double)):
            self.assertEqual(self.found(head + first % 0 + second % 1 + tail), {"21 []", "22 []"})


if __name__ == "__main__":
    unittest.main()
