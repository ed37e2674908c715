"""Counts the votes of several districts at once and adds them up."""

import threading


class District(threading.Thread):
    def __init__(self, ballots):
        super().__init__()
        self.ballots = ballots
        self.votes = 0

    def run(self):
        self.votes = sum(ballot == "yes" for ballot in self.ballots)


def count(districts):
    for district in districts:
        district.start()
    for district in districts:
        district.join()
    return sum(district.votes for district in districts)


votes = count([
    District(["yes", "no", "yes"]),
    District(["yes"]),
    District(["no", "yes"]),
])
print(votes, "votes for the new bridge")
