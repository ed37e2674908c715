"""A weather feed tells boards the temperature; a board can be taken off the feed."""

import threading


class Feed:
    def __init__(self):
        self._lock = threading.Lock()
        self._listeners = []

    def subscribe(self, listener):
        with self._lock:
            self._listeners.append(listener)

    def unsubscribe(self, listener):
        with self._lock:
            self._listeners.remove(listener)

    def publish(self, degrees):
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(degrees)


class Board:
    def __init__(self, feed):
        self._feed = feed
        self._lock = threading.Lock()
        self.shown = None
        feed.subscribe(self.show)

    def show(self, degrees):
        with self._lock:
            self.shown = degrees

    def switch_off(self):
        with self._lock:
            self._feed.unsubscribe(self.show)
            self.shown = "off"


feed = Feed()
board = Board(feed)
station = threading.Thread(target=feed.publish, args=(19,))
janitor = threading.Thread(target=board.switch_off)
station.start()
janitor.start()
station.join()
janitor.join()
assert board.shown in ("off", 19), board.shown
