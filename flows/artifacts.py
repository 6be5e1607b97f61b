"""What flows leave in the Prefect UI, under stable keys: round, units, histories, year, documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Round
from db.models import NoticeRow, ProposalRow
from db.session import reading
from tasks.chase.bulletin import active_rounds
from tasks.chase.explain import explain_owed
from tasks.chase.judge import calendar_of
from tasks.chase.summary import RoundSummary, summarise
from tasks.facts import open_rounds
from tasks.intake.queries import undecided_items
from tasks.office import Office
from tasks.rules.limits import last_good_day, working_day_after, working_day_before
from tasks.rules.words import show_date, show_moment
from tasks.rules.working_days import local_day

from .overview import Reading, Waits, escape, key, overview, worth_telling
from .round import Pass

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
TOLD = 60  # histories in one page


def publish(office: Office, did: Pass) -> None:
    """Artifacts of every round of this pass that is not long over; an old round keeps its last page."""
    read = Reading(did.collected.inbound, did.complete) if did.collected else None
    if did.clock_doubt:
        read = Reading(0, False, did.clock_doubt)
    with reading(office.engine) as session:
        active = {r.code for r in active_rounds(session, office, did.now)}
    for code in [c for c in did.rounds if c in active]:
        with reading(office.engine) as session:
            summary = summarise(session, office, code, did.now)
            waits = replace(
                waits_of(session, office, summary), stopped=did.delivered.stopped if did.delivered else ""
            )
            told = history(office, summary)
        create_table_artifact(
            table=table(summary), key=key("tinh-trang", code), description=f"Tình trạng từng đơn vị, {code}"
        )
        create_markdown_artifact(
            markdown=told, key=key("lich-su", code), description=f"Vì sao: đơn vị quá hạn, tạm giữ, {code}"
        )
        calendar = key("lich-nam", office.plan.code)
        pages = newest(key("tinh-trang", code), key("lich-su", code), calendar)
        if calendar not in pages:  # the first pass after the installation
            pages = pages | {calendar: _publish_year(office, did.now)}
        title = summary.round.title
        create_markdown_artifact(
            markdown=overview(office, summary, waits, read, pages),
            key=key("tong-quan", code),
            description=f"{title[:1].upper()}{title[1:]}: tổng quan",
        )


def newest(*keys: str) -> dict[str, str]:
    """The id of the newest page under each of ``keys`` that has one."""
    wanted = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=list(keys)))
    with get_client(sync_client=True) as client:
        found = client.read_latest_artifacts(artifact_filter=wanted)
    return {str(a.key): str(a.latest_id) for a in found}


def publish_reports(office: Office, did: Pass) -> None:
    """Links to the documents that this pass wrote, and the year's calendar."""
    for made in did.consolidated:
        rows = [f"# Báo cáo tổng hợp {escape(made.title)}, lần {made.edition}", ""]
        rows += [f"- {escape(sentence)}" for sentence in made.summary]
        rows += ["", "## Tài liệu", *[f"- `{path}`" for path in made.files]]
        create_markdown_artifact(
            markdown="\n".join(rows), key=key("tong-hop", made.round), description=made.title
        )
    _publish_year(office, did.now)


def _publish_year(office: Office, now: datetime) -> str:
    """The calendar's page; its id."""
    return str(
        create_markdown_artifact(
            markdown=year(office, now),
            key=key("lich-nam", office.plan.code),
            description=f"Lịch thời hạn và thư dự kiến, kế hoạch {office.plan.code}",
        )
    )


def waits_of(session: Session, office: Office, summary: RoundSummary) -> Waits:
    """What waits for a person: items of this round's units or of nobody, approvals, doubtful mails."""
    units = {line.unit for line in summary.lines}
    items = [i for i in undecided_items(session) if not i.hints or units & set(i.hints)]
    numbers = [p["id"] for p in summary.waiting]
    runs = select(ProposalRow.id, ProposalRow.flow_run).where(ProposalRow.id.in_(numbers))
    mails = (
        select(NoticeRow.id)
        .where(NoticeRow.plan == office.plan.code, NoticeRow.round.in_((summary.round.code, "*")))
        .order_by(NoticeRow.id)
    )
    return Waits(
        undecided=tuple(items),
        approvals=tuple(session.execute(runs).tuples()),
        doubtful_mails=tuple(session.scalars(mails.where(NoticeRow.state == "unknown"))),
        failed_mails=tuple(session.scalars(mails.where(NoticeRow.state == "failed"))),
    )


