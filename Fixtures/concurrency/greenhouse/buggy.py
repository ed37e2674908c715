"""Watches the temperatures of a greenhouse and notes those that are too high."""

import threading
import time


class Watch(threading.Thread):
    def __init__(self, readings, limit):
        super().__init__()
        self.readings = readings
        self.start()
        self.limit = limit
        self.alarms = []

    def run(self):
        for degrees in self.readings:
            time.sleep(0.005)  # the sensor takes its time
            if degrees > self.limit:
                self.alarms.append(degrees)


watch = Watch([21, 35, 28], limit=30)
watch.join()
assert watch.alarms == [35], f"alarms: {watch.alarms}"
