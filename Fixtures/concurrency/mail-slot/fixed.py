"""A mail slot: the postman puts in a letter, and somebody behind the door waits for it."""

import threading


class MailSlot:
    def __init__(self):
        self.letter = None
        self.flap = threading.Condition()

    def put(self, letter):
        with self.flap:
            self.letter = letter
            self.flap.notify()

    def take(self):
        with self.flap:
            while self.letter is None:
                self.flap.wait()
            letter, self.letter = self.letter, None
            return letter


def main():
    slot, received = MailSlot(), []
    reader = threading.Thread(target=lambda: received.append(slot.take()))
    postman = threading.Thread(target=slot.put, args=("greetings from Rügen",))
    reader.start()
    postman.start()
    postman.join()
    reader.join()
    assert received == ["greetings from Rügen"]


main()
