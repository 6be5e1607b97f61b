"""The catcher keeps what it is given, byte for byte, under the virtual time."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from pathlib import Path

from tasks.post.catcher import Catcher

from .office import NOW, at

MAIL = b"From: x@a.example\r\nSubject: =?utf-8?b?xJDhu4E=?=\r\n\r\n.dot\r\nline\r\n"


def test_each_recipient_gets_the_mail_in_a_maildir_of_its_own(tmp_path: Path) -> None:
    with Catcher(tmp_path, at(NOW)) as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.sendmail("x@a.example", ["A@b.example", "DonDoc+7k3m@b.example"], MAIL)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a@b.example", "dondoc@b.example"]
    (file,) = (tmp_path / "dondoc@b.example" / "new").iterdir()
    content = file.read_bytes()
    assert content.endswith(MAIL)
    assert b"Delivered-To: DonDoc+7k3m@b.example\r\n" in content
    assert file.stat().st_mtime == NOW.timestamp()
    assert list((tmp_path / "dondoc@b.example" / "tmp").iterdir()) == []


def test_the_clock_is_asked_for_each_mail(tmp_path: Path) -> None:
    instants = [NOW, NOW + timedelta(days=1)]
    seen: list[datetime] = []

    def clock() -> datetime:
        seen.append(instants[len(seen)])
        return seen[-1]

    with Catcher(tmp_path, clock) as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        for _ in instants:
            client.sendmail("x@a.example", ["a@b.example"], MAIL)
        assert catcher.received == 2
    lines = [f.read_bytes().split(b"\r\n")[1] for f in sorted((tmp_path / "a@b.example" / "new").iterdir())]
    assert lines == [b" Wed, 24 Jun 2026 08:00:00 +0700", b" Thu, 25 Jun 2026 08:00:00 +0700"]


def test_nothing_a_client_says_leaves_the_folder_or_breaks_a_header(tmp_path: Path) -> None:
    root = tmp_path / "mail"
    with Catcher(root, at(NOW)) as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.ehlo()
        for evil in ("../../x@b.example", "/etc/passwd@b.example", "..@b.example", "a@.."):
            client.docmd("MAIL", "FROM:<x@a.example>")
            code, _ = client.docmd("RCPT", f"TO:<{evil}>")
            if code == 250:
                client.data(MAIL)
            client.rset()
    assert [p for p in tmp_path.iterdir() if p != root] == []
    assert all(p.parent == root for p in root.iterdir())
    assert len(list(root.glob("*/new/*"))) == catcher.received > 0


def test_it_stops_at_once_even_while_a_client_is_connected(tmp_path: Path) -> None:
    with Catcher(tmp_path, at(NOW)) as catcher:
        client = smtplib.SMTP("127.0.0.1", catcher.port)
    client.close()
