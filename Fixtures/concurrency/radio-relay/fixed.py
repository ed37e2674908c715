"""Radio relays: a message goes out once, by whichever mast is on the air first."""

import threading

on_air = threading.Lock()
sent = []


def relay(mast, message):
    if not on_air.acquire(blocking=False):
        return
    try:
        if any(earlier == message for _, earlier in sent):
            return
        sent.append((mast, message))
    finally:
        on_air.release()


def main():
    masts = [threading.Thread(target=relay, args=(place, "fog")) for place in ("west", "hill")]
    for mast in masts:
        mast.start()
    for mast in masts:
        mast.join()
    assert [text for _, text in sent] == ["fog"], sent


main()
