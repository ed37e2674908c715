"""What threads share: every way in which a program keeps state is seen by its schedules."""

import os
import unittest

from schedule_search import ScheduledCase, learn

FRAME = '''
import threading
%s


def change():
    %s


def look():
    seen.append(%s)


seen = []
threads = [threading.Thread(target=one) for one in (change, look)]
for one in threads:
    one.start()
for one in threads:
    one.join()
print(*seen)
'''


class SharedStateTests(ScheduledCase):
    def outputs(self, made, change, look):
        return self.outputs_of(FRAME % (made, change, look))

    def outputs_of(self, text, count=150):
        with open(os.path.join(self.folder.name, "main.py"), "w", encoding="utf-8") as file:
            file.write(text)
        shared = sorted(learn(self.client, "main.py"))
        results = self.client.ok("schedule", run={"argv": ["main.py"]}, shared=shared,
                                 schedules=[{"policy": "random", "seed": seed} for seed in range(count)])["results"]
        self.assertEqual({one["end"] for one in results}, {"completed"})
        return {one["stdout"].strip() for one in results}

    def test_a_reader_comes_before_between_and_after_two_writes(self):
        pairs = {
            "attributes": ("class P:\n    pass\np = P()\np.a = p.b = 0", "p.a = 1; p.b = 1", "(p.a, p.b)"),
            "slots": ("class P:\n    __slots__ = ('a', 'b')\np = P()\np.a = p.b = 0", "p.a = 1; p.b = 1", "(p.a, p.b)"),
            "inherited slots": ("class Q:\n    __slots__ = ('a', 'b')\nclass P(Q):\n    __slots__ = ()\np = P()\np.a = p.b = 0",
                                "p.a = 1; p.b = 1", "(p.a, p.b)"),
            "attributes of a function": ("def p():\n    pass\np.a = p.b = 0", "p.a = 1; p.b = 1", "(p.a, p.b)"),
            "the dictionary of an instance": ("class P:\n    pass\np = P()\np.a = p.b = 0", "p.__dict__['a'] = 1; vars(p)['b'] = 1", "(p.a, p.b)"),
            "class attributes": ("class P:\n    a = b = 0", "P.a = 1; P.b = 1", "(P.a, P.b)"),
            "items": ("p = {'a': 0, 'b': 0}", "p['a'] = 1; p['b'] = 1", "(p['a'], p['b'])"),
            "elements": ("p = [0, 0]", "p[0] = 1; p[1] = 1", "(p[0], p[1])"),
            "what derives from dict": ("class P(dict):\n    pass\np, q = P(), P()", "p['a'] = 1; q['a'] = 1", "(len(p), len(q))"),
            "what derives from list": ("class P(list):\n    pass\np, q = P(), P()", "p.append(1); q.extend([1])", "(len([*p]), sum(1 for _ in q))"),
            "arrays": ("import array\np = array.array('i', [0, 0])", "p[0] = 1; p[1] = 1", "(p[0], p[1])"),
            "buffers": ("import io\np, q = io.StringIO(), io.BytesIO()", "p.write('1'); q.write(b'1')", "(len(p.getvalue()), len(q.getvalue()))"),
            "iterators": ("p, q = iter([0]), iter([0])", "list(p); next(q)", "(1 - len(list(p)), 1 - len(list(q)))"),
            "backwards": ("p, q = [0], [0]", "p[0] = 1; q[0] = 1", "(*reversed(p), *(one for one in reversed(q)))"),
            "keywords": ("p, q = {'a': 0}, {'a': 0}", "p['a'] = 1; q['a'] = 1", "(dict(**p)['a'], {'b': 0, **q}['a'])"),
            "globals": ("a = b = 0", "global a, b; a = 1; b = 1", "(a, b)"),
        }
        for name, parts in pairs.items():
            with self.subTest(name):
                self.assertEqual(self.outputs(*parts), {"(0, 0)", "(1, 0)", "(0, 1)", "(1, 1)"})

    def test_what_a_daemon_thread_has_not_written_when_the_program_ends_is_not_written(self):
        text = ("import threading\nsaid = threading.Event()\n\n\ndef say():\n    said.set()\n    print('bye')\n\n\n"
                "threading.Thread(target=say, daemon=True).start()\nsaid.wait()\n")
        self.assertEqual(self.outputs_of(text), {"", "bye"})


if __name__ == "__main__":
    unittest.main()
