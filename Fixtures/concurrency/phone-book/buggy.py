"""A phone book that is loaded again while people look up numbers in it."""

import threading


class PhoneBook:
    def __init__(self, rows):
        self.numbers = {}
        self.load(rows)

    def load(self, rows):
        self.numbers = {}
        for person, number in rows:
            self.numbers[person] = number

    def lookup(self, person):
        return self.numbers[person]


OLD = [("Ada", "1815"), ("Alan", "1912")]
NEW = [("Ada", "1852"), ("Alan", "1954"), ("Grace", "1906")]
book = PhoneBook(OLD)
answers = []


def call(person):
    answers.append(book.lookup(person))


caller = threading.Thread(target=call, args=("Alan",))
loader = threading.Thread(target=book.load, args=(NEW,))
caller.start()
loader.start()
caller.join()
loader.join()
assert answers in (["1912"], ["1954"]), answers
