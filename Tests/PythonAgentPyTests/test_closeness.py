"""How close a wrong value comes to the expected one."""

import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Sources", "PythonAgent", "Agent"))

from heal_agent.closeness import CLOSENESS, likeness


def value(source, depth=0):
    kinds = ["int", "float", "str", "none", "bool"] + (["list", "tuple", "set", "dict"] if depth < 3 else [])
    kind = source.choice(kinds)
    if kind == "int":
        return source.randint(-5, 5)
    if kind == "float":
        return source.choice([0.5, -1.0, float("inf"), float("nan"), 1e308])
    if kind == "str":
        return "".join(source.choice("abc") for _ in range(source.randint(0, 4)))
    if kind in ("none", "bool"):
        return None if kind == "none" else source.random() < 0.5
    some = [value(source, depth + 1) for _ in range(source.randint(0, 5))]
    if kind in ("list", "tuple"):
        return some if kind == "list" else tuple(some)
    plain = [one for one in some if isinstance(one, (int, float, str, type(None)))]
    return set(plain) if kind == "set" else {one: value(source, depth + 1) for one in plain}


class Untouchable:
    def __eq__(self, other):
        raise AssertionError("called")

    __hash__ = None
    __len__ = __iter__ = __repr__ = __bool__ = __eq__


class Laws(unittest.TestCase):
    def test_bounds_symmetry_and_identity(self):
        source = random.Random(7)
        for _ in range(3000):
            left, right = value(source), value(source)
            found = likeness(left, right)
            self.assertTrue(0 <= found <= 1, (left, right, found))
            self.assertAlmostEqual(found, likeness(right, left), msg=repr((left, right)))
            if left == left and "nan" not in repr(left):
                self.assertAlmostEqual(likeness(left, left), 1.0, msg=repr(left))
            if type(left) is type(right) and left != right and found > 0.999:
                self.fail("not equal: %r" % ((left, right),))

    def test_nothing_of_the_program_is_called(self):
        for left, right in ((Untouchable(), 1), ([Untouchable()], [1]), ([Untouchable()], [Untouchable()]),
                            ({"a": Untouchable()}, {"a": 2}), ((Untouchable(), 1), (2, 1))):
            self.assertLess(likeness(left, right), 1)

    def test_huge_and_self_referring_values_end(self):
        endless = []
        endless.append(endless)
        self.assertLessEqual(likeness(endless, [[]]), 1)
        self.assertLess(likeness(list(range(10 ** 6)), list(range(1, 10 ** 6))), 1)
        self.assertLess(likeness(10 ** 4000, 1.5), 1)


class Order(unittest.TestCase):
    def test_nearer_values_come_first(self):
        for expected, ordered in (
            ([1, 2, 3, 4], [[1, 2, 3], [1, 2], [], None]),
            ([1, 2, 3], [[1, 2, 4], [4, 5, 6], 5]),
            ([("a", 1), ("b", 2)], [[("a", 1), ("b", 3)], [("c", 3)], {}]),
            ("hello", ["hallo", "h", ""]),
            ([1, 2], [(1, 2), (1, 3), ()]),
            (10, [9, 5, None]),
            ({"a": 1, "b": 2}, [{"a": 1}, {"a": 2}, {"c": 1}]),
            ({1, 2, 3}, [{1, 2}, {1}, set(), []]),
        ):
            found = [likeness(one, expected) for one in ordered]
            self.assertEqual(found, sorted(found, reverse=True), expected)
            self.assertEqual(len(set(found)), len(found), (expected, found))

    def test_a_number_never_counts_as_much_as_half_a_list(self):
        self.assertLess(likeness(10, 11), likeness([1, 2], [1, 2, 3, 4]))

    def test_true_is_no_number(self):
        self.assertEqual(likeness(True, 1), 0.0)
        self.assertEqual(likeness(True, False), 0.0)

    def test_only_the_equality_that_failed_counts(self):
        CLOSENESS.note(("<", "=="), (True, False), (1, [1, 2], [1, 3]))
        self.assertGreater(CLOSENESS.take(), 0.3)
        self.assertEqual(CLOSENESS.take(), 0.0)
        CLOSENESS.note(("<",), (False,), (3, 2))
        self.assertEqual(CLOSENESS.take(), 0.0)


if __name__ == "__main__":
    unittest.main()
