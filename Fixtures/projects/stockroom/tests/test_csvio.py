import pytest

from stockroom import csvio
from stockroom.money import Money

TEXT = """# the spring catalog
sku,name,price,weight,size,tags,tax
LMP-0001, Desk lamp ,24.99 EUR,850 g,300x200x150,light; office,
BOK-0100,Book,18.50,0.42 kg,,,reduced
"""


@pytest.fixture
def read():
    return csvio.read_catalog(TEXT)


def test_read(read):
    lamp = read["LMP-0001"]
    assert (lamp.name, lamp.price, lamp.weight, lamp.size) == ("Desk lamp", Money(2499), 850, (300, 200, 150))
    assert lamp.tags == {"light", "office"}
    assert lamp.tax == "standard"


def test_missing_parts(read):
    book = read["BOK-0100"]
    assert (book.weight, book.size, book.tags, book.tax) == (420, (0, 0, 0), frozenset(), "reduced")


@pytest.mark.parametrize("row, place", [
    ("lamp,x,1,,,,", "line 2"), ("A-0001,x,one,,,,", "line 2"), ("A-0001,x,1,5 stone,,,", "line 2"), ("A-0001,x,1,,1xb,,", "line 2"),
])
def test_bad_rows(row, place):
    with pytest.raises(ValueError, match=place):
        csvio.read_catalog("sku,name,price,weight,size,tags,tax\n" + row + "\n")


def test_round_trip(catalog):
    again = csvio.read_catalog(csvio.write_catalog(catalog))
    assert [vars(product) for product in again] == [vars(product) for product in catalog]


def test_files(catalog, tmp_path):
    path = tmp_path / "catalog.csv"
    csvio.save(catalog, str(path))
    assert path.read_text(encoding="utf-8").startswith("sku,name,price")
    assert len(csvio.load(str(path))) == 4
