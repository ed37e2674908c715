def add_up()
    prices = [1, 2, 3, 4, 5]
    return sum(prices)

print(f"Bill: {add_up()}")
