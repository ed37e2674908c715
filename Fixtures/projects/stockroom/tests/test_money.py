import pytest

from stockroom.money import Money, round_half_up, total


@pytest.mark.parametrize("text, cents", [
    ("12.50", 1250), ("12,50 EUR", 1250), ("12.5", 1250), ("0.05", 5), ("-3.20", -320), ("7", 700), (".99", 99), ("1.999", 199),
])
def test_parse(text, cents):
    assert Money.parse(text) == Money(cents)


def test_parse_takes_the_currency(currency):
    assert Money.parse("4.20 " + currency) == Money(420, currency)


@pytest.mark.parametrize("cents, text", [(0, "€0.00"), (5, "€0.05"), (1250, "€12.50"), (-320, "-€3.20"), (100000, "€1000.00")])
def test_text(cents, text):
    assert str(Money(cents)) == text


@pytest.mark.parametrize("value, nearest", [(0.5, 1), (1.5, 2), (2.4, 2), (-0.5, -1), (-2.4, -2), (-1.5, -2), (0, 0)])
def test_round_half_up(value, nearest):
    assert round_half_up(value) == nearest


def test_sums_and_differences():
    assert Money(250) + Money(50) == Money(300)
    assert Money(250) - Money(300) == Money(-50)
    assert -Money(250) == Money(-250)


def test_currencies_do_not_mix(currency):
    other = Money(1, "CHF")
    with pytest.raises(ValueError):
        Money(1, currency) + other
    with pytest.raises(ValueError):
        Money(1, currency) < other


@pytest.mark.parametrize("factor, cents", [(2, 666), (0.5, 167), (0.1, 33), (0, 0), (-1, -333)])
def test_product(factor, cents):
    assert Money(333) * factor == factor * Money(333) == Money(cents)


def test_order():
    assert Money(1) < Money(2) <= Money(2)
    assert max(Money(3), Money(9), Money(4)) == Money(9)
    assert not Money(0) and Money(1)


@pytest.mark.parametrize("cents, parts, shares", [(100, 3, [34, 33, 33]), (10, 2, [5, 5]), (2, 3, [1, 1, 0]), (7, 1, [7])])
def test_split(cents, parts, shares):
    assert Money(cents).split(parts) == [Money(share) for share in shares]


@pytest.mark.parametrize("cents", [0, 1, 99, 100, 12345])
def test_split_loses_nothing(cents):
    assert total(Money(cents).split(7)) == Money(cents)


def test_total_of_none():
    assert total([], "USD") == Money(0, "USD")
