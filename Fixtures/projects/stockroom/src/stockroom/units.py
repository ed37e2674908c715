"""Weights and lengths with their units."""

GRAMS = {"g": 1, "kg": 1000, "t": 1_000_000, "lb": 453.59237, "oz": 28.349523125}
MILLIMETRES = {"mm": 1, "cm": 10, "m": 1000, "in": 25.4}


def parse(text, table):
    """A number with a unit, such as `2.5 kg`, in the smallest unit of the table."""
    number = text.strip()
    unit = ""
    while number and not number[-1].isdigit() and number[-1] != ".":
        unit = number[-1] + unit
        number = number[:-1]
    unit = unit.strip()
    if unit not in table:
        raise ValueError("unknown unit: %r" % unit)
    return float(number) * table[unit]


def grams(text):
    """A weight in grams."""
    return parse(text, GRAMS)


def millimetres(text):
    """A length in millimetres."""
    return parse(text, MILLIMETRES)


def show_weight(value):
    """A weight in the unit that suits it."""
    if value >= GRAMS["t"]:
        return "%.2f t" % (value / GRAMS["t"])
    if value >= GRAMS["kg"]:
        return "%.2f kg" % (value / GRAMS["kg"])
    return "%d g" % value


def volume(length, width, height):
    """Litres of a box, its sides in millimetres."""
    return length * width * height / 1_000_000


def volumetric_weight(length, width, height, divisor=5000):
    """The weight in grams that carriers charge for bulky boxes, its sides in millimetres."""
    cubic_centimetres = (length / 10) * (width / 10) * (height / 10)
    return cubic_centimetres / divisor * 1000
