"""Mails as they really come: charsets, tricks, containers, and structures meant to hurt."""

from __future__ import annotations

import base64
import struct
import time
import unicodedata
from email.message import EmailMessage

import pytest

from tasks.intake.evidence import open_mail
from tasks.intake.mail import read_body, read_head
from tasks.intake.tnef import SIGNATURE, TnefError, read_tnef

TOKEN = "DD-7K2M-9XPA-4T3C"


def mail(head: str, body: str = "x") -> bytes:
    return f"From: a@x.vn\r\nTo: o@x.vn\r\n{head}\r\n\r\n{body}".encode("utf-8", "surrogateescape")


def test_an_encoded_word_cannot_become_the_senders_address() -> None:
    trick = b"From: =?utf-8?q?syt=40ninhbinh=2Eexample?= <evil@far.example>\r\nSubject: x\r\n\r\nx"
    assert read_head(trick).sender == "evil@far.example"


@pytest.mark.parametrize(
    "lines",
    [
        "From: a@x.vn, b@x.vn",
        "From: a@x.vn\r\nFrom: b@x.vn",
        "From: ",
        "X: y",
        "From: a b c",
        "From: b@x.vn, C <a@x.vn>",
        "From: B <b@x.vn>, C <a@x.vn>",
        "From: Nhóm: b@x.vn, C <a@x.vn>;",
        "From: <a@x.vn> <b@x.vn>",
    ],
)
def test_a_from_that_is_not_one_address_is_nobody(lines: str) -> None:
    assert read_head(f"{lines}\r\nSubject: x\r\n\r\nx".encode()).sender == ""


@pytest.mark.parametrize(
    "line",
    [
        "UBND xã A, tỉnh Ninh Bình <a@x.vn>",
        "a@x.vn <A@x.vn>",
        "b@x.vn (thay mặt) <a@x.vn>",
        "Sở: phòng; tổ [1] < a@x.vn >",
        '"Nguyễn Văn A, Sở" <a@x.vn>',
        "a@x.vn (Sở Y tế)",
    ],
)
def test_a_name_that_should_be_quoted_does_not_make_its_sender_nobody(line: str) -> None:
    assert read_head(f"From: {line}\r\nSubject: x\r\n\r\nx".encode()).sender == "a@x.vn"


def test_a_token_split_over_encoded_words_is_found() -> None:
    words = [base64.b64encode(p.encode()).decode() for p in ("Báo cáo DD-7K2M", "-9XPA-4T3C quý II")]
    seen = open_mail(mail("Subject: " + "\r\n ".join(f"=?utf-8?b?{w}?=" for w in words)))
    assert seen.evidence.strong == (TOKEN,)


@pytest.mark.parametrize("charset", ["utf-8", "cp1258", "latin-1", "no-such-charset", "utf-16"])
def test_a_wrong_charset_costs_accents_at_most(charset: str) -> None:
    head = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit"
    assert open_mail(mail(head, f"Kính gửi: mã {TOKEN}\n")).evidence.weak in ((TOKEN,), ())
    assert open_mail(mail(f"Subject: {TOKEN} Báo cáo")).evidence.strong == (TOKEN,)


@pytest.mark.parametrize(
    ("page", "classified"),
    [
        ("<p>M&#7852;T</p>", True),
        ("<p><b>M</b>&#x1EAC;<span lang=VI>T</span></p>", True),
        ("<p>THÔNG BÁO BẢO <b>MẬT</b> thư</p>", False),
        ("<p>thông báo bảo\r\nMẬT\r\ntrong thư</p>", False),
    ],
)
def test_a_page_is_read_as_its_reader_sees_it(page: str, classified: bool) -> None:
    seen = open_mail(mail("Subject: x\r\nContent-Type: text/html; charset=utf-8", page))
    assert seen.evidence.classified is classified


