"""A mistake at the desk is taken back: the fact stays, the unit is told where it had been, nothing counts on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import ExemptionRow, RecognitionRow, SubmissionRow
from db.session import reading
from flows.commands.look import figure_facts
from tasks.chase.explain import explain
from tasks.consolidate.report import digest_of
from tasks.desk.common import DeskError
from tasks.system.replay import differences

from .installation import Installation, at
from .test_register import export

ROUND = "2026-dx1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """A round of three units, "trước ngày 25/6", its invitations sent."""
    made = Installation(tmp_path / "var", at("2026-06-02T06:00"))
    asked = {"form": "quarterly", "period_from": "2026-03-15", "period_to": "2026-06-14"}
    made.ad_hoc("2026-06-02T06:30", "SYT, SXD, SCT", "2026-06-24", **asked)
    made.day("2026-06-02T07:10")
    yield made
    made.office.engine.dispose()


def state(here: Installation, unit: str, now: str) -> str:
    return next(x for x in here.summary(ROUND, now).lines if x.unit == unit).state.value


def told(here: Installation, unit: str) -> list[tuple[str, str]]:
    """Kind and state of each answer to the unit."""
    return [(n.kind, n.state) for n in here.notices(unit=unit, nature="answer")]


def why(here: Installation, unit: str, now: str) -> dict[str, str]:
    with reading(here.office.engine) as session:
        return dict(explain(session, here.office, unit, ROUND, at(now))["lines"])


def agrees(here: Installation, now: str) -> bool:
    with reading(here.office.engine) as session:
        return differences(session, at(now)) == []


def test_an_exemption_taken_back_before_its_letter_left_tells_nobody(here: Installation) -> None:
    here.desk("exempt", "2026-06-10T09:00", round=ROUND, units="SYT")
    here.desk("take_back", "2026-06-10T09:05", round=ROUND, units="SYT", what="exemption")
    here.day("2026-06-10T13:10")
    assert told(here, "SYT") == [("exemption", "cancelled")]
    assert state(here, "SYT", "2026-06-10T13:10") == "not_due"


def test_an_exemption_taken_back_later_is_told_and_explained_for_both_days(here: Installation) -> None:
    here.desk("exempt", "2026-06-10T09:00", round=ROUND, units="SYT")
    here.day("2026-06-10T13:10")
    answer = here.desk("take_back", "2026-06-29T09:00", round=ROUND, units="SYT", what="exemption")
    assert answer == "Đã rút lại miễn báo cáo của 1 đơn vị; báo cho 1 đơn vị đã được biết"
    here.day("2026-06-29T13:10")
    assert told(here, "SYT") == [("exemption", "held"), ("taken_back", "held")]
    assert here.notices(unit="SYT", kind="overdue") == []  # not on the day it learns of it
    here.day("2026-06-30T07:10")
    assert [n.rung for n in here.notices(unit="SYT", kind="overdue")] == [1]
    assert "Miễn" in why(here, "SYT", "2026-06-28T12:00")
    later = why(here, "SYT", "2026-06-30T12:00")
    assert "Miễn" not in later and "rút lại 09 giờ 00 phút ngày 29/6/2026: thử" in later["Đã rút lại"]
    assert agrees(here, "2026-06-28T12:00") and agrees(here, "2026-06-30T12:00")


def test_the_fact_itself_stays_in_its_table(here: Installation) -> None:
    here.desk("exempt", "2026-06-10T09:00", round=ROUND, units="SYT, SXD")
    here.desk("take_back", "2026-06-10T10:00", round=ROUND, units="SYT", what="exemption")
    with reading(here.office.engine) as session:
        assert len(session.scalars(select(ExemptionRow)).all()) == 2
    assert [state(here, u, "2026-06-10T11:00") for u in ("SYT", "SXD")] == ["not_due", "exempt"]
    here.desk("exempt", "2026-06-11T09:00", round=ROUND, units="SYT")  # and may be decided again
    assert state(here, "SYT", "2026-06-11T11:00") == "exempt" and agrees(here, "2026-06-11T12:00")


def test_a_unit_named_twice_is_decided_on_once_and_taken_back_whole(here: Installation) -> None:
    told = here.desk("exempt", "2026-06-10T09:00", round=ROUND, units="SYT, SYT")
    assert told == "Đã miễn báo cáo cho 1 đơn vị"
    here.desk("take_back", "2026-06-10T10:00", round=ROUND, units=["SYT", "SYT"], what="exemption")
    assert state(here, "SYT", "2026-06-10T11:00") == "not_due" and agrees(here, "2026-06-10T11:00")


def test_nothing_to_take_back_is_a_mistake_that_changes_nothing(here: Installation) -> None:
    rows = here.audit_rows()
    for what in ("exemption", "promise", "on_time", "extension", "assignment"):
        with pytest.raises(DeskError, match="của SYT"):
            here.desk("take_back", "2026-06-10T09:05", round=ROUND, units="SYT", what=what)
        with pytest.raises(DeskError, match="đơn vị nào của đợt"):
            here.desk("take_back", "2026-06-10T09:05", round=ROUND, units="*", what=what)
    assert here.audit_rows() == rows


def test_everybody_exempted_by_mistake_owes_again(here: Installation) -> None:
    here.desk("exempt", "2026-06-10T09:00", round=ROUND, units="*")
    here.desk("take_back", "2026-06-10T09:05", round=ROUND, units="*", what="exemption")
    assert {x.state.value for x in here.summary(ROUND, "2026-06-10T10:00").lines} == {"not_due"}
    assert agrees(here, "2026-06-10T10:00")


def test_an_extension_entered_for_the_wrong_year_is_taken_back(here: Installation) -> None:
    here.desk("extend", "2026-06-10T09:00", round=ROUND, units="SYT", until="2027-06-30")
    here.day("2026-06-10T13:10")
    with pytest.raises(DeskError, match="sau thời hạn đang áp dụng"):
        here.desk("extend", "2026-06-11T09:00", round=ROUND, units="SYT", until="2026-06-30")
    here.desk("take_back", "2026-06-11T09:00", round=ROUND, units="SYT", what="extension")
    here.desk("extend", "2026-06-11T09:10", round=ROUND, units="SYT", until="2026-06-30")
    here.day("2026-06-11T13:10")
    assert [k for k, _ in told(here, "SYT")] == ["extension", "taken_back", "extension"]
    assert [state(here, "SYT", d) for d in ("2026-06-30T12:00", "2026-07-01T12:00")] == ["due_today", "overdue"]
    assert agrees(here, "2026-07-01T12:00")


def test_a_promise_taken_back_lets_the_ladder_go_on(here: Installation) -> None:
    here.day("2026-06-25T07:10")
    here.desk("acknowledge", "2026-06-25T09:00", round=ROUND, unit="SYT", promised="2026-07-20")
    here.desk("register_reading", "2026-06-30T06:50", through=at("2026-06-30T06:50"))
    here.day("2026-06-30T07:10")
    here.desk("take_back", "2026-06-30T09:00", round=ROUND, units="SYT", what="promise")
    here.day("2026-07-01T07:10")
    lines = {x.unit: x for x in here.summary(ROUND, "2026-07-01T08:00").lines}
    assert lines["SYT"].hold_code == "approval" and agrees(here, "2026-07-01T08:00")


def test_punctuality_granted_by_mistake_is_late_again_and_nobody_is_written_to(here: Installation) -> None:
    here.answer("SYT", ROUND)
    here.day("2026-06-26T07:10")
    here.desk("accept_on_time", "2026-06-26T09:00", round=ROUND, unit="SYT")
    assert state(here, "SYT", "2026-06-26T10:00") == "done_on_time"
    here.desk("take_back", "2026-06-26T11:00", round=ROUND, units="SYT", what="on_time")
    assert state(here, "SYT", "2026-06-26T12:00") == "done_late" and agrees(here, "2026-06-26T12:00")
    assert "taken_back" not in [k for k, _ in told(here, "SYT")]


def a_scan_arrives(here: Installation) -> None:
    (here.folder / "inbox").mkdir(exist_ok=True)
    (here.folder / "inbox" / "quet.pdf").write_bytes(b"%PDF-1.7\nbao cao\n%%EOF\n")
    here.day("2026-06-22T07:10")


def wrongly_assigned(here: Installation) -> None:
    """The scan is SXD's and was given to SYT."""
    a_scan_arrives(here)
    here.desk("assign", "2026-06-22T09:00", round=ROUND, unit="SYT", inbound=1)
    here.day("2026-06-22T13:10")


