"""A Maildir on disk: delivered by a catcher or a mail server, read without changing it.

One mail that cannot be opened does not hide the others: they are read, and the reading is not complete.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from tasks.intake.arrival import Times, file_time
from tasks.intake.headers import received_of
from tasks.intake.mail import HEAD_BYTES, read_head

from . import ChannelError, Found, Seen


class Maildir:
    """Messages of ``new`` and ``cur``; a message is identified by its unique name without flags.

    ``required``: the office named it. A server makes it with the first mail; but where a folder has
    neither ``new`` nor ``cur``, or what it lies in is gone, a drive is not mounted: that is no empty box.
    """

    name = "maildir"
    settles = False
    validator = ""

    def __init__(
        self,
        root: Path,
        *,
        received_by: str = "",
        max_bytes: int = 60 * 1024 * 1024,
        required: bool = False,
    ) -> None:
        self.root = root
        self.received_by = received_by
        self.max_bytes = max_bytes
        self.required = required

    def read(self, seen: Seen) -> Iterator[Found]:
        faults: list[OSError] = []
        for path in self._paths():
            reference = _reference(path)
            if seen(reference):
                continue
            try:
                yield self._found(path, reference)
            except FileNotFoundError:
                continue  # another program moved it between new and cur: next reading
            except OSError as fault:
                faults.append(fault)
        if faults:
            raise ChannelError(f"không đọc được {len(faults)} thư trong Maildir: {faults[0].strerror}")

    def _paths(self) -> list[Path]:
        try:
            folders = [f for f in (self.root / "new", self.root / "cur") if f.is_dir()]
            if self.required and not folders and (self.root.exists() or not self.root.parent.is_dir()):
                raise ChannelError("không có hộp thư Maildir ở DONDOC_MAILBOX: ổ đĩa chưa gắn?")
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
                internal=file_time(status.st_mtime),
                received=received_of(read_head(data).received, self.received_by)
                if self.received_by
                else None,
            ),
            flag="too_large" if large else "",
        )

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: the Maildir belongs to whoever delivers into it."""


def _reference(path: Path) -> str:
    """The unique name; hashed where its bytes are no text and no database would take them."""
    unique = path.name.partition(":")[0]
    try:
        unique.encode()
    except UnicodeEncodeError:
        return sha256(os.fsencode(unique)).hexdigest()
    return unique


def _plain(path: Path) -> bool:
    try:
        return not path.name.startswith(".") and stat.S_ISREG(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False  # moved between new and cur: next reading
