"""Catalogs and stock lists as CSV."""

import csv
import io

from .catalog import Catalog, Product
from .money import Money
from .units import grams

FIELDS = ["sku", "name", "price", "weight", "size", "tags", "tax"]


def read_catalog(text):
    """A catalog from CSV; lines that begin with # are comments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    catalog = Catalog()
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            catalog.add(product_of(row))
        except (KeyError, ValueError) as error:
            raise ValueError("line %d: %s" % (number, error)) from None
    return catalog


def product_of(row):
    """One row as a product."""
    size = tuple(int(side) for side in row["size"].split("x")) if row.get("size") else (0, 0, 0)
    tags = [tag.strip() for tag in (row.get("tags") or "").split(";") if tag.strip()]
    weight = grams(row["weight"]) if row.get("weight") else 0
    return Product(row["sku"], row["name"].strip(), Money.parse(row["price"]), weight, size, tags, row.get("tax") or "standard")


def write_catalog(catalog):
    """The reverse of `read_catalog`."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for product in catalog:
        writer.writerow({
            "sku": product.sku, "name": product.name, "price": "%.2f %s" % (product.price.cents / 100, product.price.currency),
            "weight": "%g g" % product.weight, "size": "x".join(str(side) for side in product.size),
            "tags": ";".join(sorted(product.tags)), "tax": product.tax,
        })
    return out.getvalue()


def load(path):
    """A catalog from a file."""
    with open(path, encoding="utf-8") as file:
        return read_catalog(file.read())


def save(catalog, path):
    """A catalog into a file."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(write_catalog(catalog))
