"""The old year's last quarter and the new year's first round, side by side in one database."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.plan import Plan
from config.plan_files import load_plan
from config.plan_new import new_plan
from config.settings import PLANS
from db.models import InboundRow, NoticeItemRow, NoticeRow, ObligationRow, RoundRow, SubmissionRow
from db.plans import save_plan
from db.session import reading, writing
from flows.demo.clerk import fill
from flows.round import Pass, play_day
from tasks.chase.summary import RoundSummary, summarise
from tasks.forms.build import build, file_name
from tasks.forms.prefill import spec_for
from tasks.office import Office, open_office
from tasks.rules.status import DONE

from .installation import Installation, at

OLD, NEW = "2026-q4", "2027-kpi"
BOTH = "STC"  # owes the quarter of 2026 and, as lead of an indicator, the plan of 2027


def decided_plan(folder: Path) -> Plan:
    """``plan new 2027`` and what a person decides: clauses, next holidays, an early first round."""
    new_plan(PLANS / "2026", 2027, folder)
    text = (folder / "plan.toml").read_text("utf-8")
    text = text.replace('clause = ""', 'clause = "Mục III"')
    head, kpi = text.split('code = "2027-kpi"')
    kpi = kpi.replace('certainty = "assumed"', 'certainty = "confirmed"', 1)
    kpi = kpi.replace("opens = 2027-05-04", "opens = 2026-12-14", 1)
    kpi = kpi.replace("limit = 2027-05-15", "limit = 2027-01-15", 1)
    kpi = kpi.replace("consolidates = 2027-05-31", "consolidates = 2027-01-29", 1)
    (folder / "plan.toml").write_text(f'{head}code = "2027-kpi"{kpi}', "utf-8")
    with (folder / "holidays.csv").open("a", encoding="utf-8") as table:
        table.write("2026-11-24,off,Ngày Văn hóa Việt Nam,confirmed,\n2028-01-01,off,Tết Dương lịch,confirmed,\n")
    return load_plan(folder)


class TwoYears:
    def __init__(self, root: Path) -> None:
        (root / "data").mkdir()
        here = Installation(root / "data", at("2026-11-30T06:00"))
        self.old = here.office
        with writing(self.old.engine) as session:
            save_plan(session, decided_plan(root / "2027"), at("2026-11-30T06:00"))
        self.new = open_office(self.old.settings, "2027", self.old.engine, durable=False)

    def passes(self, moment: str) -> tuple[Pass, Pass]:
        """The new plan's first, so that what it takes of the old one's would be missing there."""
        later = play_day(self.new, at(moment))
        return play_day(self.old, at(moment)), later

    def answer(self, office: Office, round_code: str, unit: str = BOTH) -> None:
        with reading(office.engine) as session:
            spec = spec_for(session, office, self.obligation(office, round_code, unit).id)
        name = file_name(spec)
        inbox = office.data / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_bytes(fill(build(spec), name, random.Random(unit), 0.4, unit))

    def obligation(self, office: Office, round_code: str, unit: str) -> ObligationRow:
        with reading(office.engine) as session:
            query = select(ObligationRow).filter_by(plan=office.plan.code, round=round_code, unit=unit)
            return session.scalars(query).one()

    def rows(self, table: type[Any], **where: str) -> list[Any]:
        with reading(self.old.engine) as session:
            return list(session.scalars(select(table).filter_by(**where).order_by(table.id)))

    def credited(self) -> dict[str, int]:
        """Submissions by round."""
        rounds = {o.id: o.round for o in self.rows(ObligationRow)}
        counts: dict[str, int] = {}
        for s in self.rows(SubmissionRow):
            counts[rounds[s.obligation_id]] = counts.get(rounds[s.obligation_id], 0) + 1
        return counts

    def summary(self, office: Office, round_code: str, moment: str) -> RoundSummary:
        with reading(office.engine) as session:
            return summarise(session, office, round_code, at(moment))


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoYears]:
    """December 2026 played for both plans: one clerk answers both, all others neither."""
    years = TwoYears(tmp_path_factory.mktemp("years"))
    years.passes("2026-12-01T07:10")
    years.passes("2026-12-14T07:10")
    years.answer(years.old, OLD)
    years.passes("2026-12-15T07:10")  # the new plan's pass is the first to find the old plan's file
    years.answer(years.new, NEW)
    years.passes("2026-12-16T07:10")  # seven working days before the old limit
    years.passes("2026-12-25T07:10")  # the first day after the old limit
    years.passes("2027-01-06T07:10")  # seven working days before the new limit
    yield years
    years.old.engine.dispose()


def test_each_pass_opens_only_its_own_plans_rounds(years: TwoYears) -> None:
    opened = {(r.plan, r.code) for r in years.rows(RoundRow)}
    assert opened == {("2026", OLD), ("2027", NEW)}
    old, new = (years.rows(ObligationRow, plan=plan) for plan in ("2026", "2027"))
    assert {o.round for o in old} == {OLD} and {o.round for o in new} == {NEW}
    assert len(old) == 145 and 0 < len(new) < len(old)


def test_no_token_serves_both_years(years: TwoYears) -> None:
    tokens = [o.token for o in years.rows(ObligationRow)]
    assert len(set(tokens)) == len(tokens)


def test_a_file_counts_for_the_round_whose_token_it_carries_whoever_finds_it(years: TwoYears) -> None:
    assert len(years.rows(InboundRow)) == 2
    assert years.credited() == {OLD: 1, NEW: 1}
    moment = "2027-01-06T08:00"
    for office, code in ((years.old, OLD), (years.new, NEW)):
        lines = {line.unit: line for line in years.summary(office, code, moment).lines}
        assert {unit for unit, line in lines.items() if line.state in DONE} == {BOTH}, code


def test_every_notice_speaks_only_of_its_own_plans_obligations(years: TwoYears) -> None:
    plan_of = {o.id: o.plan for o in years.rows(ObligationRow)}
    notices = {n.id: n for n in years.rows(NoticeRow)}
    for item in years.rows(NoticeItemRow):
        assert plan_of[item.obligation_id] == notices[item.notice_id].plan
    owner = {o.token: (o.plan, o.unit) for o in years.rows(ObligationRow)}
    told = [n for n in notices.values() if n.token]
    assert all(owner[n.token] == (n.plan, n.unit) for n in told)


def test_one_years_deadline_is_not_the_others(years: TwoYears) -> None:
    overdue = [n for n in years.rows(NoticeRow) if n.kind == "overdue"]
    assert {n.plan for n in overdue} == {"2026"}
    assert BOTH not in {n.unit for n in overdue}, "it answered"
    reminded = {(n.plan, n.unit) for n in years.rows(NoticeRow, kind="reminder")}
    assert {plan for plan, _ in reminded} == {"2026", "2027"}
    assert not {("2026", BOTH), ("2027", BOTH)} & reminded


def test_invitations_are_one_for_each_obligation_and_all_that_was_owed_left(years: TwoYears) -> None:
    items = [i for i in years.rows(NoticeItemRow) if i.step == "invitation"]
    assert sorted(i.obligation_id for i in items) == sorted(o.id for o in years.rows(ObligationRow))
    states = {n.state for n in years.rows(NoticeRow)}
    assert states == {"held"}


def test_a_mail_names_the_year_it_is_about(years: TwoYears) -> None:
    for plan, other in (("2026", "2027"), ("2027", "2026")):
        for notice in years.rows(NoticeRow, plan=plan, kind="invitation"):
            assert plan in notice.subject, notice.subject
            assert not re.search(other, notice.subject), notice.subject
