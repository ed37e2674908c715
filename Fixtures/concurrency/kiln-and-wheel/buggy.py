"""A pottery: one potter needs wheel and kiln, another one kiln and wheel."""

import asyncio


async def throw_pot(wheel, kiln, done):
    async with wheel:
        await asyncio.sleep(0.001)
        async with kiln:
            done.append("pot")


async def glaze_tile(wheel, kiln, done):
    await asyncio.sleep(0.02)
    async with kiln:
        await asyncio.sleep(0.001)
        async with wheel:
            done.append("tile")


async def main():
    wheel, kiln = asyncio.Lock(), asyncio.Lock()
    done = []
    work = [
        asyncio.create_task(throw_pot(wheel, kiln, done)),
        asyncio.create_task(glaze_tile(wheel, kiln, done)),
    ]
    for one in work:
        await one
    assert sorted(done) == ["pot", "tile"]


asyncio.run(main())
