"""Bounces as servers really write them, and what only looks like one."""

from __future__ import annotations

import pytest

from tasks.intake.bounces import Bounced, Report, read_bounce
from tasks.intake.mail import read_head

OURS = "<ab12@example.vn>"


def bounce_of(data: str) -> Bounced | None:
    raw = data.strip().encode()
    return read_bounce(raw, read_head(raw))


def dsn(action: str, status: str, *more: str, original: str = f"Message-ID: {OURS}\nSubject: x") -> str:
    recipients = "\n\n".join(
        [f"Final-Recipient: rfc822; SYT@ninhbinh.example\nAction: {action}\nStatus: {status}", *more]
    )
    return f"""
Return-Path: <>
From: MAILER-DAEMON@mail.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <d1@mail.example>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

I'm sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

{recipients}

--b
Content-Type: text/rfc822-headers

{original}

--b--
"""


def test_an_rfc_3464_report_names_the_recipient_and_our_mail() -> None:
    found = bounce_of(dsn("failed", "5.1.1"))
    assert found == Bounced((Report("syt@ninhbinh.example", True, "5.1.1"),), (OURS,))


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.2.2", True),
        ("failed", "4.4.7", True),  # Exchange, Postfix: the queue gave up after days of trying
        ("failed", "", True),
        ("", "5.1.1", True),
        ("", "4.4.1", False),
        ("delayed", "4.4.1", False),
        ("delayed", "5.1.1", False),
    ],
)
def test_a_bounce_is_permanent_where_nobody_will_try_again(action: str, status: str, permanent: bool) -> None:
    found = bounce_of(dsn(action, status))
    assert found is not None
    assert found.reports[0].permanent is permanent


@pytest.mark.parametrize(
    ("told", "status"), [("5.1.1 (no such user)", "5.1.1"), ("5.1\0.1", ""), ("\0", ""), ("hỏng", "")]
)
def test_of_a_status_only_its_numbers_are_kept(told: str, status: str) -> None:
    """PostgreSQL stores no NUL: one such mail would end every reading."""
    found = bounce_of(dsn("failed", told))
    assert found is not None
    assert found.reports == (Report("syt@ninhbinh.example", True, status),)


def test_an_original_with_a_nul_in_its_name_is_none_of_ours() -> None:
    found = bounce_of(dsn("failed", "5.1.1", original="Message-ID: <ab\0c@example.vn>"))
    assert found is not None
    assert found.originals == ()


def test_a_delivery_receipt_is_no_bounce() -> None:
    assert bounce_of(dsn("delivered", "2.0.0")) is None


def test_every_recipient_of_a_report_is_named() -> None:
    second = "Final-Recipient: rfc822; sxd@ninhbinh.example\nAction: failed\nStatus: 5.7.1"
    found = bounce_of(dsn("failed", "5.1.1", second))
    assert found is not None
    assert [r.address for r in found.reports] == ["syt@ninhbinh.example", "sxd@ninhbinh.example"]


FREE = {
    "qmail": ("failure notice", "Hi. This is the qmail-send program.\n<syt@ninhbinh.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <ab12@example.vn>\nTo: khac@x.example\n", True),
    "exim": ("Mail delivery failed: returning message to sender", "  syt@ninhbinh.example\n    host mail.example: 550 5.1.1 User unknown\n\n------ This is a copy of the message\n\nMessage-ID: <ab12@example.vn>\n", True),
    "full": ("Delivery Status Notification (Failure)", "syt@ninhbinh.example: 552 5.2.2 Mailbox full\n\nMessage-ID: <ab12@example.vn>\n", True),
    "delay": ("Delivery Status Notification (Delay)", "syt@ninhbinh.example\n450 4.2.0 greylisted, will retry\nMessage-ID: <ab12@example.vn>\n", False),
    "vietnamese": ("Thư của bạn không gửi được", "Địa chỉ syt@ninhbinh.example không tồn tại.\n\nMessage-ID: <ab12@example.vn>\n", True),
    "an address of a server is no status": ("Undeliverable: Đề nghị gửi báo cáo", "syt@ninhbinh.example\nThe server [10.2.30.4] (also 210.4.1.9) said: no such user here\n\nMessage-ID: <ab12@example.vn>\n", True),
    "a version is no status": ("Mail delivery failed: returning message to sender", "syt@ninhbinh.example\nExim 4.96.2: unrouteable address\n\nMessage-ID: <ab12@example.vn>\n", True),
    "first delayed, then given up": ("Undelivered Mail Returned to Sender", "syt@ninhbinh.example: 451 4.3.0 try later; then 550 5.4.7 expired\n\nMessage-ID: <ab12@example.vn>\n", True),
    "a delay told in Vietnamese": ("Thư của bạn bị chậm", "Chưa chuyển được tới syt@ninhbinh.example, hệ thống sẽ tiếp tục gửi lại.\n\nMessage-ID: <ab12@example.vn>\n", False),
    "Outlook in Vietnamese": ("Không thể gửi: Đề nghị gửi báo cáo quý II", "Không tìm thấy syt@ninhbinh.example.\n\nMessage-ID: <ab12@example.vn>\n", True),
    "a gateway in Vietnamese": ("Gửi thư không thành công", "Hộp thư syt@ninhbinh.example đã đầy (5.2.2).\n\nMessage-ID: <ab12@example.vn>\n", True),
    "without marks": ("Thu cua ban khong gui duoc", "Dia chi syt@ninhbinh.example khong ton tai.\n\nMessage-ID: <ab12@example.vn>\n", True),
}  # fmt: skip


@pytest.mark.parametrize("name", FREE)
def test_common_free_text_bounces_are_read(name: str) -> None:
    subject, text, permanent = FREE[name]
    found = bounce_of(
        f"Return-Path: <>\nFrom: postmaster@mail.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}"
    )
    assert found is not None
    assert found.originals == (OURS,)
    assert [(r.address, r.permanent) for r in found.reports] == [("syt@ninhbinh.example", permanent)]


@pytest.mark.parametrize("sender", ["MDaemon@mail.example", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example"])
def test_a_machine_that_keeps_no_null_sender_is_known_by_its_name(sender: str) -> None:
    text = f"From: {sender}\nSubject: Undeliverable: x\n\nsyt@ninhbinh.example: 550 5.1.1 unknown\nMessage-ID: {OURS}\n"
    found = bounce_of(text)
    assert found == Bounced((Report("syt@ninhbinh.example", True, "5.1.1"),), (OURS,))


def test_a_report_whose_machine_part_names_nobody_is_read_as_text() -> None:
    report = dsn("failed", "5.1.1").replace("Final-Recipient: rfc822; SYT@ninhbinh.example", "X-Nothing: here")
    found = bounce_of(report.replace("I'm sorry.", "syt@ninhbinh.example: 550 5.1.1 unknown"))
    assert found is not None
    assert found.reports == (Report("syt@ninhbinh.example", True, "5.1.1"),)


@pytest.mark.parametrize(
    "data",
    [
        "From: syt@ninhbinh.example\nSubject: Undelivered\n\n550 5.1.1 a@b.vn",
        "From: postmaster@x.example\nSubject: Báo cáo quý II\n\nkính gửi",
        "From: a@b.vn\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nx\n--b--",
        "From: a@b.vn\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\nnothing",
        "",
    ],
)
def test_other_mails_are_no_bounces(data: str) -> None:
    assert bounce_of(data) is None


def test_a_read_receipt_is_a_machines_mail() -> None:
    data = b"From: a@b.vn\nSubject: Read\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b--"
    assert read_head(data).self_reply
