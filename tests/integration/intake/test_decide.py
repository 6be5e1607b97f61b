"""What a person decides: assign, set aside, record by hand, the register."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from db.models import CheckRow, InboundRow, ReadingRow, SubmissionRow
from db.session import reading, writing
from tasks.intake.check import check_submissions
from tasks.intake.decide import DecisionError, assign, record_by_hand, record_register_reading, set_aside
from tasks.intake.outcome import Outcome
from tasks.intake.queries import UndecidedItem, undecided_items
from tasks.intake.register import RegisterRead, read_register_xlsx
from tests.integration.intake.world import World, a_mail, a_world, at, clerk

Q2 = "2026-q2"
PDF = b"%PDF-1.7\nbao cao\n%%EOF\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


def waiting(world: World) -> list[UndecidedItem]:
    with reading(world.office.engine) as session:
        return undecided_items(session)


def test_the_operator_sees_what_waits_without_personal_data(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), "bao cao cua ba Nguyen Thi Hoa", ("bc.pdf", PDF)))
    world.deliver(a_mail("la@xa.example", "chào bán"))
    world.collect()
    mine, stranger = waiting(world)
    assert (mine.outcome, mine.hints, stranger.hints) == (Outcome.UNKNOWN, ("SYT",), ())
    for item in (mine, stranger):
        assert not any(word in item.summary for word in ("@", "Hoa", "chào bán", "bc.pdf"))


def test_an_assigned_item_is_a_submission_and_waits_no_more(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), "bao cao", ("bc.pdf", PDF)))
    world.collect()
    (item,) = waiting(world)
    with writing(world.office.engine) as session:
        assign(
            session,
            item.inbound_id,
            None,
            world.obligation("SYT", Q2),
            "CV1",
            "Đã gọi điện xác nhận",
            world.now,
        )
    assert (waiting(world), world.submissions()) == ([], [("SYT", Q2, 1)])
    check_submissions(world.office, world.now)
    with reading(world.office.engine) as session:
        row = session.scalars(select(SubmissionRow)).one()
        assert (row.flags, row.arrived_at) == (["assigned_by_hand"], world.now)
    with writing(world.office.engine) as session, pytest.raises(DecisionError, match="đã được ghi nhận"):
        assign(session, item.inbound_id, None, world.obligation("SYT", Q2), "CV1", "lần nữa", world.now)


def test_what_is_set_aside_holds_nobody(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), f"{world.tokens['SXD', Q2]}", ("bc.pdf", PDF)))
    world.collect()
    (item,) = waiting(world)
    assert item.hints == ("SXD", "SYT")
    with writing(world.office.engine) as session:
        assert set_aside(session, item.inbound_id, "CV1", "Gửi nhầm", world.now) == 1
    assert waiting(world) == []
    with writing(world.office.engine) as session, pytest.raises(DecisionError, match="không còn phần nào"):
        set_aside(session, item.inbound_id, "CV1", "lần nữa", world.now)


@pytest.mark.parametrize("reason", ["", "  "])
def test_no_decision_without_a_reason(reason: str, world: World) -> None:
    world.deliver(a_mail("la@xa.example", "x"))
    world.collect()
    with writing(world.office.engine) as session, pytest.raises(DecisionError, match="lý do"):
        set_aside(session, 1, "CV1", reason, world.now)


def test_the_registers_arrival_time_counts_not_the_typing(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), world.tokens["SYT", Q2], text="Đã gửi qua QLVB"))
    world.collect()
    assert [i.outcome for i in waiting(world)] == [Outcome.CLAIM]
    arrived, typed = at("2026-06-24 16:59"), at("2026-06-29 09:00")
    with writing(world.office.engine) as session:
        record_by_hand(
            session, world.office.archive, world.obligation("SYT", Q2), document_number="12/BC-SYT", document_date=None,
            arrived_at=arrived, file=None, file_name="", by="CV1", reason="Theo sổ", now=typed,
        )  # fmt: skip
    with reading(world.office.engine) as session:
        row, check = session.execute(select(SubmissionRow, CheckRow).join(CheckRow)).tuples().one()
        assert (row.arrived_at, row.recorded_at, check.verdict, check.by) == (
            arrived,
            typed,
            "accepted",
            "CV1",
        )
    assert waiting(world) == []  # the claim is proved


def test_an_arrival_in_the_future_is_refused(world: World) -> None:
    with writing(world.office.engine) as session, pytest.raises(DecisionError, match="tương lai"):
        record_register_reading(session, world.now + timedelta(minutes=1), "CV1", world.now)


def export(*rows: tuple[object, ...], heads: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["SỔ ĐĂNG KÝ VĂN BẢN ĐẾN"])
    sheet.append([])
    sheet.append(heads or ("STT", "Số, ký hiệu", "Ngày đến", "Cơ quan ban hành", "Trích yếu"))
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


ROWS = (
    (1, "12/BC-SYT", datetime(2026, 6, 24, 16, 30), "Sở Y tế", "Báo cáo quý II năm 2026 về KHCN, ĐMST, CĐS"),
    (2, "30/BC-UBND", "23/06/2026 09:15", "UBND phường Nam Định", "V/v báo cáo kết quả quý II/2026"),
    (3, "31/BC-UBND", "24/06/2026", "UBND phường Nam Định", "Báo cáo công tác phòng cháy"),
    (4, "7/GM-SXD", "24/06/2026", "Sở Xây dựng", "Giấy mời họp"),
    (5, "99/CV", "24/06/2026", "Công ty ABC", "Báo cáo quý II năm 2026"),
    (6, "8/BC-SXD", "ngày mai", "Sở Xây dựng", "Báo cáo quý II năm 2026"),
)


def import_(world: World, data: bytes, **more: datetime) -> RegisterRead:
    return read_register_xlsx(world.office, data, "CV1", at("2026-06-26 09:00"), **more)


def test_rows_of_the_register_become_claims_with_their_own_time(world: World) -> None:
    done = import_(world, export(*ROWS))
    assert (done.rows, done.claims, done.unknown, done.skipped, len(done.faults)) == (6, 2, 2, 2, 1)
    assert [(i.outcome.value, i.hints) for i in waiting(world)] == [
        ("claim", ("SYT",)), ("claim", ("13669",)), ("unknown", ("13669",)), ("unknown", ("SXD",)),
    ]  # fmt: skip
    with reading(world.office.engine) as session:
        assert session.scalars(select(InboundRow.arrived_at)).first() == at("2026-06-24 16:30")
    assert import_(world, export(*ROWS)).known == 4
    assert len(waiting(world)) == 4


@pytest.mark.parametrize(
    ("written", "arrived"),
    [
        ("19/06/2026 8:05:00 SA", "2026-06-19 08:05"),
        ("19/06/2026 2:05 CH", "2026-06-19 14:05"),
        ("2026-06-19T14:05:00", "2026-06-19 14:05"),
        ("19-06-2026", "2026-06-19 00:00"),
        (46192.5, "2026-06-19 12:00"),
        ("01/01/0001 00:00:00", ""),
        (datetime(1900, 1, 1), ""),
        ("0", ""),
        (12, ""),
    ],
)
def test_a_register_s_instant_is_read_as_programs_write_it_or_told(
    written: object, arrived: str, world: World
) -> None:
    done = import_(world, export((1, "12/BC-SYT", written, "Sở Y tế", "Báo cáo quý II năm 2026")))
    assert (done.claims, done.unknown, len(done.faults)) == ((1, 0, 0) if arrived else (0, 1, 1))
    (item,) = waiting(world)  # read or not, it holds its unit
    assert item.hints == ("SYT",)
    if arrived:
        assert item.arrived_at == at(arrived)
    else:
        assert "không đọc được ngày đến" in item.summary


def test_a_row_of_the_future_holds_its_unit_and_counts_anew_once_its_time_is_right(world: World) -> None:
    rows = [(1, "12/BC-SYT", day, "Sở Y tế", "Báo cáo quý II năm 2026") for day in ("24/07/2026", "24/06/2026")]
    assert [import_(world, export(row)).faults for row in rows] == [
        ("văn bản số 12/BC-SYT: ngày đến ở tương lai",), ()
    ]  # fmt: skip
    assert [(i.outcome.value, i.hints) for i in waiting(world)] == [("unknown", ("SYT",)), ("claim", ("SYT",))]


@pytest.mark.parametrize(
    ("issuer", "summary", "hints"),
    [
        ("UBND P. Nam Định", "Báo cáo quý II năm 2026", [("13669",)]),
        ("Sở Y tế và Sở Xây dựng", "Báo cáo quý II năm 2026", [("SXD", "SYT")]),
        ("UBND xã Bình Mi", "Báo cáo quý II năm 2026", [()]),  # of nobody: shown in every approval
        ("Công ty ABC", "Báo cáo quý II năm 2026", []),
        ("Sở Thông tin", "Giấy mời họp", []),
        ("Công ty ABC", "Trả lời {token}", [("SYT",)]),
    ],
)
def test_a_sender_that_is_not_clear_is_shown_and_holds_whom_it_may_be(
    issuer: str, summary: str, hints: list[tuple[str, ...]], world: World
) -> None:
    summary = summary.replace("{token}", world.tokens["SYT", Q2])
    import_(world, export((1, "5/BC", "24/06/2026", issuer, summary)))
    assert [i.hints for i in waiting(world)] == hints
    assert all(i.outcome is not Outcome.CLAIM for i in waiting(world) if hints != [("13669",)])


def test_a_claim_of_the_register_is_assigned_with_the_registers_time(world: World) -> None:
    import_(world, export(ROWS[0]))
    (item,) = waiting(world)
    assert item.obligation_id is not None
    with writing(world.office.engine) as session:
        row = assign(
            session, item.inbound_id, None, item.obligation_id, "CV1", "Theo sổ", at("2026-06-26 10:00")
        )
        assert row.arrived_at == at("2026-06-24 16:30")
    assert waiting(world) == []


def test_the_reading_is_recorded_only_where_the_operator_says_so(world: World) -> None:
    import_(world, export(*ROWS))
    with reading(world.office.engine) as session:
        assert session.scalars(select(ReadingRow)).all() == []
    import_(world, export(*ROWS), through=at("2026-06-26 08:00"))
    with reading(world.office.engine) as session:
        row = session.scalars(select(ReadingRow)).one()
        assert (row.channel, row.complete, row.through, row.by) == (
            "register",
            True,
            at("2026-06-26 08:00"),
            "CV1",
        )


@pytest.mark.parametrize("data", [b"", b"khong phai", PDF, export(heads=("A", "B"))])
def test_what_is_no_register_is_refused_with_a_reason(data: bytes, world: World) -> None:
    with pytest.raises(DecisionError):
        import_(world, data)
