"""The year's calendar: which day what is sent at the earliest, as an operator reads it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from config.plan import Plan
from config.plan_files import load_plan
from config.settings import PLANS
from flows.artifacts import planned

PLAN = load_plan(PLANS / "2026")


def days_of(plan: Plan, **changes: Any) -> list[tuple[str, str, int]]:
    round_ = plan.round_by_code["2026-q2"].model_copy(update=changes)
    office = cast(Any, SimpleNamespace(plan=plan, assumed=True))
    return [(f"{d:%d/%m}", what.split(":")[0], mails) for d, what, mails in planned(office, round_)]


def test_every_step_of_a_quarter_stands_on_its_working_day() -> None:
    assert days_of(PLAN) == [
        ("01/06", "Mở đợt, gửi thông báo", 145),
        ("16/06", "Nhắc trước hạn 7 ngày", 145),
        ("22/06", "Nhắc trước hạn 3 ngày", 145),
        ("24/06", "Nhắc trước hạn 1 ngày", 145),
        ("24/06", "NGÀY CUỐI ĐÚNG HẠN", 0),
        ("25/06", "Sớm nhất bậc 1, đôn đốc", 145),
        ("29/06", "Sớm nhất bậc 2, đề xuất", 145),
        ("01/07", "Sớm nhất bậc 3, đề xuất", 145),
        ("08/07", "Sớm nhất bậc 4, lập dự thảo văn bản", 0),
        ("30/06", "Lập báo cáo tổng hợp", 0),
    ]


def test_the_invitations_of_a_round_that_opens_on_a_saturday_leave_on_monday() -> None:
    opened = days_of(PLAN, opens=date(2026, 5, 30))
    assert opened[0] == ("01/06", "Mở đợt, gửi thông báo", 145)
