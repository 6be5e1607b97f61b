"""SMTP: k connections, verified TLS, and one honest word for how each attempt ended.

Two kinds of failure: *try again* (``deferred``) and *tell a person* (``refused``). Where the
connection is lost between the final dot and its reply nobody can know: ``unknown``.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from config.settings import Mail, MailMode

from .contract import Clock
from .handshake import login, reason_of, tls_context
from .wire import on_the_wire

CATCHER = "dondoc-catcher.invalid"  # the name our own catcher greets with; nobody else can own it
LOST = (SMTPServerDisconnected, TimeoutError, OSError)
AUTH_CODES = (530, 534, 535, 538)
TOO_BIG = 552
CLOSING = 421


class CannotSend(Exception):
    """No mail can leave now; ``reason`` is a key of ``contract.STOPS``."""

    def __init__(self, reason: str, text: str = "") -> None:
        super().__init__(text or reason)
        self.reason = reason


@dataclass(frozen=True)
class Letter:
    """One claimed mail, ready for the wire."""

    notice_id: int
    attempt_id: int
    recipient: str  # where it really goes
    data: bytes
    lease_until: datetime
    file_name: str = ""  # under outbox/ when held


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. ``stop``: why no other mail should be tried in this run."""

    kind: str  # accepted, held, redirected, deferred, refused, unknown
    code: int | None = None
    text: str = ""
    stop: str = ""
    lost: bool = False  # the server went away instead of answering
    tried: bool = True  # False: the server never heard of this mail


@dataclass
class _Talk:
    begun: bool = False  # MAIL was accepted
    dotted: bool = False  # the final dot may have reached the server


class Pool:
    """Up to k connections of one run. ``permitted`` is asked once more before every RCPT."""

    def __init__(self, mail: Mail, clock: Clock, permitted: Callable[[str], bool]) -> None:
        self.mail = mail
        self.clock = clock
        self.permitted = permitted
        self.accepted_as = "redirected" if mail.mode is MailMode.REDIRECT else "accepted"
        self._idle: list[SMTP] = []
        self._login_turn = asyncio.Lock()
        self._refused = ""  # what the server said to our login
        self._context: ssl.SSLContext | None = None
        self._busy = 0  # connections that carry a mail
        self._full = False  # the server refused a further one
        self._freed = asyncio.Event()

    async def open(self) -> None:
        """Connect and log in once, before anything is claimed; ``CannotSend`` where that fails."""
        try:
            self._context = tls_context(self.mail)
        except OSError as error:  # a ca_file that is not there, or holds no certificate
            raise CannotSend("tls", _short(error)) from error
        try:
            self._idle.append(await self._connect())
        except ValueError as error:  # a host that cannot be one: an empty label, a line end
            raise CannotSend("unreachable", _short(error)) from error

    async def close(self) -> None:
        await asyncio.gather(*(_farewell(client) for client in self._idle))
        self._idle.clear()

    async def carry(self, letter: Letter) -> Outcome:
        """Hand ``letter`` to the server. Never raises for anything the server or network does."""
        if not self.permitted(letter.recipient):
            return Outcome("refused", text="địa chỉ ngoài danh sách được phép")
        for fresh in (False, True):
            try:
                client, reused = await self._client(fresh)
            except CannotSend as error:
                return Outcome("deferred", text=str(error), stop=error.reason, lost=True, tried=False)
            talk = _Talk()
            self._busy += 1
            try:
                outcome = await self._judged(client, letter, talk)
                await self._give_back(client, outcome)
            finally:
                self._busy -= 1
                self._freed.set()
            if not (reused and outcome.lost and not talk.begun):
                return outcome  # else the server had closed an idle connection: a fresh one
        return outcome

    async def _client(self, fresh: bool) -> tuple[SMTP, bool]:
        """A connection and whether it was used before: an idle one, a new one, or, where the server
        allows no further one beside those that are busy, the next that is free."""
        while True:
            while self._idle and not fresh:
                client = self._idle.pop()
                if client.is_connected:
                    return client, True
            if not (self._full and self._busy):
                try:
                    return await self._connect(), False
                except CannotSend as error:
                    if error.reason != "unreachable" or not self._busy:
                        raise
                    self._full = True
            self._freed.clear()
            await self._freed.wait()
            fresh = False

    async def _give_back(self, client: SMTP, outcome: Outcome) -> None:
        if outcome.kind not in ("accepted", "redirected") and client.is_connected:
            try:
                await client.rset()
            except (SMTPException, *LOST):
                client.close()
        if client.is_connected:
            self._idle.append(client)

    async def _judged(self, client: SMTP, letter: Letter, talk: _Talk) -> Outcome:
        """The conversation with every way it can end, inside two thirds of the lease."""
        deadline = self.mail.lease_seconds * 2 / 3
        try:
            return await asyncio.wait_for(self._converse(client, letter, talk), deadline)
        except SMTPSenderRefused as error:
            return _sender_refused(error)
        except SMTPRecipientRefused as error:
            return _answered(error.code, error.message)
        except SMTPResponseException as error:  # a reply that is not SMTP
            client.close()
            return Outcome("unknown" if talk.dotted else "deferred", text=error.message, lost=True)
        except (SMTPException, *LOST) as error:
            client.close()
            return Outcome("unknown" if talk.dotted else "deferred", text=_short(error), lost=True)

    async def _converse(self, client: SMTP, letter: Letter, talk: _Talk) -> Outcome:
        limit = _size_limit(client, self.mail.max_bytes)
        if len(letter.data) > limit:
            return Outcome("refused", TOO_BIG, f"thư {len(letter.data)} byte, máy chủ nhận tối đa {limit}")
        options = [f"SIZE={len(letter.data)}"] if client.supports_extension("size") else []
        await client.mail(self.mail.sender, options=options)
        talk.begun = True
        await client.rcpt(letter.recipient)
        reply = await client.execute_command(b"DATA")
        if reply.code != 354:
            return _answered(reply.code, reply.message)
        if self.clock() >= letter.lease_until:  # frozen past the lease: it may be another's by now
            client.close()
            return Outcome("deferred", text="quá thời gian giữ chỗ", tried=False)
        talk.dotted = True
        return self._final(await _payload(client, letter.data, self.mail.timeout_seconds))

    def _final(self, reply: SMTPResponse) -> Outcome:
        if 200 <= reply.code < 300:
            return Outcome(self.accepted_as, reply.code, reply.message)
        return _answered(reply.code, reply.message, "unknown")

    async def _connect(self) -> SMTP:
        """A connection that has passed TLS and login. After one refused login, never again."""
        mail = self.mail
        client = SMTP(
            hostname=mail.host,
            port=mail.port,
            timeout=mail.timeout_seconds,
            use_tls=mail.security == "tls",
            start_tls=mail.security == "starttls",
            tls_context=self._context,
            local_hostname=mail.sender.rpartition("@")[2],
        )
        try:
            greeting = await client.connect()
            self._guard(client, greeting)
            await client.ehlo()
            await self._login(client)
        except CannotSend:
            client.close()
            raise
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise CannotSend(reason_of(error), _short(error)) from error
        return client

    async def _login(self, client: SMTP) -> None:
        """One at a time, so that a wrong password is offered once and not on k connections."""
        if not self.mail.username:
            return
        async with self._login_turn:
            if self._refused:
                raise CannotSend("auth", self._refused)
            try:
                await login(client, self.mail.username, self.mail.password.get_secret_value())
            except SMTPAuthenticationError as error:
                if error.code >= 500:
                    self._refused = _short(error)
                raise

    def _guard(self, client: SMTP, greeting: SMTPResponse) -> None:
        """Without TLS only to this machine; in a rehearsal only to our own catcher."""
        peer = client.get_transport_info("peername")[0]
        loopback = ipaddress.ip_address(peer.partition("%")[0]).is_loopback
        if self.mail.security == "none" and not loopback:
            raise CannotSend("not_encrypted")
        ours = loopback and greeting.message.split()[:1] == [CATCHER]
        if self.mail.mode is MailMode.REHEARSE and not ours:
            raise CannotSend("not_catcher")


