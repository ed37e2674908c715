"""A show: the lighting desk is set up by one thread and used by another."""

import threading

desk = None
desk_ready = threading.Event()
scenes = []


class Desk:
    def __init__(self, lamps):
        self.lamps = dict.fromkeys(lamps, 0)

    def fade(self, lamp, level):
        self.lamps[lamp] = level
        return f"{lamp} at {level}"


def set_up():
    global desk
    desk_ready.set()
    desk = Desk(["front", "back"])


def play():
    desk_ready.wait()
    scenes.append(desk.fade("front", 80))
    scenes.append(desk.fade("back", 20))


technician = threading.Thread(target=set_up)
director = threading.Thread(target=play)
technician.start()
director.start()
technician.join()
director.join()
for scene in scenes:
    print(scene)
