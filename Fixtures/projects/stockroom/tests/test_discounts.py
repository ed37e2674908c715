import pytest

from stockroom.discounts import Bundle, OneFree, Percentage, best, capped
from stockroom.money import Money


@pytest.mark.parametrize("percent, cents", [(10, 390), (0, 0), (50, 1948), (100, 3895)])
def test_percentage(order, percent, cents):
    assert Percentage(percent).amount(order.lines) == Money(cents)


@pytest.mark.parametrize("least, cents", [(3894, 390), (3895, 390), (3896, 0)])
def test_percentage_from_an_amount_on(order, least, cents):
    assert Percentage(10, Money(least)).amount(order.lines) == Money(cents)


@pytest.mark.parametrize("count, cents", [(2, 698), (3, 349), (4, 349), (5, 0)])
def test_one_free(order, count, cents):
    assert OneFree("LMP-0002", count).amount(order.lines) == Money(cents)


def test_one_free_of_something_else(order):
    assert OneFree("CHR-0007", 1).amount(order.lines) == Money(0)


@pytest.mark.parametrize("lamps, cents", [(0, 500), (1, 1000), (3, 2000), (9, 2000)])
def test_bundle(order, lamp, lamps, cents):
    if lamps:
        order.add(lamp, lamps)
    assert Bundle(["LMP-0001", "LMP-0002"], Money(500)).amount(order.lines) == Money(cents)


def test_incomplete_bundle(order):
    assert Bundle(["LMP-0001", "CHR-0007"], Money(500)).amount(order.lines) == Money(0)


def test_best(order):
    ten, bulb = Percentage(10), OneFree("LMP-0002", 2)
    assert best([ten, bulb], order.lines) == (bulb, Money(698))
    assert best([bulb, ten], order.lines) == (bulb, Money(698))


def test_best_of_none(order):
    assert best([], order.lines) == (None, Money(0))
    assert best([Percentage(0)], order.lines) == (None, Money(0))


@pytest.mark.parametrize("amount, cents", [(400, 400), (500, 500), (501, 500), (9999, 500)])
def test_capped(amount, cents):
    assert capped(Money(amount), Money(1000)) == Money(cents)
