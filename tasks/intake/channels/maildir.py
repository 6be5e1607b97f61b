"""A Maildir on disk: delivered by a catcher or a mail server, read without changing it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tasks.intake.arrival import Times
from tasks.intake.headers import received_of
from tasks.intake.mail import HEAD_BYTES, read_head

from . import ChannelError, Found, Seen


class Maildir:
    """Messages of ``new`` and ``cur``; a message is identified by its unique name without flags."""

    name = "maildir"
    settles = False
    validator = ""

    def __init__(self, root: Path, *, received_by: str = "", max_bytes: int = 60 * 1024 * 1024) -> None:
        self.root = root
        self.received_by = received_by
        self.max_bytes = max_bytes

    def read(self, seen: Seen) -> Iterator[Found]:
        if not self.root.exists():
            return
        for path in self._paths():
            reference = path.name.partition(":")[0]
            if seen(reference):
                continue
            try:
                yield self._found(path, reference)
            except FileNotFoundError:
                continue  # another program moved it between new and cur: next reading
            except OSError as error:
                raise ChannelError(f"không đọc được hộp thư Maildir: {error.strerror}") from error

    def _paths(self) -> list[Path]:
        try:
            folders = [f for f in (self.root / "new", self.root / "cur") if f.is_dir()]
            return sorted((p for f in folders for p in f.iterdir() if _plain(p)), key=lambda p: p.name)
        except OSError as error:
            raise ChannelError(f"không đọc được hộp thư Maildir: {error.strerror}") from error

    def _found(self, path: Path, reference: str) -> Found:
        status = path.stat()
        large = status.st_size > self.max_bytes
        with path.open("rb") as file:
            data = file.read(HEAD_BYTES if large else -1)
        return Found(
            reference=reference,
            kind="mail",
            data=data,
            times=Times(
                internal=datetime.fromtimestamp(status.st_mtime, UTC),
                received=received_of(read_head(data).received, self.received_by)
                if self.received_by
                else None,
            ),
            flag="too_large" if large else "",
        )

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: the Maildir belongs to whoever delivers into it."""


def _plain(path: Path) -> bool:
    return not path.name.startswith(".") and stat.S_ISREG(os.lstat(path).st_mode)
