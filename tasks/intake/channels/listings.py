"""What a share says it holds: a WebDAV answer or a JSON list, as entries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tasks.intake.headers import file_name, instant_of

from . import ChannelError

DAV, OWNCLOUD = "{DAV:}", "{http://owncloud.org/ns}"
PROPFIND = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:oc="http://owncloud.org/ns"><prop><resourcetype/>'
    b"<getcontentlength/><getlastmodified/><getetag/><oc:fileid/></prop></propfind>"
)
SETTLED = timedelta(minutes=1)  # RFC 9110, 8.8.2.2: what changed later may change again in that second
_SHAPE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Entry:
    """A file or folder of the share. ``version`` changes when a file's content does (ETag, hash or time
    and size); empty where the server gives nothing of the kind: then only its content tells."""

    url: str
    name: str
    version: str = ""
    size: int | None = None
    modified: datetime | None = None
    sha256: str = ""
    folder: bool = False
    deep_etag: str = ""  # of a folder, where it changes with everything below it (ownCloud, Nextcloud)


def path_of(url: str) -> str:
    """The path for comparing: servers write the same letter plain or as %xx, in either case."""
    return unquote(urlsplit(url).path).rstrip("/") + "/"


def last_of(url: str) -> str:
    """The file's own name as the server has it, with its leading dot."""
    return path_of(url)[:-1].rsplit("/", 1)[-1]


def webdav_entries(answer: bytes, url: str) -> tuple[Entry, list[Entry]]:
    """The folder ``url`` itself and what lies in it.

    A folder that does not name itself (RFC 4918, 9.1) is no answer about it: a proxy's or a login
    page must not pass for an empty folder.
    """
    try:
        found = [
            _dav_entry(response, urljoin(url, (response.findtext(f"{DAV}href") or "").strip()))
            for response in fromstring(answer).iter(f"{DAV}response")
        ]
    except (ValueError, SyntaxError, DefusedXmlException) as error:
        raise ChannelError(f"thư mục web trả về danh sách không đọc được ({type(error).__name__})") from None
    own, inside = None, []
    for entry in found:
        if path_of(entry.url) == path_of(url):
            own = entry
        else:
            inside.append(entry)
    if own is None:
        raise ChannelError("thư mục web không trả về danh sách của thư mục được hỏi")
    return own, inside


def _dav_entry(response: Any, href: str) -> Entry:
    def text(name: str) -> str:
        return next((t for e in response.iter(name) if (t := (e.text or "").strip())), "")

    length, modified = text(f"{DAV}getcontentlength"), text(f"{DAV}getlastmodified")
    etag = text(f"{DAV}getetag")
    folder = response.find(f".//{DAV}collection") is not None
    return Entry(
        url=href,
        name=file_name(unquote(urlsplit(href).path)),
        version=etag or (f"{modified}/{length}" if modified else ""),
        size=int(length) if length.isascii() and length.isdigit() else None,
        modified=instant_of(modified) if modified else None,
        folder=folder,
        deep_etag=etag if folder and text(f"{OWNCLOUD}fileid") else "",
    )


def json_entries(answer: bytes, base: str) -> list[Entry]:
    """A JSON list of {name, url, sha256, modified}."""
    try:
        rows = json.loads(answer)
        if not isinstance(rows, list):
            raise ValueError("not a list")
        return [_listed(row, base) for row in rows]
    except _SHAPE:
        raise ChannelError("danh sách tệp trên web không đúng dạng [{name, url, sha256, modified}]") from None


def _listed(row: dict[str, str], base: str) -> Entry:
    modified = datetime.fromisoformat(row["modified"]) if row.get("modified") else None
    if modified and not modified.tzinfo:
        raise ValueError("modified needs a zone")
    sha256 = str(row.get("sha256") or "").lower()
    version = sha256 or str(row.get("modified") or "")
    (row["url"] + version).encode()  # ValueError for half a character ("\\ud800")
    return Entry(urljoin(base, row["url"]), file_name(row["name"]), version, modified=modified, sha256=sha256)


def lasting_etag(headers: Mapping[str, str]) -> str:
    """The ETag of a listing, if an unchanged one proves an unchanged listing.

    Many servers make ETags of time and size; a listing rewritten within the second it was read in
    would keep its ETag, and a report would be overlooked.
    """
    etag = headers.get("ETag", "").strip()
    changed = instant_of(headers.get("Last-Modified", ""))
    said = instant_of(headers.get("Date", ""))
    if changed and (said is None or said - changed < SETTLED):
        return ""
    return etag if 0 < len(etag) <= 200 else ""


def below(entries: Iterable[Entry], root: str) -> list[Entry]:
    """Those that lie under the configured folder; a server may name its parent too."""
    return [e for e in entries if path_of(e.url).startswith(path_of(root))]
