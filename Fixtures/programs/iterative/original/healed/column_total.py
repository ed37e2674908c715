import pandas as pd


def column_total(values):
    data = pd.Series(values)
    return data.sum()


print(f"Total: {column_total([1, 2, 3])}")
