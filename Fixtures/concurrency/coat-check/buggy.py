"""A coat check: hooks are counted by attendants who walk to the rail and back."""

import asyncio


class Rail:
    def __init__(self, hooks):
        self.hooks = hooks
        self.lock = asyncio.Lock()

    async def hang(self, coats, walk):
        left = self.hooks
        await asyncio.sleep(walk)
        self.hooks = left - coats


async def later(pause, work):
    await asyncio.sleep(pause)
    await work


async def main():
    rail = Rail(hooks=10)
    await asyncio.gather(
        rail.hang(2, walk=0.001),
        later(0.03, rail.hang(3, walk=0.001)),
    )
    assert rail.hooks == 5, f"{rail.hooks} hooks are left"


asyncio.run(main())
