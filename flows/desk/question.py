"""What an approver sees and fills in: who, why, evidence, the exact text of each letter.

Names of office holders may appear here; addresses, telephone numbers, clerks' names and a
unit's code may not (ruling 18): they are masked, whatever a letter carries.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Literal

from prefect.artifacts import create_markdown_artifact
from prefect.input import RunInput
from pydantic import Field, create_model

from config.plan import Role
from db.models import ProposalRow
from flows.desk.choices import SPLIT
from flows.overview import NO_PAGES, Pages, escape, link
from tasks.desk.alert import TO
from tasks.intake.queries import UndecidedItem
from tasks.office import Office
from tasks.rules.words import show_moment

YES, NO = "Duyệt", "Không duyệt"
SHOWN = 6_000  # characters of letters inside the form; the rest stands in an artifact
MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
TELEPHONE = re.compile(r"(?<![\w/.])(?:\+84|0)(?:[ .-]?\d){8,10}(?![\w/])")
TOKEN = re.compile(r"DD(?:-[0-9A-Z]{4}){3}")  # whoever knows it can answer for the unit
MASKED = "[…]"
WRAPPED = 55  # a line so long was wrapped, not ended
ITEM = re.compile(r"^\s*(?:-|\d+\.)(?=\s)")


def question(
    office: Office,
    proposal: ProposalRow,
    strangers: list[UndecidedItem],
    said: str = "",
    pages: Pages = NO_PAGES,
) -> type[RunInput]:
    """The form of one proposal; ``said`` is what was wrong with the answer before."""
    units = [f"{code}{SPLIT}{office.plan.unit_by_code[code].name}" for code in units_of(proposal)]
    operators = tuple(o.code for o in office.settings.desk.operators)
    fields: dict[str, Any] = {
        "verdict": (Literal[YES, NO], Field(title="Quyết định")),
        "leave_out": (
            list[Literal[tuple(units)]],  # type: ignore[misc]
            Field(
                default_factory=list,
                title="Bỏ ra các đơn vị",
                description="Không chọn: gửi mọi thư ở trên",
            ),
        ),
        "by": (Literal[operators], Field(title="Mã người quyết định")),
        "reason": (str, Field(title="Lý do", description="Bắt buộc; ghi vào nhật ký")),
    }
    if strangers:
        fields["strangers_seen"] = (
            bool,
            Field(False, title=f"Đã xem {len(strangers)} mục đến chưa rõ của ai"),
        )
    if office.settings.desk.second_approver:
        fields["code"] = (
            str,
            Field(
                "",
                title="Mã xác nhận của người duyệt thứ hai",
                description="Lần đầu để trống: mã được gửi qua thư, biểu này sẽ hiện lại để nhập mã",
            ),
        )
    form = create_model("QuyetDinh", __base__=RunInput, **fields)
    form._description = describe(office, proposal, strangers, said, pages=pages)
    return form


def units_of(proposal: ProposalRow) -> list[str]:
    return sorted({u for letter in proposal.letters for u in letter["units"]})


def answered(proposal: int, answer: Any) -> dict[str, Any]:
    """The form as ``tasks.desk.approve.Decide`` takes it."""
    return {
        "proposal": proposal,
        "verdict": "approve" if answer.verdict == YES else "decline",
        "leave_out": [u.split(SPLIT, 1)[0] for u in answer.leave_out],
        "by": answer.by,
        "reason": answer.reason,
        "strangers_seen": getattr(answer, "strangers_seen", False),
        "code": getattr(answer, "code", ""),
    }


def describe(
    office: Office,
    proposal: ProposalRow,
    strangers: list[UndecidedItem],
    said: str = "",
    room: int = SHOWN,
    pages: Pages = NO_PAGES,
) -> str:
    """The proposal as markdown; letters beyond ``room`` characters stand in its artifact's ``pages``."""
    rung = office.plan.policy.ladder.rung(proposal.rung)
    to = TO.get(rung.to.value, rung.to.value) if rung else "bậc không còn trong kế hoạch"
    units = units_of(proposal)
    drafted = rung is not None and rung.draft_only
    what = "dự thảo văn bản, **không gửi thư**" if drafted else f"**{len(proposal.letters)} thư**"
    lines = [f"> **Lần trước chưa có hiệu lực:** {escape(said)}", ""] if said else []
    lines += [
        f"## Đề xuất số {proposal.id}: bậc {proposal.rung}, {to}",
        f"Đợt **{escape(proposal.round)}** · {what} · **{len(units)} đơn vị** · lập lúc "
        f"{show_moment(proposal.created_at)}",
        "",
        "**Chưa có gì được gửi**; không quyết định thì không gửi. Duyệt xong, thư đi ở lượt phòng thư "
        "kế tiếp trong giờ gửi; đơn vị vừa gửi báo cáo sẽ tự được bỏ ra. Biểu quyết định ở cuối trang.",
        "",
        "### Vì sao",
        *_evidence(office, [e for letter in proposal.letters for e in letter["evidence"]]),
        "",
        *_strangers(strangers),
        "### Nguyên văn từng thư",
        *letters(office, proposal.letters, room, proposal.id, pages),
    ]
    return "\n".join(lines)


