"""The office's mailbox over IMAP.

Identity is (account, folder, UIDVALIDITY, UID); after a change of UIDVALIDITY the same bytes are
the same mail. Sizes are asked before bodies; nothing is marked or moved before it is stored. One mail
that the server cannot give does not hide the others: they are read, and the reading is not complete.
"""

from __future__ import annotations

import hashlib
import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from socket import SHUT_RDWR
from threading import Event, Timer
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from config.plan import ZONE
from config.settings import Imap
from tasks.intake.arrival import Times
from tasks.intake.headers import received_of
from tasks.intake.mail import HEAD_BYTES, read_head
from tasks.intake.outcome import UNDECIDED

from . import ChannelError, Found, NotGiven, Seen
from .patience import TooSlow, within

JUNK = b"\\Junk"
TIMEOUT_SECONDS = 60
PATIENCE = 10  # times the timeout: the longest that one command may take, a large mail included
DAY = timedelta(days=1)  # SEARCH SINCE knows days only, in the server's zone
LOCAL = ("127.0.0.1", "localhost", "::1")
BROKEN = (IMAPClientError, OSError, EOFError, ValueError, KeyError, IndexError, TypeError, AssertionError)


class ImapMailbox:
    name = "mailbox"
    settles = True
    validator = ""

    def __init__(
        self, settings: Imap, *, since: datetime | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        """``since``: mail that lay in the box before (the day before that instant) is not ours to touch."""
        self.settings = settings
        self.criteria: list[Any] = ["SINCE", (since - DAY).date()] if since else ["ALL"]
        self.timeout = timeout
        self._again: dict[str, str] = {}  # reference → reference of the same bytes stored before
        self.folders = tuple(dict.fromkeys((settings.folder, *settings.also_folders)))
        self._left: set[str] = set()  # folders with anything to be moved away

    def read(self, seen: Seen) -> Iterator[Found]:
        faults: list[NotGiven] = []
        with self._session() as client:
            for folder in self.folders:
                yield from self._read_folder(client, folder, seen, faults)
        if faults:
            raise ChannelError(f"máy chủ thư không đưa ra được {len(faults)} thư")

    def _read_folder(
        self, client: IMAPClient, folder: str, seen: Seen, faults: list[NotGiven]
    ) -> Iterator[Found]:
        prefix = self._select(client, folder)
        every = sorted(self._ask(client.search, self.criteria))
        if every:
            self._left.add(folder)
        for uid in every:
            if seen(f"{prefix}{uid}"):
                continue
            try:
                found = self._fetch(client, prefix, uid)
            except NotGiven as fault:
                faults.append(fault)
                continue
            if found is None:
                continue
            reference, _, content = found.reference.partition("|")
            if seen(content):
                self._again[reference] = content
            else:
                yield found

    def _fetch(self, client: IMAPClient, prefix: str, uid: int) -> Found | None:
        """One mail; None where another program removed it meanwhile."""
        facts = self._ask(client.fetch, [uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
        if facts is None:
            return None
        large = int(facts[b"RFC822.SIZE"]) > self.settings.max_bytes
        part = f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>" if large else "BODY.PEEK[]"
        answer = self._ask(client.fetch, [uid], [part]).get(uid)
        if answer is None:
            return None
        data = next((v for k, v in answer.items() if k.startswith(b"BODY[")), None)
        if not isinstance(data, bytes):
            raise NotGiven("máy chủ thư trả về nội dung không hợp lệ")
        host = self.settings.received_by
        return Found(
            reference=f"{prefix}{uid}|{hashlib.sha256(data).hexdigest()[:32]}",
            kind="mail",
            data=data,
            times=Times(
                internal=_instant(facts.get(b"INTERNALDATE")),
                received=received_of(read_head(data).received, host) if host else None,
            ),
            flag="too_large" if large else "",
        )

    def waiting(self) -> tuple[dict[str, int], dict[str, int]]:
        """Log in, change nothing: how many mails lie in each folder that is read, and in a spam
        folder (RFC 6154) that is not."""
        with self._session() as client:
            spam = self._ask(client.find_special_folder, JUNK)
            aside = [spam] if spam and spam not in self.folders else []
            return (
                {folder: self._count(client, folder) for folder in self.folders},
                {folder: self._count(client, folder) for folder in aside},
            )

    def _count(self, client: IMAPClient, folder: str) -> int:
        self._select(client, folder)
        return len(self._ask(client.search, self.criteria))

    def settle(self, outcomes: dict[str, str]) -> None:
        """Move stored mails out of the folder: recognised ones and those that wait for a person."""
        if not self._left:
            return
        known = {part: outcome for r, outcome in outcomes.items() for part in r.split("|")}
        with self._session() as client:
            for folder in self.folders:
                if folder in self._left:
                    self._clear(client, folder, known)

    def _clear(self, client: IMAPClient, folder: str, known: dict[str, str]) -> None:
        prefix = self._select(client, folder, readonly=False)
        moves: dict[str, list[int]] = {}
        for uid in self._ask(client.search, self.criteria):
            reference = f"{prefix}{uid}"
            outcome = known.get(reference) or known.get(self._again.get(reference, ""))
            if outcome is None:
                continue
            target = self.settings.unrecognised if outcome in UNDECIDED else self.settings.processed
            moves.setdefault(target, []).append(uid)
        for target, uids in moves.items():
            self._move(client, target, uids)

    def _move(self, client: IMAPClient, target: str, uids: list[int]) -> None:
        if not self._ask(client.folder_exists, target):
            self._ask(client.create_folder, target)
        if client.has_capability("MOVE"):
            self._ask(client.move, uids, target)
            return
        self._ask(client.copy, uids, target)
        self._ask(client.delete_messages, uids)
        if client.has_capability("UIDPLUS"):
            self._ask(client.uid_expunge, uids)

    @contextmanager
    def _session(self) -> Iterator[IMAPClient]:
        client = self._connect()
        try:
            yield client
        finally:
            with suppress(*BROKEN):  # the connection may be gone already
                client.logout()

    def _connect(self) -> IMAPClient:
        s = self.settings
        if s.security == "none" and s.host not in LOCAL:
            raise ChannelError("DONDOC_IMAP__SECURITY=none chỉ dùng được với máy chủ 127.0.0.1")
        try:
            context = ssl.create_default_context(cafile=str(s.ca_file) if s.ca_file else None)
        except OSError:
            raise ChannelError("không đọc được chứng thư gốc: kiểm tra DONDOC_IMAP__CA_FILE") from None
        try:
            client = within(PATIENCE * self.timeout, partial(self._log_in, context))
        except TooSlow:
            raise ChannelError("máy chủ thư trả lời quá chậm") from None
        except LoginError as error:
            if isinstance(error.__context__, imaplib.IMAP4.abort):
                raise ChannelError("kết nối với máy chủ thư bị ngắt khi đăng nhập") from None
            raise ChannelError(
                "hộp thư từ chối đăng nhập: kiểm tra DONDOC_IMAP__USERNAME, __PASSWORD"
            ) from None
        except ssl.SSLError as error:
            raise ChannelError(f"chứng thư của máy chủ thư không hợp lệ ({error.reason})") from None
        except BROKEN as error:
            raise ChannelError(f"không kết nối được máy chủ thư ({type(error).__name__})") from None
        client.normalise_times = False
        return client

    def _log_in(self, context: ssl.SSLContext) -> IMAPClient:
        s = self.settings
        client = IMAPClient(
            s.host,
            port=s.port,
            ssl=s.security == "tls",
            ssl_context=context if s.security == "tls" else None,
            timeout=self.timeout,
        )
        if s.security == "starttls":
            client.starttls(context)
        client.login(s.username, s.password.get_secret_value())
        return client

    def _select(self, client: IMAPClient, folder: str, *, readonly: bool = True) -> str:
        """Open ``folder``; what the references of its mails begin with."""
        facts = self._ask(client.select_folder, folder, readonly)
        return f"{self.settings.username}/{folder}/{int(facts[b'UIDVALIDITY'])}/"

    def _ask(self, command: Any, *arguments: Any) -> Any:
        """Run one command; whatever breaks the conversation ends this reading as incomplete.

        The socket's timeout begins anew with every byte; a server that dribbles is cut off here.
        """
        slow = Event()
        watch = Timer(PATIENCE * self.timeout, _hang_up, [command.__self__, slow])
        watch.daemon = True
        watch.start()
        try:
            return command(*arguments)
        except TimeoutError:
            raise ChannelError("máy chủ thư không trả lời đúng thời gian") from None
        except BROKEN as error:
            if slow.is_set():
                raise ChannelError("máy chủ thư trả lời quá chậm") from None
            if isinstance(error, IMAPClientError) and not isinstance(error, imaplib.IMAP4.abort):
                raise NotGiven("máy chủ thư từ chối một lệnh") from None
            raise ChannelError(f"kết nối với máy chủ thư bị ngắt ({type(error).__name__})") from None
        finally:
            watch.cancel()


def _hang_up(client: IMAPClient, slow: Event) -> None:
    slow.set()
    with suppress(*BROKEN):  # gone already
        client.socket().shutdown(SHUT_RDWR)


def _instant(value: object) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=ZONE)
