"""Waits for a lock that nobody will release."""
import threading

lock = threading.Lock()


def take():
    lock.acquire()
    print("taken", flush=True)


first = threading.Thread(target=take)
second = threading.Thread(target=take)
first.start()
second.start()
first.join()
second.join()
print("done")
