def calculate_sum():
    numbers = [1, 2, 3, 4, 5]
    return sum(numbers)

print(f"Sum: {calculate_sum()}")
