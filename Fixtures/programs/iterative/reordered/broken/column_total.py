values = [1, 2, 3]


def column_total(data):
    return data.summ()


data = pd.Series(values)
print(f"Total: {column_total(data)}")
