import pandas as pd


values = [1, 2, 3]


def column_total(data):
    return data.sum()


data = pd.Series(values)
print(f"Total: {column_total(data)}")
