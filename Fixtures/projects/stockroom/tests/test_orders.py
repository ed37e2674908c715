import pytest

from stockroom.errors import BadOrder
from stockroom.money import Money
from stockroom.orders import STEPS, Order, OrderLine, merge


def test_totals(order):
    assert order.subtotal == Money(2499 + 4 * 349)
    order.discount = Money(395)
    order.shipping = Money(490)
    assert order.total == Money(3990)
    assert order.weight == 850 + 4 * 60


def test_adding_again_makes_no_second_line(order, bulb):
    line = order.add(bulb, 2)
    assert line.quantity == 6
    assert len(order.lines) == 2


def test_quantities(order, lamp):
    order.lines.append(OrderLine(lamp, 2))
    assert order.quantities() == {"LMP-0001": 3, "LMP-0002": 4}


@pytest.mark.parametrize("quantity", [0, -1])
def test_lines_need_a_quantity(lamp, quantity):
    with pytest.raises(BadOrder):
        OrderLine(lamp, quantity)


def test_a_price_of_its_own(lamp):
    assert OrderLine(lamp, 3, Money(2000)).total == Money(6000)
    assert OrderLine(lamp, 3, Money(0)).total == Money(0)


def test_the_way_of_an_order(order):
    for status in STEPS[1:]:
        assert order.is_open
        order.advance(status)
    assert not order.is_open
    assert order.history[0] == ("draft", "placed")
    assert len(order.history) == 4


@pytest.mark.parametrize("status", ["packed", "draft", "delivered", "lost"])
def test_steps_cannot_be_left_out(order, status):
    with pytest.raises(BadOrder):
        order.advance(status)


def test_empty_orders_stay_drafts():
    with pytest.raises(BadOrder):
        Order("A-2", "Bob").advance("placed")


def test_placed_orders_do_not_grow(order, lamp):
    order.advance("placed")
    with pytest.raises(BadOrder):
        order.add(lamp)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_cancel(order, steps):
    for status in STEPS[1:steps + 1]:
        order.advance(status)
    order.cancel()
    assert order.status == "cancelled"
    assert not order.is_open


@pytest.mark.parametrize("steps", [3, 4])
def test_too_late_to_cancel(order, steps):
    for status in STEPS[1:steps + 1]:
        order.advance(status)
    with pytest.raises(BadOrder):
        order.cancel()


def test_cancelled_twice(order):
    order.cancel()
    with pytest.raises(BadOrder):
        order.cancel()


def test_merge(order, lamp, chair):
    other = Order("A-2", "Ada", [OrderLine(chair, 1), OrderLine(lamp, 2)])
    merged = merge(order, other)
    assert merged.number == "A-1"
    assert merged.quantities() == {"LMP-0001": 3, "LMP-0002": 4, "CHR-0007": 1}
    assert order.quantities() == {"LMP-0001": 1, "LMP-0002": 4}


def test_merge_refuses(order, chair):
    with pytest.raises(BadOrder):
        merge(order, Order("A-2", "Bob"))
    placed = Order("A-3", "Ada", [OrderLine(chair, 1)])
    placed.advance("placed")
    with pytest.raises(BadOrder):
        merge(order, placed)
