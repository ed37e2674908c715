"""A swimming hall lets in as many as it has room for and counts those whom it sends away."""

import threading


class Hall:
    def __init__(self, room):
        self.room = room
        self.inside = 0
        self.sent_away = 0
        self.turnstile = threading.Lock()

    def enter(self):
        with self.turnstile:
            if self.inside == self.room:
                self.send_away()
                return False
            self.inside += 1
            return True

    def leave(self):
        with self.turnstile:
            self.inside -= 1

    def send_away(self):
        with self.turnstile:
            self.sent_away += 1


def visit(hall, swum, lane):
    if hall.enter():
        try:
            swum.append(lane)
        finally:
            hall.leave()


hall, swum = Hall(room=1), []
visitors = [threading.Thread(target=visit, args=(hall, swum, lane)) for lane in (1, 2)]
for visitor in visitors:
    visitor.start()
for visitor in visitors:
    visitor.join()
assert len(swum) + hall.sent_away == 2