def test_a_wrong_assignment_leaves_the_unit_and_waits_again(here: Installation) -> None:
    wrongly_assigned(here)
    assert state(here, "SYT", "2026-06-22T14:00") == "returned"
    here.desk("take_back", "2026-06-22T15:00", round=ROUND, units="SYT", what="assignment")
    here.day("2026-06-23T07:10")
    assert state(here, "SYT", "2026-06-23T08:00") == "due_soon"
    assert told(here, "SYT")[-1] == ("taken_back", "held")
    with reading(here.office.engine) as session:
        newest = session.scalars(select(RecognitionRow).order_by(RecognitionRow.id.desc()).limit(1)).one()
        assert (newest.outcome, newest.by) == ("unknown", "CV1")
    here.desk("assign", "2026-06-23T09:00", round=ROUND, unit="SXD", inbound=1)  # to whom it belongs
    here.day("2026-06-23T13:10")
    assert state(here, "SXD", "2026-06-23T14:00") == "returned" and agrees(here, "2026-06-23T14:00")
    with reading(here.office.engine) as session:
        arrived = {r.arrived_at for r in session.scalars(select(SubmissionRow))}
    assert len(arrived) == 1  # the hour of its arrival is kept


def test_a_file_taken_back_may_be_given_to_the_same_unit_again(here: Installation) -> None:
    wrongly_assigned(here)
    here.desk("take_back", "2026-06-22T15:00", round=ROUND, units="SYT", what="assignment")
    answer = here.desk("assign", "2026-06-22T15:05", round=ROUND, unit="SYT", inbound=1)
    assert "bản gửi lần 2" in answer and agrees(here, "2026-06-22T16:00")


