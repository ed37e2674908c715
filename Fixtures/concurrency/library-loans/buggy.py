"""A library's catalogue: a title is looked up once and then kept."""

import asyncio


class Catalogue:
    def __init__(self):
        self.titles = {}
        self.lookups = 0

    async def title(self, shelf_mark):
        if shelf_mark not in self.titles:
            self.titles[shelf_mark] = await self.look_up(shelf_mark)
        return self.titles[shelf_mark]

    async def look_up(self, shelf_mark):
        await asyncio.sleep(0.001)
        self.lookups += 1
        return f"book {shelf_mark}"


async def reader(catalogue, comes_at):
    await asyncio.sleep(comes_at)
    return await catalogue.title("QA76")


async def main():
    catalogue = Catalogue()
    books = await asyncio.gather(*(reader(catalogue, comes_at) for comes_at in (0, 0.03)))
    assert books == ["book QA76", "book QA76"], books
    assert catalogue.lookups == 1, f"looked up {catalogue.lookups} times"


asyncio.run(main())
