"""The products that are sold."""

from .codes import parse_sku
from .errors import UnknownProduct


class Product:
    """One product with its price and what it needs for shipping."""

    def __init__(self, sku, name, price, weight=0, size=(0, 0, 0), tags=(), tax="standard"):
        parse_sku(sku)
        self.sku = sku
        self.name = name
        self.price = price
        self.weight = weight
        self.size = tuple(size)
        self.tags = frozenset(tags)
        self.tax = tax

    @property
    def group(self):
        return parse_sku(self.sku)[0]

    def __repr__(self):
        return "<Product %s %s>" % (self.sku, self.name)


class Catalog:
    """All products by their SKU, in the order in which they came."""

    def __init__(self, products=()):
        self._products = {}
        for product in products:
            self.add(product)

    def __len__(self):
        return len(self._products)

    def __iter__(self):
        return iter(self._products.values())

    def __contains__(self, sku):
        return sku in self._products

    def __getitem__(self, sku):
        try:
            return self._products[sku]
        except KeyError:
            raise UnknownProduct(sku) from None

    def add(self, product):
        if product.sku in self._products:
            raise ValueError("already there: %s" % product.sku)
        self._products[product.sku] = product

    def remove(self, sku):
        self[sku]
        del self._products[sku]

    def groups(self):
        """The number of products of each group, by its name."""
        counts = {}
        for product in self:
            counts[product.group] = counts.get(product.group, 0) + 1
        return dict(sorted(counts.items()))

    def with_tags(self, *tags):
        """The products that have all of these tags."""
        wanted = set(tags)
        return [product for product in self if wanted <= product.tags]

    def cheapest(self, count=1):
        """The cheapest products; of equal prices the earlier one first."""
        return sorted(self, key=lambda product: product.price)[:count]
