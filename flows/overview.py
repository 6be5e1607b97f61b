"""One page per round that answers in ten seconds: how many, who is late, sent today, waiting, held."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.chase.judge import calendar_of
from tasks.chase.summary import KIND_LABELS, Line, RoundSummary
from tasks.intake.queries import UndecidedItem
from tasks.office import Office
from tasks.post.contract import STOPS
from tasks.rules.limits import days_late, working_days_left
from tasks.rules.status import DONE
from tasks.rules.words import show_lateness, show_moment, show_through

UI = "/v2"  # where the server shows its pages
SHOWN = 40  # rows of a list; the rest is in the table
BAR = 30  # characters
NO_PAGES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Waits:
    """What waits for the operator beside proposals."""

    undecided: tuple[UndecidedItem, ...] = ()
    approvals: tuple[tuple[int, str], ...] = ()  # proposal, its waiting run
    doubtful_mails: tuple[int, ...] = ()
    failed_mails: tuple[int, ...] = ()
    stopped: str = ""  # why the post of this pass ended early (a key of ``STOPS``)


@dataclass(frozen=True)
class Reading:
    """How this pass read the channels; ``doubt``: why nothing was read by this machine's clock."""

    inbound: int
    complete: bool
    doubt: str = ""


def key(prefix: str, code: str) -> str:
    """An artifact's key: lower case, digits, dashes."""
    return f"{prefix}-{re.sub(r'[^a-z0-9]+', '-', code.lower())}"


Pages = Mapping[str, str]  # an artifact's key → the id of its newest page


def link(text: str, artifact: str, pages: Pages) -> str:
    """To the page itself; only its name while there is none, for a link to nothing shows an error."""
    return f"[{text}]({UI}/artifacts/artifact/{pages[artifact]})" if artifact in pages else text


