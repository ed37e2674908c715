import datetime

import pytest

from stockroom.calendars import Calendar, delivery, month_end, quarter


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize("text, works", [
    ("2024-12-23", True), ("2024-12-24", True), ("2024-12-25", False), ("2024-12-28", False), ("2024-12-29", False), ("2025-01-01", False),
])
def test_is_working(calendar, text, works):
    assert calendar.is_working(day(text)) is works


@pytest.mark.parametrize("text, following", [("2024-12-24", "2024-12-24"), ("2024-12-25", "2024-12-27"), ("2024-12-28", "2024-12-30")])
def test_next_working(calendar, text, following):
    assert calendar.next_working(day(text)) == day(following)


@pytest.mark.parametrize("count, then", [(0, "2024-12-24"), (1, "2024-12-27"), (2, "2024-12-30"), (3, "2024-12-31"), (4, "2025-01-02")])
def test_add(calendar, count, then):
    assert calendar.add(day("2024-12-24"), count) == day(then)


@pytest.mark.parametrize("start, end, count", [
    ("2024-12-23", "2024-12-23", 0), ("2024-12-23", "2024-12-24", 1), ("2024-12-23", "2024-12-30", 3), ("2024-12-27", "2025-01-03", 4),
])
def test_between(calendar, start, end, count):
    assert calendar.between(day(start), day(end)) == count


def test_other_weekends():
    assert Calendar(weekend=[4]).is_working(day("2024-12-28"))
    assert not Calendar(weekend=[4]).is_working(day("2024-12-27"))


@pytest.mark.parametrize("ordered, arrives", [
    ("2024-12-16T09:00", "2024-12-18"), ("2024-12-16T13:59", "2024-12-18"), ("2024-12-16T14:00", "2024-12-19"),
    ("2024-12-20T10:00", "2024-12-24"), ("2024-12-21T10:00", "2024-12-27"), ("2024-12-24T15:00", "2024-12-31"),
])
def test_delivery(calendar, ordered, arrives):
    assert delivery(calendar, datetime.datetime.fromisoformat(ordered)) == day(arrives)


@pytest.mark.parametrize("text, number", [("2024-01-01", 1), ("2024-03-31", 1), ("2024-04-01", 2), ("2024-09-30", 3), ("2024-12-31", 4)])
def test_quarter(text, number):
    assert quarter(day(text)) == (2024, number)


@pytest.mark.parametrize("text, last", [("2024-02-10", "2024-02-29"), ("2023-02-01", "2023-02-28"), ("2024-12-31", "2024-12-31")])
def test_month_end(text, last):
    assert month_end(day(text)) == day(last)
