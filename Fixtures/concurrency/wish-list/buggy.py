"""A wish list: relatives take wishes off it while the child reads it out."""

import threading


class WishList:
    def __init__(self, wishes):
        self.wishes = wishes
        self.pencil = threading.Lock()

    def take(self, wish):
        with self.pencil:
            self.wishes.remove(wish)

    def read_out(self, loud):
        for wish in self.wishes:
            loud(wish)


wish_list = WishList(["sledge", "drum", "kite"])
heard = []
aunt = threading.Thread(target=wish_list.take, args=("sledge",))
child = threading.Thread(target=wish_list.read_out, args=(heard.append,))
child.start()
aunt.start()
child.join()
aunt.join()
print("drum" in heard, "kite" in heard)
