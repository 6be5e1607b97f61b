"""The web share against a real WebDAV server and a JSON listing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from config.settings import Share
from tasks.intake.channels import ChannelError
from tasks.intake.channels.listings import webdav_entries
from tasks.intake.channels.share import open_share
from tasks.intake.collect import Collected, collect
from tests.integration.intake.world import World, a_world, at
from tests.mail_servers import listing_server, webdav


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data", rehearsal=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "share"
    path.mkdir()
    return path


@pytest.fixture
def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    content: dict[str, Any] = {}
    server = listing_server(content)
    yield f"http://127.0.0.1:{server.server_address[1]}", content
    server.shutdown()
    server.server_close()


def read(world: World, **settings: Any) -> Collected:
    world.now += timedelta(minutes=5)
    share = Share.model_validate({"allow_private": True, "timeout_seconds": 5} | settings)
    return collect(world.office, world.now, [open_share(share)])


def test_files_of_a_webdav_folder_are_read_once_with_their_time(world: World, folder: Path) -> None:
    (folder / "Sở Y tế").mkdir()
    path = folder / "Sở Y tế" / "báo cáo.xlsx"
    path.write_bytes(world.form("SYT", "2026-q2"))
    os.utime(path, (at("2026-06-20 08:30").timestamp(),) * 2)
    with webdav(folder) as url:
        login = {"url": url, "username": "dondoc", "password": SecretStr("bi-mat")}
        first, second = read(world, **login), read(world, **login)
        path.write_bytes(world.form("SYT", "2026-q2", "Nội dung đã sửa."))
        third = read(world, **login)
    assert [(d.complete, d.submissions) for d in (first, second, third)] == [(True, 1), (True, 0), (True, 1)]
    assert world.submissions() == [("SYT", "2026-q2", 1), ("SYT", "2026-q2", 2)]
    item = world.inbound()[0]
    assert (item.arrived_at, item.arrived_how) == (at("2026-06-20 08:30"), "mtime")


def test_a_wrong_password_is_a_failed_reading(world: World, folder: Path) -> None:
    with webdav(folder) as url:
        done = read(world, url=url, username="dondoc", password=SecretStr("sai"))
    assert done.errors == ("share: thư mục web trả lời mã 401",)


def test_a_private_address_is_refused_unless_configured(world: World) -> None:
    done = read(world, url="https://127.0.0.1/", allow_private=False)
    assert "DONDOC_SHARE__ALLOW_PRIVATE" in done.errors[0]


def test_plain_http_is_refused_on_the_open_network(world: World) -> None:
    assert "https://" in read(world, url="http://example.vn/", allow_private=False).errors[0]


def listed(base: str, data: bytes, **changes: str) -> bytes:
    row = {"name": "bc.xlsx", "url": "/bc.xlsx", "sha256": hashlib.sha256(data).hexdigest(),
           "modified": "2026-06-20T08:30:00+07:00"}  # fmt: skip
    return json.dumps([row | changes]).encode()


def test_a_listing_is_read_and_its_hashes_are_checked(
    world: World, pages: tuple[str, dict[str, Any]]
) -> None:
    base, content = pages
    form = world.form("SYT", "2026-q2")
    content["/list.json"] = (200, {}, listed(base, form))
    content["/bc.xlsx"] = (200, {}, form[:-1])
    broken = read(world, kind="listing", url=f"{base}/list.json")
    content["/bc.xlsx"] = (200, {}, form)
    done = read(world, kind="listing", url=f"{base}/list.json")
    assert "không khớp mã băm" in broken.errors[0]
    assert (done.complete, done.submissions) == (True, 1)


@pytest.mark.parametrize(
    "where", ["http://other.example/bc.xlsx", "//other.example/bc.xlsx", "file:///etc/passwd"]
)
def test_a_listing_that_points_elsewhere_is_refused(
    where: str, world: World, pages: tuple[str, dict[str, Any]]
) -> None:
    base, content = pages
    content["/list.json"] = (200, {}, listed(base, b"", url=where))
    assert "máy chủ khác" in read(world, kind="listing", url=f"{base}/list.json").errors[0]


def test_a_redirect_is_followed_on_the_same_host_only(
    world: World, pages: tuple[str, dict[str, Any]]
) -> None:
    base, content = pages
    content["/list.json"] = (302, {"Location": "/real.json"}, b"")
    content["/real.json"] = (200, {}, b"[]")
    assert read(world, kind="listing", url=f"{base}/list.json").complete
    content["/real.json"] = (302, {"Location": "http://169.254.169.254/latest"}, b"")
    assert "máy chủ khác" in read(world, kind="listing", url=f"{base}/list.json").errors[0]
    content["/real.json"] = (302, {"Location": "/list.json"}, b"")
    assert "quá nhiều lần" in read(world, kind="listing", url=f"{base}/list.json").errors[0]


def test_an_address_that_is_none_is_told_and_hides_no_other(
    world: World, pages: tuple[str, dict[str, Any]]
) -> None:
    base, content = pages
    form = world.form("SYT", "2026-q2")
    rows = [{"name": "a.xlsx", "url": "/a.xlsx"}, {"name": "bc.xlsx", "url": "/bc.xlsx"}]
    content["/list.json"] = (200, {}, json.dumps(rows).encode())
    content["/a.xlsx"] = (302, {"Location": "https://[x"}, b"")
    content["/bc.xlsx"] = (200, {}, form)
    done = read(world, kind="listing", url=f"{base}/list.json")
    assert (done.submissions, done.errors) == (1, ("share: thư mục web dẫn tới một địa chỉ không hợp lệ",))


def test_a_folder_that_names_no_address_is_a_failed_reading() -> None:
    answer = b'<d:multistatus xmlns:d="DAV:"><d:response><d:href>http://[x</d:href></d:response></d:multistatus>'
    with pytest.raises(ChannelError, match="không đọc được"):
        webdav_entries(answer, "http://127.0.0.1/s/")


def test_what_programs_leave_beside_an_open_file_is_nobodys_report(world: World, folder: Path) -> None:
    for name in ("~$BaoCao_2026-q2_SYT.xlsx", ".~lock.BaoCao_2026-q2_SYT.xlsx#", ".DS_Store"):
        (folder / name).write_bytes(b"x" * 165)
    (folder / "BaoCao_2026-q2_SYT.xlsx").write_bytes(world.form("SYT", "2026-q2"))
    with webdav(folder) as url:
        done = read(world, url=url, username="dondoc", password=SecretStr("bi-mat"))
    assert (done.complete, done.inbound, done.submissions) == (True, 1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"{}x",
        b'{"a": 1}',
        b"[1]",
        b'[{"name": "a"}]',
        b"[" * 100_000,
        b'[{"name":"a","url":"/a","modified":"x"}]',
        b'[{"name":"a","url":"/a\\ud800"}]',
        b'[{"name":"a","url":"/a","sha256":"\\ud800"}]',
        b'[{"name":"a","url":"http://[x/a"}]',
    ],
)
def test_a_listing_of_another_shape_is_a_failed_reading(
    answer: bytes, world: World, pages: tuple[str, dict[str, Any]]
) -> None:
    base, content = pages
    content["/list.json"] = (200, {}, answer)
    assert not read(world, kind="listing", url=f"{base}/list.json").complete


def test_xml_bombs_in_a_webdav_answer_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:">&a;</multistatus>'
    with pytest.raises(ChannelError):
        webdav_entries(bomb, "https://example.vn/")
