"""Product codes: EAN-13 with its check digit, and the house's own SKUs."""


def ean_check_digit(digits):
    """The digit that makes twelve digits an EAN-13."""
    total = 0
    for position, digit in enumerate(digits):
        weight = 3 if position % 2 else 1
        total += int(digit) * weight
    return (10 - total % 10) % 10


def is_ean(code):
    """Whether a text is a right EAN-13."""
    return len(code) == 13 and code.isdigit() and ean_check_digit(code[:12]) == int(code[12])


def make_ean(prefix, number):
    """An EAN-13 from a prefix and a running number."""
    body = prefix + str(number).zfill(12 - len(prefix))
    if len(body) != 12:
        raise ValueError("number too large: %d" % number)
    return body + str(ean_check_digit(body))


def parse_sku(sku):
    """The group, the number and the variant of `ABC-0042` or `ABC-0042-red`."""
    parts = sku.upper().split("-")
    if len(parts) not in (2, 3) or not parts[0].isalpha() or not parts[1].isdigit():
        raise ValueError("no SKU: %r" % sku)
    variant = parts[2].lower() if len(parts) == 3 else None
    return parts[0], int(parts[1]), variant


def format_sku(group, number, variant=None):
    """The reverse of `parse_sku`."""
    sku = "%s-%04d" % (group.upper(), number)
    return sku if variant is None else sku + "-" + variant.lower()


def next_sku(group, taken):
    """The first free number of a group."""
    numbers = {number for name, number, _ in map(parse_sku, taken) if name == group.upper()}
    candidate = 1
    while candidate in numbers:
        candidate += 1
    return format_sku(group, candidate)
