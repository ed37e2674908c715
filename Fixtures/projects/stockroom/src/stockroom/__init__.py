"""Stock, orders and prices of a small warehouse."""

from .catalog import Catalog, Product
from .money import Money
from .orders import Order, OrderLine
from .stock import Stock

__all__ = ["Catalog", "Money", "Order", "OrderLine", "Product", "Stock"]
__version__ = "1.4.0"
