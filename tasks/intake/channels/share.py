"""A web share: a WebDAV folder (Nextcloud and the like) or a plain JSON listing over HTTPS.

The share is somebody else's server (see ``web``). One file that cannot be had does not hide the
others: they are read, and the reading is not complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from config.settings import Share
from tasks.intake.arrival import Times

from . import LITTER, ChannelError, Found, NotGiven, Seen
from .listings import PROPFIND, Entry, below, json_entries, last_of, lasting_etag, path_of, webdav_entries
from .web import UNCHANGED, Web

MAX_LISTING = 20 * 1024 * 1024
MAX_DEPTH = 20
MAX_ENTRIES = 20_000
BEGINNING = 64 * 1024


def open_share(settings: Share, *, validator: str = "") -> ShareChannel:
    return ShareChannel(settings, validator=validator)


class ShareChannel:
    """``validator``: what the last complete reading was given to recognise an unchanged share; after
    ``read`` that of this reading. It is bound to the address and the account."""

    name = "share"
    settles = False

    def __init__(self, settings: Share, *, validator: str = "") -> None:
        self.settings = settings
        self.base = (
            settings.url if settings.url.endswith("/") or settings.kind == "listing" else settings.url + "/"
        )
        self._bound = _digest(f"{settings.kind}|{self.base}|{settings.username}".encode())[:16]
        self.validator = validator

    def read(self, seen: Seen) -> Iterator[Found]:
        known = self.validator.removeprefix(f"{self._bound} ") if self._is_ours() else ""
        self.validator = ""
        faults: list[str] = []
        with Web(self.settings, self.base) as web:
            entries = self._walk(web, known) if self.settings.kind == "webdav" else self._listing(web, known)
            for entry in entries:
                if entry.name.startswith(LITTER) or last_of(entry.url).startswith(LITTER):
                    continue
                stamp = _digest(f"{unquote(entry.url)}|{entry.version}".encode())[:24]
                if entry.version and seen(stamp):
                    continue
                try:
                    found = self._download(web, entry, stamp)
                except NotGiven as fault:
                    faults.append(str(fault))
                    continue
                if not seen(found.reference.partition("|")[2]):
                    yield found
        if faults:
            more = f" (và {len(faults) - 1} tệp khác)" if len(faults) > 1 else ""
            raise ChannelError(faults[0] + more)

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: the share is only read."""

    def waiting(self) -> int:
        """Ask for the list and load no file: how many files and folders it names."""
        with Web(self.settings, self.base) as web:
            if self.settings.kind == "webdav":
                return len(below(self._folder(web, self.base)[1], self.base))
            return len(json_entries(web.ask("GET", self.base, MAX_LISTING).body, self.base))

    def _is_ours(self) -> bool:
        return self.validator.startswith(f"{self._bound} ")

    def _remember(self, etag: str) -> None:
        self.validator = f"{self._bound} {etag}" if etag else ""

    def _walk(self, web: Web, known: str) -> Iterator[Entry]:
        """Files of the WebDAV folder, folder by folder (Depth: infinity is often refused).

        No ``If-None-Match`` goes with PROPFIND: servers answer it with 412, or by a folder's own ETag,
        which in general says nothing of what lies below. Where it does, it is compared here.
        """
        waiting, visited, count = [(self.base, 0)], set(), 0
        while waiting:
            url, depth = waiting.pop(0)
            if path_of(url) in visited:
                continue
            if depth > MAX_DEPTH:
                raise ChannelError("thư mục web lồng nhau quá sâu")
            visited.add(path_of(url))
            own, inside = self._folder(web, url)
            if not depth:
                self._remember(own.deep_etag)
                if own.deep_etag and own.deep_etag == known:
                    return
            for entry in below(inside, self.base):
                count += 1
                if count > MAX_ENTRIES:
                    raise ChannelError("thư mục web có quá nhiều tệp")
                if entry.folder:
                    waiting.append((entry.url, depth + 1))
                else:
                    yield entry

    def _folder(self, web: Web, url: str) -> tuple[Entry, list[Entry]]:
        headers = {"Depth": "1", "Content-Type": "application/xml"}
        answer = web.ask("PROPFIND", url, MAX_LISTING, data=PROPFIND, headers=headers)
        own, inside = webdav_entries(_whole(answer.body, answer.cut), url)
        for entry in inside:
            web.same_host(entry.url)
        return own, inside

    def _listing(self, web: Web, known: str) -> Iterator[Entry]:
        headers = {"If-None-Match": known} if known else {}
        answer = web.ask("GET", self.base, MAX_LISTING, headers=headers)
        if known and answer.status == UNCHANGED:
            self._remember(known)
            return
        entries = json_entries(_whole(answer.body, answer.cut), self.base)
        if len(entries) > MAX_ENTRIES:
            raise ChannelError("thư mục web có quá nhiều tệp")
        yield from entries
        if all(e.version for e in entries):  # else a file may change and the listing stay the same
            self._remember(lasting_etag(answer.headers))

    def _download(self, web: Web, entry: Entry, stamp: str) -> Found:
        answer = web.ask("GET", entry.url, self.settings.max_bytes)
        data = answer.body
        if answer.status == UNCHANGED:
            raise NotGiven("một tệp trên thư mục web không được máy chủ trả về")
        if not answer.cut and entry.sha256 and _digest(data) != entry.sha256:
            raise NotGiven("một tệp trên thư mục web không khớp mã băm đã công bố")
        if not answer.cut and entry.size is not None and entry.size != len(data):
            raise NotGiven("một tệp trên thư mục web đang được tải lên hoặc tải về chưa trọn vẹn")
        content = _digest(unquote(entry.url).encode() + b"\0" + hashlib.sha256(data).digest())[:32]
        mail = entry.name.lower().endswith(".eml")
        return Found(
            reference=f"{stamp}|{content}",
            kind="mail" if mail else "file",
            data=data[:BEGINNING] if answer.cut else data,
            times=Times(modified=entry.modified),
            name=entry.name,
            place=unquote(urlsplit(entry.url).path).removeprefix(path_of(self.base)),
            flag="too_large" if answer.cut else "",
        )


def _whole(body: bytes, cut: bool) -> bytes:
    if cut:
        raise ChannelError("danh sách của thư mục web dài quá mức cho phép")
    return body


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
