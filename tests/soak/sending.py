"""Mail under way in a process of its own while something else of the machine fails."""

from __future__ import annotations

import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.integration.post.office import Books, live, open_test_office, owe
from tests.integration.post.sender import start
from tests.integration.post.servers import Sink

from .table import Count

LEASE = 60
CONNECTIONS = 4


class Sending:
    """``mails`` are owed; senders are started, one after the other, until all have an end."""

    def __init__(self, data: Path, sink: Sink, mails: int, url: str = "") -> None:
        self.data, self.sink, self.url = data, sink, url
        self.office = open_test_office(data, live(sink.port), url=url)
        self.owed = owe(self.office, mails)
        self.office.engine.dispose()
        self.origin, self.later, self.broken = time.time(), 0, 0

    def start(self) -> ForkServerProcess:
        options: dict[str, Any] = {"connections": CONNECTIONS, "lease_seconds": LEASE, "max_attempts": 100}
        return start(self.data, self.sink.port, origin=self.origin, later=self.later, url=self.url, **options)

    def after(self, mails: int, seconds: float = 60) -> None:
        """Wait until the server has taken so many."""
        end = time.monotonic() + seconds
        while len(self.sink.accepted) < mails:
            assert time.monotonic() < end, "waited too long"
            time.sleep(0.005)

    def ended(self, sender: ForkServerProcess, seconds: float = 240) -> bool:
        """True where the sender came to its end by itself; else the next one starts past its leases."""
        sender.join(seconds)
        assert sender.exitcode is not None, "it hangs"
        if sender.exitcode:
            self.broken += 1
            self.later += LEASE + 1
        return sender.exitcode == 0

    def finish(self) -> None:
        for _ in range(5):
            if self.ended(self.start()):
                return
        raise AssertionError("five senders in a row did not end")

    def count(self, into: Count) -> None:
        """A mail called sent that no server took is lost, as is one without an end."""
        books = Books(self.office.engine)
        accepted = {message_id for _, message_id, _ in self.sink.accepted}
        ended = [books.notice(n) for n in self.owed]
        into.lost += sum(n.state != "sent" or n.message_id not in accepted for n in ended)
        into.duplicated += self.sink.duplicates()
        into.wrong += (self.sink.versions() > 1) + (not books.audit_is_whole())
        assert self.sink.duplicates() <= self.broken * CONNECTIONS
        self.office.engine.dispose()
