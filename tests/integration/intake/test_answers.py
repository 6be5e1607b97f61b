"""Verdicts and answers: one mail within the cycle, to the right box, never to a machine."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Mail
from db.models import CheckRow, FileRow, FindingRow, NoticeRow, SubmissionRow
from db.session import reading, writing
from tasks.forms.read import read
from tasks.intake.answer import queue_answers
from tasks.intake.check import check_submissions
from tasks.intake.decide import record_by_hand
from tasks.office import with_settings
from tasks.post.compose import composer
from tests.integration.intake.world import World, a_mail, a_world, at, clerk

PDF = b"%PDF-1.7\nbao cao\n%%EOF\n"
Q2 = "2026-q2"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


def cycle(world: World, later: timedelta = timedelta(minutes=5)) -> int:
    world.collect(later)
    check_submissions(world.office, world.now)
    return queue_answers(world.office, world.now)


def notices(world: World) -> list[NoticeRow]:
    with reading(world.office.engine) as session:
        rows = list(session.scalars(select(NoticeRow).order_by(NoticeRow.id)))
        session.expunge_all()
        return rows


def texts(world: World) -> list[str]:
    compose = composer(world.office)
    return [compose(n, []).text for n in notices(world)]


def answered(world: World) -> list[tuple[str, str]]:
    return [(n.kind, n.recipient) for n in notices(world)]


def test_a_good_form_is_accepted_in_one_mail_that_answers_the_senders(world: World) -> None:
    mail = a_mail(
        clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", world.form("SYT", Q2)), Message_ID="<1@syt>"
    )
    world.deliver(mail)
    assert cycle(world) == 1
    (notice,) = notices(world)
    assert (notice.kind, notice.recipient, notice.in_reply_to) == ("accepted", clerk("SYT"), "<1@syt>")
    text = texts(world)[0]
    assert "đúng hạn" in text
    assert "8/8 chỉ tiêu" in text
    assert cycle(world) == 0


def test_a_form_with_faults_comes_back_marked(world: World) -> None:
    form = world.form("SYT", Q2)
    spoilt = spoil(form)
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("Báo cáo quý II.xlsx", spoilt)))
    cycle(world)
    (notice,) = notices(world)
    assert notice.kind == "returned"
    (attached,) = notice.attachments
    assert attached["name"] == "bao-cao-quy-ii-can-sua.xlsx"
    assert read(world.office.archive.get(attached["sha256"]), "x.xlsx").identity
    assert "hết ngày 24/6/2026" in " ".join(texts(world)[0].split())


def spoil(form: bytes) -> bytes:
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(form))
    sheet, cell = next(p for k, p in read(form, "x.xlsx").where.items() if k.startswith("cumulative:"))
    book[sheet][cell] = "đạt"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_answer_leaves_even_where_the_archive_has_lost_the_file_since_the_check(world: World) -> None:
    spoilt = spoil(world.form("SYT", Q2))
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", spoilt)))
    world.collect()
    check_submissions(world.office, world.now)
    world.office.archive.path(hashlib.sha256(spoilt).hexdigest()).unlink()
    assert queue_answers(world.office, world.now) == 1
    (notice,) = notices(world)
    assert (notice.kind, notice.attachments) == ("returned", [])


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("old", ["the empty form", "the returned one"])
def test_beside_the_good_form_an_old_one_in_the_same_mail_is_not_what_the_answer_speaks_of(
    world: World, old: str, order: int
) -> None:
    good = world.form("SYT", Q2)
    other = world.form("SYT", Q2, "") if old == "the empty form" else spoil(good)
    files = [("cu.xlsx", other), ("moi.xlsx", good)][::order]
    world.deliver(a_mail(clerk("SYT"), f"FW: {world.tokens['SYT', Q2]}", *files))
    assert (cycle(world), answered(world)) == (1, [("accepted", clerk("SYT"))])
    assert cycle(world) == 0


def test_a_pdf_alone_is_returned_and_counts_a_blank_form_does_not(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.pdf", PDF)))
    world.deliver(a_mail(clerk("SXD"), world.tokens["SXD", Q2], ("bc.xlsx", world.form("SXD", Q2, ""))))
    cycle(world)
    with reading(world.office.engine) as session:
        query = (
            select(CheckRow.verdict, CheckRow.counts, FindingRow.code).join(FindingRow).order_by(CheckRow.id)
        )
        rows = session.execute(query).tuples().all()
    assert rows == [("returned", True, "pdf_instead"), ("returned", False, "blank_form")]


@pytest.mark.parametrize(("pdf", "counts"), [(PDF, True), (b"", False)])
def test_a_pdf_beside_a_locked_workbook_counts(pdf: bytes, counts: bool, world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("a.pdf", pdf), ("b.xlsx", b"PK\3\4hong")))
    cycle(world)
    with reading(world.office.engine) as session:
        assert session.execute(select(CheckRow.verdict, CheckRow.counts)).tuples().all() == [
            ("returned", counts)
        ]
        assert session.scalars(select(FileRow.name).join(SubmissionRow)).one() == "b.xlsx"


def test_answers_go_to_the_registered_box_never_to_a_forger(world: World) -> None:
    world.deliver(a_mail("ke-gian@xa.example", world.tokens["SYT", Q2], ("bc.xlsx", world.form("SYT", Q2))))
    cycle(world)
    (notice,) = notices(world)
    assert (notice.recipient, notice.in_reply_to) == (clerk("SYT"), "")
    assert "đang được đối chiếu" in " ".join(texts(world)[0].split())


def test_a_registered_liaison_is_answered_beside_the_clerk(world: World) -> None:
    liaison = next(
        c.email for c in world.office.plan.contacts if c.unit == "SYT" and c.role.value == "liaison"
    )
    world.deliver(a_mail(liaison, world.tokens["SYT", Q2], ("bc.xlsx", world.form("SYT", Q2))))
    cycle(world)
    assert answered(world) == [("accepted", clerk("SYT")), ("accepted", liaison)]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<a.b>"}, {"Return_Path": "<>"},
     {"Auto_Submitted": "auto-generated"}, {"X_Autoreply": "yes"}],
)  # fmt: skip
def test_machines_are_never_answered(headers: dict[str, str], world: World) -> None:
    world.deliver(
        a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", world.form("SYT", Q2)), **headers)
    )
    world.deliver(a_mail(clerk("SXD"), world.tokens["SXD", Q2], **headers))
    assert cycle(world) == 0


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Trả lời tự động: {}", "x"),
        ("Tự động phản hồi: {}", "x"),
        ("Tu dong tra loi: Re: [{}]", "x"),
        ("Vắng mặt: {}", "x"),
        ("Out-of-Office: {}", "x"),
        ("Re: [{}]", "Đây là thư trả lời tự động. Tôi đi công tác đến hết ngày 30/6."),
        ("Re: [{}]", "Hello,\nthis is an automatic reply: I am away."),
    ],
)
def test_a_vacation_reply_neither_holds_nor_counts(world: World, subject: str, text: str) -> None:
    world.deliver(a_mail(clerk("SYT"), subject.format(world.tokens["SYT", Q2]), text=text))
    assert (cycle(world), world.outcomes()) == (0, [("auto_reply", "auto_reply")])


def test_who_speaks_of_an_automatic_reply_is_no_machine(world: World) -> None:
    text = "Tôi nhận được thư trả lời tự động của Sở, xin gửi báo cáo sau."
    world.deliver(a_mail(clerk("SYT"), f"Trả lời: {world.tokens['SYT', Q2]}", text=text))
    assert (cycle(world), world.outcomes()) == (1, [("claim", "token_without_file")])


def test_no_sender_gets_more_answers_in_an_hour_than_the_setting_says(world: World) -> None:
    mail = Mail(sender="dondoc@example.vn", answers_per_sender_hour=3)
    world.office = with_settings(world.office, world.office.settings.model_copy(update={"mail": mail}))
    form = world.form("SYT", Q2)
    for n in range(8):
        world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("bc.xlsx", form), text=f"lần {n}"))
    assert [cycle(world) for _ in range(3)] == [3, 0, 0]
    assert cycle(world, timedelta(hours=1)) == 3


def test_a_duplicate_and_an_earlier_round_are_answered_and_not_credited(world: World) -> None:
    world.open("2026-q3", at("2026-09-03 08:00"))
    form = world.form("SYT", Q2)
    for token in (world.tokens["SYT", Q2], world.tokens["SYT", Q2], world.tokens["SYT", "2026-q3"]):
        world.deliver(a_mail(clerk("SYT"), token, ("bc.xlsx", form)))
    cycle(world)
    assert [k for k, _ in answered(world)] == ["accepted", "noted", "not_counted"]
    assert world.submissions() == [("SYT", Q2, 1)]
    again = " ".join(texts(world)[1].split())
    assert "trùng hoàn toàn" in again
    assert "đã được tiếp nhận, không cần gửi lại" in again
    assert "đợt báo cáo trước" in " ".join(texts(world)[2].split())


def test_a_claim_is_told_that_no_file_came_but_thanks_are_not(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], text="Đã gửi qua QLVB&ĐH"))
    cycle(world)
    assert answered(world) == [("noted", clerk("SYT"))]
    assert "không kèm tệp" in texts(world)[0]
    world.deliver(a_mail(clerk("SXD"), world.tokens["SXD", Q2], ("bc.xlsx", world.form("SXD", Q2))))
    cycle(world)
    world.deliver(a_mail(clerk("SXD"), f"Re: {world.tokens['SXD', Q2]}", text="Cảm ơn."))
    assert cycle(world) == 0


def test_a_picture_of_a_report_is_answered_kindly_and_holds_its_unit(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], ("scan.jpg", b"\xff\xd8\xff\xe0anh")))
    cycle(world)
    assert (world.last().outcome, world.last().hints) == ("claim", ["SYT"])
    assert "chỉ kèm tệp ảnh" in texts(world)[0]


def test_difficulties_outside_rounds_are_received(tmp_path: Path) -> None:
    world = a_world(tmp_path / "d", rounds=())
    world.deliver(a_mail(clerk("SYT"), "Khó khăn, vướng mắc về chữ ký số", ("phan-anh.pdf", PDF)))
    cycle(world)
    assert answered(world) == [("difficulty_receipt", clerk("SYT"))]
    assert "phan-anh.pdf" in texts(world)[0]


def test_hostile_names_reach_the_mail_as_data_only(world: World) -> None:
    name = '=cmd|"<script>alert(1)<script>".xlsx'
    message = EmailMessage()
    message["From"], message["To"] = clerk("SYT"), "dondoc@example.vn"
    message["Subject"] = world.tokens["SYT", Q2]
    message["Message-ID"] = "<a@b>"
    message.set_content("{{ 7*7 }}")
    message.add_attachment(
        world.form("SYT", Q2), maintype="application", subtype="octet-stream", filename=name
    )
    world.deliver(message.as_bytes())
    cycle(world)
    parts = composer(world.office)(notices(world)[0], [])
    assert "<script" not in parts.html
    assert "49" not in parts.subject
    assert "\n" not in notices(world)[0].in_reply_to


def test_what_came_by_the_register_is_checked_and_answered_too(world: World) -> None:
    with writing(world.office.engine) as session:
        record_by_hand(
            session, world.office.archive, world.obligation("SYT", Q2), document_number="12/BC-SYT", document_date=None,
            arrived_at=at("2026-06-19 10:00"), file=world.form("SYT", Q2), file_name="bc.xlsx", by="CV1",
            reason="Đến qua QLVB&ĐH", now=world.now,
        )  # fmt: skip
    cycle(world)
    assert answered(world) == [("accepted", clerk("SYT"))]
    assert "12/BC-SYT" in texts(world)[0]
