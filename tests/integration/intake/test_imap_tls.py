"""The mailbox's password is said only to the server that proves who it is."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from config.settings import Imap
from tasks.intake.channels import ChannelError
from tasks.intake.channels.imap import ImapMailbox
from tests.integration.post.certificates import a_server, an_authority

PASSWORD = "mat-khau-canary"


class FakeImap:
    """Speaks just enough IMAP to be offered a password; ``heard`` is everything the client said."""

    def __init__(self, context: ssl.SSLContext | None, starttls: str = "") -> None:
        self.context, self.starttls, self.heard = context, starttls, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            connection, _ = self.listener.accept()
            connection.settimeout(5)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            capability = "IMAP4rev1" + (" STARTTLS" if self.starttls == "refused" else "")
            connection.sendall(f"* OK [CAPABILITY {capability}] ready\r\n".encode())
            while line := connection.recv(4096):
                self.heard += line
                tag, _, command = line.partition(b" ")
                known = command.upper().startswith(b"CAPABILITY")
                more = f"* CAPABILITY {capability}\r\n".encode() if known else b""
                connection.sendall(more + tag + (b" OK done\r\n" if known else b" NO no\r\n"))
        except OSError:
            pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Path:
    return an_authority(folder)


@contextmanager
def refused(server: FakeImap, security: str, authority: Path | None) -> Iterator[str]:
    imap = Imap(host="127.0.0.1", port=server.port, security=security, ca_file=authority, username="dondoc",
                password=SecretStr(PASSWORD))  # type: ignore[arg-type]  # fmt: skip
    with pytest.raises(ChannelError) as error:
        list(ImapMailbox(imap, timeout=5).read(lambda _: False))
    yield str(error.value)


@pytest.mark.parametrize("fault", ["unknown authority", "wrong host", "expired"])
def test_a_wrong_certificate_hears_nothing(fault: str, folder: Path, authority: Path) -> None:
    host = "DNS:mail.khac.example" if fault == "wrong host" else "IP:127.0.0.1"
    server = FakeImap(a_server(folder, authority, host, expired=fault == "expired"))
    with refused(server, "tls", None if fault == "unknown authority" else authority) as why:
        assert "chứng thư" in why
    assert server.heard == b""


@pytest.mark.parametrize("file", [Path("/khong/co.pem"), Path(__file__), Path(__file__).parent])
def test_an_authority_that_cannot_be_read_is_a_failed_reading_that_names_its_setting(file: Path) -> None:
    with refused(FakeImap(None), "tls", file) as why:
        assert "DONDOC_IMAP__CA_FILE" in why


@pytest.mark.parametrize("how", ["stripped", "refused"])
def test_a_stripped_starttls_hears_no_login(how: str, authority: Path) -> None:
    server = FakeImap(None, how)
    with refused(server, "starttls", authority):
        assert PASSWORD.encode() not in server.heard
        assert b"LOGIN" not in server.heard.upper()


def test_a_verified_server_is_offered_the_password_and_its_refusal_is_named(
    folder: Path, authority: Path
) -> None:
    server = FakeImap(a_server(folder, authority))
    with refused(server, "tls", authority) as why:
        assert "từ chối đăng nhập" in why
        assert PASSWORD not in why
    assert PASSWORD.encode() in server.heard
