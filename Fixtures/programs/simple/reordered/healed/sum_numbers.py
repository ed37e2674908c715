numbers = [1, 2, 3, 4, 5]

def calculate_sum():
    return sum(numbers)

print(f"Sum: {calculate_sum()}")
