"""Gift cards: two tills of one shop take payments from the same card."""

import threading


class GiftCard:
    def __init__(self, cents):
        self._cents = cents
        self._lock = threading.Lock()

    @property
    def cents(self):
        with self._lock:
            return self._cents

    def take(self, cents):
        with self._lock:
            self._cents -= cents

    def pay(self, cents):
        """Takes the amount where the card covers it."""
        with self._lock:
            if self._cents < cents:
                return False
            self._cents -= cents
            return True


class Till(threading.Thread):
    def __init__(self, card, price):
        super().__init__()
        self.card, self.price, self.paid = card, price, 0

    def run(self):
        if self.card.pay(self.price):
            self.paid = self.price


card = GiftCard(5000)
tills = [Till(card, 3000), Till(card, 2500)]
for till in tills:
    till.start()
for till in tills:
    till.join()
assert card.cents >= 0, f"the card is overdrawn: {card.cents}"
assert card.cents + sum(till.paid for till in tills) == 5000
