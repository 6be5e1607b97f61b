"""What changes in the middle of a round: contacts, members, the plan's own files. Nobody is skipped or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.plan import Plan, Role
from db.models import BounceRow, InboundRow, ObligationRow, ProposalItemRow, ProposalRow, RecognitionRow
from db.plans import PlanInUse, save_plan
from db.session import reading, writing
from tasks import steps
from tasks.chase.explain import explain
from tasks.office import open_office

from .installation import Installation, at

ROUND = "2026-dx1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Three units, "trước ngày 10/7" (a Friday); invited, and told once that they are late."""
    made = Installation(tmp_path / "var", at("2026-07-01T06:00"))
    made.ad_hoc("2026-07-06T06:30", "SYT, SXD, SCT", "2026-07-09", reminders="1")
    made.day("2026-07-06T07:10")
    yield made
    made.office.engine.dispose()


def change(here: Installation, now: str, change: Callable[[Plan], dict[str, Any]]) -> None:
    """The plan's folder was edited and loaded again, as ``dondoc init`` does it."""
    plan = here.office.plan.model_copy(update=change(here.office.plan))
    with writing(here.office.engine) as session:
        save_plan(session, plan, at(now))
    here.office = replace(
        open_office(here.office.settings, plan.code, here.office.engine), durable=False
    )


def without(roles: set[Role], unit: str = "SYT") -> Callable[[Plan], dict[str, Any]]:
    return lambda plan: {
        "contacts": tuple(c for c in plan.contacts if not (c.unit == unit and c.role in roles))
    }


def line(here: Installation, now: str, unit: str = "SYT") -> Any:
    return next(x for x in here.summary(ROUND, now).lines if x.unit == unit)


def climb(here: Installation, *days: str) -> None:
    """A reading of the register and a pass on each day."""
    for day in days:
        here.desk("register_reading", f"2026-07-{day}T06:50", through=at(f"2026-07-{day}T06:50"))
        here.day(f"2026-07-{day}T07:10")


def recipients(here: Installation, rung: int) -> dict[str, str]:
    """Unit → who would get that rung's letter, of the newest proposal."""
    query = (
        select(ProposalRow, ProposalItemRow)
        .join(ProposalItemRow, ProposalItemRow.proposal_id == ProposalRow.id)
        .where(ProposalRow.rung == rung)
    )
    with reading(here.office.engine) as session:
        units = {f: u for u, f in here_obligations(here).items()}
        return {units[i.obligation_id]: i.recipient for _, i in session.execute(query).tuples()}


def here_obligations(here: Installation) -> dict[str, int]:
    with reading(here.office.engine) as session:
        rows = session.scalars(select(ObligationRow).where(ObligationRow.round == ROUND))
        return {r.unit: r.id for r in rows}


def address(here: Installation, unit: str, *roles: Role) -> str:
    return here.office.plan.contacts_of(unit, *roles)[0].email


def bounce(here: Installation, unit: str, now: str) -> None:
    """The unit's newest chasing mail came back for good."""
    notice = here.notices(unit=unit, nature="chase")[-1]
    with writing(here.office.engine) as session:
        inbound = InboundRow(
            channel="mailbox", reference=f"b-{notice.id}", sha256="0" * 64, size=1, kind="mail",
            arrived_at=at(now), arrived_how="internaldate", arrival_doubt=False, recorded_at=at(now),
            sender="", subject="", message_id="", automatic=True,
        )  # fmt: skip
        session.add(inbound)
        session.flush()
        session.add(RecognitionRow(inbound_id=inbound.id, at=at(now), by="system", outcome="bounce", hints=[],
                                   reason=""))  # fmt: skip
        session.add(BounceRow(notice_id=notice.id, inbound_id=inbound.id, address=notice.recipient.lower(),
                              permanent=True, status="5.1.1", at=at(now)))  # fmt: skip


def test_an_invitation_that_bounced_goes_to_the_second_contact(here: Installation) -> None:
    clerk, liaison = (address(here, "SYT", r) for r in (Role.CLERK, Role.LIAISON))
    bounce(here, "SYT", "2026-07-06T09:00")
    here.day("2026-07-07T07:10")
    sent = [(n.kind, n.recipient) for n in here.notices(unit="SYT", nature="chase")]
    assert sent == [("invitation", clerk), ("invitation", liaison)]
    bounce(here, "SYT", "2026-07-07T09:00")  # and that one too: nobody is left, nobody is skipped to
    climb(here, "10", "14", "16")
    assert (line(here, "2026-07-16T08:00").hold_code, line(here, "2026-07-16T08:00").rung) == ("no_contact", 0)
    assert "văn thư hoặc đầu mối" in line(here, "2026-07-16T08:00").hold
    assert line(here, "2026-07-16T08:00", "SXD").hold_code == "approval"  # the others go on


