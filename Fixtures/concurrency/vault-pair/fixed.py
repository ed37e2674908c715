"""A bank's two vaults: gold bars are moved from one to the other, in both directions at once."""

import threading


class Vault:
    def __init__(self, number, bars):
        self.number = number
        self.bars = bars
        self.door = threading.Lock()


def move(source, target, bars):
    first, second = sorted((source, target), key=lambda vault: vault.number)
    with first.door:
        with second.door:
            source.bars -= bars
            target.bars += bars


def main():
    cellar, tower = Vault(1, 10), Vault(2, 20)
    guards = [
        threading.Thread(target=move, args=(cellar, tower, 3)),
        threading.Thread(target=move, args=(tower, cellar, 5)),
    ]
    for guard in guards:
        guard.start()
    for guard in guards:
        guard.join()
    assert (cellar.bars, tower.bars) == (12, 18)
    print("every bar is where it belongs")


if __name__ == "__main__":
    main()
