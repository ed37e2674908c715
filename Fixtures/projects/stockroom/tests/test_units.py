import pytest

from stockroom import units


@pytest.mark.parametrize("text, value", [("250 g", 250), ("2.5 kg", 2500), ("1kg", 1000), ("0.5 t", 500_000), (" 3 kg ", 3000)])
def test_grams(text, value):
    assert units.grams(text) == value


@pytest.mark.parametrize("text, value", [("1 m", 1000), ("2.5cm", 25), ("10 mm", 10), ("2 in", 50.8)])
def test_millimetres(text, value):
    assert units.millimetres(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["5", "5 stone", "kg"])
def test_unknown_units(text):
    with pytest.raises(ValueError):
        units.grams(text)


def test_pounds():
    assert units.grams("1 lb") == pytest.approx(16 * units.grams("1 oz"))


@pytest.mark.parametrize("value, text", [(999, "999 g"), (1000, "1.00 kg"), (1250, "1.25 kg"), (1_000_000, "1.00 t"), (0, "0 g")])
def test_show_weight(value, text):
    assert units.show_weight(value) == text


def test_volume():
    assert units.volume(100, 100, 100) == 1


@pytest.mark.parametrize("size, weight", [((500, 400, 250), 10_000), ((100, 100, 50), 100), ((0, 0, 0), 0)])
def test_volumetric_weight(size, weight):
    assert units.volumetric_weight(*size) == pytest.approx(weight)


def test_volumetric_weight_with_another_divisor():
    assert units.volumetric_weight(300, 200, 100, divisor=6000) == pytest.approx(1000)
