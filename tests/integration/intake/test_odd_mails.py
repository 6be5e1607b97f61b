"""Mails as offices really send them: each taken for what it is, nothing lost, each unit answered rightly.

One world, one pass: every case has a unit of its own, so that no case explains another.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from sqlalchemy import select

from db.models import CheckRow, FileRow, InboundRow, NoticeRow, ObligationRow, RecognitionRow, SubmissionRow
from db.session import reading, writing
from tasks.intake.answer import queue_answers
from tasks.intake.check import check_submissions
from tasks.intake.queries import undecided_items
from tasks.post.outbox import NewNotice, queue
from tests.integration.intake.world import OFFICE, World, a_mail, a_world, at, clerk, the_plan

Q2, Q3 = "2026-q2", "2026-q3"
OURS = "<of-a-notice@ninhbinh.example>"
ZIP, RAR, SEVEN = b"PK\3\4", b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c"
IWORK = (("Index/Document.iwa", b"x"), *((f"Index/Tables/{n}.iwa", bytes([n])) for n in range(30)))
JPG = b"\xff\xd8\xff\xe0"


@dataclass(frozen=True)
class Place:
    """A case's own corner of the world."""

    world: World
    unit: str
    number: int

    def token(self, round_: str = Q2) -> str:
        return self.world.tokens[self.unit, round_]

    def form(self, round_: str = Q2, fill: str = "Đã triển khai theo kế hoạch.") -> bytes:
        return self.world.form(self.unit, round_, fill)

    @property
    def pdf(self) -> bytes:
        return b"%%PDF-1.7\nbao cao %d\n%%%%EOF\n" % self.number

    def mail(
        self,
        *files: tuple[str, bytes],
        subject: str | None = None,
        text: str = "Kính gửi Sở.",
        **headers: str,
    ) -> bytes:
        said = f"Re: [{self.token()}]" if subject is None else subject
        return a_mail(
            clerk(self.unit), said, *files, text=text, Message_ID=f"<{self.number}@unit.example>", **headers
        )


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def named_in_cp1258(data: bytes) -> bytes:
    """A zip whose member bears a name of Windows-1258 without the mark of UTF-8."""
    name = "bao-cao.xlsx"
    return zipped((name, data)).replace(name.encode(), b"B\xe1o-cao.xlsx")


def forwarded(inner: bytes, p: Place, subject: str = "FW: báo cáo") -> bytes:
    outer = MIMEMultipart()
    outer["From"], outer["To"], outer["Subject"] = clerk(p.unit), OFFICE, subject
    outer["Message-ID"] = f"<fw{p.number}.{len(inner)}@unit.example>"
    outer.attach(MIMEText("Chuyển tiếp", "plain", "utf-8"))
    outer.attach(MIMEMessage(message_from_bytes(inner)))
    return outer.as_bytes()


def encoded_forward(p: Place) -> bytes:
    part = MIMEBase("message", "rfc822")
    outer = MIMEMultipart()
    outer["From"], outer["To"], outer["Subject"] = clerk(p.unit), OFFICE, "FW: báo cáo"
    inner = base64.encodebytes(p.mail(("a.xlsx", p.form()))).decode()
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload("@inner@")
    outer.attach(part)
    return outer.as_bytes().replace(b"@inner@", inner.encode())


def sealed(p: Place) -> bytes:
    """S/MIME, signed and wrapped: the report is inside, but no program here can look."""
    part = MIMEBase("application", "pkcs7-mime", smime_type="signed-data", name="smime.p7m")
    part.set_payload(b"\x30\x82" + p.mail(("a.xlsx", p.form())))
    encode_base64(part)
    part["From"], part["To"], part["Subject"] = clerk(p.unit), OFFICE, f"[{p.token()}]"
    return part.as_bytes()


def signed(p: Place) -> bytes:
    outer = MIMEMultipart("signed", micalg="sha-256", protocol="application/pkcs7-signature")
    outer["From"], outer["To"], outer["Subject"] = clerk(p.unit), OFFICE, f"[{p.token()}]"
    inner = message_from_bytes(p.mail(("a.xlsx", p.form())))
    for name in ("From", "To", "Subject", "Message-ID"):
        del inner[name]
    outer.attach(inner)
    signature = MIMEBase("application", "pkcs7-signature", name="smime.p7s")
    signature.set_payload(b"signature")
    outer.attach(signature)
    return outer.as_bytes()


def raw(p: Place, wanted: str, **changes: str) -> bytes:
    """The unit's mail with the line that names its file written ``wanted``."""
    return p.mail(("zz.xlsx", p.form())).replace(b'filename="zz.xlsx"', wanted.encode())


def word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def with_subject(p: Place, line: str) -> bytes:
    return p.mail(("a.pdf", p.pdf), subject="ZZZ").replace(b"Subject: ZZZ", f"Subject: {line}".encode())


