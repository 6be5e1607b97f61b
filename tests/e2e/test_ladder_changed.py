"""A ladder changed while units are late: what it no longer has is not sent, and no pass fails over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.plan import Plan, RungTo
from tasks import steps
from tasks.desk.common import DeskError

from .installation import Installation, at
from .test_mid_round import ROUND, change, climb, line


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Three units, "trước ngày 10/7" (a Friday), invited."""
    made = Installation(tmp_path / "var", at("2026-07-01T06:00"))
    made.ad_hoc("2026-07-06T06:30", "SYT, SXD, SCT", "2026-07-09", reminders="1")
    made.day("2026-07-06T07:10")
    yield made
    made.office.engine.dispose()


def shorter(rungs: int) -> Callable[[Plan], dict[str, Any]]:
    """The plan loaded again with only the lowest ``rungs`` of its ladder."""

    def edit(plan: Plan) -> dict[str, Any]:
        ladder = plan.policy.ladder.model_copy(update={"rungs": plan.policy.ladder.rungs[:rungs]})
        return {"policy": plan.policy.model_copy(update={"ladder": ladder})}

    return edit


def test_a_proposal_of_a_rung_taken_out_of_the_plan_lapses_and_the_passes_go_on(here: Installation) -> None:
    climb(here, "10", "14")
    whole = here.office.plan.policy
    change(here, "2026-07-14T09:00", shorter(1))
    here.day("2026-07-14T13:10")
    shown = here.summary(ROUND, "2026-07-14T14:00")
    assert (shown.waiting, line(here, "2026-07-14T14:00").hold_code) == ([], "")
    rows = here.audit_rows()
    with pytest.raises(DeskError, match="Đề xuất số 1 đã hết hiệu lực lúc 13 giờ 10 phút ngày 14/7/2026"):
        here.desk("decide", "2026-07-14T15:00", proposal=1, verdict="approve")
    assert here.audit_rows() == rows
    change(here, "2026-07-15T06:00", lambda _: {"policy": whole})  # and put back: proposed anew, not forgotten
    climb(here, "15")
    assert line(here, "2026-07-15T08:00").hold.startswith("Đề xuất bậc 2 ngày 15/7/2026 đang chờ")


@pytest.mark.parametrize("queued", [False, True])
def test_an_approved_letter_of_a_rung_taken_out_of_the_plan_is_not_sent(here: Installation, queued: bool) -> None:
    climb(here, "10", "14")
    here.desk("decide", "2026-07-14T08:00", proposal=1, verdict="approve")
    if queued:
        steps.execute(here.office, at("2026-07-14T08:05"))
    change(here, "2026-07-14T09:00", shorter(1))
    here.day("2026-07-14T13:10")
    assert {n.state for n in here.notices(kind="head")} == ({"cancelled"} if queued else set())


def test_a_draft_for_a_member_whom_the_unit_has_not_is_held_with_a_reason(here: Installation) -> None:
    def drafted(plan: Plan) -> dict[str, Any]:
        rungs = tuple(r.model_copy(update={"draft_only": r.number >= 2}) for r in plan.policy.ladder.rungs)
        rungs = (rungs[0], rungs[1].model_copy(update={"to": RungTo.MEMBER}), *rungs[2:])
        ladder = plan.policy.ladder.model_copy(update={"rungs": rungs})
        units = (u.model_copy(update={"member": None if u.code == "SYT" else u.member}) for u in plan.units)
        return {"policy": plan.policy.model_copy(update={"ladder": ladder}), "units": tuple(units)}

    change(here, "2026-07-07T06:00", drafted)
    climb(here, "10", "14")
    assert line(here, "2026-07-14T08:00").hold_code == "no_contact"
    assert line(here, "2026-07-14T08:00", "SXD").hold_code == "approval"
