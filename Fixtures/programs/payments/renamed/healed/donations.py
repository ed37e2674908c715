class GiftChannel:
    origin = "nobody"

    def collect(self, pence, coin):
        return {"worth_pence": pence, "accepted": True, "origin": self.origin, "coin": coin}


class PostChannel(GiftChannel):
    origin = "post"


class WebChannel(GiftChannel):
    origin = "web"

    def collect(self, pence, coin):
        return {"worth_pence": pence, "accepted": True, "origin": self.origin, "coin": coin}


class SilentChannel(GiftChannel):
    origin = "silence"

    def collect(self, pence, coin):
        return {"worth_pence": 0, "accepted": False, "origin": self.origin, "coin": coin}


class ChannelDirectory:
    _shared = None

    def __init__(self):
        self.channels = {}

    @classmethod
    def shared(kind):
        if kind._shared is None:
            kind._shared = kind()
        return kind._shared

    def enrol(self, channel):
        self.channels[channel.origin] = channel

    def lookup(self, origin):
        return self.channels.get(origin, SilentChannel())


def gather(campaign):
    directory = ChannelDirectory.shared()
    return [directory.lookup(origin).collect(pence, coin) for origin, pence, coin in campaign]


def acceptance(gifts):
    if not gifts:
        return 0.0
    return sum(1 for gift in gifts if gift["accepted"]) / len(gifts)


def sum_gbp(gifts):
    pence = 0
    for gift in gifts:
        if gift["accepted"] and gift["coin"].upper() == "GBP":
            pence += gift["worth_pence"]
    return pence / 100


def appeal():
    directory = ChannelDirectory.shared()
    directory.enrol(PostChannel())
    directory.enrol(WebChannel())
    spring = gather([("post", 61000, "GBP"), ("raffle", 9900, "GBP")])
    summer = gather([])
    autumn = gather([("web", 50000, "gbp")])
    year = spring + summer + autumn
    combined = sum(acceptance(campaign) * len(campaign) for campaign in (spring, summer, autumn))
    print(f"RAISED=GBP {sum_gbp(year):.2f} ACCEPTED={combined / len(year):.2%}")


appeal()