def test_an_assignment_taken_back_unchecked_is_never_checked_or_answered(here: Installation) -> None:
    a_scan_arrives(here)
    here.desk("assign", "2026-06-22T09:00", round=ROUND, unit="SYT", inbound=1)
    here.desk("take_back", "2026-06-22T09:02", round=ROUND, units="SYT", what="assignment")
    here.day("2026-06-22T13:10")
    assert told(here, "SYT") == []


def test_figures_of_a_file_taken_back_count_nowhere(here: Installation) -> None:
    here.desk("record_by_hand", "2026-06-22T09:00", **by_hand(here, "SYT"))
    here.day("2026-06-22T13:10")
    before = digest_of(here.office, ROUND, at("2026-06-22T14:00")).data
    assert set(before.figures["unit"]) == {"SYT"} and before.reported[ROUND] == {"SYT"}
    assert all(f["counts"] for f in figure_facts(here.office, ROUND))
    here.desk("take_back", "2026-06-22T15:00", round=ROUND, units="SYT", what="assignment", version=1)
    after = digest_of(here.office, ROUND, at("2026-06-22T16:00")).data
    assert (len(after.figures), after.reported[ROUND]) == (0, frozenset())
    again = digest_of(here.office, ROUND, at("2026-06-22T14:00")).data  # that day as it was known then
    assert set(again.figures["unit"]) == {"SYT"}
    assert not any(f["counts"] for f in figure_facts(here.office, ROUND))


def test_figures_of_an_exempt_unit_count_only_while_it_is_not(here: Installation) -> None:
    here.desk("record_by_hand", "2026-06-22T09:00", **by_hand(here, "SYT"))
    here.day("2026-06-22T13:10")
    here.desk("exempt", "2026-06-22T14:00", round=ROUND, units="SYT")
    figures = digest_of(here.office, ROUND, at("2026-06-22T14:30")).data.figures
    assert figures.empty and not any(f["counts"] for f in figure_facts(here.office, ROUND))
    here.desk("take_back", "2026-06-22T15:00", round=ROUND, units="SYT", what="exemption")
    assert all(f["counts"] for f in figure_facts(here.office, ROUND))


def by_hand(here: Installation, unit: str) -> dict[str, object]:
    """A filled form that came by the document system."""
    here.answer(unit, ROUND)
    (sent,) = (here.folder / "inbox").iterdir()
    (here.folder / "desk").mkdir(exist_ok=True)
    sent.rename(here.folder / "desk" / sent.name)
    return {
        "round": ROUND, "unit": unit, "document_number": "12/BC-SYT", "document_date": "2026-06-20",
        "arrived": "2026-06-21T08:00", "file": sent.name,
    }  # fmt: skip


def test_a_claim_that_a_wrong_entry_had_closed_is_open_again(here: Installation) -> None:
    export(here.folder / "desk")
    here.desk("register_reading", "2026-06-25T06:50", through=at("2026-06-25T06:50"), file="so.xlsx")
    entry = {"round": ROUND, "unit": "SCT", "document_number": "45/BC-SCT", "document_date": "2026-06-24",
             "arrived": "2026-06-24T15:20"}  # fmt: skip
    here.desk("record_by_hand", "2026-06-25T08:00", **entry)
    assert state(here, "SCT", "2026-06-25T08:30") == "done_on_time"
    here.desk("take_back", "2026-06-25T09:00", round=ROUND, units="SCT", what="assignment")
    here.day("2026-06-29T07:10")
    line = next(x for x in here.summary(ROUND, "2026-06-29T08:00").lines if x.unit == "SCT")
    assert (line.state.value, line.rung, line.hold_code) == ("overdue", 0, "claim")
