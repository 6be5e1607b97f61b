"""What an operator sees of a round in the Prefect UI: an answer in ten seconds, then the table."""

from __future__ import annotations

import re
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact

from db.session import reading
from tasks.chase.summary import KIND_LABELS, RoundSummary, summarise
from tasks.office import Office
from tasks.rules.words import show_limit, show_moment

from .round import Pass


def publish(office: Office, did: Pass) -> None:
    """Artifacts of every round of this pass, under stable keys."""
    for code in did.rounds:
        with reading(office.engine) as session:
            summary = summarise(session, office, code, did.now)
        create_markdown_artifact(
            markdown=overview(office, summary, did),
            key=key("tong-quan", code),
            description=summary.round.title,
        )
        create_table_artifact(
            table=table(summary), key=key("tinh-trang", code), description=f"Tình trạng từng đơn vị, {code}"
        )


def publish_reports(office: Office, did: Pass) -> None:
    """Links to the documents that this pass wrote."""
    for made in did.consolidated:
        rows = [f"# Báo cáo tổng hợp {escape(made.title)}, lần {made.edition}", ""]
        rows += [f"- {escape(sentence)}" for sentence in made.summary]
        rows += ["", "## Tài liệu", *[f"- `{path}`" for path in made.files]]
        create_markdown_artifact(
            markdown="\n".join(rows), key=key("tong-hop", made.round), description=made.title
        )


def key(prefix: str, code: str) -> str:
    return f"{prefix}-{re.sub(r'[^a-z0-9]+', '-', code.lower())}"


def escape(text: str) -> str:
    """Markdown-safe: what units typed must not become links, images or markup."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~])", r"\\\1", text)


def overview(office: Office, summary: RoundSummary, did: Pass) -> str:
    c = summary.counts
    done = c["on_time"] + c["late"]
    lines = [
        f"# {escape(summary.round.title)}",
        f"Tính đến **{show_moment(summary.as_of)}** · thời hạn **trước ngày "
        f"{show_limit(summary.round.limit_at)}**",
        "",
        f"## {done}/{c['obligations']} đơn vị đã hoàn thành",
        "",
        "| Đúng hạn | Quá hạn | Chờ kiểm tra | Trả lại | Chưa đầy đủ | Chưa gửi | Được miễn | Gia hạn |",
        "|---|---|---|---|---|---|---|---|",
        "| {on_time} | {late} | {in_check} | {returned} | {incomplete} | {missing} | {exempt} | {extended} |".format(
            **c
        ),
        "",
    ]
    lines += _waiting(summary) + _late(summary) + _sent(summary) + _held(summary) + _run(did)
    return "\n".join(lines)


def _waiting(summary: RoundSummary) -> list[str]:
    if not summary.waiting:
        return ["## Không có việc chờ quyết định", ""]
    rows = [
        f"- Đề xuất số **{p['id']}**, bậc {p['rung']}: {len(p['units'])} đơn vị, từ {p['since']}"
        for p in summary.waiting
    ]
    return ["## Chờ quyết định", *rows, ""]


def _late(summary: RoundSummary) -> list[str]:
    late = summary.late()
    if not late:
        return []
    rows = [f"| {escape(x.name)} | {x.days_late} | {x.rung or '–'} | {x.label} |" for x in late[:60]]
    more = [f"… và {len(late) - 60} đơn vị khác (xem bảng)"] if len(late) > 60 else []
    head = [
        f"## {len(late)} đơn vị quá hạn",
        "",
        "| Đơn vị | Số ngày | Bậc | Tình trạng |",
        "|---|---|---|---|",
    ]
    return [*head, *rows, "", *more]


def _sent(summary: RoundSummary) -> list[str]:
    if not summary.sent_today:
        return ["## Hôm nay chưa gửi thư nào", ""]
    rows = [f"- {KIND_LABELS[k]}: {n}" for k, n in sorted(summary.sent_today.items())]
    return ["## Đã gửi hôm nay", *rows, ""]


def _held(summary: RoundSummary) -> list[str]:
    held = summary.held()
    if not held:
        return []
    return [
        f"## {len(held)} đơn vị đang tạm giữ",
        *[f"- {escape(x.name)}: {escape(x.hold)}" for x in held[:60]],
        "",
    ]


def _run(did: Pass) -> list[str]:
    if did.collected is None:
        return []
    state = "đọc trọn vẹn mọi kênh" if did.complete else "**có kênh chưa đọc được, không đôn đốc quá hạn**"
    return ["## Lượt này", f"- Thu nhận: {did.collected.inbound} mục đến, {state}"]


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
