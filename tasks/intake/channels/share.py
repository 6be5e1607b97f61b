"""A web share: a WebDAV folder (Nextcloud and the like) or a plain JSON listing over HTTPS.

The share is somebody else's server: no redirect off the configured host, no private address
unless configured, every size and time bounded, XML read by defusedxml.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import requests
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from config.settings import Share
from tasks.intake.arrival import Times
from tasks.intake.headers import file_name, instant_of

from . import Channel, ChannelError, Found, Seen

DAV = "{DAV:}"
MAX_LISTING = 20 * 1024 * 1024
MAX_DEPTH = 5
MAX_REDIRECTS = 3
MAX_ENTRIES = 20_000
PROPFIND = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/>'
    b"<getlastmodified/><getetag/></prop></propfind>"
)


@dataclass(frozen=True)
class Entry:
    """A file of the share. ``version`` changes when its content does (ETag, hash or time and size)."""

    url: str
    name: str
    version: str
    size: int | None
    modified: datetime | None
    sha256: str = ""


def open_share(settings: Share) -> Channel:
    return ShareChannel(settings)


class ShareChannel:
    name = "share"
    settles = False

    def __init__(self, settings: Share) -> None:
        self.settings = settings
        self.base = (
            settings.url if settings.url.endswith("/") or settings.kind == "listing" else settings.url + "/"
        )
        self.host = urlsplit(self.base)

    def read(self, seen: Seen) -> Iterator[Found]:
        self._allowed()
        with self._client() as client:
            entries = self._walk(client) if self.settings.kind == "webdav" else self._listing(client)
            for entry in entries:
                stamp = _digest(f"{entry.url}|{entry.version}".encode())[:24]
                if seen(stamp):
                    continue
                found = self._download(client, entry, stamp)
                if not seen(found.reference.partition("|")[2]):
                    yield found

    def settle(self, outcomes: dict[str, str]) -> None:
        """Nothing: the share is only read."""

    def _allowed(self) -> None:
        """``ChannelError`` for a scheme or an address that the settings do not allow."""
        if self.host.scheme != "https" and not self.settings.allow_private:
            raise ChannelError("DONDOC_SHARE__URL phải bắt đầu bằng https://")
        if self.settings.allow_private:
            return
        try:
            found = socket.getaddrinfo(
                self.host.hostname or "", self.host.port or 443, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise ChannelError(f"không tìm thấy máy chủ của thư mục web ({type(error).__name__})") from None
        if not all(ipaddress.ip_address(str(a[4][0]).partition("%")[0]).is_global for a in found):
            raise ChannelError(
                "thư mục web nằm trên địa chỉ nội bộ; nếu đúng ý, đặt DONDOC_SHARE__ALLOW_PRIVATE=true"
            )

    def _client(self) -> requests.Session:
        client = requests.Session()
        client.trust_env = False  # no proxy, no .netrc: only what the settings say
        retry = Retry(
            total=3, backoff_factor=0.3, status_forcelist=(502, 503, 504), allowed_methods=("GET", "PROPFIND")
        )
        client.mount(f"{self.host.scheme}://", HTTPAdapter(max_retries=retry))
        if self.settings.username:
            client.auth = (self.settings.username, self.settings.password.get_secret_value())
        if self.settings.ca_file:
            client.verify = str(self.settings.ca_file)
        return client

    def _ask(self, client: requests.Session, method: str, url: str, limit: int, **options: Any) -> bytes:
        """The body of ``url`` (at most ``limit`` bytes), redirects followed on the same host only."""
        for _ in range(MAX_REDIRECTS + 1):
            self._same_host(url)
            try:
                with client.request(
                    method,
                    url,
                    timeout=self.settings.timeout_seconds,
                    allow_redirects=False,
                    stream=True,
                    **options,
                ) as answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers.get("Location", ""))
                        continue
                    return _body(answer, limit)
            except requests.RequestException as error:
                raise ChannelError(f"không đọc được thư mục web ({type(error).__name__})") from None
        raise ChannelError("thư mục web chuyển hướng quá nhiều lần")

    def _same_host(self, url: str) -> None:
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != (self.host.scheme, self.host.netloc):
            raise ChannelError("thư mục web dẫn sang máy chủ khác với DONDOC_SHARE__URL")

    def _walk(self, client: requests.Session) -> Iterator[Entry]:
        """Files of the WebDAV folder, folder by folder (Depth: infinity is often refused)."""
        waiting, visited, count = [(self.base, 0)], set(), 0
        while waiting:
            url, depth = waiting.pop(0)
            if url in visited or depth > MAX_DEPTH:
                continue
            visited.add(url)
            headers = {"Depth": "1", "Content-Type": "application/xml"}
            answer = self._ask(client, "PROPFIND", url, MAX_LISTING, data=PROPFIND, headers=headers)
            for entry, folder in self._entries(answer, url):
                count += 1
                if count > MAX_ENTRIES:
                    raise ChannelError("thư mục web có quá nhiều tệp")
                if folder:
                    waiting.append((entry.url, depth + 1))
                else:
                    yield entry

    def _entries(self, answer: bytes, url: str) -> Iterator[tuple[Entry, bool]]:
        try:
            tree = fromstring(answer)
        except (ValueError, SyntaxError, DefusedXmlException) as error:
            raise ChannelError(
                f"thư mục web trả về danh sách không đọc được ({type(error).__name__})"
            ) from None
        for response in tree.iter(f"{DAV}response"):
            href = urljoin(url, (response.findtext(f"{DAV}href") or "").strip())
            self._same_host(href)
            inside = urlsplit(href).path.startswith(self.host.path)
            if not inside or urlsplit(href).path.rstrip("/") == urlsplit(url).path.rstrip("/"):
                continue
            folder = response.find(f".//{DAV}collection") is not None
            yield _dav_entry(response, href), folder

    def _listing(self, client: requests.Session) -> Iterator[Entry]:
        """A JSON list of {name, url, sha256, modified}."""
        answer = self._ask(client, "GET", self.base, MAX_LISTING)
        try:
            rows = json.loads(answer)
            entries = [_listed(row, self.base) for row in rows][: MAX_ENTRIES + 1]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise ChannelError(
                "danh sách tệp trên web không đúng dạng [{name, url, sha256, modified}]"
            ) from None
        if len(entries) > MAX_ENTRIES:
            raise ChannelError("thư mục web có quá nhiều tệp")
        yield from entries

    def _download(self, client: requests.Session, entry: Entry, stamp: str) -> Found:
        data = self._ask(client, "GET", entry.url, self.settings.max_bytes)
        if entry.sha256 and _digest(data) != entry.sha256:
            raise ChannelError("một tệp trên thư mục web không khớp mã băm đã công bố")
        if entry.size is not None and entry.size != len(data):
            raise ChannelError("một tệp trên thư mục web đang được tải lên hoặc tải về chưa trọn vẹn")
        content = _digest(entry.url.encode() + b"\0" + hashlib.sha256(data).digest())[:32]
        mail = entry.name.lower().endswith(".eml")
        return Found(
            reference=f"{stamp}|{content}",
            kind="mail" if mail else "file",
            data=data,
            times=Times(modified=entry.modified),
            name=entry.name,
            place=unquote(urlsplit(entry.url).path).removeprefix(unquote(self.host.path)),
        )


def _body(answer: requests.Response, limit: int) -> bytes:
    if answer.status_code not in (200, 207):
        raise ChannelError(f"thư mục web trả lời mã {answer.status_code}")
    data = bytearray()
    for chunk in answer.iter_content(64 * 1024):
        data += chunk
        if len(data) > limit:
            raise ChannelError("một tệp trên thư mục web vượt quá dung lượng cho phép")
    return bytes(data)


def _dav_entry(response: Any, href: str) -> Entry:
    length = (response.findtext(f".//{DAV}getcontentlength") or "").strip()
    modified = (response.findtext(f".//{DAV}getlastmodified") or "").strip()
    etag = (response.findtext(f".//{DAV}getetag") or "").strip()
    return Entry(
        url=href,
        name=file_name(unquote(urlsplit(href).path)),
        version=etag or f"{modified}/{length}",
        size=int(length) if length.isdigit() else None,
        modified=instant_of(modified) if modified else None,
    )


def _listed(row: dict[str, str], base: str) -> Entry:
    modified = datetime.fromisoformat(row["modified"]) if row.get("modified") else None
    if modified and not modified.tzinfo:
        raise ValueError("modified needs a zone")
    sha256 = str(row.get("sha256") or "").lower()
    url = urljoin(base, row["url"])
    return Entry(url, file_name(row["name"]), sha256 or str(row.get("modified")), None, modified, sha256)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
