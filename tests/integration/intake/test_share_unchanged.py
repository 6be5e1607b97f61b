"""A share that did not change is not read again; one that may have changed always is."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.settings import Settings, Share
from db.models import ReadingRow
from db.session import reading
from tasks.intake.channels import Channel
from tasks.intake.collect import Collected, channels, collect
from tasks.office import with_settings
from tests.integration.intake.world import JUNE, World, a_world
from tests.mail_servers import Cutter, listing_server

Q2 = "2026-q2"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data", rehearsal=False)


@pytest.fixture
def server() -> Iterator[Any]:
    pages: dict[str, Any] = {}
    server = listing_server(pages)
    server.pages, server.url = pages, f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    server.server_close()


def read(world: World, url: str, kind: str = "listing", **more: Any) -> Collected:
    """One pass as the mailroom makes it: the channel knows what the database remembers."""
    world.now += timedelta(minutes=5)
    share = Share.model_validate(
        {"allow_private": True, "timeout_seconds": 5, "url": url, "kind": kind} | more
    )
    settings: Settings = world.office.settings.model_copy(update={"share": share})
    office = with_settings(world.office, settings)
    (only,) = [c for c in channels(office, world.now) if c.name == "share"]
    found: list[Channel] = [only]
    return collect(office, world.now, found)


def publish(server: Any, files: dict[str, bytes], etag: str, **headers: str) -> None:
    rows = [
        {"name": name, "url": f"/{name}", "sha256": hashlib.sha256(data).hexdigest(),
         "modified": "2026-06-20T08:30:00+07:00"}
        for name, data in files.items()
    ]  # fmt: skip
    server.pages["/list.json"] = (200, {"ETag": etag, **headers}, json.dumps(rows).encode())
    for name, data in files.items():
        server.pages[f"/{name}"] = (200, {}, data)


def test_an_unchanged_listing_is_answered_304_and_the_reading_is_complete(world: World, server: Any) -> None:
    form = world.form("SYT", Q2)
    publish(server, {"a.xlsx": form}, '"1"')
    first, second = read(world, f"{server.url}/list.json"), read(world, f"{server.url}/list.json")
    assert [(d.complete, d.submissions) for d in (first, second)] == [(True, 1), (True, 0)]
    assert server.asked == [("GET", "/list.json", 200), ("GET", "/a.xlsx", 200), ("GET", "/list.json", 304)]
    publish(server, {"a.xlsx": form, "b.xlsx": world.form("SXD", Q2)}, '"2"')
    assert read(world, f"{server.url}/list.json").submissions == 1
    assert world.submissions() == [("SYT", Q2, 1), ("SXD", Q2, 1)]


def test_after_an_incomplete_reading_the_listing_is_asked_for_whole(world: World, server: Any) -> None:
    form = world.form("SYT", Q2)
    publish(server, {"a.xlsx": form, "b.xlsx": world.form("SXD", Q2)}, '"1"')
    server.pages["/a.xlsx"] = (403, {}, b"")
    broken = read(world, f"{server.url}/list.json")
    assert (broken.complete, broken.submissions) == (False, 1), "one file hides no other"
    server.pages["/a.xlsx"] = (200, {}, form)
    assert read(world, f"{server.url}/list.json").submissions == 1
    assert 304 not in [status for *_, status in server.asked]


def test_an_etag_younger_than_a_minute_is_not_believed(world: World, server: Any) -> None:
    said = {"Last-Modified": format_datetime(JUNE), "Date": format_datetime(JUNE + timedelta(seconds=59))}
    publish(server, {"a.xlsx": world.form("SYT", Q2)}, '"1"', **said)
    for _ in range(2):
        read(world, f"{server.url}/list.json")
    assert ("GET", "/list.json", 304) not in server.asked
    said["Date"] = format_datetime(JUNE + timedelta(seconds=61))
    publish(server, {"a.xlsx": world.form("SYT", Q2)}, '"1"', **said)
    for _ in range(2):
        read(world, f"{server.url}/list.json")
    assert server.asked[-1] == ("GET", "/list.json", 304)


def test_another_address_or_account_does_not_use_the_old_etag(world: World, server: Any) -> None:
    publish(server, {"a.xlsx": world.form("SYT", Q2)}, '"1"')
    read(world, f"{server.url}/list.json")
    server.pages["/other.json"] = (200, {"ETag": '"1"'}, b"[]")
    assert read(world, f"{server.url}/other.json").complete
    assert server.asked[-1] == ("GET", "/other.json", 200)


def test_rows_that_cannot_show_a_change_are_loaded_each_time(world: World, server: Any) -> None:
    server.pages["/list.json"] = (200, {"ETag": '"1"'}, b'[{"name": "a.xlsx", "url": "/a.xlsx"}]')
    for fill in ("Bản một.", "Bản hai."):
        server.pages["/a.xlsx"] = (200, {}, world.form("SYT", Q2, fill))
        assert read(world, f"{server.url}/list.json").submissions == 1
    assert read(world, f"{server.url}/list.json").submissions == 0
    assert world.submissions() == [("SYT", Q2, 1), ("SYT", Q2, 2)]


def test_a_restored_database_asks_for_what_it_has_lost(world: World, server: Any, tmp_path: Path) -> None:
    publish(server, {"a.xlsx": world.form("SYT", Q2)}, '"1"')
    read(world, f"{server.url}/list.json")
    older = a_world(tmp_path / "older", rehearsal=False)
    assert read(older, f"{server.url}/list.json").inbound == 1
    with reading(older.office.engine) as session:
        assert [v.partition(" ")[2] for v in session.scalars(select(ReadingRow.validator))] == ['"1"']


def dav(folders: dict[str, str], files: dict[str, tuple[str, int]], fileid: str = "7") -> bytes:
    """A multistatus: folder → ETag, file → (ETag, size); with ``fileid`` it is a Nextcloud."""
    number = f"<oc:fileid>{fileid}</oc:fileid>" if fileid else ""
    rows = [
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype>"
        f"<d:getetag>{etag}</d:getetag>{number}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        for href, etag in folders.items()
    ] + [
        f"<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:resourcetype/><d:getetag>{etag}</d:getetag>"
        f"<d:getcontentlength>{size}</d:getcontentlength></d:prop></d:propstat></d:response>"
        for href, (etag, size) in files.items()
    ]
    start = '<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns">'
    return (start + "".join(rows) + "</d:multistatus>").encode()


def lay_out(world: World, server: Any, root: str, fill: str, fileid: str = "7") -> None:
    """/dav/ with a folder in which one form lies; ``root`` is the ETag of /dav/."""
    form = world.form("SYT", Q2, fill)
    server.pages["PROPFIND /dav/"] = (207, {}, dav({"/dav/": root, "/dav/SYT/": root}, {}, fileid))
    server.pages["PROPFIND /dav/SYT/"] = (
        207, {}, dav({"/dav/SYT/": root}, {"/dav/SYT/bc.xlsx": (f'"f{fill}"', len(form))}, fileid),
    )  # fmt: skip
    server.pages["/dav/SYT/bc.xlsx"] = (200, {}, form)


def test_a_nextcloud_whose_root_etag_is_the_same_is_asked_once(world: World, server: Any) -> None:
    lay_out(world, server, '"root-1"', "Một.")
    assert read(world, f"{server.url}/dav/", "webdav").submissions == 1
    asked = len(server.asked)
    assert read(world, f"{server.url}/dav/", "webdav").complete
    assert server.asked[asked:] == [("PROPFIND", "/dav/", 207)]
    lay_out(world, server, '"root-2"', "Hai.")
    assert read(world, f"{server.url}/dav/", "webdav").submissions == 1


def test_a_folders_etag_of_other_servers_says_nothing_of_what_lies_below(world: World, server: Any) -> None:
    for fill in ("Một.", "Hai."):
        lay_out(world, server, '"same"', fill, fileid="")
        assert read(world, f"{server.url}/dav/", "webdav").submissions == 1


@pytest.mark.parametrize(
    ("configured", "said", "asked"),
    [
        ("/B%C3%A1o/", "/B%c3%a1o/", "/B%C3%A1o/bc.xlsx"),
        ("/b%20c/", "/b c/", "/b%20c/bc.xlsx"),
        ("/a(b)/", "/a%28b%29/", "/a%28b%29/bc.xlsx"),
    ],
)
def test_a_folder_is_known_again_however_its_name_is_written(
    configured: str, said: str, asked: str, world: World, server: Any
) -> None:
    form = world.form("SYT", Q2)
    server.pages[f"PROPFIND {configured}"] = (
        207, {}, dav({said: '"1"'}, {f"{said}bc.xlsx": ('"2"', len(form))}),
    )  # fmt: skip
    server.pages[asked] = (200, {}, form)
    done = read(world, f"{server.url}{configured}", "webdav")
    assert (done.complete, done.submissions) == (True, 1)


def test_an_answer_that_does_not_name_the_folder_is_no_empty_folder(world: World, server: Any) -> None:
    server.pages["PROPFIND /dav/"] = (200, {}, b"<html><body>login</body></html>")
    assert not read(world, f"{server.url}/dav/", "webdav").complete
    server.pages["/list.json"] = (200, {}, b"{}")
    assert not read(world, f"{server.url}/list.json").complete


def test_folders_nested_beyond_measure_are_told_and_not_passed_over(world: World, server: Any) -> None:
    path = "/dav/"
    for _ in range(30):
        server.pages[f"PROPFIND {path}"] = (207, {}, dav({path: '"1"', f"{path}a/": '"1"'}, {}, ""))
        path += "a/"
    assert "quá sâu" in read(world, f"{server.url}/dav/", "webdav").errors[0]


def test_a_server_that_dribbles_is_given_up(world: World, server: Any) -> None:
    server.pages["/list.json"] = (200, {}, [b" "] * 100)
    done = read(world, f"{server.url}/list.json", timeout_seconds=0.5)
    assert "quá chậm" in done.errors[0]


def test_a_server_that_dribbles_its_headers_is_given_up(world: World, server: Any) -> None:
    publish(server, {"a.xlsx": world.form("SYT", Q2)}, '"1"')
    slow = Cutter(int(server.server_address[1]), itertools.repeat(1), dribble=0.1)
    began = time.monotonic()
    done = read(world, f"http://127.0.0.1:{slow.port}/list.json", timeout_seconds=0.2)
    slow.close()
    assert ("quá chậm" in done.errors[0], time.monotonic() - began < 6) == (True, True)


def test_a_file_over_the_limit_waits_for_a_person_and_stops_nothing(world: World, server: Any) -> None:
    publish(
        server,
        {f"{world.tokens['SYT', Q2]}.pdf": b"%PDF-" + b"x" * 200_000, "b.xlsx": world.form("SXD", Q2)},
        '"1"',
    )
    done = read(world, f"{server.url}/list.json", max_bytes=100_000)
    assert (done.complete, done.inbound, done.submissions, done.undecided) == (True, 2, 1, 1)
    assert world.outcomes()[0] == ("claim", "too_large")
