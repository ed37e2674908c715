"""What a client asks of the global lock: pairs of events around the switches of a run, as the tool works them out."""

from schedule_search import STRIDE

KINDS = ("", "START", "END", "SPAWN", "JOIN", "READ", "WRITE", "TOUCH", "ACQUIRE", "RELEASE", "TRY", "WAIT", "WAKE", "NOTIFY", "SLEEP", "TIMEOUT",
         "OUTPUT", "YIELD")


class Run:
    """One result of `schedule` with its events."""

    def __init__(self, result, tables):
        self.result, self.table = result, tables[result["table"]]
        events = result["events"]
        self.sets = events["sets"]
        self.made = {events["objects"][i]: events["objects"][i + 3] for i in range(0, len(events["objects"]), 4)}
        rows = [events["rows"][i:i + STRIDE] for i in range(0, len(events["rows"]), STRIDE)]
        self.steps = [row for row in rows if row[0] >= 0]

    def event(self, row):
        """An event as the protocol has it."""
        made = self.table["places"][self.made[row[2]]] if KINDS[row[1]] in ("ACQUIRE", "RELEASE", "TRY") else None
        return {"place": self.table["places"][row[4]], "kind": KINDS[row[1]], "field": None if row[3] < 0 else self.table["names"][row[3]], "made": made}

    def switches(self):
        """Threads that were interrupted and could have gone on: who, by whom, after which event for which time, before which."""
        found = []
        for index in range(1, len(self.steps)):
            before, now = self.steps[index - 1], self.steps[index]
            if before[0] == now[0] or KINDS[before[1]] == "END" or before[0] not in self.sets[now[5]][0]:
                continue
            later = next((row for row in self.steps[index:] if row[0] == before[0]), None)
            count = sum(row[0] == before[0] and row[1] == before[1] and row[4] == before[4] for row in self.steps[:index])
            found.append([before[0], now[0], count, self.event(before), None if later is None else self.event(later)])
        return found

    def order(self):
        """Threads in the order of their first steps."""
        return list(dict.fromkeys(row[0] for row in self.steps))


def failing(client, path, wanted, shared, seeds=60):
    """A failing run of a script with the fewest switches among random ones, and its tables."""
    schedules = [{"policy": "pct", "seed": seed, "depth": 2 + seed % 2, "length": 12} for seed in range(seeds)]
    schedules += [{"policy": "random", "seed": seed} for seed in range(seeds)]
    answer = client.ok("schedule", run={"argv": [path]}, schedules=schedules, shared=sorted(shared), events=True)
    runs = [Run(one, answer["tables"]) for one in answer["results"] if wanted(one)]
    return min(runs, key=lambda run: len(run.switches()))


def asked(client, path, switches):
    """What the agent says of each switch that has an event after it."""
    pairs = [[after, before] for _, _, _, after, before in switches if before is not None]
    return client.ok("gil", run={"argv": [path]}, files={}, pairs=pairs)
