"""What holds whom: names, codes, addresses and threads of an item nobody can decide."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from db.session import reading, writing
from tasks.chase.escalate import strangers
from tasks.post.outbox import NewNotice, queue
from tests.integration.intake.world import World, a_mail, a_world, clerk

Q2 = "2026-q2"
PDF = b"%PDF-1.7\nbao cao\n%%EOF\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


@pytest.mark.parametrize(
    ("subject", "text", "name", "units"),
    [
        ("Báo cáo của UBND phường Nam Định", "x", "a.pdf", ["13669"]),
        ("BAO CAO XA YEN MAC", "x", "a.pdf", ["14743"]),
        ("Báo cáo", "x", "bao_cao_so_y_te.pdf", ["SYT"]),
        ("Báo cáo 13669", "x", "a.pdf", ["13669"]),
        ("Báo cáo", "Sở Xây dựng kính gửi Sở Khoa học và Công nghệ", "a.pdf", ["SXD"]),
        ("Báo cáo", "> Người gửi: Sở Xây\n> dựng tỉnh Ninh Bình", "a.pdf", ["SXD"]),
        ("Báo cáo", "Kính gửi: Sở Khoa học và Công nghệ", "a.pdf", []),
        ("Chào bán", "máy in", "a.pdf", []),
    ],
)
def test_a_strangers_mail_holds_whom_it_names(
    subject: str, text: str, name: str, units: list[str], world: World
) -> None:
    world.deliver(a_mail("ca.nhan@thu.example", subject, (name, PDF), text=text))
    world.collect()
    assert (world.last().outcome, world.last().hints) == ("unknown", units)


def test_a_strangers_page_holds_whom_it_names_in_entities_and_tags(world: World) -> None:
    page = "<p>S&#7903; X&acirc;y <b>d</b>&#7921;ng</p>"
    mail = a_mail("ca.nhan@thu.example", "Báo cáo", text=page).replace(b"text/plain", b"text/html")
    world.deliver(mail)
    world.collect()
    assert (world.last().outcome, world.last().hints) == ("unknown", ["SXD"])


def test_a_file_holds_whom_its_folder_and_its_name_tell(world: World) -> None:
    world.drop("Sở Y tế/bao cao phuong nam dinh.pdf", PDF)
    world.collect()
    assert world.last().hints == ["13669", "SYT"]


def test_an_answer_to_a_digest_holds_the_unit_that_the_digest_went_to(world: World) -> None:
    from db.models import NoticeRow
    from tasks.post.outbox import Item
    from tests.integration.intake.world import at

    with writing(world.office.engine) as session:
        item = Item(world.obligation("SYT", Q2), "reminder-7", at("2026-06-25 00:00"), 0)
        notice = NewNotice("2026", "*", "*", "x@y.example", "reminder", "d", "chase", items=[item])
        row = queue(session, notice, world.now)
        assert isinstance(row, NoticeRow)
    world.deliver(a_mail("ca.nhan@thu.example", "Re:", ("a.pdf", PDF), In_Reply_To=row.message_id))
    world.collect()
    assert world.last().hints == ["SYT"]


def test_a_thank_you_from_a_registered_box_waits_for_a_person(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), "Cảm ơn", text="Trân trọng cảm ơn."))
    world.collect()
    assert (world.last().outcome, world.last().hints) == ("unknown", ["SYT"])


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [({"B5": "DD-0000-0000-0000"}, "unknown"), ({"B1": "1", "C1": "MẬT"}, "classified")],
)
def test_a_workbook_of_a_unit_that_does_not_exist_is_a_strangers_to_be_ticked_as_seen(
    changes: dict[str, str], outcome: str, world: World
) -> None:
    book = load_workbook(io.BytesIO(world.form("SYT", Q2)))
    book.custom_doc_props.props.clear()
    for cell, value in ({"B4": "Nguyễn Văn A 0912345678", "B5": "DD-1"} | changes).items():
        book["_dondoc"][cell] = value
    out = io.BytesIO()
    book.save(out)
    world.drop("a.xlsx", out.getvalue())
    world.collect()
    assert (world.last().outcome, world.last().hints) == (outcome, [])
    with reading(world.office.engine) as session:
        assert strangers(session) == [world.last().inbound_id]