def test_headers_in_raw_bytes_and_control_characters_are_tamed() -> None:
    head = read_head(
        b"From: a@x.vn\r\nSubject: B\xe1\xba\xa3n g\xe1\xbb\xadi\x07\x1b[31m \xe2\x80\xaexslx\r\n\r\nx"
    )
    assert head.subject.startswith("Bản gửi")
    assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in head.subject)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n", b"\n\n"])
def test_what_an_editor_puts_before_a_saved_mail_hides_no_head(before: bytes) -> None:
    data = before + mail(f"Subject: {TOKEN}\r\nContent-Type: application/pdf; name=a.pdf", "%PDF-1.4")
    seen = open_mail(data)
    assert (read_head(data).sender, seen.evidence.strong) == ("a@x.vn", (TOKEN,))
    assert [f.name for f in seen.files] == ["a.pdf"]


def test_the_plus_address_carries_the_token() -> None:
    seen = open_mail(b"From: a@x.vn\r\nTo: o+dd7k2m9xpa4t3c@x.vn\r\nSubject: bao cao\r\n\r\nx")
    assert seen.evidence.strong == (TOKEN,)


def test_file_names_are_composed_and_have_no_path() -> None:
    message = EmailMessage()
    message["From"] = "a@x.vn"
    message.set_content("x")
    name = unicodedata.normalize("NFD", "../../Báo cáo quý II.pdf")
    message.add_attachment(b"%PDF-1.4\n%%EOF", maintype="application", subtype="pdf", filename=name)
    assert [f.name for f in open_mail(message.as_bytes()).files] == ["Báo cáo quý II.pdf"]


def test_inline_pictures_signatures_and_cards_are_no_files() -> None:
    message = EmailMessage()
    message["From"] = "a@x.vn"
    message.set_content("<img src='cid:1'>", subtype="html")
    message.add_related(b"\x89PNG1234", maintype="image", subtype="png", cid="<1>")
    message.add_attachment("BEGIN:VCARD", subtype="vcard", filename="a.vcf")
    assert open_mail(message.as_bytes()).files == ()


def test_a_forwarded_mails_files_and_token_are_seen() -> None:
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "c@x.vn", f"Báo cáo {TOKEN}"
    inner.set_content("x")
    inner.add_attachment(b"%PDF-1.4\n%%EOF", maintype="application", subtype="pdf", filename="bc.pdf")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@x.vn", "Fwd"
    outer.set_content("chuyển tiếp")
    outer.add_attachment(inner)
    seen = open_mail(outer.as_bytes())
    assert (seen.evidence.weak, [f.name for f in seen.files]) == ((TOKEN,), ["bc.pdf"])


def tnef(*files: tuple[str, bytes]) -> bytes:
    out = struct.pack("<IH", SIGNATURE, 1)
    for name, data in files:
        title = name.encode("cp1258") + b"\0"
        for attribute, value in ((0x9002, b"\0" * 14), (0x8010, title), (0x800F, data)):
            out += (
                struct.pack("<BII", 2, attribute, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
            )
    return out


def test_winmail_dat_is_unwrapped() -> None:
    message = EmailMessage()
    message["From"] = "a@x.vn"
    message.set_content("x")
    data = tnef(("bc.pdf", b"%PDF-1.4\n%%EOF"), ("b.pdf", b"%PDF-1.5\n%%EOF"))
    message.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    assert [f.name for f in open_mail(message.as_bytes()).files] == ["bc.pdf", "b.pdf"]


def test_a_broken_winmail_dat_is_kept_as_it_is() -> None:
    with pytest.raises(TnefError):
        read_tnef(tnef(("bc.pdf", b"%PDF"))[:-3])


def nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth)]
    return b"From: a@x.vn\nSubject: " + TOKEN.encode() + b"\n" + "".join(parts).encode() + b"\nend"


def many(parts: int) -> bytes:
    head = f"From: a@x.vn\nSubject: {TOKEN}\nContent-Type: multipart/mixed; boundary=b\n\n"
    return (head + "--b\nContent-Type: application/pdf; name=a.pdf\n\n%PDF-1\n" * parts + "--b--\n").encode()