def history(office: Office, summary: RoundSummary) -> str:
    """Why each late or held unit stands as it does: limit, clause, mails, rule."""
    lines = worth_telling(summary)
    parts = [f"# Vì sao: {escape(summary.round.title)}", f"Tính đến {show_moment(summary.as_of)}.", ""]
    if not lines:
        return "\n".join([*parts, "Không có đơn vị nào quá hạn hoặc đang tạm giữ."])
    for line in lines[:TOLD]:
        facts = explain_owed(office, summary.judged[line.unit], summary.as_of)
        parts += [f"## {escape(line.name)} ({line.unit})", "", "| | |", "|---|---|"]
        parts += [f"| {label} | {escape(text)} |" for label, text in facts["lines"][1:]]
        parts.append("")
    if len(lines) > TOLD:
        parts.append(f"… và {len(lines) - TOLD} đơn vị nữa: dondoc why ĐƠN-VỊ {summary.round.code}")
    return "\n".join(parts)


def table(summary: RoundSummary) -> list[dict[str, Any]]:
    return [
        {
            "Mã": x.unit,
            "Đơn vị": x.name,
            "Tình trạng": x.label,
            "Thời hạn": x.limit,
            "Quá hạn (ngày)": x.days_late or "",
            "Bậc": x.rung or "",
            "Nhận lúc": show_moment(x.arrived_at) if x.arrived_at else "",
            "Tạm giữ vì": x.hold,
        }
        for x in summary.lines
    ]


def year(office: Office, now: datetime) -> str:
    """Limits and planned mails of the whole year: Prefect itself schedules only 100 days ahead."""
    with reading(office.engine) as session:
        opened = {code: r for code, (r, _) in open_rounds(session, office.plan.code).items()}
    rounds = {r.code: r for r in office.plan.rounds} | opened
    today = local_day(now)
    days = sorted((d, what, mails) for r in rounds.values() for d, what, mails in planned(office, r))
    lines = [
        f"# Lịch năm {office.plan.policy.year}",
        f"Tính đến {show_moment(now)}. Thư nhắc, đôn đốc chỉ tới đơn vị còn nợ vào lúc gửi.",
        "",
    ]
    for month in sorted({(d.year, d.month) for d, _, _ in days}):
        lines += [f"## Tháng {month[1]}/{month[0]}", "", "| Ngày | Việc | Thư nhiều nhất |", "|---|---|:-:|"]
        rows = [(d, what, mails) for d, what, mails in days if (d.year, d.month) == month]
        lines += [_row(d, what, mails, today) for d, what, mails in rows] + [""]
    return "\n".join(lines)


def _row(day: date, what: str, mails: int, today: date) -> str:
    shown = f"{WEEKDAYS[day.weekday()]}, {show_date(day)}"
    if day == today:
        shown = f"**{shown} (hôm nay)**"
    return f"| {shown} | {'✓ ' if day < today else ''}{escape(what)} | {mails or ''} |"


def planned(office: Office, round_: Round) -> list[tuple[date, str, int]]:
    """(day, what, at most so many mails) of one round."""
    calendar, ladder = calendar_of(office), office.plan.policy.ladder
    count = len(office.plan.audience_of(round_, assumed=office.assumed))
    limit, name = round_.limit_at, round_.short
    days = [(calendar.on_or_after(round_.opens), f"Mở đợt, gửi thông báo: {name}", count)]
    for n in round_.reminders:
        days.append((working_day_before(calendar, limit, n), f"Nhắc trước hạn {n} ngày: {name}", count))
    days.append((last_good_day(round_.limit_at), f"NGÀY CUỐI ĐÚNG HẠN: {name}", 0))
    for rung in ladder.rungs:
        what = "lập dự thảo văn bản" if rung.draft_only else "đề xuất" if rung.approval else "đôn đốc"
        day = working_day_after(calendar, limit, rung.after)
        days.append((day, f"Sớm nhất bậc {rung.number}, {what}: {name}", 0 if rung.draft_only else count))
    if round_.consolidates:
        days.append((round_.consolidates, f"Lập báo cáo tổng hợp: {name}", 0))
    return days
