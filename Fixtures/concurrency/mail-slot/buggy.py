"""A mail slot: the postman puts in a letter, and somebody behind the door waits for it."""

import threading


class MailSlot:
    def __init__(self):
        self.letter = None
        self.flap = threading.Condition()

    def put(self, letter):
        self.letter = letter
        with self.flap:
            self.flap.notify()

    def take(self):
        if self.letter is None:
            with self.flap:
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
