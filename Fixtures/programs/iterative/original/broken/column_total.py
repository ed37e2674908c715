def column_total(values):
    data = pd.Series(values)
    return data.summ()


print(f"Total: {column_total([1, 2, 3])}")
