import pytest

from stockroom import shipping
from stockroom.money import Money
from stockroom.orders import Order


@pytest.mark.parametrize("weight, cents", [(1, 390), (1000, 390), (1001, 490), (2000, 490), (5000, 690), (10_000, 990), (31_500, 1790)])
def test_band_price(weight, cents):
    assert shipping.band_price(weight) == Money(cents)


def test_too_heavy():
    with pytest.raises(ValueError):
        shipping.band_price(31_501)


def test_bulky_goods_cost_their_volume(lamp, chair, book):
    assert shipping.chargeable(lamp) == pytest.approx(1800)
    assert shipping.chargeable(chair) == pytest.approx(33_600)
    assert shipping.chargeable(book) == 420


@pytest.mark.parametrize("weights, parcels", [
    ([], []), ([5], [[5]]), ([5, 5], [[5, 5]]), ([6, 5, 4, 3], [[6, 4], [5, 3]]), ([10, 10], [[10], [10]]), ([1, 9, 1], [[9, 1], [1]]),
])
def test_pack(weights, parcels):
    assert shipping.pack(weights, most=10) == parcels


def test_pieces_too_heavy_for_a_parcel():
    with pytest.raises(ValueError):
        shipping.pack([11], most=10)


@pytest.mark.parametrize("country, cents", [("DE", 690), ("AT", 1104), ("CH", 1656)])
def test_cost(order, country, cents):
    assert shipping.cost(order, country) == Money(cents)


def test_free_from_an_amount_on(order, lamp):
    order.add(lamp, 1)
    assert order.subtotal >= shipping.FREE_FROM
    assert shipping.cost(order) == Money(0)
    assert shipping.cost(order, "FR") == Money(1242)


def test_just_below_free(book):
    order = Order("A-2", "Bob")
    order.add(book, 2)
    assert shipping.cost(order) == Money(390)


def test_unknown_country(order):
    with pytest.raises(ValueError):
        shipping.cost(order, "XX")
