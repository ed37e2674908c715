import datetime

import pytest

from stockroom import reports
from stockroom.money import Money
from stockroom.orders import Order


@pytest.fixture
def orders(lamp, bulb, chair):
    first = Order("A-1", "Ada")
    first.add(lamp, 2)
    first.advance("placed")
    second = Order("A-2", "Bob")
    second.add(bulb, 5)
    second.add(chair, 1)
    second.advance("placed")
    third = Order("A-3", "Cyd")
    third.add(chair, 9)
    third.cancel()
    return [first, second, third]


def test_turnover(orders):
    assert reports.turnover(orders) == Money(2 * 2499 + 5 * 349 + 12900)


def test_drafts_are_no_turnover(order):
    assert reports.turnover([order]) == Money(0)


@pytest.mark.parametrize("count, skus", [(1, ["LMP-0002"]), (2, ["LMP-0002", "LMP-0001"]), (3, ["LMP-0002", "LMP-0001", "CHR-0007"])])
def test_top_products(orders, count, skus):
    assert [sku for sku, _ in reports.top_products(orders, count)] == skus


def test_equal_products_by_sku(lamp, bulb):
    order = Order("A-1", "Ada")
    order.add(bulb, 2)
    order.add(lamp, 2)
    assert reports.top_products([order]) == [("LMP-0001", 2), ("LMP-0002", 2)]


def test_by_quarter(orders):
    days = [datetime.date(2024, 5, 2), datetime.date(2024, 2, 1), datetime.date(2024, 6, 30)]
    sums = reports.by_quarter(zip(days, orders))
    assert list(sums) == [(2024, 1), (2024, 2)]
    assert sums[(2024, 1)] == orders[1].total
    assert sums[(2024, 2)] == orders[0].total + orders[2].total


@pytest.mark.parametrize("cents, sums", [([], []), ([5], [5]), ([5, -2, 10], [5, 3, 13])])
def test_running_total(cents, sums):
    assert reports.running_total(map(Money, cents)) == [Money(so_far) for so_far in sums]


def test_average_order(orders):
    assert reports.average_order(orders[:2]) == Money(9822)
    assert reports.average_order([]) == Money(0)


def test_table():
    text = reports.table([["lamp", Money(2499)], ["x", Money(5)]], ["name", "price"])
    assert text.splitlines() == ["name  price", "----  ------", "lamp  €24.99", "x      €0.05"]


def test_table_without_rows():
    assert reports.table([], ["a", "bc"]) == "a  bc\n-  --"
