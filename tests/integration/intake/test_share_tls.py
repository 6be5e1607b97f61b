"""The share over HTTPS: account and password are said only to the server that proves who it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Share
from tasks.intake.channels import ChannelError
from tasks.intake.channels.share import ShareChannel
from tests.integration.post.certificates import a_server, an_authority
from tests.mail_servers import listing_server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Path:
    return an_authority(folder)


def share(port: int, authority: Path | None) -> ShareChannel:
    return ShareChannel(
        Share(
            kind="listing", url=f"https://127.0.0.1:{port}/list.json", allow_private=True, timeout_seconds=5,
            username="dondoc", password=SecretStr("mat-khau-canary"), ca_file=authority,
        )
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["unknown authority", "wrong host", "expired"])
def test_a_wrong_certificate_hears_nothing(fault: str, folder: Path, authority: Path) -> None:
    host = "DNS:web.khac.example" if fault == "wrong host" else "IP:127.0.0.1"
    context = a_server(folder, authority, host, expired=fault == "expired")
    server = listing_server({"/list.json": (200, {}, b"[]")}, context)
    try:
        with pytest.raises(ChannelError, match="SSLError"):
            share(server.server_address[1], None if fault == "unknown authority" else authority).waiting()
        assert server.asked == []
    finally:
        server.shutdown()
        server.server_close()


def test_a_verified_server_is_read_and_a_redirect_to_plain_http_is_not_followed(
    folder: Path, authority: Path
) -> None:
    pages = {"/list.json": (200, {}, b'[{"name": "a", "url": "/a", "sha256": "x"}]')}
    server = listing_server(pages, a_server(folder, authority))
    port = server.server_address[1]
    try:
        assert share(port, authority).waiting() == 1
        pages["/list.json"] = (302, {"Location": f"http://127.0.0.1:{port}/list.json"}, b"")
        with pytest.raises(ChannelError, match="máy chủ khác"):
            share(port, authority).waiting()
    finally:
        server.shutdown()
        server.server_close()
