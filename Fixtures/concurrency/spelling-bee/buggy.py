"""A spelling bee: each word is spelled by one helper object that is kept for the next word."""

import threading


class Speller:
    def __init__(self):
        self.letters = []

    def spell(self, word):
        self.letters.clear()
        for letter in word:
            self.letters.append(letter.upper())
        return "-".join(self.letters)


class Bee:
    shared = Speller()

    def __init__(self):
        self.said = {}

    def speller(self):
        return Bee.shared

    def ask(self, word):
        self.said[word] = self.speller().spell(word)


bee = Bee()
pupils = [threading.Thread(target=bee.ask, args=(word,)) for word in ("bat", "owl")]
for pupil in pupils:
    pupil.start()
for pupil in pupils:
    pupil.join()
assert bee.said == {"bat": "B-A-T", "owl": "O-W-L"}, bee.said
