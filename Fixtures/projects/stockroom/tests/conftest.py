import datetime

import pytest

from stockroom.calendars import Calendar
from stockroom.catalog import Catalog, Product
from stockroom.events import Bus
from stockroom.money import Money
from stockroom.orders import Order
from stockroom.stock import Stock


@pytest.fixture
def lamp():
    return Product("LMP-0001", "Desk lamp with dimmer", Money(2499), 850, (300, 200, 150), ["light", "office"])


@pytest.fixture
def bulb():
    return Product("LMP-0002", "Bulb for the lamp", Money(349), 60, (60, 60, 110), ["light"])


@pytest.fixture
def chair():
    return Product("CHR-0007", "Office chair", Money(12900), 9800, (700, 600, 400), ["office", "seat"])


@pytest.fixture
def book():
    return Product("BOK-0100", "The stock keeper's book", Money(1850), 420, (240, 170, 30), ["paper"], tax="reduced")


@pytest.fixture
def catalog(lamp, bulb, chair, book):
    return Catalog([lamp, bulb, chair, book])


@pytest.fixture
def order(lamp, bulb):
    order = Order("A-1", "Ada")
    order.add(lamp, 1)
    order.add(bulb, 4)
    return order


@pytest.fixture
def stock():
    stock = Stock()
    stock.receive("LMP-0001", 5)
    stock.receive("LMP-0002", 20)
    stock.receive("LMP-0002", 8, "annex")
    return stock


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture(scope="session")
def calendar():
    return Calendar([datetime.date(2024, 12, 25), datetime.date(2024, 12, 26), datetime.date(2025, 1, 1)])


@pytest.fixture(params=["EUR", "USD", "GBP"])
def currency(request):
    return request.param
