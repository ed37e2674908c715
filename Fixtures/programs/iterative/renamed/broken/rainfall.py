def yearly_rain(months):
    rainfall = pandas.Series(months)
    return rainfall.summ()


print(f"Rain: {yearly_rain([1, 2, 3])}")
