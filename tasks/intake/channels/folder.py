"""The drop folder: files at any depth, read where they lie. ``.eml`` files are mails.

A file that is still being written waits, and makes the reading incomplete: it may be
somebody's answer. Links are not followed; nothing outside the folder is ever read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from tasks.intake.arrival import Times

from . import ChannelError, Found, Seen

UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".filepart", ".download")
LITTER = ("~$", "._", ".~lock", ".DS_Store", ".nfs", ".sync", "Thumbs.db", "desktop.ini")
SETTLE_SECONDS = 0.2  # a file whose size or time changes in this span is still being written
FRESH = timedelta(minutes=10)  # an unfinished file older than this was abandoned
BEGINNING = 64 * 1024


@dataclass(frozen=True)
class _Entry:
    path: Path
    name: str  # relative, with "/"
    size: int
    mtime_ns: int

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.mtime_ns / 1e9, UTC)


class Folder:
    name = "folder"
    settles = False
    validator = ""

    def __init__(self, root: Path, now: datetime, *, max_bytes: int = 60 * 1024 * 1024) -> None:
        self.root = root
        self.now = now
        self.max_bytes = max_bytes

    def read(self, seen: Seen) -> Iterator[Found]:
        self.root.mkdir(parents=True, exist_ok=True)
        entries, unfinished = self._entries()
        fresh = [e for e in entries if not seen(_stamp(e))]
        if fresh:
            time.sleep(SETTLE_SECONDS)
        waiting = 0
        for entry in fresh:
            data = self._bytes(entry)
            if data is None or _cut_short(entry, data, self.now):
                waiting += 1
            elif not seen(_content(entry, data)):
                yield self._found(entry, data)
        if waiting or unfinished:
            raise ChannelError(f"còn {waiting + unfinished} tệp đang được ghi vào thư mục nhận")

    def _entries(self) -> tuple[list[_Entry], int]:
        """Plain files in order of name, and the number of fresh unfinished ones."""
        entries, unfinished = [], 0

        def stop(error: OSError) -> None:
            raise ChannelError(f"không đọc được thư mục nhận: {error.strerror}") from error

        for folder, folders, names in os.walk(self.root, onerror=stop, followlinks=False):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in sorted(names):
                entry = self._entry(Path(folder) / name)
                if entry is None or name.startswith(LITTER):
                    continue
                if name.startswith(".") or name.lower().endswith(UNFINISHED):
                    unfinished += abs(self.now - entry.modified) < FRESH
                else:
                    entries.append(entry)
        return entries, unfinished

    def _entry(self, path: Path) -> _Entry | None:
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return _Entry(path, path.relative_to(self.root).as_posix(), status.st_size, status.st_mtime_ns)

    def _bytes(self, entry: _Entry) -> bytes | None:
        """The content, or None while the file changes."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(entry.path, flags), "rb") as file:
                data = file.read(BEGINNING if entry.size > self.max_bytes else -1)
                after = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ChannelError(f"không đọc được một tệp trong thư mục nhận: {error.strerror}") from error
        return data if (after.st_size, after.st_mtime_ns) == (entry.size, entry.mtime_ns) else None

    def _found(self, entry: _Entry, data: bytes) -> Found:
        mail = entry.name.lower().endswith(".eml")
        return Found(
            reference=f"{_stamp(entry)}|{_content(entry, data)}",
            kind="mail" if mail else "file",
            data=data,
            times=Times(modified=entry.modified),
            name=entry.path.name,
            place=entry.name,
            flag="too_large" if entry.size > self.max_bytes else "",
        )

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: files stay where the office put them."""


def _stamp(entry: _Entry) -> str:
    return sha256(
        f"{entry.name}|{entry.size}|{entry.mtime_ns}".encode("utf-8", "surrogateescape")
    ).hexdigest()[:24]


def _content(entry: _Entry, data: bytes) -> str:
    """Path and content: a file that a program merely touched is the same file."""
    return sha256(entry.name.encode("utf-8", "surrogateescape") + b"\0" + sha256(data).digest()).hexdigest()[
        :32
    ]


def _cut_short(entry: _Entry, data: bytes, now: datetime) -> bool:
    """A fresh Office or PDF file without its end is probably still being copied."""
    fresh = abs(now - entry.modified) < timedelta(minutes=1)
    if not fresh or len(data) < entry.size:
        return False
    if entry.size == 0:
        return True
    if data[:4] == b"PK\x03\x04":
        return b"PK\x05\x06" not in data[-66_000:]
    return data[:5] == b"%PDF-" and b"%%EOF" not in data[-2048:]
