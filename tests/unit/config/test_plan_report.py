"""What doctor lists: assumptions to confirm, contacts to find."""

from __future__ import annotations

from collections import Counter

from config.plan import Certainty, Plan, Role
from config.plan_report import ROLE_NAMES, assumed_rows, missing_contacts


def test_every_assumption_is_listed_with_its_file(plan: Plan) -> None:
    rows = assumed_rows(plan)
    assert Counter((r.file, r.field) for r in rows) == {
        ("plan.toml", "certainty"): 6,
        ("units.csv", "member"): 5,
        ("members.csv", "certainty"): 5,
        ("indicators.csv", "lead"): 18,
        ("indicators.csv", "reported_by"): 18,
        ("assignments.csv", "certainty"): len(plan.assignments),
        ("holidays.csv", "certainty"): sum(h.certainty is Certainty.ASSUMED for h in plan.holidays),
    }


def test_members_in_charge_of_all_145_units_are_one_line_each(plan: Plan) -> None:
    counts = [int(r.text.split()[4]) for r in assumed_rows(plan) if r.field == "member"]
    assert sum(counts) == 145


def test_what_a_person_confirmed_is_listed_no_more(plan: Plan) -> None:
    confirmed = tuple(i.model_copy(update={"lead_certainty": Certainty.CONFIRMED}) for i in plan.indicators)
    rows = assumed_rows(plan.model_copy(update={"indicators": confirmed}))
    assert not [r for r in rows if r.field == "lead"]


def test_a_day_off_to_confirm_is_named(plan: Plan) -> None:
    assert [str(r) for r in assumed_rows(plan) if r.code == "2026-11-24"] == [
        "holidays.csv · 2026-11-24 · certainty: Ngày Văn hóa Việt Nam: ngày nghỉ chờ xác nhận"
    ]


def test_the_shipped_plan_lacks_no_contact(plan: Plan) -> None:
    assert missing_contacts(plan) == []


def test_a_missing_clerk_head_and_member_are_each_named_once(plan: Plan) -> None:
    gone = {("SNV", Role.CLERK), ("14329", Role.HEAD), ("SKHCN", Role.OPERATOR)}
    contacts = tuple(c for c in plan.contacts if (c.unit, c.role) not in gone)
    members = tuple(m.model_copy(update={"email": ""}) if m.code == "TV-CAT" else m for m in plan.members)
    found = missing_contacts(plan.model_copy(update={"contacts": contacts, "members": members}))
    assert [(m.unit, m.role) for m in found] == [
        ("SNV", "clerk"),
        ("14329", "head"),
        ("TV-CAT", "member"),
        ("SKHCN", "operator"),
    ]


def test_a_deputy_stands_in_for_a_head_without_address(plan: Plan) -> None:
    contacts = tuple(
        c.model_copy(update={"role": Role.DEPUTY}) if (c.unit, c.role) == ("14329", Role.HEAD) else c
        for c in plan.contacts
    )
    assert missing_contacts(plan.model_copy(update={"contacts": contacts})) == []


def test_every_role_has_a_name() -> None:
    assert set(ROLE_NAMES) == set(Role)