def escape(text: str) -> str:
    """Markdown-safe: what units typed must not become links, images or markup."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>~])", r"\\\1", text)


def overview(
    office: Office, summary: RoundSummary, waits: Waits, read: Reading | None, pages: Pages = NO_PAGES
) -> str:
    code, c = summary.round.code, summary.counts
    done, total = c["on_time"] + c["late"], c["obligations"] - c["exempt"]
    held = summary.held()
    waiting = len(summary.waiting) + len(waits.undecided) + len(waits.doubtful_mails + waits.failed_mails)
    title = summary.round.title
    lines = [
        f"# {escape(title[:1].upper() + title[1:])}",
        f"Tính đến **{show_moment(summary.as_of)}** · {_term(office, summary)}",
        *_doubted(read),
        "",
        *([f"> **Dừng gửi thư:** {STOPS[waits.stopped]}.", ""] if waits.stopped else []),
        f"## {done}/{total} đơn vị đã hoàn thành" + (f" (miễn {c['exempt']})" if c["exempt"] else ""),
        f"`{_bar(done, total)}` **{_percent(done, total)}**",
        "",
        "| Đã hoàn thành | Quá hạn chưa xong | Việc chờ tôi | Đang tạm giữ | Thư gửi hôm nay |",
        "|:-:|:-:|:-:|:-:|:-:|",
        f"| **{done}** (đúng hạn {c['on_time']}) | **{len(summary.late())}** | **{waiting}** | "
        f"**{len(held)}** | **{sum(summary.sent_today.values())}** |",
        "",
        f"{link('Bảng từng đơn vị', key('tinh-trang', code), pages)} · "
        f"{link('Vì sao: lịch sử các đơn vị quá hạn, tạm giữ', key('lich-su', code), pages)} · "
        f"{link('Lịch cả năm', key('lich-nam', office.plan.code), pages)}",
        "",
        *_waiting(summary, waits),
        *_late(summary),
        *_held(held),
        *_sent(summary),
        *_states(c),
        *_read(read),
    ]
    return "\n".join(lines)


def _doubted(read: Reading | None) -> list[str]:
    if read is None or not read.doubt:
        return []
    said = f"**Đồng hồ máy chủ chưa tin được:** {escape(read.doubt)}."
    return ["", f"> ⚠ {said} Chưa đọc tệp đến; thư nhắc, thư đôn đốc tạm giữ."]


def _term(office: Office, summary: RoundSummary) -> str:
    limit, now = summary.round.limit_at, summary.as_of
    last = f"hạn: **{show_through(limit)}**"
    if now >= limit:
        return f"{last}, **đã {show_lateness(days_late(limit, now))}**"
    return f"{last}, **còn {working_days_left(calendar_of(office), limit, now)} ngày làm việc**"


def _bar(done: int, total: int) -> str:
    full = round(BAR * done / total) if total else 0
    return "█" * full + "░" * (BAR - full)


def _percent(done: int, total: int) -> str:
    return f"{100 * done / total:.1f}%".replace(".", ",") if total else "–"


def _waiting(summary: RoundSummary, waits: Waits) -> list[str]:
    runs = dict(waits.approvals)
    rows = []
    for p in summary.waiting:
        name = f"Đề xuất số {p['id']}"
        shown = f"[{name}]({UI}/runs/flow-run/{runs[p['id']]})" if runs.get(p["id"]) else f"**{name}**"
        rows.append(f"- {shown}: bậc {p['rung']}, {len(p['units'])} đơn vị, chờ từ {p['since']}")
    for item in waits.undecided[:SHOWN]:
        whose = f" (giữ {', '.join(item.hints)})" if item.hints else ", chưa rõ của ai"
        rows.append(f"- Mục đến số **{item.inbound_id}**{whose}, đến {show_moment(item.arrived_at)}")
    if waits.doubtful_mails:
        numbers = ", ".join(str(n) for n in waits.doubtful_mails[:SHOWN])
        rows.append(f"- Thư chưa rõ đã đến nơi hay chưa: thông báo số {numbers}")
    if waits.failed_mails:
        numbers = ", ".join(str(n) for n in waits.failed_mails[:SHOWN])
        rows.append(f"- Thư không gửi được, cần sửa địa chỉ hoặc bỏ: thông báo số {numbers}")
    return ["## Chờ tôi quyết định", *rows, ""] if rows else ["## Không có việc chờ tôi", ""]


def _late(summary: RoundSummary) -> list[str]:
    """Late units by the rung they have reached, the longest first."""
    late = summary.late()
    if not late:
        return []
    by_rung: dict[int, list[Line]] = defaultdict(list)
    for line in late:
        by_rung[line.rung].append(line)
    head = [f"## {len(late)} đơn vị quá hạn chưa xong", ""]
    rows = [
        f"| {rung or 'chưa gửi'} | **{len(lines)}** | {_names(lines)} |"
        for rung, lines in sorted(by_rung.items(), reverse=True)
    ]
    columns = ["| Bậc đã gửi | Số đơn vị | Đơn vị (số ngày quá hạn) |", "|:-:|:-:|---|"]
    return [*head, *columns, *rows, ""]


def _names(lines: list[Line]) -> str:
    ordered = sorted(lines, key=lambda line: -line.days_late)
    names = [f"{escape(line.name)} ({line.days_late})" for line in ordered[:SHOWN]]
    more = f" … và {len(lines) - SHOWN} đơn vị nữa" if len(lines) > SHOWN else ""
    return ", ".join(names) + more


def _held(held: list[Line]) -> list[str]:
    """Held units under their common reason."""
    if not held:
        return []
    by_reason: dict[str, list[str]] = defaultdict(list)
    for line in held:
        by_reason[line.hold].append(line.name)
    rows = [
        f"- **{escape(reason)}** ({len(names)}): {escape(', '.join(names[:SHOWN]))}"
        + (" …" if len(names) > SHOWN else "")
        for reason, names in sorted(by_reason.items(), key=lambda x: -len(x[1]))
    ]
    return [f"## {len(held)} đơn vị đang tạm giữ, vì", *rows, ""]


def _sent(summary: RoundSummary) -> list[str]:
    if not summary.sent_today:
        return ["## Hôm nay chưa gửi thư nào", ""]
    most_first = sorted(summary.sent_today.items(), key=lambda x: -x[1])
    rows = [f"- {KIND_LABELS[k]}: **{n}**" for k, n in most_first]
    return ["## Đã gửi hôm nay", *rows, ""]


def _states(c: dict[str, int]) -> list[str]:
    return [
        "## Mọi tình trạng",
        "",
        "| Đúng hạn | Xong quá hạn | Chờ kiểm tra | Trả lại | Chưa đầy đủ | Chưa gửi | Miễn | Gia hạn |",
        "|:-:|:-:|:-:|:-:|:-:|:-:|:-:|:-:|",
        f"| {c['on_time']} | {c['late']} | {c['in_check']} | {c['returned']} | {c['incomplete']} "
        f"| {c['missing']} | {c['exempt']} | {c['extended']} |",
        "",
    ]


def _read(read: Reading | None) -> list[str]:
    if read is None or read.doubt:
        return []
    state = "đọc trọn vẹn mọi kênh" if read.complete else "**có kênh chưa đọc được: không đôn đốc quá hạn**"
    return [f"Lượt này: {read.inbound} mục đến, {state}."]


def worth_telling(summary: RoundSummary) -> list[Line]:
    """Units whose history an operator may ask for: late ones and held ones."""
    late = {line.unit for line in summary.late()}
    return [x for x in summary.lines if x.unit in late or (x.hold and x.state not in DONE)]
