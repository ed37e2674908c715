class Clock:
    def __init__(self, name):
        self.name = name
        self.elapsed = 0

    def advance(self, seconds):
        self.elapsed += seconds
        return self.elapsed


def run_day(main_clock, labels):
    phases = []
    ticks = []
    for label in labels:
        phase = Clock(label)
        for step in range(2):
            phase.advance(1)
            ticks.append(main_clock.advance(1))
        phases.append(phase)
    return phases, ticks


def average_phase(main_clock, phases, ticks):
    if not ticks:
        return 0.0
    return main_clock.elapsed / len(phases)


def main():
    main_clock = Clock("main")
    main_clock.advance(5)
    phases, ticks = run_day(main_clock, ["Morning", "Afternoon", "Evening"])
    print(f"Main clock: {main_clock.elapsed}")
    print("Ticks: " + str(len(ticks)))
    for phase in phases:
        print(f"{phase.name}: {phase.elapsed}s")
    print(f"Average: {average_phase(main_clock, phases, ticks):.2f}s")


main()
