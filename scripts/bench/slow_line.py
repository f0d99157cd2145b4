"""A slow line: a proxy for TCP with a round trip of 50 ms and 100 Mbit/s for all connections together.

Each way takes half a round trip. A connection is opened a whole round trip late, as the handshake would
be; what TCP itself does on such a line (slow start, losses) is not imitated. Bytes to the client take
their turn in pieces of 16 KiB. Prints the port that it listens on.
"""

import asyncio
import sys

ROUND_TRIP = 0.050
BYTES_PER_SECOND = 100e6 / 8
PIECE = 16 << 10
# How far what is read may be ahead of what the line can take, in seconds.
AHEAD = 0.004
# More than is ever on the way: a round trip's worth for one connection alone.
ON_THE_WAY = 64


class Line:
    """What all connections share: when the next piece may begin."""

    def __init__(self):
        self.free = 0.0

    def sent(self, count, now):
        """When the last of these bytes has left."""
        self.free = max(self.free, now) + count / BYTES_PER_SECOND
        return self.free


async def carry(reader, writer, line):
    clock = asyncio.get_running_loop()
    under_way = asyncio.Queue(ON_THE_WAY)

    async def send():
        while piece := await reader.read(PIECE):
            left = line.sent(len(piece), clock.time()) if line else clock.time()
            await under_way.put((left + ROUND_TRIP / 2, piece))
            # Not for every piece: timers are too coarse for a millisecond each.
            if left - clock.time() > AHEAD:
                await asyncio.sleep(left - clock.time())
        await under_way.put((clock.time() + ROUND_TRIP / 2, b""))

    async def arrive():
        while True:
            due, piece = await under_way.get()
            await asyncio.sleep(max(0, due - clock.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    try:
        await asyncio.gather(send(), arrive())
    except (ConnectionError, OSError):
        writer.close()


async def main():
    line, target = Line(), int(sys.argv[1])

    async def connect(reader, writer):
        await asyncio.sleep(ROUND_TRIP)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, back, None), carry(there, writer, line))
        writer.close()
        back.close()

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
