"""The command line: `stockroom list|find|price FILE …`."""

import argparse
import sys

from . import csvio, search
from .reports import table


def build_parser():
    parser = argparse.ArgumentParser(prog="stockroom")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="all products")
    listing.add_argument("file")
    listing.add_argument("--group")
    finding = commands.add_parser("find", help="products by words")
    finding.add_argument("file")
    finding.add_argument("query", nargs="+")
    pricing = commands.add_parser("price", help="the price of so many of a product")
    pricing.add_argument("file")
    pricing.add_argument("sku")
    pricing.add_argument("quantity", type=int, nargs="?", default=1)
    return parser


def main(arguments=None, out=None):
    out = out or sys.stdout
    options = build_parser().parse_args(arguments)
    catalog = csvio.load(options.file)
    if options.command == "list":
        products = [product for product in catalog if options.group in (None, product.group)]
        rows = [[product.sku, product.name, product.price] for product in products]
        out.write(table(rows, ["sku", "name", "price"]) + "\n")
        return 0
    if options.command == "find":
        hits = search.find(catalog, " ".join(options.query))
        for product in hits:
            out.write("%s  %s\n" % (product.sku, product.name))
        return 0 if hits else 1
    product = catalog[options.sku]
    out.write("%s\n" % (product.price * options.quantity))
    return 0
