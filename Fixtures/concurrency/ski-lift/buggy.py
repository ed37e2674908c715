"""A ski lift that stands still while nobody waits, and is woken when somebody comes."""

import asyncio


class Lift:
    def __init__(self):
        self.queue = []
        self.up = []
        self.bell = asyncio.Event()

    async def come(self, skier, after):
        await asyncio.sleep(after)
        self.queue.append(skier)
        self.bell.set()

    async def run(self, skiers):
        while len(self.up) < skiers:
            await self.bell.wait()
            riders, self.queue = self.queue, []
            await asyncio.sleep(0.001)  # the ride
            self.up += riders
            self.bell.clear()


async def main():
    lift = Lift()
    await asyncio.gather(lift.run(2), lift.come("Resi", 0.002), lift.come("Toni", 0.04))
    assert sorted(lift.up) == ["Resi", "Toni"], lift.up


asyncio.run(main())
