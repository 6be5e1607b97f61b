"""From the plan to one unit's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta

from config.plan import Assignment, Form, Indicator, Plan, Round, Unit
from tasks.forms.types import AssignmentRow, FormSpec, Identity, IndicatorRow


def vn_date(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def limit_text(round_: Round) -> str:
    """ "trước ngày 25/6/2026 (hết ngày 24/6/2026)": the limit is exclusive."""
    if round_.limit_time != time(0):
        return f"trước {round_.limit_time:%H giờ %M} ngày {vn_date(round_.limit)}"
    return f"trước ngày {vn_date(round_.limit)} (hết ngày {vn_date(round_.limit - timedelta(days=1))})"


def period_text(round_: Round) -> str:
    if round_.period_from and round_.period_to:
        return f"từ ngày {vn_date(round_.period_from)} đến ngày {vn_date(round_.period_to)}"
    return f"đến ngày {vn_date(round_.period_to)}" if round_.period_to else ""


def form_spec(
    plan: Plan,
    round_: Round,
    unit: Unit,
    token: str,
    *,
    last_values: Mapping[str, float],
    last_states: Mapping[str, str],
    assumed: bool,
) -> FormSpec:
    """The form of ``unit`` in ``round_``.

    ``last_values``: indicator code → last accepted cumulative value, in its unit of measure;
    ``last_states``: assignment code → last accepted state; ``assumed``: include rows that the plan's
    text does not settle (never in live mode, ruling 1).
    """
    end = round_.period_to or round_.limit - timedelta(days=1)
    return FormSpec(
        identity=Identity(plan.code, round_.code, unit.code, token, round_.form.value),
        unit_name=unit.letter_name,
        round_title=round_.title,
        limit_text=limit_text(round_),
        period_text=period_text(round_),
        period_end=vn_date(end),
        year=plan.policy.year,
        quarter=(end.month + 2) // 3 if round_.form is Form.QUARTERLY else 0,
        issuer=plan.policy.issuer,
        created=round_.opens,
        indicators=tuple(
            _indicator(i, last_values.get(i.code))
            for i in plan.indicators_for(unit, round_.form, assumed=assumed)
        ),
        assignments=_assignments(plan, round_, unit, last_states, assumed=assumed),
        content=tuple(line.strip() for line in round_.content.splitlines() if line.strip()),
    )


def _indicator(indicator: Indicator, last: float | None) -> IndicatorRow:
    return IndicatorRow(
        indicator.code,
        indicator.name,
        indicator.uom,
        indicator.target,
        last,
        indicator.numerator,
        indicator.denominator,
    )


def _assignments(
    plan: Plan, round_: Round, unit: Unit, last_states: Mapping[str, str], *, assumed: bool
) -> tuple[AssignmentRow, ...]:
    if round_.form is not Form.QUARTERLY:
        return ()
    rows: list[Assignment] = plan.assignments_for(unit, assumed=assumed)
    return tuple(
        AssignmentRow(a.code, a.title, a.document, unit.name, a.due, last_states.get(a.code, ""))
        for a in rows
    )
