import pandas


def yearly_rain(months):
    rainfall = pandas.Series(months)
    return rainfall.sum()


print(f"Rain: {yearly_rain([1, 2, 3])}")