def test_a_missing_head_is_replaced_by_the_deputy_and_by_nobody_above(here: Installation) -> None:
    climb(here, "10")
    change(here, "2026-07-13T06:00", without({Role.HEAD}))
    climb(here, "14")
    deputies = here.office.plan.contacts_of("SYT", Role.DEPUTY)
    held = line(here, "2026-07-14T08:00")
    if deputies:
        assert recipients(here, 2)["SYT"] == deputies[0].email
    else:
        assert (held.hold_code, "SYT" in recipients(here, 2)) == ("no_contact", False)
        assert "thủ trưởng hoặc cấp phó" in held.hold
    assert recipients(here, 2)["SXD"] == address(here, "SXD", Role.HEAD)


def test_a_member_is_never_told_of_the_unit_he_heads_himself(here: Installation) -> None:
    member = here.office.plan.unit_by_code["SYT"].member
    change(
        here,
        "2026-07-07T06:00",
        lambda plan: {
            "members": tuple(
                m.model_copy(update={"unit": "SYT"}) if m.code == member else m for m in plan.members
            )
        },
    )
    climb(here, "10", "14")
    here.desk("decide", "2026-07-14T08:00", proposal=1, verdict="approve")
    here.day("2026-07-14T13:10")
    climb(here, "16", "17")
    assert line(here, "2026-07-17T08:00").hold_code == "no_contact" and "SYT" not in recipients(here, 3)
    assert set(recipients(here, 3)) == {"SXD", "SCT"}


