"""The least an SMTP server can be, in a process of its own: takes mails, counts them, forgets them.

Stands in for postfix's ``smtp-sink`` where that is not installed, and can make every reply late.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection

REPLIES = {b"EHLO": b"250-sink\r\n250 SIZE 33554432\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Session(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self.delay, self.in_data, self.rest = delay, False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        if self.in_data:
            if self.rest.endswith(b"\r\n.\r\n"):
                self.in_data, self.rest = False, b""
                self.reply(b"250 taken\r\n")
        elif self.rest.endswith(b"\n"):
            verb, self.rest = self.rest[:4].upper(), b""
            self.in_data = verb == b"DATA"
            self.reply(REPLIES.get(verb, b"250 ok\r\n"))

    def reply(self, line: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.transport.write, line)
        else:
            self.transport.write(line)


def _serve(delay: float, tell: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Session(delay), "127.0.0.1", 0)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextlib.contextmanager
def sink(delay: float = 0.0) -> Iterator[int]:
    """The port of a sink whose every reply comes ``delay`` seconds late."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(delay, theirs), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join(10)