Build = Callable[[Place], bytes]
OK, BACK, NOTED = ("submission", "accepted"), ("submission", "returned"), ("claim", "noted")
CASES: dict[str, tuple[Build, tuple[str, str], str]] = {
    # name: mail, (outcome, kind of the answer), name of the file that was judged
    "no Date and no Message-ID": (lambda p: p.mail(("a.xlsx", p.form())).replace(b"Message-ID:", b"X-Was:"), OK, "a.xlsx"),
    "a zip with one workbook": (lambda p: p.mail(("bc.zip", zipped(("bc.xlsx", p.form())))), OK, "bc.xlsx"),
    "a zip with a name of Windows-1258": (lambda p: p.mail(("bc.zip", named_in_cp1258(p.form()))), OK, "Báo-cao.xlsx"),
    "a zip with a PDF and a note": (lambda p: p.mail(("b.zip", zipped(("1.pdf", p.pdf), ("x.txt", b"hi")))), BACK, "1.pdf"),
    "a zip in a zip": (lambda p: p.mail(("b.zip", zipped(("in.zip", zipped(("a.xlsx", p.form())))))), BACK, "in.zip"),
    "a rar": (lambda p: p.mail(("b.rar", RAR + p.pdf)), BACK, "b.rar"),
    "a 7z": (lambda p: p.mail(("b.7z", SEVEN + p.pdf)), BACK, "b.7z"),
    "a workbook of Apple Numbers": (lambda p: p.mail(("b.numbers", zipped(*IWORK))), BACK, "b.numbers"),
    "a workbook called .doc": (lambda p: p.mail(("b.doc", p.form())), OK, "b.doc"),
    "a PDF called .xlsx": (lambda p: p.mail(("b.xlsx", p.pdf)), BACK, "b.xlsx"),
    "a mail program's note alone": (lambda p: p.mail(("ATT00001.txt", b"Sent from my phone")), NOTED, "ATT00001.txt"),
    "a PDF and a mail program's note": (lambda p: p.mail(("ATT00001.txt", b"Sent; from"), ("b.pdf", p.pdf)), BACK, "b.pdf"),
    "the same note beside another unit's PDF": (lambda p: p.mail(("ATT00001.txt", b"Sent; from"), ("c.pdf", p.pdf)), BACK, "c.pdf"),
    "an annex without the form's tables beside the form": (
        lambda p: p.mail(("phu luc.csv", b"a;b\n1;2"), ("a.xlsx", p.form())), OK, "a.xlsx"),
    "a picture of the report": (lambda p: p.mail(("scan.jpg", JPG + p.unit.encode())), NOTED, "scan.jpg"),
    "a workbook of 0 byte": (lambda p: p.mail(("a.xlsx", b"")), BACK, "a.xlsx"),
    "another unit's workbook of 0 byte": (lambda p: p.mail(("a.xlsx", b"")), BACK, "a.xlsx"),
    "a mail program's note of 0 byte": (lambda p: p.mail(("ATT00001.htm", b"")), NOTED, ""),
    "a PDF of 0 byte beside the form": (lambda p: p.mail(("a.pdf", b""), ("a.xlsx", p.form())), OK, "a.xlsx"),
    "a word of thanks": (lambda p: p.mail(text="Cảm ơn."), NOTED, ""),
    "an invitation to a meeting": (lambda p: p.mail(("invite.ics", b"BEGIN:VCALENDAR")).replace(
        b"octet-stream", b"ics"), NOTED, ""),
    "an empty form": (lambda p: p.mail(("a.xlsx", p.form(fill=""))), BACK, "a.xlsx"),
    "an answer of a machine with a comment": (
        lambda p: p.mail(Auto_Submitted="auto-generated (vacation)"), ("claim", ""), ""),
    "forwarded within a forwarded mail": (
        lambda p: forwarded(forwarded(p.mail(("a.pdf", p.pdf)), p), p, "FW: FW"), BACK, "a.pdf"),
    "forwarded as an attached file": (
        lambda p: p.mail(("bao cao.eml", p.mail(("a.xlsx", p.form()))), subject="FW: báo cáo"), OK, "a.xlsx"),
    "forwarded in base64, which no standard allows": (encoded_forward, OK, "a.xlsx"),
    "an answer of a machine in brackets": (
        lambda p: p.mail(subject=f"[Auto-Reply] Re: [{p.token()}]"), ("auto_reply", ""), ""),
    "signed, open to the eye": (signed, OK, "a.xlsx"),
    "signed and sealed": (sealed, NOTED, ""),
    "a file name in raw letters": (lambda p: raw(p, 'filename="Báo cáo.xlsx"'), OK, "Báo cáo.xlsx"),
    "a file name in encoded words": (lambda p: raw(p, f'filename="{word("Báo cáo.xlsx")}"'), OK, "Báo cáo.xlsx"),
    "a file name that climbs": (lambda p: raw(p, 'filename="../../etc/a.xlsx"'), OK, "a.xlsx"),
    "a tag broken by folding": (lambda p: with_subject(p, f"Re: [{p.token()[:9]}\n {p.token()[9:]}]"), BACK, "a.pdf"),
    "a tag split between encoded words": (
        lambda p: with_subject(p, f"{word('Trả lời: ' + p.token()[:6])}\n {word(p.token()[6:])}"), BACK, "a.pdf"),
    "a tag in lower case without dashes": (
        lambda p: p.mail(("a.pdf", p.pdf), subject=p.token().replace("-", "").lower()), BACK, "a.pdf"),
    "an older round's tag in the quoted text": (
        lambda p: p.mail(("a.xlsx", p.form(Q3)), subject=f"[{p.token(Q3)}]", text=f"> {p.token(Q2)}"), OK, "a.xlsx"),
    "last quarter's form, which is still owed": (
        lambda p: p.mail(("a.xlsx", p.form(Q2)), subject=f"[{p.token(Q3)}]"), ("contradiction", "noted"), "a.xlsx"),
    "a line that says MẬT": (lambda p: p.mail(("a.xlsx", p.form()), text="Kính gửi\nMẬT"), ("classified", ""), "a.xlsx"),
    "a text about state secrets": (
        lambda p: p.mail(("a.xlsx", p.form(fill="Bảo vệ bí mật nhà nước.")), text="BÍ MẬT NHÀ NƯỚC"), OK, "a.xlsx"),
    "our Message-ID on a person's mail": (
        lambda p: a_mail(clerk(p.unit), f"[{p.token()}]", ("a.xlsx", p.form()), Message_ID=OURS),
        OK, "a.xlsx"),
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    outcome: str
    answer: str
    file: str
    hints: tuple[str, ...]
    undecided: bool
    unit: str
    credited: tuple[str, ...]
    verdict: str


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    world = a_world(tmp_path_factory.mktemp("odd") / "data", rounds=(Q2, Q3))
    world.now = at("2026-09-18 09:00")
    units = [
        u.code for u in the_plan().units if (u.code, Q2) in world.tokens and (u.code, Q3) in world.tokens
    ]
    with writing(world.office.engine) as session:
        ours = NewNotice("2026", Q2, "SYT", clerk("SYT"), "reminder", "x", "chase")
        row = queue(session, ours, world.now)
        assert row is not None
        row.message_id = OURS
    places = {name: Place(world, units[n], n) for n, name in enumerate(CASES, 1)}
    for name, (build, _, _) in CASES.items():
        world.deliver(build(places[name]))
    world.collect()
    check_submissions(world.office, world.now)
    queue_answers(world.office, world.now)
    rows = dict(zip(CASES, world.inbound(), strict=True))
    return {name: look(world, rows[name], places[name]) for name in CASES}


def look(world: World, row: InboundRow, place: Place) -> Seen:
    with reading(world.office.engine) as session:
        found = session.scalars(select(RecognitionRow).where(RecognitionRow.inbound_id == row.id)).one()
        file = session.get(FileRow, found.file_id) if found.file_id else None
        submitted = select(ObligationRow.unit).join(SubmissionRow).where(SubmissionRow.inbound_id == row.id)
        verdict = select(CheckRow.verdict).join(SubmissionRow).where(SubmissionRow.inbound_id == row.id)
        answers = [n for n in session.scalars(select(NoticeRow)) if n.context.get("inbound_id") == row.id]
        assert {a.unit for a in answers} <= {place.unit}
        return Seen(
            found.outcome, answers[0].kind if answers else "", file.name if file else "", tuple(found.hints),
            row.id in {i.inbound_id for i in undecided_items(session)}, place.unit,
            tuple(session.scalars(submitted)), session.scalar(verdict) or "",
        )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_an_odd_mail_is_taken_for_what_it_is_and_answered_so(name: str, seen: dict[str, Seen]) -> None:
    _, (outcome, answer), file = CASES[name]
    assert (seen[name].outcome, seen[name].answer, seen[name].file) == (outcome, answer, file)


@pytest.mark.parametrize("name", CASES)
def test_an_odd_mail_is_credited_to_its_own_unit_or_holds_it(name: str, seen: dict[str, Seen]) -> None:
    here = seen[name]
    if here.outcome == "auto_reply":
        assert (here.credited, here.undecided) == ((), False)
    elif here.outcome == "submission":
        assert (here.credited, here.verdict in ("accepted", "returned")) == ((here.unit,), True)
    else:
        assert (here.credited, here.hints, here.undecided) == ((), (here.unit,), True)
