import threading


def main():
    bob, alice = Account("Bob", 300), Account("Alice", 500)
    bank = Bank([alice, bob])
    threads = [
        threading.Thread(target=move_repeatedly, args=(bank, bob, alice, 5)),
        threading.Thread(target=move_repeatedly, args=(bank, alice, bob, 10)),
        threading.Thread(target=move_repeatedly, args=(bank, alice, bob, 20)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for account in bank.accounts:
        print(f"{account.owner}: {account.balance}")
    print(f"Total: {bank.total()}")
    print(f"Alice empties her account: {alice.withdraw(alice.balance)}")


def move_repeatedly(bank, source, target, amount):
    for _ in range(10):
        bank.transfer(source, target, amount)


class Bank:
    def total(self):
        total = 0
        for account in self.accounts:
            total += account.balance
        return total

    def transfer(self, source, target, amount):
        with self.lock:
            if not source.withdraw(amount):
                return False
            try:
                target.deposit(amount)
            except ValueError:
                source.deposit(amount)
                return False
            return True

    def __init__(self, accounts):
        self.lock = threading.Lock()
        self.accounts = accounts


class Account:
    def withdraw(self, amount):
        with self.lock:
            current = self.balance
            if current >= amount:
                self.history.append(("withdraw", amount))
                self.balance = current - amount
                return True
        return False

    def deposit(self, amount):
        if self.frozen:
            raise ValueError(f"account of {self.owner} is frozen")
        with self.lock:
            current = self.balance
            self.history.append(("deposit", amount))
            self.balance = current + amount

    def __init__(self, owner, balance):
        self.lock = threading.Lock()
        self.history = []
        self.frozen = False
        self.balance = balance
        self.owner = owner


main()
