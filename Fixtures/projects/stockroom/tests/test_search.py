import pytest

from stockroom import search


@pytest.mark.parametrize("text, found", [
    ("Desk lamp with dimmer", ["desk", "lamp", "dimmer"]), ("The A-team", ["team"]), ("", []), ("40 W", ["40", "w"]),
])
def test_words(text, found):
    assert search.words(text) == found


@pytest.mark.parametrize("left, right, count", [
    ("lamp", "lamp", 0), ("lamp", "lump", 1), ("lamp", "lamps", 1), ("lamp", "amp", 1), ("", "abc", 3), ("kitten", "sitting", 3),
])
def test_distance(left, right, count):
    assert search.distance(left, right) == search.distance(right, left) == count


@pytest.mark.parametrize("query, points", [("lamp", 3), ("desk lamp", 6), ("dim", 2), ("lanp", 1), ("lap", 0), ("office", 3), ("chair", 0)])
def test_score(lamp, query, points):
    assert search.score(query, lamp) == points


@pytest.mark.parametrize("query, skus", [
    ("lamp", ["LMP-0002", "LMP-0001"]), ("desk lamp", ["LMP-0001", "LMP-0002"]), ("office chair", ["CHR-0007", "LMP-0001"]),
    ("paper", ["BOK-0100"]), ("sofa", []),
])
def test_find(catalog, query, skus):
    assert [product.sku for product in search.find(catalog, query)] == skus


def test_limit(catalog):
    assert len(search.find(catalog, "lamp office", limit=1)) == 1


@pytest.mark.parametrize("prefix, found", [("d", ["desk", "dimmer"]), ("LA", ["lamp"]), ("st", ["stock"]), ("zz", [])])
def test_suggest(catalog, prefix, found):
    assert search.suggest(catalog, prefix) == found
