import pytest

from stockroom.errors import NotEnoughStock
from stockroom.stock import Stock


def test_counts(stock):
    assert stock.on_hand("LMP-0002") == 28
    assert stock.on_hand("LMP-0002", "annex") == 8
    assert stock.on_hand("LMP-0002", "nowhere") == 0
    assert stock.on_hand("NIX-0001") == 0


@pytest.mark.parametrize("count", [0, -1])
def test_nothing_received(count):
    with pytest.raises(ValueError):
        Stock().receive("A-0001", count)


def test_reservations(stock):
    stock.reserve("A-1", {"LMP-0001": 2, "LMP-0002": 10})
    stock.reserve("A-2", {"LMP-0001": 3})
    assert stock.reserved("LMP-0001") == 5
    assert stock.available("LMP-0001") == 0
    assert stock.available("LMP-0002") == 18


def test_all_or_none(stock):
    with pytest.raises(NotEnoughStock) as caught:
        stock.reserve("A-1", {"LMP-0002": 1, "LMP-0001": 6})
    assert (caught.value.wanted, caught.value.available) == (6, 5)
    assert stock.reserved("LMP-0002") == 0


def test_reserving_the_last_one(stock):
    stock.reserve("A-1", {"LMP-0001": 5})
    assert stock.available("LMP-0001") == 0


def test_reserving_again_adds(stock):
    stock.reserve("A-1", {"LMP-0001": 1})
    stock.reserve("A-1", {"LMP-0001": 2})
    assert stock.release("A-1") == {"LMP-0001": 3}
    assert stock.reserved("LMP-0001") == 0
    assert stock.release("A-1") == {}


@pytest.mark.parametrize("count, picks", [
    (5, [("LMP-0002", "main", 5)]), (20, [("LMP-0002", "main", 20)]), (22, [("LMP-0002", "main", 20), ("LMP-0002", "annex", 2)]),
])
def test_shipping_empties_the_fullest_first(stock, count, picks):
    stock.reserve("A-1", {"LMP-0002": count})
    assert stock.ship("A-1") == picks
    assert stock.on_hand("LMP-0002") == 28 - count
    assert stock.reserved("LMP-0002") == 0


def test_only_what_was_promised_is_shipped(stock):
    with pytest.raises(KeyError):
        stock.ship("A-9")


def test_moving(stock):
    stock.move("LMP-0002", 5, "main", "annex")
    assert (stock.on_hand("LMP-0002", "main"), stock.on_hand("LMP-0002", "annex")) == (15, 13)
    with pytest.raises(NotEnoughStock):
        stock.move("LMP-0002", 16, "main", "annex")


def test_movements(stock):
    stock.move("LMP-0001", 1, "main", "shop")
    assert stock.movements[0] == ("in", "LMP-0001", 5, "main")
    assert stock.movements[-1] == ("move", "LMP-0001", 1, "shop")


@pytest.mark.parametrize("minimums, wanted", [
    ({"LMP-0001": 5}, {}), ({"LMP-0001": 6}, {"LMP-0001": 7}), ({"LMP-0002": 30, "NIX-0001": 2}, {"LMP-0002": 32, "NIX-0001": 4}), ({}, {}),
])
def test_to_reorder(stock, minimums, wanted):
    assert stock.to_reorder(minimums) == wanted


def test_promised_goods_count_as_gone(stock):
    stock.reserve("A-1", {"LMP-0001": 1})
    assert stock.to_reorder({"LMP-0001": 5}) == {"LMP-0001": 6}
