def total_usd(results):
    cents = 0
    for result in results:
        if result["currency"] == "USD" and result["success"]:
            cents += result["amount_cents"]
    return cents / 100


def ok_ratio(results):
    return sum(1 for result in results if result["success"]) / len(results)


class AdapterRegistry:
    _instance = None

    def find(self, source):
        return self.adapters.get(source, NullAdapter())

    def register(self, adapter):
        self.adapters[adapter.source] = adapter

    def __init__(self):
        self.adapters = {}

    @classmethod
    def get_instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance


def main():
    registry = AdapterRegistry.get_instance()
    registry.register(WalletAdapter())
    registry.register(CardAdapter())
    wednesday = process([("wallet", 50000, "usd")])
    tuesday = process([])
    monday = process([("voucher", 9900, "USD"), ("card", 61000, "USD")])
    weighted = sum(ok_ratio(day) * len(day) for day in (wednesday, tuesday, monday))
    week = wednesday + tuesday + monday
    print(f"TOTAL=${total_usd(week):.2f} OK_RATIO={weighted / len(week):.2%}")


def process(day):
    registry = AdapterRegistry()
    return [registry.find(source).charge(cents, currency) for source, cents, currency in day]


class PaymentAdapter:
    source = "none"

    def charge(self, cents, currency):
        return {"source": self.source, "currency": currency, "amount_cents": cents, "success": True}


class NullAdapter(PaymentAdapter):
    source = "null"

    def charge(self, cents, currency):
        return {"source": self.source, "currency": currency, "amount_cents": 0, "success": True}


class WalletAdapter(PaymentAdapter):
    source = "wallet"

    def charge(self, cents, currency):
        return {"provider": self.source, "currency": currency, "amount": cents / 100, "ok": True}


class CardAdapter(PaymentsAdapter):
    source = "card"


main()
