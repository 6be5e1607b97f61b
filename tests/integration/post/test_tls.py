"""No password and no mail over a connection that is not encrypted to the right server."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from pydantic import SecretStr

from config.settings import Mail
from db import controls
from db.session import reading, writing
from tasks.office import Office
from tasks.post.contract import Delivery
from tasks.post.deliver import deliver

from .certificates import a_server, an_authority
from .office import NOW, Books, live, open_test_office, owe, plain_parts, still_owed
from .servers import Fault, Proxy, Sink

PASSWORD = "mat-khau-thu"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Path:
    return an_authority(folder)


def secured(port: int, authority: Path | None, security: str, **changes: Any) -> Mail:
    return live(
        port,
        security=security,
        ca_file=authority,
        username="dondoc",
        password=SecretStr(PASSWORD),
        **changes,
    )


def send(office: Office) -> Delivery:
    return deliver(office, NOW, compose=plain_parts, rejudge=still_owed)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_verified_server_gets_login_and_mail(tmp_path: Path, folder: Path, authority: Path, security: str) -> None:
    context = a_server(folder, authority)
    with Sink(tls=context, implicit=security == "tls", password=PASSWORD) as sink:
        office = open_test_office(tmp_path, secured(sink.port, authority, security))
        owe(office, 3)
        assert send(office) == Delivery(sent=3)
        assert sink.logins == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["expired", "wrong host", "unknown authority"])
def test_a_wrong_certificate_hears_neither_password_nor_mail(
    tmp_path: Path, folder: Path, authority: Path, security: str, fault: str
) -> None:
    context = a_server(
        folder,
        authority if fault != "unknown authority" else an_authority(folder, "stranger"),
        "DNS:mail.khac.example" if fault == "wrong host" else "IP:127.0.0.1",
        expired=fault == "expired",
    )
    with Sink(tls=context, implicit=security == "tls", password=PASSWORD) as sink:
        office = open_test_office(tmp_path, secured(sink.port, authority, security))
        owe(office, 3)
        assert send(office).stopped == "tls"
        assert (sink.logins, sink.rcpts, sink.accepted) == (0, [], [])
    assert Books(office.engine).states() == {"queued": 3}
    assert Books(office.engine).attempts() == []


def test_without_a_named_authority_only_the_systems_are_trusted(
    tmp_path: Path, folder: Path, authority: Path
) -> None:
    with Sink(tls=a_server(folder, authority), password=PASSWORD) as sink:
        office = open_test_office(tmp_path, secured(sink.port, None, "starttls"))
        owe(office)
        assert send(office).stopped == "tls"
        assert sink.logins == 0


@pytest.mark.parametrize("how", ["stripped", "refused", "dropped"])
def test_a_stripped_starttls_hears_zero_bytes_of_auth(
    tmp_path: Path, folder: Path, authority: Path, how: str
) -> None:
    with Sink(tls=a_server(folder, authority), password=PASSWORD) as sink, Proxy(sink.port) as proxy:
        proxy.strip_starttls = how == "stripped"
        if how != "stripped":
            proxy.fault = Fault("STARTTLS", "454 4.7.0 not now" if how == "refused" else "drop")
        office = open_test_office(tmp_path, secured(proxy.port, authority, "starttls"))
        owe(office, 3)
        assert send(office).stopped in ("tls", "unreachable")
        said = re.findall(rb"(?im)^(AUTH|MAIL|RCPT|DATA)\b", bytes(proxy.heard))
        print(f"{how}: {len(said)} commands in the clear beside EHLO and STARTTLS")
        assert said == []
        assert PASSWORD.encode() not in proxy.heard
        assert sink.logins == 0


def test_one_refused_login_stops_and_pauses_until_a_person_opens_the_post_again(
    tmp_path: Path, folder: Path, authority: Path
) -> None:
    with Sink(tls=a_server(folder, authority), password="khac") as sink:
        office = open_test_office(tmp_path, secured(sink.port, authority, "starttls", connections=8))
        owe(office, 20)
        assert send(office).stopped == "auth"
        assert sink.logins == 1
        assert send(office).stopped == "paused"
        assert sink.logins == 1
        with reading(office.engine) as session:
            assert not controls.sending_allowed(session)
        sink.password = PASSWORD
        with writing(office.engine) as session:
            controls.put(session, controls.SENDING, "on", at=NOW, by="CV1")
        assert send(office).sent == 20


def test_a_login_service_that_is_away_for_a_while_pauses_nothing(
    tmp_path: Path, folder: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = AuthResult(success=False, handled=False, message="454 4.7.0 Temporary authentication failure")
    with Sink(tls=a_server(folder, authority), password=PASSWORD) as sink:
        office = open_test_office(tmp_path, secured(sink.port, authority, "starttls"))
        owe(office, 5)
        with monkeypatch.context() as patch:
            patch.setattr(sink, "_authenticate", lambda *_: away)
            assert send(office).stopped == "unreachable"
        assert Books(office.engine).states() == {"queued": 5}
        assert send(office).sent == 5


def test_a_login_refused_in_mid_run_is_not_tried_on_the_other_connections(
    tmp_path: Path, folder: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sink(tls=a_server(folder, authority), password=PASSWORD, delay=0.05) as sink:
        office = open_test_office(tmp_path, secured(sink.port, authority, "starttls", connections=8))
        owe(office, 20)
        first = sink._authenticate

        def once(*arguments: Any) -> Any:
            sink.password = PASSWORD if sink.logins == 0 else "changed"
            return first(*arguments)

        monkeypatch.setattr(sink, "_authenticate", once)
        did = send(office)
        print(f"logins: {sink.logins}, sent: {did.sent}")
        assert did.stopped == "auth"
        assert sink.logins == 2
        states = Books(office.engine).states()
        assert states["sent"] == did.sent == len(sink.accepted)
        assert sum(states.values()) == 20
        assert "in_flight" not in states


def test_no_encryption_is_refused_off_this_machine_even_if_the_settings_were_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.post.smtp.ipaddress.ip_address", lambda peer: ipaddress.IPv4Address("192.0.2.1"))
    with Sink() as sink, Proxy(sink.port) as proxy:
        office = open_test_office(tmp_path, live(proxy.port))
        owe(office)
        assert send(office).stopped == "not_encrypted"
        assert proxy.heard == b""
