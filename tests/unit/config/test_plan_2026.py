"""The shipped plan says what the committee's plan says, and marks what it does not."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from config.plan import Area, Audience, Certainty, Form, Group, Plan, Role, RungTo

RESERVED = (".example", ".test", ".invalid", "example.com", "example.net", "example.org")


def test_the_quarterly_report_goes_to_129_communes_and_16_departments(plan: Plan) -> None:
    groups = Counter(u.group for u in plan.units if u.active)
    assert groups == {Group.COMMUNE: 97, Group.WARD: 32, Group.DEPARTMENT: 16}
    assert len(plan.audience_of(plan.round_by_code["2026-q3"], assumed=False)) == 145


def test_the_departments_are_12_and_four_bodies_beside_them(plan: Plan) -> None:
    codes = {u.code for u in plan.units if u.active and u.group is Group.DEPARTMENT}
    beside = {"VPUBND", "TTT", "CAT", "BQLKKT"}
    assert beside < codes
    others = codes - beside
    assert len(others) == 12 and "SKHCN" in others
    assert all(plan.unit_by_code[c].name.startswith("Sở ") for c in others)


def test_vertical_agencies_are_present_but_off(plan: Plan) -> None:
    off = [u for u in plan.units if not u.active]
    assert len(off) == 12
    assert {u.group for u in off} == {Group.VERTICAL, Group.OTHER}


def test_a_commune_is_addressed_as_its_committee(plan: Plan) -> None:
    hoa_lu = plan.unit_by_code["14329"]
    assert (hoa_lu.name, hoa_lu.letter_name) == ("Phường Hoa Lư", "UBND phường Hoa Lư")
    for unit in plan.units:
        if unit.group in (Group.COMMUNE, Group.WARD):
            assert unit.letter_name.lower() == f"ubnd {unit.name.lower()}"


def test_sixteen_targets_are_eighteen_figures(plan: Plan) -> None:
    assert len([i for i in plan.indicators if not i.parent]) == 16
    assert len(plan.reportable) == 18
    parts = {i.code: i.parent for i in plan.indicators if i.parent}
    assert parts == {"C2a": "C2", "C2b": "C2", "C3a": "C3", "C3b": "C3"}


def test_a_split_target_is_a_heading_that_nobody_is_asked_for(plan: Plan) -> None:
    for code in ("C2", "C3"):
        heading = plan.indicator_by_code[code]
        assert (heading.lead, heading.reported_by) == (None, ())


def test_the_targets_of_the_plan(plan: Plan) -> None:
    targets = {i.code: i.target for i in plan.reportable}
    assert targets == {
        "A1": 15, "A2": 17.5, "C1": 70, "C2a": 100, "C2b": 100, "C3a": 100, "C3b": 100, "C4": 70, "C5": 80,
        "C6": 80, "C7": 80, "C8": 100, "C9": 100, "C10": 50, "C11": 100, "C12": 95, "D2": 100, "DD1": 100,
    }  # fmt: skip


def test_every_unit_reports_three_or_more_indicators_each_quarter(plan: Plan) -> None:
    for unit in plan.units:
        asked = plan.indicators_for(unit, Form.QUARTERLY, assumed=True)
        assert len(asked) >= 3 if unit.active else not asked, unit.code


def test_no_lead_reaches_a_live_form_before_a_person_confirms_it(plan: Plan) -> None:
    kpi = plan.round_by_code["2026-kpi"]
    assert plan.audience_of(kpi, assumed=False) == []
    assert len(plan.audience_of(kpi, assumed=True)) >= 4
    assert all(i.lead for i in plan.reportable)


@pytest.mark.parametrize(
    ("code", "limit", "period", "audience"),
    [
        ("2026-kpi", date(2026, 5, 15), (None, None), Audience.LEADS),
        ("2026-q2", date(2026, 6, 25), (date(2026, 3, 15), date(2026, 6, 14)), Audience.ALL),
        ("2026-q3", date(2026, 9, 25), (date(2026, 6, 15), date(2026, 9, 14)), Audience.ALL),
        ("2026-q4", date(2026, 12, 25), (date(2026, 9, 15), date(2026, 12, 14)), Audience.ALL),
    ],
)
def test_the_rounds_of_the_plan(
    plan: Plan, code: str, limit: date, period: tuple[date | None, date | None], audience: Audience
) -> None:
    round_ = plan.round_by_code[code]
    assert (round_.limit, round_.audience, round_.certainty) == (limit, audience, Certainty.CONFIRMED)
    assert (round_.period_from, round_.period_to) == period


def test_rounds_open_and_consolidate_on_working_days(plan: Plan) -> None:
    off = {h.date for h in plan.holidays if h.kind == "off"}
    for round_ in plan.rounds:
        days = [round_.opens, round_.limit - timedelta(days=1), round_.consolidates or round_.opens]
        assert all(d.weekday() < 5 and d not in off for d in days), round_.code


def test_sector_reports_are_assumed_and_name_their_unit_and_area(plan: Plan) -> None:
    sector = [r for r in plan.rounds if r.audience is Audience.LISTED]
    assert len(sector) == 6
    assert {(r.units, r.area) for r in sector} == {(("CAT",), Area.DE_AN_06), (("SNV",), Area.CCHC)}
    assert all(r.certainty is Certainty.ASSUMED for r in sector)


def test_the_ladder_asks_a_person_from_the_second_rung_and_only_drafts_the_chair(plan: Plan) -> None:
    rungs = [(r.to, r.after, r.approval, r.draft_only) for r in plan.policy.ladder.rungs]
    assert rungs == [
        (RungTo.UNIT, 1, False, False),
        (RungTo.HEAD, 3, True, False),
        (RungTo.MEMBER, 5, True, False),
        (RungTo.CHAIR, 10, True, True),
    ]
    assert plan.policy.ladder.gap == 2


def test_every_unit_has_clerk_liaison_and_head(plan: Plan) -> None:
    for unit in plan.units:
        roles = {c.role for c in plan.contacts_of(unit.code)}
        assert {Role.CLERK, Role.LIAISON, Role.HEAD} <= roles if unit.active else not roles


def test_the_department_has_a_leader_and_an_operator(plan: Plan) -> None:
    assert plan.contacts_of("SKHCN", Role.LEADER) and plan.contacts_of("SKHCN", Role.OPERATOR)


def test_only_reserved_addresses_are_shipped(plan: Plan) -> None:
    addresses = [c.email for c in plan.contacts] + [m.email for m in plan.members]
    addresses.append(plan.policy.support_email)
    assert [a for a in addresses if a and not a.endswith(RESERVED)] == []
    assert not any(c.name or c.phone for c in plan.contacts), "no personal data is shipped"


def test_each_unit_has_one_member_in_charge_who_is_not_its_head(plan: Plan) -> None:
    for unit in plan.units:
        if unit.active:
            assert unit.member and plan.member_by_code[unit.member].unit != unit.code
            assert unit.member_certainty is Certainty.ASSUMED


def test_the_one_name_in_the_plan_is_its_signer(plan: Plan) -> None:
    named = [(m.name, m.title) for m in plan.members if m.name]
    assert named == [("Đặng Thanh Sơn", "Phó Trưởng Ban – Phó Chủ tịch UBND tỉnh")]


def test_assignments_are_assumed_cover_all_families_and_fall_due_in_the_year(plan: Plan) -> None:
    assert all(a.certainty is Certainty.ASSUMED for a in plan.assignments)
    assert {a.family for a in plan.assignments} == {"bcd_tw", "kh_140", "de_an_06", "bcd_tinh"}
    months = {a.due.month for a in plan.assignments if a.due}
    assert {7, 8, 9, 10, 11, 12} <= months
    assert {a.area for a in plan.assignments} == set(Area)
