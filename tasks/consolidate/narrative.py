"""Sentences of the quarterly report, from the digest alone, in the formal register (wording.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tasks.rules.status import WAITING, State

from .digest import Digest
from .frames import rows_of
from .submission import Tally, in_state
from .words import UNITS, before, listed, moment, share, tied, two

HEAD, PARA, DASH = "khoan", "doan", "gach"
FOLD = 10  # units named in a sentence before the list is folded into the annex


@dataclass(frozen=True)
class Block:
    """A paragraph of the document: ``kind`` is khoan (a titled heading), doan or gach (a dash)."""

    kind: str
    text: str


def head(text: str) -> Block:
    return Block(HEAD, tied(text))


def para(text: str) -> Block:
    return Block(PARA, tied(text))


def dash(text: str) -> Block:
    return Block(DASH, tied("- " + text))


def sent_sentence(d: Digest) -> str:
    """The one sentence leaders look for: who sent, in time, late, and who did not."""
    t = d.total
    if not t.total:
        return (
            f"Tính đến {moment(d.data.as_of)}, không có {UNITS} nào thuộc diện phải gửi {d.data.round.title}."
        )
    if not t.sent:
        return (
            f"Tính đến {moment(d.data.as_of)}, chưa có {UNITS} nào trong {two(t.total)} {UNITS} "
            f"gửi {d.data.round.title}."
        )
    parts = [
        f"đúng hạn {two(t.on_time)}",
        f"quá hạn {two(t.late)}",
        f"đang kiểm tra {two(t.checking)}" if t.checking else "",
        f"trả lại, đang trong thời gian bổ sung {two(t.returned)}" if t.returned else "",
        f"gửi chưa đầy đủ (hết thời gian bổ sung) {two(t.incomplete)}" if t.incomplete else "",
    ]
    rest = f"chưa gửi {two(t.missing)}{_in_time(d)}" if t.missing else "không còn đơn vị nào chưa gửi"
    return (
        f"Tính đến {moment(d.data.as_of)}, {two(t.sent)}/{two(t.total)} {UNITS} đã gửi "
        f"{d.data.round.title} (đạt {share(t.sent, t.total)}), trong đó: "
        f"{', '.join(p for p in parts if p)}; {rest}."
    )


def _in_time(d: Digest) -> str:
    """Of those that have sent nothing, who still has time (an extension, or the limit is to come)."""
    waiting = len(in_state(d.data, *WAITING))
    return f" (trong đó {two(waiting)} còn trong thời hạn)" if waiting else ""


def compared(d: Digest) -> str:
    """Against the round before; empty where there is none."""
    old, new = d.before, d.total
    if not old or not old.total or not new.total:
        return ""
    changes = [
        _change("gửi báo cáo", new.sent, old.sent),
        _change("gửi đúng hạn", new.on_time, old.on_time),
        _change("chưa gửi", new.missing, old.missing),
    ]
    return f"So với kỳ báo cáo trước: số {UNITS} {'; '.join(changes)}."


def _change(what: str, new: int, old: int) -> str:
    if new == old:
        return f"{what} giữ nguyên ({two(new)})"
    verb = "tăng" if new > old else "giảm"
    return f"{what} {verb} {two(abs(new - old))} (từ {two(old)} thành {two(new)})"


def submission_blocks(d: Digest) -> list[Block]:
    t = d.total
    blocks = [para(sent_sentence(d) + (" Chi tiết tại Phụ lục I." if t.total else ""))]
    if text := compared(d):
        blocks.append(para(text))
    blocks += [dash(_group_sentence(g)) for g in d.groups if g.total]
    blocks += _lists(d)
    return blocks


def _group_sentence(g: Tally) -> str:
    tail = f"chưa gửi {two(g.missing)}" if g.missing else "không còn đơn vị chưa gửi"
    late = f", quá hạn {two(g.late)}" if g.late else ""
    return (
        f"{g.name}: {two(g.sent)}/{two(g.total)} đã gửi ({share(g.sent, g.total)}), "
        f"đúng hạn {two(g.on_time)}{late}; {tail};"
    )


def _lists(d: Digest) -> list[Block]:
    """Who is late, incomplete, exempt, extended; a zero case is said where leaders expect it."""
    rows = []
    for words, states in (
        ("chưa gửi báo cáo (quá hạn)", (State.OVERDUE,)),
        ("quá hạn, gửi chưa đầy đủ", (State.INCOMPLETE,)),
        ("gửi báo cáo quá hạn", (State.DONE_LATE,)),
    ):
        found = in_state(d.data, *states)
        if len(found):
            rows.append(
                dash(
                    f"{two(len(found))} đơn vị {words}: "
                    f"{listed(list(found['name']), FOLD, where='Phụ lục I')};"
                )
            )
    if d.total.total and not d.total.late and not d.total.incomplete and not d.total.missing:
        rows.append(dash("Không có đơn vị gửi quá hạn hoặc chưa gửi;"))
    rows += [
        dash(
            f"Được gia hạn: {d.data.unit_name(r.unit)}, {before(r.until)}"
            f"{f' (lý do: {_bare(r.reason)})' if r.reason else ''};"
        )
        for r in _folded(d.data.extensions)
    ]
    rows += [
        dash(
            f"Không thuộc diện báo cáo đợt này: "
            f"{d.data.unit_name(r.unit)}{f' ({_bare(r.reason)})' if r.reason else ''};"
        )
        for r in _folded(d.data.exemptions)
    ]
    return rows


def _folded(table: Any) -> list[Any]:
    """The newest decision of each unit."""
    return list({r.unit: r for r in rows_of(table)}.values())


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(" .;")
