"""A hotel's lobby: a guest waits for the key, which housekeeping brings."""

import threading


class Lobby:
    def __init__(self):
        self.key = None
        self.bell = threading.Condition()

    def bring(self, key):
        with self.bell:
            self.key = key
            self.bell.notify_all()

    def check_in(self, patience):
        with self.bell:
            self.bell.wait_for(lambda: self.key is not None, timeout=patience)
            return f"room {self.key:03d}"


lobby, rooms = Lobby(), []
guest = threading.Thread(target=lambda: rooms.append(lobby.check_in(patience=5)))
maid = threading.Thread(target=lobby.bring, args=(17,))
guest.start()
maid.start()
guest.join()
maid.join()
assert rooms in (["room 017"], ["sofa"]), rooms