def in_each_other(depth: int) -> bytes:
    return (
        b"From: a@x.vn\nSubject: x\n" + b"Content-Type: message/rfc822\n\nFrom: b@x.vn\n" * depth + b"\nend"
    )


@pytest.mark.parametrize(
    "data",
    [
        nested(10_000),
        nested(55),
        many(10_000),
        many(350),
        in_each_other(10_000),
        in_each_other(25),
        b"\0" * 100_000,
        b"From: a@x.vn\nX: y\n" + b"X: y\n" * 200_000,
        b"From: a@x.vn\nSubject: " + b"=?utf-8?b?" * 20_000 + b"\n\nx",
        b"From: " + b"<" * 100_000 + b"\n\nx",
        b"From: a@x.vn\nReferences: " + b"<a@b>" * 50_000 + b"\n\nx",
        b"From: a@x.vn\nContent-Type: text/html\n\n" + b"<" * 500_000,
        b"From: a@x.vn\nContent-Type: text/html\n\n" + b"<script>" * 60_000,
        b"From: a@x.vn\n\n" + b"\n- " * 150_000,
        b"From: a@x.vn\n\n" + b"DD " * 100_000,
        b"Return-Path: <>\nFrom: mailer-daemon@x.vn\nSubject: Undelivered\n\n" + b"a" * 300_000,
        b"Return-Path: <>\nFrom: mailer-daemon@x.vn\nSubject: Undelivered\n\n" + b"\n" * 300_000,
        b"Return-Path: <>\nFrom: mailer-daemon@x.vn\nSubject: Undelivered\n\n" + b"message-id: <\n" * 20_000,
        b"From: a@x.vn\nContent-Type: multipart/mixed; boundary*0=a; boundary*1=\n\n--a\n",
        b"From: a@x.vn\nContent-Type: application/x; name*=utf-9'%%'%ff%\nContent-Transfer-Encoding: base64\n\n!!!=",
        b"",
    ],
    ids=["nested", "nested-within-limit", "parts", "parts-within-limit", "mails-in-mails", "mails-in-mails-within-limit",
         "zeros", "head", "words", "angles", "references", "tags", "scripts", "lines", "almost-tokens", "bounce-a", "bounce-lines", "bounce-ids", "boundary", "name", "empty"],
)  # fmt: skip
def test_a_mail_made_to_hurt_is_read_within_two_seconds(data: bytes) -> None:
    start = time.process_time()
    open_mail(data)
    assert time.process_time() - start < 2


def test_an_absurd_mail_keeps_its_token_and_says_why_it_was_not_opened() -> None:
    seen = open_mail(many(10_000))
    assert (seen.evidence.strong, seen.flags) == ((TOKEN,), {"too_complex"})
    assert read_body(many(350)).flags == {"too_many_parts"}


@pytest.mark.parametrize(
    "charset",
    ["unicode_escape", "punycode", "idna", "raw_unicode_escape", "utf-7", "rot13", "zlib", "x" * 999],
)
def test_a_charset_that_is_a_trick_is_not_used(charset: str) -> None:
    words = base64.b64encode(b"\\ud800" * 3000 + b"+2AA-").decode()
    raw = f"From: a@x.vn\r\nSubject: =?{charset}?b?{words}?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n\\ud800 +2AA-"
    open_mail(raw.encode()).text.encode()
    read_head(raw.encode()).subject.encode()


def test_bytes_of_no_charset_never_reach_the_database_as_half_characters() -> None:
    raw = b"From: \xff\xfe@x.vn\r\nSubject: \xa8\xff\r\nMessage-ID: <\xca\x28@x>\r\nReferences: <\xff@b>\r\n\r\nx"
    head = read_head(raw)
    for text in (head.sender, head.subject, head.message_id, *head.answered):
        text.encode()
