"""A real SMTP server that remembers, and a proxy before it that misbehaves at a chosen verb."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult

MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)\r$", re.MULTILINE)


class InThread:
    """An asyncio server on a free port of 127.0.0.1, in its own thread."""

    port = 0

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    async def listen(self) -> asyncio.Server:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _end(self) -> None:
        if self._server:
            self._server.close()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


class Sink(InThread):
    """aiosmtpd; ``accepted`` holds (recipient, Message-ID, hash of the bytes) of each mail it took."""

    def __init__(
        self,
        *,
        greets_as: str = "mail.test.example",
        size: int = 33_554_432,
        delay: float = 0.0,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        password: str = "",
    ) -> None:
        super().__init__()
        self.greets_as, self.size, self.delay = greets_as, size, delay
        self.tls, self.implicit, self.password = tls, implicit, password
        self.accepted: list[tuple[str, str, str]] = []
        self.contents: dict[str, bytes] = {}
        self.rcpts: list[str] = []
        self.connections = 0
        self.logins = 0
        self.arrived = threading.Event()  # a mail's last byte is here, the reply is not out yet
        self.answers: dict[str, str] = {}  # recipient → reply to RCPT

    async def listen(self) -> asyncio.Server:
        return await self.loop.create_server(
            self._session, "127.0.0.1", 0, ssl=self.tls if self.implicit else None
        )

    def _session(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname=self.greets_as,
            data_size_limit=self.size,
            loop=self.loop,
            tls_context=None if self.implicit else self.tls,
            require_starttls=bool(self.tls) and not self.implicit,
            authenticator=self._authenticate if self.password else None,
            auth_require_tls=not self.implicit,
        )

    def _authenticate(self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins += 1
        return AuthResult(success=data.password.decode() == self.password, handled=False)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.rcpts.append(address)
        reply = self.answers.get(address, "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        content: bytes = envelope.original_content
        found = MESSAGE_ID.search(content)
        message_id = found[1].decode() if found else ""
        for recipient in envelope.rcpt_tos:
            self.accepted.append((recipient, message_id, hashlib.sha256(content).hexdigest()))
            self.contents[recipient] = content
        self.arrived.set()
        if self.delay:
            await asyncio.sleep(self.delay)
        return "250 OK"

    def duplicates(self) -> int:
        return sum(n - 1 for n in Counter(m for _, m, _ in self.accepted).values())

    def versions(self) -> int:
        """Most different bytes seen under one Message-ID, and per recipient most Message-IDs."""
        by_id: dict[str, set[str]] = {}
        by_recipient: dict[str, set[str]] = {}
        for recipient, message_id, digest in self.accepted:
            by_id.setdefault(message_id, set()).add(digest)
            by_recipient.setdefault(recipient, set()).add(message_id)
        return max([len(s) for s in (*by_id.values(), *by_recipient.values())], default=0)


@dataclass
class Fault:
    """``at``: CONNECT EHLO STARTTLS AUTH MAIL RCPT DATA BODY DOT QUIT.

    ``do``: drop (before the server hears it) · swallow (the server hears it, its reply is lost
    with the connection) · silence (its reply never comes) · trickle (its reply comes a byte at a
    time) · or a reply of our own like ``"451 4.3.0 later"``.
    """

    at: str
    do: str
    times: int = 1_000_000


@dataclass
class Proxy(InThread):
    upstream: int
    fault: Fault | None = None
    strip_starttls: bool = False
    byte_seconds: float = 0.02
    heard: bytearray = field(default_factory=bytearray)  # everything a client said in the clear
    faults: int = 0
    most: int = 1000  # connections at a time; a further one is greeted with 421
    open: int = 0
    turned_away: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20)

    def rcpts(self) -> list[str]:
        return [m.decode() for m in re.findall(rb"(?i)RCPT TO:<([^>]*)>", bytes(self.heard))]

    async def _serve(self, client: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        if self.open >= self.most:
            self.turned_away += 1
            out.write(b"421 4.7.0 too many connections from your address\r\n")
            out.close()
            return
        self.open += 1
        server, to_server = await asyncio.open_connection("127.0.0.1", self.upstream, limit=2**20)
        try:
            await self._talk(client, out, server, to_server)
        except (ConnectionError, asyncio.IncompleteReadError, _HungUp):
            pass
        finally:
            self.open -= 1
            for writer in (out, to_server):
                writer.transport.abort() if self._hit("ABORT") else writer.close()

    async def _talk(
        self,
        client: asyncio.StreamReader,
        out: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        await self._relay("CONNECT", b"", out, server, to_server)
        while line := await client.readline():
            self.heard += line
            verb = line.split()[0].upper().decode() if line.split() else ""
            verb = {"HELO": "EHLO"}.get(verb, verb)
            reply = await self._relay(verb, line, out, server, to_server)
            if verb == "DATA" and reply.startswith(b"354"):
                body = await client.readuntil(b"\r\n.\r\n")
                self.heard += body
                if self._hit("BODY"):
                    to_server.write(body[: len(body) // 2])
                    await to_server.drain()
                    raise _HungUp
                await self._relay("DOT", body, out, server, to_server)

    async def _relay(
        self,
        verb: str,
        data: bytes,
        out: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> bytes:
        """Pass ``data`` on and the reply back, unless the fault says otherwise."""
        do = self.fault.do if self.fault and self._hit(verb) else ""
        if do == "drop":
            raise _HungUp
        if do[:1].isdigit():
            out.write(do.encode("utf-8", "surrogateescape") + b"\r\n")
            if verb == "CONNECT":
                await out.drain()
                raise _HungUp
            return do.encode()
        if data:
            to_server.write(data)
        reply = await _reply(server)
        if self.strip_starttls:
            reply = reply.replace(b"250-STARTTLS\r\n", b"")
        if do == "swallow":
            raise _HungUp
        if do == "silence":
            await asyncio.sleep(3600)
        for piece in [reply[i : i + 1] for i in range(len(reply))] if do == "trickle" else [reply]:
            out.write(piece)
            if do == "trickle":
                await asyncio.sleep(self.byte_seconds)
        await out.drain()
        return reply

    def _hit(self, verb: str) -> bool:
        if self.fault is None or self.fault.at != verb or self.faults >= self.fault.times:
            return False
        self.faults += 1
        return True


class _HungUp(Exception):
    pass


async def _reply(server: asyncio.StreamReader) -> bytes:
    lines = [await server.readuntil(b"\n")]
    while lines[-1][3:4] == b"-":
        lines.append(await server.readuntil(b"\n"))
    return b"".join(lines)
