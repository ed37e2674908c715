"""A chat room: everybody in it hears what is said, and newcomers may enter meanwhile."""

import threading


class Room:
    def __init__(self):
        self.members = {}
        self.lock = threading.Lock()

    def enter(self, nick):
        with self.lock:
            self.members[nick] = []

    def say(self, text):
        for nick, heard in self.members.items():
            heard.append(f"{nick} heard {text}")


room = Room()
for nick in ("lena", "milo"):
    room.enter(nick)
speaker = threading.Thread(target=room.say, args=("hello",))
newcomer = threading.Thread(target=room.enter, args=("nora",))
speaker.start()
newcomer.start()
speaker.join()
newcomer.join()
assert room.members["lena"] == ["lena heard hello"]
assert room.members["milo"] == ["milo heard hello"]
