def average_phase(main_clock, phases, ticks):
    if not ticks:
        return 0.0
    return main_clock.elapsed / len(phases)


def main():
    labels = ["Morning", "Afternoon", "Evening"]
    main_clock = Clock("main")
    phases, ticks = run_day(main_clock, labels)
    main_clock.advance(5)
    average = average_phase(main_clock, phases, ticks)
    print(f"Main clock: {main_clock.elapsed}")
    print("Ticks: " + str(len(ticks)))
    for phase in phases:
        print(f"{phase.name}: {phase.elapsed}s")
    print(f"Average: {average:.2f}s")


def run_day(main_clock, labels):
    ticks = []
    phases = []
    for label in labels:
        phase = Clock(label)
        phases.append(phase)
        for step in range(2):
            ticks.append(main_clock.advance(1))
            phase.advance(1)
    return phases, ticks


class Clock:
    def advance(self, seconds):
        self.elapsed += seconds
        return self.elapsed

    def __init__(self, name):
        self.elapsed = 0
        self.name = name


main()
