"""Two printers print boarding passes from one pile until it is gone."""

import queue
import threading


def printer(pile, printed):
    while not pile.empty():
        traveller = pile.get_nowait()
        printed.append(f"boarding pass of {traveller}")


def main():
    pile, printed = queue.LifoQueue(), []
    for traveller in ("Yara", "Zeno", "Xenia"):
        pile.put(traveller)
    printers = [threading.Thread(target=printer, args=(pile, printed)) for _ in range(2)]
    for one in printers:
        one.start()
    for one in printers:
        one.join()
    assert len(printed) == 3, printed


main()