def _evidence(office: Office, all_: list[dict[str, Any]]) -> Iterable[str]:
    """Units with the same reason in one paragraph: the dialog is narrow, and a round is large."""
    units: dict[str, list[str]] = defaultdict(list)
    for e in all_:
        units[_why(e)].append(f"{e['unit']} {escape(office.plan.unit_by_code[e['unit']].name)}")
    for why, names in sorted(units.items(), key=lambda x: -len(x[1])):
        yield f"- **{len(names)} đơn vị:** {'; '.join(names)}.  "
        yield f"  {why}."


def _why(e: dict[str, Any]) -> str:
    urged = escape("; ".join(e["urgings"])) or "chưa đôn đốc"
    arrived = f"; đã nhận {escape(e['arrival'])}" if e["arrival"] else ""
    return (
        f"Hạn {e['limit']}, **quá {e['days_late']} ngày**. Đã gửi: {urged}. "
        f"Căn cứ: {escape(e['rule'])}{arrived}"
    )


def _strangers(items: list[UndecidedItem]) -> list[str]:
    if not items:
        return []
    rows = [
        f"- Mục số **{i.inbound_id}**, {show_moment(i.arrived_at)}: {escape(mask(i.summary))}" for i in items
    ]
    head = f"### {len(items)} mục đến chưa rõ của ai: cần xem trước khi duyệt"
    return [head, "Có thể là báo cáo của một đơn vị trên. Gán hoặc đặt sang bên ở bàn làm việc.", *rows, ""]


def letters(
    office: Office, all_: list[dict[str, Any]], room: int, proposal: int, pages: Pages
) -> Iterable[str]:
    """The exact texts, up to ``room`` characters; what is left out is named with its artifact."""
    hidden = private_words(office)
    for number, letter in enumerate(all_, 1):
        text = mask(letter["text"], hidden)
        room -= len(text)
        if room < 0:
            rest = len(all_) - number + 1
            whole = link(f"mở toàn bộ nguyên văn {len(all_)} thư", artifact_key(proposal), pages)
            yield f"\n**Còn {rest} thư chưa hiện ở đây: {whole}**"
            yield f"\nNơi nhận {rest} thư ấy: {_rest(all_[number - 1 :], hidden)}."
            return
        yield f"\n**Thư {number}/{len(all_)}** · Kính gửi: {escape(mask(letter['addressee'], hidden))}  "
        yield f"Tiêu đề: {escape(mask(letter['subject'], hidden))}\n"
        yield quoted(text)


def _rest(rest: list[dict[str, Any]], hidden: Iterable[str]) -> str:
    return "; ".join(escape(mask(letter["addressee"], hidden)) for letter in rest)


def publish_whole(office: Office, proposal: ProposalRow, strangers: list[UndecidedItem]) -> None:
    """The whole proposal, however many letters, under a stable key."""
    everything = 2 * sum(len(letter["text"]) for letter in proposal.letters)
    create_markdown_artifact(
        markdown=describe(office, proposal, strangers, room=everything),
        key=artifact_key(proposal.id),
        description=f"Đề xuất số {proposal.id}: vì sao và nguyên văn {len(proposal.letters)} thư",
    )


def artifact_key(proposal: int) -> str:
    return f"de-xuat-{proposal}"


def quoted(text: str) -> str:
    """A mail's plain text as a quotation: its words as they are, nothing in it can be markup.

    Not a code block: the UI colours those, and typing into the form beside it becomes slow.
    Lines that the mail wrapped at its 78 columns are joined again.
    """
    lines: list[str] = []
    for line in text.splitlines():
        joins = lines and len(lines[-1]) >= WRAPPED and line[:1].strip() and not ITEM.match(line)
        if line.startswith("  ") and lines and lines[-1]:
            joins = True  # the second line of a list item
        if joins:
            lines[-1] = f"{lines[-1]} {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(f"> {ITEM.sub(_literal, escape(line))}  " for line in lines)


def _literal(marker: re.Match[str]) -> str:
    """ "- " and "1. " stay what they are instead of starting a list."""
    return marker.group().replace("-", "\\-").replace(".", "\\.")


def private_words(office: Office) -> tuple[str, ...]:
    """Clerks' names and every telephone number of the plan and of its support line."""
    quiet = (Role.CLERK, Role.LIAISON, Role.OPERATOR)
    names = [c.name for c in office.plan.contacts if c.role in quiet]
    phones = [c.phone for c in office.plan.contacts]
    policy = office.plan.policy
    words = {w for w in [*names, *phones, policy.support_name, policy.support_phone] if len(w) > 3}
    return tuple(sorted(words, key=len, reverse=True))


def mask(text: str, hidden: Iterable[str] = ()) -> str:
    for word in hidden:
        text = text.replace(word, MASKED)
    for private in (TOKEN, MAIL_ADDRESS, TELEPHONE):
        text = private.sub(MASKED, text)
    return text
