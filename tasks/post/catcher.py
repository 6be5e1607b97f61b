"""A mail server for demos and tests: it accepts everything and files it, and never sends.

Each accepted mail lands in ``<root>/<address>/``, one Maildir per recipient. It greets as
``dondoc-catcher.invalid``; only behind that name does mode ``rehearse`` send anything.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import threading
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP

from .smtp import CATCHER

LARGEST = 32 * 1024 * 1024
UNSAFE = re.compile(r"[^a-z0-9@._+-]")


def folder_name(address: str) -> str:
    """The Maildir of ``address``: lower case, without its plus-part, safe as one folder name."""
    local, at, domain = address.lower().rpartition("@")
    name = f"{local.partition('+')[0] or local}{at}{domain}"
    safe = UNSAFE.sub(lambda found: f"%{ord(found[0]):02x}", name)[:200]
    return "%2e" + safe[1:] if safe.startswith(".") else safe or "%"


class Catcher:
    """``with Catcher(root, clock) as catcher: … catcher.port``. ``clock`` dates what arrives."""

    def __init__(
        self, maildir_root: Path, clock: Callable[[], datetime], host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.root = maildir_root
        self.clock = clock
        self.host = host
        self.port = port
        self.received = 0
        self._numbers = itertools.count(1)
        self._mark = f"{os.getpid()}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dondoc-catcher", daemon=True)
        self._server: asyncio.Server | None = None

    def start(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._session, self.host, self.port)

    def _session(self) -> SMTP:
        return SMTP(
            self, hostname=CATCHER, ident="Don Doc", data_size_limit=LARGEST, loop=self._loop, timeout=120
        )

    async def _hang_up(self) -> None:
        if self._server:
            self._server.close()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        """File the mail once per recipient, then accept it."""
        now = self.clock()
        for recipient in dict.fromkeys(envelope.rcpt_tos):
            self._file(recipient, envelope.mail_from or "", envelope.original_content, now)
        self.received += 1
        return "250 2.0.0 filed"

    def _file(self, recipient: str, sender: str, content: bytes, now: datetime) -> None:
        box = self.root / folder_name(recipient)
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        number = next(self._numbers)
        name = f"{int(now.timestamp())}.{self._mark}_{number:07d}.dondoc-catcher"
        top = (
            f"Received: from sender by {CATCHER} with ESMTP id {number};\r\n {format_datetime(now)}\r\n"
            f"Delivered-To: {_header(recipient)}\r\nReturn-Path: <{_header(sender)}>\r\n"
        )
        (box / "tmp" / name).write_bytes(top.encode() + content)
        os.utime(box / "tmp" / name, (now.timestamp(), now.timestamp()))
        (box / "tmp" / name).replace(box / "new" / name)


def _header(value: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", value)
