import pytest

from stockroom import tax
from stockroom.money import Money
from stockroom.orders import OrderLine


@pytest.mark.parametrize("country, kind, percent", [
    ("DE", "standard", 19), ("DE", "reduced", 7), ("FR", "reduced", 5.5), ("CH", "standard", 8.1), ("US", "standard", 0), ("DE", "none", 0),
])
def test_rate(country, kind, percent):
    assert tax.rate(country, kind) == percent


@pytest.mark.parametrize("gross, percent, cents", [(11900, 19, 1900), (10700, 7, 700), (100, 0, 0), (999, 19, 160), (1, 19, 0)])
def test_contained(gross, percent, cents):
    assert tax.contained(Money(gross), percent) == Money(cents)


@pytest.mark.parametrize("net, percent, cents", [(10000, 19, 1900), (10000, 7, 700), (50, 5.5, 3), (0, 19, 0)])
def test_added(net, percent, cents):
    assert tax.added(Money(net), percent) == Money(cents)


@pytest.mark.parametrize("net", [100, 999, 12345, 500000])
def test_added_and_contained_agree(net):
    gross = Money(net) + tax.added(Money(net), 19)
    assert tax.contained(gross, 19) == tax.added(Money(net), 19)


def test_by_rate(lamp, bulb, book):
    lines = [OrderLine(lamp, 1), OrderLine(book, 2), OrderLine(bulb, 4)]
    assert tax.by_rate(lines) == {7: Money(242), 19: Money(622)}


def test_by_rate_abroad(lamp, book):
    assert tax.by_rate([OrderLine(lamp, 1), OrderLine(book, 1)], "US") == {0: Money(0)}


@pytest.mark.parametrize("country, number, is_reverse", [
    ("FR", "FR12345", True), ("FR", "DE12345", False), ("FR", None, False), ("FR", "", False), ("DE", "DE12345", False),
    ("US", "US12345", False),
])
def test_reverse_charge(country, number, is_reverse):
    assert tax.is_reverse_charge(country, number) is is_reverse
