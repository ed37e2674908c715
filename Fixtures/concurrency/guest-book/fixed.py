"""A guest book: a background thread writes the entries down as they come."""

import queue
import threading

entries = queue.Queue()


def write_down():
    while True:
        guest, words = entries.get()
        print(f"{guest}: {words}")
        entries.task_done()


def sign(guest, words):
    entries.put((guest, words))


def close_book():
    entries.join()


threading.Thread(target=write_down, daemon=True).start()
sign("Mara", "what a view")
sign("Timo", "never again")
close_book()
