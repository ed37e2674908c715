"""A tide table: readings are parsed in threads, beside an event loop."""

import asyncio
import threading


class TideTable:
    def __init__(self):
        self.highest = 0
        self.pen = threading.Lock()

    def enter(self, line):
        level = int(line.split()[1])
        with self.pen:
            if level > self.highest:
                self.highest = level


async def main():
    table = TideTable()
    lines = ["06:12 310", "18:40 345"]
    await asyncio.gather(*(asyncio.to_thread(table.enter, line) for line in lines))
    assert table.highest == 345, table.highest


asyncio.run(main())
