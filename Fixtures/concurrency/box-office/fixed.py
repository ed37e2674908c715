"""A theatre's box office: visitors book seats at two windows."""

import threading

free_seats = {"A1", "A2", "A3"}
bookings = {}
office = threading.Lock()


def book(visitor, wanted):
    for seat in wanted:
        if take(visitor, seat):
            return seat
    return None


def take(visitor, seat):
    with office:
        if seat in free_seats:
            free_seats.remove(seat)
            bookings[seat] = visitor
            return True
    return False


windows = [
    threading.Thread(target=book, args=("Ines", ("A1", "A3"))),
    threading.Thread(target=book, args=("Otto", ("A1", "A2"))),
]
for window in windows:
    window.start()
for window in windows:
    window.join()
print(f"{len(bookings)} seats are booked")