def test_a_member_changed_before_the_approval_makes_a_new_proposal_necessary(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-14T08:00", proposal=1, verdict="approve")
    here.day("2026-07-14T13:10")
    climb(here, "16")
    old = recipients(here, 3)["SYT"]
    code = here.office.plan.unit_by_code["SYT"].member
    change(
        here,
        "2026-07-16T12:00",
        lambda plan: {
            "members": tuple(
                m.model_copy(update={"email": "thanhvien.moi@ninhbinh.example"}) if m.code == code else m
                for m in plan.members
            )
        },
    )
    with reading(here.office.engine) as session:
        number = session.scalars(select(ProposalRow.id).where(ProposalRow.rung == 3)).one()
    here.desk("decide", "2026-07-16T12:10", proposal=number, verdict="approve")
    here.day("2026-07-16T13:10")
    climb(here, "17")
    assert [n.recipient for n in here.notices(kind="member", state="held") if n.recipient == old] == []
    assert line(here, "2026-07-17T08:00").hold_code == "approval"  # proposed anew, to whom it is now
    assert recipients(here, 3)["SYT"] == "thanhvien.moi@ninhbinh.example"


def test_a_unit_that_owes_cannot_be_taken_out_of_the_plan(here: Installation) -> None:
    def taken_out(plan: Plan) -> dict[str, Any]:
        return {
            "units": tuple(u for u in plan.units if u.code != "SXD"),
            "contacts": tuple(c for c in plan.contacts if c.unit != "SXD"),
        }

    rows = here.audit_rows()
    with pytest.raises(PlanInUse, match=r"SXD còn trong đợt đã mở .* active = false"):
        change(here, "2026-07-07T06:00", taken_out)
    assert here.audit_rows() == rows
    inactive = lambda plan: {  # noqa: E731
        "units": tuple(u.model_copy(update={"active": u.code != "SXD"}) for u in plan.units)
    }
    change(here, "2026-07-07T06:00", inactive)
    climb(here, "10", "14")
    assert {x.hold_code for x in here.summary(ROUND, "2026-07-14T08:00").lines} == {"approval"}


def test_a_unit_added_to_the_plan_owes_nothing_in_an_open_round(here: Installation) -> None:
    change(
        here,
        "2026-07-07T06:00",
        lambda plan: {"units": (*plan.units, plan.units[3].model_copy(update={"code": "SMOI", "name": "Sở Mới"}))},
    )
    here.day("2026-07-07T07:10")
    assert {x.unit for x in here.summary(ROUND, "2026-07-07T08:00").lines} == {"SYT", "SXD", "SCT"}


def test_a_file_between_approval_and_sending_takes_its_unit_out_visibly(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-14T08:00", proposal=1, verdict="approve")
    (here.folder / "inbox").mkdir(exist_ok=True)
    here.answer("SYT", ROUND)
    here.day("2026-07-14T13:10")
    heads = {n.unit: n.state for n in here.notices(kind="head")}
    assert heads == {"SYT": "cancelled", "SXD": "held", "SCT": "held"}
    assert line(here, "2026-07-14T14:00").state.value in ("done_late", "returned")


def test_an_approval_of_friday_leaves_on_monday_and_one_of_thursday_lapses(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-17T16:59", proposal=1, verdict="approve")  # Friday, after the last pass
    here.day("2026-07-18T08:00")  # Saturday: nothing leaves
    assert here.notices(kind="head") == []
    here.day("2026-07-20T07:10")
    assert {n.state for n in here.notices(kind="head")} == {"held"}


def test_an_approval_older_than_a_working_day_lapses_and_is_proposed_anew(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-16T16:59", proposal=1, verdict="approve")
    here.day("2026-07-20T07:10")
    assert here.notices(kind="head") == []
    with reading(here.office.engine) as session:
        told = explain(session, here.office, "SYT", ROUND, at("2026-07-20T08:00"))
    assert told["hold"].startswith("Đề xuất bậc 2 ngày 20/7/2026 đang chờ")


def test_a_register_read_before_the_limit_only_proposes_nothing(here: Installation) -> None:
    here.desk("register_reading", "2026-07-09T16:00", through=at("2026-07-09T16:00"))
    for day in ("10", "14", "16"):
        here.day(f"2026-07-{day}T07:10")
    assert line(here, "2026-07-16T08:00").hold_code == "register"
    assert recipients(here, 2) == {}


def test_a_week_without_a_pass_over_the_limit_starts_at_the_first_rung(here: Installation) -> None:
    climb(here, "20")
    assert {n.rung for n in here.notices(nature="chase", unit="SYT")} == {0, 1}
    climb(here, "22")  # the second only after the gap
    assert line(here, "2026-07-22T08:00").hold_code == "approval"


def test_declined_is_proposed_again_after_the_gap(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-14T08:00", proposal=1, verdict="decline")
    climb(here, "15")
    assert line(here, "2026-07-15T08:00").hold_code == "declined"
    climb(here, "16")
    assert line(here, "2026-07-16T08:00").hold_code == "approval" and len(set(recipients(here, 2))) == 3


def renamed(role: Role, email: str) -> Callable[[Plan], dict[str, Any]]:
    """SYT's contact of ``role`` has another address."""
    return lambda plan: {
        "contacts": tuple(
            c.model_copy(update={"email": email}) if (c.unit, c.role) == ("SYT", role) else c
            for c in plan.contacts
        )
    }


def test_a_head_who_changed_while_his_letter_waited_to_leave_is_asked_about_anew(here: Installation) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-17T16:00", proposal=1, verdict="approve")
    steps.execute(here.office, at("2026-07-17T16:58"))  # queued; the window closes before it leaves
    change(here, "2026-07-17T18:00", renamed(Role.HEAD, "moi.syt@ninhbinh.example"))
    here.day("2026-07-20T07:10")
    assert {n.unit: n.state for n in here.notices(kind="head")} == {"SYT": "cancelled", "SXD": "held", "SCT": "held"}
    climb(here, "21")
    assert line(here, "2026-07-21T08:00").hold_code == "approval"
    assert recipients(here, 2)["SYT"] == "moi.syt@ninhbinh.example"


def test_a_reminder_that_waited_goes_to_the_clerk_of_today(here: Installation) -> None:
    steps.remind(here.office, at("2026-07-09T07:10"), channels_complete=True)
    change(here, "2026-07-09T08:00", renamed(Role.CLERK, "moi.syt@ninhbinh.example"))
    here.day("2026-07-09T13:10")
    here.day("2026-07-09T13:15")
    sent = [(n.recipient, n.state) for n in here.notices(unit="SYT", kind="reminder")]
    assert sent == [("syt@ninhbinh.example", "cancelled"), ("moi.syt@ninhbinh.example", "held")]


def test_a_held_letter_that_a_person_takes_back_counts_as_sent_no_more(here: Installation) -> None:
    climb(here, "10")
    (late,) = here.notices(unit="SYT", kind="overdue")
    here.desk("release_notice", "2026-07-10T09:00", notice=late.id, outcome="cancel")
    climb(here, "13", "14")
    assert [n.state for n in here.notices(unit="SYT", kind="overdue")] == ["cancelled", "held"]
    assert line(here, "2026-07-14T08:00").hold_code == ""  # its second rung waits for the gap
    assert line(here, "2026-07-14T08:00", "SXD").hold_code == "approval"
