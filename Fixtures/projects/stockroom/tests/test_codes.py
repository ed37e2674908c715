import pytest

from stockroom import codes


@pytest.mark.parametrize("digits, check", [("400638133393", 1), ("978020137962", 4), ("000000000000", 0), ("123456789012", 8)])
def test_check_digit(digits, check):
    assert codes.ean_check_digit(digits) == check


@pytest.mark.parametrize("code, right", [
    ("4006381333931", True), ("9780201379624", True), ("4006381333932", False), ("400638133393", False), ("40063813339a1", False),
])
def test_is_ean(code, right):
    assert codes.is_ean(code) is right


@pytest.mark.parametrize("number", [0, 7, 42, 99999])
def test_make_ean(number):
    assert codes.is_ean(codes.make_ean("4260123", number))


def test_numbers_that_do_not_fit():
    with pytest.raises(ValueError):
        codes.make_ean("4260123", 100000)


@pytest.mark.parametrize("sku, parts", [
    ("LMP-0001", ("LMP", 1, None)), ("lmp-0001-Red", ("LMP", 1, "red")), ("BOK-0100", ("BOK", 100, None)),
])
def test_parse_sku(sku, parts):
    assert codes.parse_sku(sku) == parts


@pytest.mark.parametrize("sku", ["", "LMP", "LMP-x", "12-0001", "LMP-0001-red-small"])
def test_bad_skus(sku):
    with pytest.raises(ValueError):
        codes.parse_sku(sku)


@pytest.mark.parametrize("parts, sku", [(("lmp", 1), "LMP-0001"), (("LMP", 12345), "LMP-12345"), (("a", 2, "Red"), "A-0002-red")])
def test_format_sku(parts, sku):
    assert codes.format_sku(*parts) == sku


@pytest.mark.parametrize("taken, sku", [
    ([], "LMP-0001"), (["LMP-0001", "LMP-0002"], "LMP-0003"), (["LMP-0002"], "LMP-0001"), (["CHR-0001"], "LMP-0001"),
    (["LMP-0001", "LMP-0003"], "LMP-0002"),
])
def test_next_sku(taken, sku):
    assert codes.next_sku("lmp", taken) == sku
