"""Working days and delivery dates."""

import datetime

DAY = datetime.timedelta(days=1)


class Calendar:
    """Days on which nobody works, beside the weekends."""

    def __init__(self, holidays=(), weekend=(5, 6)):
        self.holidays = frozenset(holidays)
        self.weekend = frozenset(weekend)

    def is_working(self, day):
        return day.weekday() not in self.weekend and day not in self.holidays

    def next_working(self, day):
        """The day itself if it is a working day, else the next one."""
        while not self.is_working(day):
            day += DAY
        return day

    def add(self, day, count):
        """The working day so many working days later."""
        while count > 0:
            day += DAY
            if self.is_working(day):
                count -= 1
        return day

    def between(self, start, end):
        """The number of working days from the start to before the end."""
        count = 0
        while start < end:
            if self.is_working(start):
                count += 1
            start += DAY
        return count


def delivery(calendar, ordered, cutoff=14, transit=2):
    """The day of delivery: orders after the cut-off hour leave on the next working day."""
    day = ordered.date()
    if ordered.hour >= cutoff or not calendar.is_working(day):
        day = calendar.add(day, 1)
    return calendar.add(day, transit)


def quarter(day):
    """The year and the quarter of a day."""
    return day.year, (day.month - 1) // 3 + 1


def month_end(day):
    """The last day of the month."""
    first_of_next = (day.replace(day=28) + 4 * DAY).replace(day=1)
    return first_of_next - DAY
