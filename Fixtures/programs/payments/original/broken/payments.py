class PaymentAdapter:
    source = "none"

    def charge(self, cents, currency):
        return {"amount_cents": cents, "success": True, "source": self.source, "currency": currency}


class CardAdapter(PaymentsAdapter):
    source = "card"


class WalletAdapter(PaymentAdapter):
    source = "wallet"

    def charge(self, cents, currency):
        return {"amount": cents / 100, "ok": True, "provider": self.source, "currency": currency}


class NullAdapter(PaymentAdapter):
    source = "null"

    def charge(self, cents, currency):
        return {"amount_cents": 0, "success": True, "source": self.source, "currency": currency}


class AdapterRegistry:
    _instance = None

    def __init__(self):
        self.adapters = {}

    @classmethod
    def get_instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def register(self, adapter):
        self.adapters[adapter.source] = adapter

    def find(self, source):
        return self.adapters.get(source, NullAdapter())


def process(day):
    registry = AdapterRegistry()
    return [registry.find(source).charge(cents, currency) for source, cents, currency in day]


def ok_ratio(results):
    return sum(1 for result in results if result["success"]) / len(results)


def total_usd(results):
    cents = 0
    for result in results:
        if result["success"] and result["currency"] == "USD":
            cents += result["amount_cents"]
    return cents / 100


def main():
    registry = AdapterRegistry.get_instance()
    registry.register(CardAdapter())
    registry.register(WalletAdapter())
    monday = process([("card", 61000, "USD"), ("voucher", 9900, "USD")])
    tuesday = process([])
    wednesday = process([("wallet", 50000, "usd")])
    week = monday + tuesday + wednesday
    weighted = sum(ok_ratio(day) * len(day) for day in (monday, tuesday, wednesday))
    print(f"TOTAL=${total_usd(week):.2f} OK_RATIO={weighted / len(week):.2%}")


main()
