"""A soup kitchen: guests wait for bowls, which come from the kitchen one at a time."""

import asyncio


class Counter:
    def __init__(self):
        self.bowls = []
        self.served = asyncio.Condition()

    async def serve(self, bowl):
        async with self.served:
            self.bowls.append(bowl)
            self.served.notify_all()

    async def take(self):
        async with self.served:
            while not self.bowls:
                await self.served.wait()
            return self.bowls.pop()


async def guest(counter, comes_at):
    await asyncio.sleep(comes_at)
    return await counter.take()


async def kitchen(counter):
    for bowl in ("pea", "leek"):
        await asyncio.sleep(0.001)
        await counter.serve(bowl)


async def main():
    counter = Counter()
    cooking = asyncio.create_task(kitchen(counter))
    guests = [asyncio.create_task(guest(counter, comes_at)) for comes_at in (0.01, 0.02)]
    eaten = [await one for one in guests]
    await cooking
    assert sorted(eaten) == ["leek", "pea"], eaten


asyncio.run(main())
