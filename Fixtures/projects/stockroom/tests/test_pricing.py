import pytest

from stockroom.money import Money
from stockroom.pricing import PriceList, margin, with_margin


@pytest.fixture
def prices():
    return PriceList([(10, Money(80)), (1, Money(100)), (100, Money(65))])


@pytest.mark.parametrize("quantity, cents", [(1, 100), (9, 100), (10, 80), (11, 80), (99, 80), (100, 65), (5000, 65)])
def test_unit_price(prices, quantity, cents):
    assert prices.unit_price(quantity) == Money(cents)


@pytest.mark.parametrize("quantity, cents", [(1, 100), (9, 900), (10, 800), (100, 6500)])
def test_price(prices, quantity, cents):
    assert prices.price(quantity) == Money(cents)


@pytest.mark.parametrize("quantity", [0, -3])
def test_bad_quantities(prices, quantity):
    with pytest.raises(ValueError):
        prices.unit_price(quantity)


@pytest.mark.parametrize("tiers", [[], [(2, Money(1))]])
def test_bad_lists(tiers):
    with pytest.raises(ValueError):
        PriceList(tiers)


@pytest.mark.parametrize("quantity, more", [(1, (9, Money(80))), (9, (1, Money(80))), (10, (90, Money(65))), (100, None)])
def test_next_tier(prices, quantity, more):
    assert prices.next_tier(quantity) == more


@pytest.mark.parametrize("cost, price, percent", [(60, 100, 40.0), (100, 100, 0.0), (150, 100, -50.0), (2, 3, 33.3), (5, 0, 0.0)])
def test_margin(cost, price, percent):
    assert margin(Money(cost), Money(price)) == percent


@pytest.mark.parametrize("cost, percent, price", [(60, 40, 100), (61, 40, 105), (100, 0, 100), (1, 50, 5)])
def test_with_margin(cost, percent, price):
    assert with_margin(Money(cost), percent) == Money(price)
