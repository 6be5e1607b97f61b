"""Our mails, read by the standard parser, equal what ``EmailMessage`` would have sent."""

from __future__ import annotations

import email
import re
from datetime import datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.plan import ZONE
from tasks.post.mime import Head, HeaderError, address, build

NOON = datetime(2026, 6, 24, 12, 0, tzinfo=ZONE)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NAME = "Sở Khoa học và Công nghệ tỉnh Ninh Bình (Cơ quan thường trực Ban Chỉ đạo)"
SUBJECT = "[BCĐ KHCN-CĐS-ĐA06] Đề nghị gửi báo cáo quý II/2026 – UBND phường Hoa Lư [#q2-7K3M]"
TEXT = "Kính gửi: UBND phường Hoa Lư\r\n\r\n.dòng bắt đầu bằng dấu chấm\r\nTrân trọng./.\r\n"
HTML = "<p>Kính gửi: <b>UBND phường Hoa Lư</b></p>\r\n"
FILES = [
    ("Biểu mẫu báo cáo quý II năm 2026 – UBND phường Hoa Lư (điền sẵn).xlsx", XLSX, bytes(range(256)) * 80),
    ("don-doc.pdf", "application/pdf", b"%PDF-1.7\n"),
]


def a_head(**changes: Any) -> Head:
    values: dict[str, Any] = {
        "sender": "dondoc@ninhbinh.example",
        "sender_name": NAME,
        "to": "hoalu@ninhbinh.example",
        "subject": SUBJECT,
        "date": NOON,
        "message_id": "<abc@ninhbinh.example>",
        "in_reply_to": "<thu-cua-xa@ninhbinh.example>",
        "references": "<goc@ninhbinh.example> <thu-cua-xa@ninhbinh.example>",
        "list_id": "dondoc-2026.ninhbinh.example",
        "reply_to": "dondoc+7K3M@ninhbinh.example",
    }
    return Head(**(values | changes))


def by_the_library(head: Head, text: str, html: str, files: list[tuple[str, str, bytes]]) -> bytes:
    message = EmailMessage()
    message["From"] = Address(head.sender_name, addr_spec=head.sender)
    message["To"] = head.to
    message["Subject"] = head.subject
    message["Date"] = head.date
    message["Message-ID"] = head.message_id
    message["In-Reply-To"] = head.in_reply_to
    message["References"] = head.references
    message["Reply-To"] = head.reply_to
    message["List-Id"] = f"<{head.list_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64")
    message.add_alternative(html, subtype="html", cte="base64")
    for name, media_type, data in files:
        main, _, sub = media_type.partition("/")
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes(policy=SMTP)


def shown(data: bytes, name: str) -> str:
    """A header as RFC 2047 says it reads.

    ``headerregistry`` of Python 3.11 shows a space between two encoded words of a name, also in
    what ``EmailMessage`` itself wrote; ``decode_header`` does not.
    """
    raw = email.message_from_bytes(data)[name]
    return re.sub(r"\s+", " ", str(make_header(decode_header(raw)))).replace('"', "")


def read(data: bytes) -> dict[str, Any]:
    """What a receiver sees of a mail."""
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    defects = [d for part in message.walk() for d in part.defects]
    defects += [d for value in message.values() for d in getattr(value, "defects", ())]
    names = (
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Reply-To",
        "List-Id",
    )
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    return {
        "headers": {n: shown(data, n) for n in (*names, "Auto-Submitted")},
        "address": message["From"].addresses[0].addr_spec,
        "text": text and text.get_content().replace("\r\n", "\n"),
        "html": html and html.get_content().replace("\r\n", "\n"),
        "files": [
            (p.get_filename(), p.get_content_type(), p.get_content()) for p in message.iter_attachments()
        ],
        "shape": [p.get_content_type() for p in message.walk()],
        "defects": defects,
    }


def test_a_full_mail_reads_like_the_librarys() -> None:
    ours, theirs = read(build(a_head(), TEXT, HTML, FILES)), read(by_the_library(a_head(), TEXT, HTML, FILES))
    assert ours == theirs
    assert ours["defects"] == []
    assert ours["headers"]["Subject"] == SUBJECT
    assert ours["headers"]["From"] == f"{NAME} <dondoc@ninhbinh.example>"
    assert [f[0] for f in ours["files"]] == [f[0] for f in FILES]


def test_a_mail_without_files_has_just_its_two_readings() -> None:
    assert read(build(a_head(), TEXT, HTML, []))["shape"] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


words = st.text(
    alphabet=st.sampled_from('aăâbcdđeêghiklmnoôơpqrstuưvxyẠẦữợỳ ,.;:()"\\<>@=?_-/0123456789–“”😀'),
    max_size=120,
)


file_names = words.map(lambda name: name.strip(' "<>')).filter(bool)  # the parser unquotes once more


@settings(max_examples=100, deadline=None)
@given(subject=words, name=words, file=file_names, text=words)
def test_any_words_arrive_as_they_were_written(subject: str, name: str, file: str, text: str) -> None:
    head = a_head(subject=subject.strip(), sender_name=" ".join(name.split()))
    data = build(head, text, "", [(file, "application/pdf", b"x")])
    message = email.message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert message["Subject"] == head.subject
    name_raw, mail = email.utils.parseaddr(email.message_from_bytes(data)["From"])
    assert (str(make_header(decode_header(name_raw))), mail) == (head.sender_name, head.sender)
    assert message["From"].addresses[0].addr_spec == head.sender
    assert [p.get_filename() for p in message.iter_attachments()] == [file]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content() == text


def test_lines_are_short_ascii_and_end_in_crlf() -> None:
    data = build(a_head(), TEXT * 50, HTML, FILES)
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 79  # the longest: the media type of an .xlsx
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")


@pytest.mark.parametrize(
    "field",
    [
        "subject",
        "sender_name",
        "to",
        "message_id",
        "in_reply_to",
        "references",
        "list_id",
        "reply_to",
        "sender",
    ],
)
@pytest.mark.parametrize("evil", ["x\r\nBcc: ai-do@ngoai.example", "x\nBcc: a@b.example", "x\r", "x\0"])
def test_no_field_can_add_a_header(field: str, evil: str) -> None:
    with pytest.raises(HeaderError):
        build(a_head(**{field: evil}), TEXT, HTML, [])


@pytest.mark.parametrize("name", ["a\r\nX: y.xlsx", "a\n.xlsx", "\0", ""])
def test_no_file_name_can_add_a_header(name: str) -> None:
    with pytest.raises(HeaderError):
        build(a_head(), TEXT, HTML, [(name, XLSX, b"")])


@pytest.mark.parametrize(
    "value",
    [
        "a@b.vn, c@d.vn",
        "A <a@b.vn>",
        "a@b.vn>",
        "a b@c.vn",
        "a@b",
        "@b.vn",
        "a@@b.vn",
        "a@b..vn",
        "xã@b.vn",
        "",
        "a@b.vn\n",
        "(x)a@b.vn",
        "a@" + "b" * 250 + ".vn",
    ],
)
def test_only_one_plain_address_is_an_address(value: str) -> None:
    with pytest.raises(HeaderError):
        address(value)