async def _payload(client: SMTP, data: bytes, timeout: float) -> SMTPResponse:
    """The message, dots stuffed, and the reply to its final dot."""
    if client.protocol is None:
        raise SMTPServerDisconnected("connection lost")
    client.protocol.write(on_the_wire(data))
    return await client.protocol.read_response(timeout=timeout)


def _size_limit(client: SMTP, ours: int) -> int:
    stated = client.esmtp_extensions.get("size", "").strip()
    theirs = int(stated) if stated.isdecimal() else 0
    return min(ours, theirs) if theirs else ours


def _sender_refused(error: SMTPSenderRefused) -> Outcome:
    """Refused for everybody alike: no address is at fault, so the run stops and the mail stays owed."""
    if error.code in AUTH_CODES:
        return Outcome("deferred", error.code, error.message, stop="auth")
    if error.code == CLOSING:  # what a server says to a connection it held for too long
        return Outcome("deferred", error.code, error.message, lost=True)
    if error.code == TOO_BIG or error.code < 500:
        return _answered(error.code, error.message)
    return Outcome("deferred", error.code, error.message, stop="sender_refused")


def _answered(code: int, text: str, otherwise: str = "deferred") -> Outcome:
    if code == CLOSING:  # of the connection, not of this mail: too many of them in a row end the run
        return Outcome("deferred", code, text, lost=True)
    if 400 <= code < 500:
        return Outcome("deferred", code, text)
    if 500 <= code < 600:
        return Outcome("refused", code, text)
    return Outcome(otherwise, code, text, lost=True)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


async def _farewell(client: SMTP) -> None:
    try:
        await asyncio.wait_for(client.quit(), 5)
    except (SMTPException, *LOST):
        pass
    finally:
        client.close()
