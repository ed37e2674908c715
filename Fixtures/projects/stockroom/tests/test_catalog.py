import pytest

from stockroom.catalog import Catalog, Product
from stockroom.errors import UnknownProduct
from stockroom.money import Money


def test_products_by_their_sku(catalog, lamp):
    assert len(catalog) == 4
    assert catalog["LMP-0001"] is lamp
    assert "CHR-0007" in catalog and "CHR-0008" not in catalog


def test_unknown_products(catalog):
    with pytest.raises(UnknownProduct) as caught:
        catalog["NIX-0001"]
    assert caught.value.code == "NIX-0001"


def test_no_product_twice(catalog, lamp):
    with pytest.raises(ValueError):
        catalog.add(lamp)


def test_remove(catalog):
    catalog.remove("BOK-0100")
    assert [product.sku for product in catalog] == ["LMP-0001", "LMP-0002", "CHR-0007"]
    with pytest.raises(UnknownProduct):
        catalog.remove("BOK-0100")


def test_groups(catalog):
    assert catalog.groups() == {"BOK": 1, "CHR": 1, "LMP": 2}


@pytest.mark.parametrize("tags, skus", [
    ([], ["LMP-0001", "LMP-0002", "CHR-0007", "BOK-0100"]), (["light"], ["LMP-0001", "LMP-0002"]),
    (["light", "office"], ["LMP-0001"]), (["office"], ["LMP-0001", "CHR-0007"]), (["light", "paper"], []),
])
def test_with_tags(catalog, tags, skus):
    assert [product.sku for product in catalog.with_tags(*tags)] == skus


@pytest.mark.parametrize("count, skus", [(1, ["LMP-0002"]), (2, ["LMP-0002", "BOK-0100"]), (0, [])])
def test_cheapest(catalog, count, skus):
    assert [product.sku for product in catalog.cheapest(count)] == skus


def test_equal_prices_keep_their_order():
    first, second = Product("A-0001", "first", Money(5)), Product("A-0002", "second", Money(5))
    assert Catalog([first, second]).cheapest(2) == [first, second]


def test_bad_sku():
    with pytest.raises(ValueError):
        Product("lamp", "a lamp", Money(1))


def test_repr(lamp):
    assert repr(lamp) == "<Product LMP-0001 Desk lamp with dimmer>"
