"""The mailbox channel against a real Dovecot."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from pydantic import SecretStr

from config.settings import Imap
from tasks.intake.channels import ChannelError
from tasks.intake.channels.imap import ImapMailbox
from tasks.intake.collect import Collected, collect
from tasks.office import with_settings
from tests.integration.intake.world import World, a_mail, a_world, at, clerk
from tests.mail_servers import PASSWORD, Cutter, dovecot


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with dovecot() as number:
        yield number


@pytest.fixture
def box(port: int, request: pytest.FixtureRequest) -> Iterator[IMAPClient]:
    with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
        client.login(f"{request.node.name[:40]}", PASSWORD)
        yield client


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data", rehearsal=False)


def settings(port: int, user: str, **changes: object) -> Imap:
    values = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": user,
        "password": SecretStr(PASSWORD),
    }
    return Imap.model_validate(values | changes)


def read(world: World, imap: Imap) -> Collected:
    world.now += at("2026-06-20 09:05") - at("2026-06-20 09:00")
    return collect(world.office, world.now, [ImapMailbox(imap, timeout=5)])


def user_of(request: pytest.FixtureRequest) -> str:
    return request.node.name[:40]


def subjects(box: IMAPClient, folder: str) -> int:
    if not box.folder_exists(folder):
        return 0
    return int(box.select_folder(folder, readonly=True)[b"EXISTS"])


def test_mails_are_read_once_and_filed_away_by_outcome(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    token = world.tokens["SYT", "2026-q2"]
    box.append(
        "INBOX",
        a_mail(clerk("SYT"), token, ("bc.xlsx", world.form("SYT", "2026-q2"))),
        (),
        at("2026-06-20 08:00"),
    )
    box.append("INBOX", a_mail("la@xa.example", "quảng cáo"))
    done = read(world, settings(port, user_of(request)))
    assert (done.complete, done.inbound, done.submissions, done.undecided) == (True, 2, 1, 1)
    assert [subjects(box, f) for f in ("INBOX", "Đã xử lý", "Chưa nhận diện")] == [0, 1, 1]
    item = world.inbound()[0]
    assert (item.arrived_at, item.arrived_how) == (at("2026-06-20 08:00"), "internaldate")


def test_a_report_that_the_service_took_for_spam_counts_where_that_folder_is_read(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    box.create_folder("Junk")
    arrived = {"SYT": ("INBOX", "08:00"), "SXD": ("Junk", "08:30")}
    for unit, (folder, hour) in arrived.items():
        form = ("bc.xlsx", world.form(unit, "2026-q2"))
        mail = a_mail(clerk(unit), world.tokens[unit, "2026-q2"], form)
        box.append(folder, mail, (), at(f"2026-06-20 {hour}"))
    box.append("Junk", a_mail("la@xa.example", "trúng thưởng"))
    only_inbox = settings(port, user_of(request))
    assert read(world, only_inbox).submissions == 1
    assert ImapMailbox(only_inbox).waiting() == ({"INBOX": 0}, {"Junk": 2})
    both = settings(port, user_of(request), also_folders=("Junk", "INBOX"))
    done = read(world, both)
    assert (done.complete, done.inbound, done.submissions, done.undecided) == (True, 2, 1, 1)
    assert [subjects(box, f) for f in ("INBOX", "Junk", "Đã xử lý", "Chưa nhận diện")] == [0, 0, 2, 1]
    again = read(world, both)
    assert (again.complete, again.inbound) == (True, 0)
    assert world.inbound()[1].arrived_at == at("2026-06-20 08:30")
    assert ImapMailbox(both).waiting() == ({"INBOX": 0, "Junk": 0}, {})


def test_a_spam_folder_that_is_named_but_missing_makes_the_reading_incomplete(
    port: int, world: World, request: pytest.FixtureRequest
) -> None:
    done = read(world, settings(port, user_of(request), also_folders=("Khong-co",)))
    assert not done.complete


def test_after_a_change_of_uidvalidity_the_same_mails_are_not_new(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    mail = a_mail(clerk("SYT"), world.tokens["SYT", "2026-q2"], ("bc.xlsx", world.form("SYT", "2026-q2")))
    imap = settings(port, user_of(request), folder="Den")
    for _ in range(2):
        box.create_folder("Den")
        box.append("Den", mail)
        read(world, imap)
        assert subjects(box, "Den") == 0
        box.unselect_folder()
        box.delete_folder("Den")
    assert world.submissions() == [("SYT", "2026-q2", 1)]
    assert len(world.inbound()) == 1


def test_a_mail_too_large_is_known_by_its_head_and_waits_for_a_person(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    token = world.tokens["SYT", "2026-q2"]
    box.append("INBOX", a_mail(clerk("SYT"), token, ("to.bin", b"x" * 300_000)))
    read(world, settings(port, user_of(request), max_bytes=100_000))
    assert world.inbound()[0].size < 5_000
    last = world.last()
    assert (last.outcome, last.hints) == ("claim", ["SYT"])


@pytest.mark.parametrize("trouble", ["NO", "NIL"])
def test_a_mail_that_the_server_cannot_give_does_not_hide_the_others(
    trouble: str, box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As of a damaged mailbox: a refusal, or no content."""
    for unit in ("SXD", "SYT"):
        mail = a_mail(clerk(unit), world.tokens[unit, "2026-q2"], ("bc.xlsx", world.form(unit, "2026-q2")))
        box.append("INBOX", mail, (), at("2026-06-20 08:00"))
    first, real = min(box_uids(box)), IMAPClient.fetch

    def fetch(client: IMAPClient, uids: list[int], parts: list[str]) -> Any:
        if uids == [first] and "BODY.PEEK[]" in parts:
            if trouble == "NO":
                raise IMAPClientError("FETCH failed: [SERVERBUG] Internal error")
            return {first: {b"BODY[]": None}}
        return real(client, uids, parts)

    with monkeypatch.context() as patch:
        patch.setattr(IMAPClient, "fetch", fetch)
        done = read(world, settings(port, user_of(request)))
    assert (done.errors, done.submissions) == (("mailbox: máy chủ thư không đưa ra được 1 thư",), 1)
    assert read(world, settings(port, user_of(request))).submissions == 1


