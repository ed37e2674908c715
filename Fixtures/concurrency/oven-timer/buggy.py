"""An oven with a timer: the roast is taken out in time, or the oven gives the alarm."""

import threading


class Oven:
    def __init__(self, minutes):
        self.state = "roasting"
        self.notes = []
        self.lock = threading.Lock()
        self.timer = threading.Timer(minutes, self.time_is_up)
        self.timer.start()

    def time_is_up(self):
        with self.lock:
            if self.state == "roasting":
                self.state = "burnt"
                self.notes.append("call the fire brigade")

    def lift_roast(self):
        self.timer.cancel()
        with self.lock:
            self.state = "served"
            self.notes.append("dinner is ready")

    def finish(self):
        self.timer.join()
        return self.notes


oven = Oven(minutes=0.5)
cook = threading.Thread(target=oven.lift_roast)
cook.start()
cook.join()
notes = oven.finish()
assert len(notes) == 1, notes
