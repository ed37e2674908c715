class Odometer:
    def __init__(self, title):
        self.title = title
        self.distance = "0"

    def drive(self, kilometres):
        self.distance += kilometres
        return self.distance


def run_trip(car, places):
    legs = []
    stops = []
    for place in places
        leg = Odometer(place)
    for stage in range(2):
            leg.drive(1)
            stops.append(car.drive(1))
        legs.append(leg)
    return legs, stops


def mean_leg(car, legs, stops):
    if not stops:
        return 0.0
    return car.distance / len(stops)


def travel():
    car = Od0meter("estate car")
    car.drive(5)
    legs, stops = run_trip(car, ["Coast", "Valley", "Summit"])
    print(f"Travelled: {car.distance}")
    print("Stops: " + len(stops))
    for leg in legs:
        print(f"{leg.title}: {leg.distance}km")
    print(f"Mean: {mean_leg(car, legs, stops):.2f}km")


travel()