def box_uids(box: IMAPClient) -> list[int]:
    box.select_folder("INBOX", readonly=True)
    return list(box.search())


def test_a_wrong_password_is_a_failed_reading(port: int, world: World) -> None:
    done = read(world, settings(port, "x", password=SecretStr("sai")))
    assert not done.complete
    assert "từ chối đăng nhập" in done.errors[0]


def test_a_server_that_cannot_be_reached_is_a_failed_reading(world: World) -> None:
    done = read(world, settings(1, "x"))
    assert (done.complete, done.inbound) == (False, 0)


def test_an_unencrypted_connection_to_another_machine_is_refused(world: World) -> None:
    done = read(world, settings(143, "x", host="mail.example"))
    assert "127.0.0.1" in done.errors[0]


def test_cut_at_random_bytes_nothing_is_lost_and_nothing_counts_twice(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    source = random.Random(20260625)
    units = [u.code for u in world.office.plan.units if (u.code, "2026-q2") in world.tokens][:12]
    for unit in units:
        box.append(
            "INBOX",
            a_mail(clerk(unit), world.tokens[unit, "2026-q2"], ("bc.xlsx", world.form(unit, "2026-q2"))),
        )
    sizes = [int(10 ** source.uniform(1, 4.2)) for _ in range(18)] + [
        int(10 ** source.uniform(4.2, 5.5)) for _ in range(18)
    ]
    limits = itertools.chain(sizes, itertools.repeat(None))
    proxy = Cutter(port, limits)
    complete, passes = False, 0
    while not complete or subjects(box, "INBOX"):
        complete = read(world, settings(proxy.port, user_of(request))).complete
        passes += 1
        assert passes < 80
    proxy.close()
    print(f"\n{passes} passes, {proxy.cuts} connections cut, {len(units)} mails")
    assert proxy.cuts >= 20
    assert sorted(world.submissions()) == sorted((u, "2026-q2", 1) for u in units)
    assert [o for o, _ in world.outcomes()] == ["submission"] * len(units)


def test_a_server_that_dribbles_is_cut_off_and_nothing_is_lost(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.intake.channels.imap.PATIENCE", 1)
    token = world.tokens["SYT", "2026-q2"]
    mail = a_mail(clerk("SYT"), token, ("bc.xlsx", world.form("SYT", "2026-q2")))
    box.append("INBOX", mail, (), at("2026-06-20 08:00"))
    slow = Cutter(port, itertools.repeat(1500), dribble=0.05)
    world.now += timedelta(minutes=5)
    through = ImapMailbox(settings(slow.port, user_of(request)), timeout=2)
    done = collect(world.office, world.now, [through])
    slow.close()
    assert (done.complete, "quá chậm" in done.errors[0]) == (False, True)
    assert read(world, settings(port, user_of(request))).submissions == 1


def test_a_server_that_dribbles_its_greeting_holds_nobody_up(
    port: int, world: World, request: pytest.FixtureRequest
) -> None:
    slow = Cutter(port, itertools.repeat(1), dribble=0.2)
    began = time.monotonic()
    done = collect(world.office, world.now, [ImapMailbox(settings(slow.port, user_of(request)), timeout=0.3)])
    slow.close()
    assert (done.complete, "quá chậm" in done.errors[0], time.monotonic() - began < 6) == (False, True, True)


def test_a_uidvalidity_that_changes_between_two_answers_loses_nothing(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    """The folder is deleted and made anew by another program while it is being read."""
    forms = {unit: world.form(unit, "2026-q2") for unit in ("SYT", "SXD", "13669")}

    def fill() -> None:
        for unit, form in forms.items():
            mail = a_mail(clerk(unit), world.tokens[unit, "2026-q2"], ("bc.xlsx", form))
            box.append("Bao cao", mail, (), at("2026-06-20 08:00"))

    box.create_folder("Bao cao")
    fill()
    changing = settings(port, user_of(request), folder="Bao cao")
    channel = ImapMailbox(changing, timeout=5)
    taken = channel.read(lambda reference: False)
    next(taken)
    box.delete_folder("Bao cao")
    box.create_folder("Bao cao")
    fill()
    with suppress(ChannelError):  # Dovecot hangs up; another server may go on
        list(taken)
    for _ in range(2):
        read(world, changing)
    assert sorted(world.submissions()) == sorted((unit, "2026-q2", 1) for unit in forms)


def test_mail_from_before_the_installation_is_neither_read_nor_moved(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    box.append("INBOX", a_mail("cu@xa.example", "thư năm ngoái"), (), at("2025-12-31 08:00"))
    box.append("INBOX", a_mail("la@xa.example", "thư mới"), (), at("2026-06-20 08:00"))
    world.office = with_settings(
        world.office, world.office.settings.model_copy(update={"imap": settings(port, user_of(request))})
    )
    done = collect(world.office, world.now)
    assert (done.complete, done.inbound) == (True, 1)
    assert [subjects(box, f) for f in ("INBOX", "Chưa nhận diện")] == [1, 1]


@pytest.mark.soak
def test_a_box_with_five_thousand_mails_is_read_in_one_pass(
    box: IMAPClient, port: int, world: World, request: pytest.FixtureRequest
) -> None:
    token, form = world.tokens["SYT", "2026-q2"], world.form("SYT", "2026-q2")
    for n in range(5000):
        report = ("bc.xlsx", form) if n % 10 == 0 else None
        box.append("INBOX", a_mail(clerk("SYT"), token, report) if report else a_mail(f"x{n}@xa.example", "tin"))
    start = time.monotonic()
    done = read(world, settings(port, user_of(request)))
    print(f"5,000 mails read in {time.monotonic() - start:.0f} s")
    assert (done.complete, done.inbound, done.submissions + done.undecided) == (True, 5000, 4501)
    assert [subjects(box, f) for f in ("INBOX", "Đã xử lý", "Chưa nhận diện")] == [0, 500, 4500]
