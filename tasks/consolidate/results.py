"""Section II of the quarterly report: results by indicator, assignment and field."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from config.plan import Area

from .assignments import Progress, by_family
from .digest import Digest
from .entries import Kind
from .indicators import Province, Verdict
from .narrative import Block, dash, para
from .opinions import says_something
from .words import joined, number, two

FEW = 3  # so many silent indicators are told one by one, more are folded into one line


def indicator_blocks(d: Digest) -> list[Block]:
    """The count of statements, a sentence per indicator with something to tell, the rest folded."""
    blocks = [
        para(
            f"Trong {two(len(d.statements))} chỉ tiêu định lượng của Kế hoạch, {verdicts_text(d)} "
            f"(Phụ lục II). "
            "Giá trị toàn tỉnh được tính từ tổng tử số và tổng mẫu số của các đơn vị có đủ số liệu; "
            "không lấy bình quân các tỷ lệ."
        )
    ]
    mute = [p for p in d.provinces if p.expected and _mute(p)]
    if len(mute) <= FEW:
        mute = []
    blocks += [dash(sentence(d, p)) for p in d.provinces if p.expected and p not in mute]
    if mute:
        names = ", ".join(f"{p.indicator.code} ({two(p.relevant)} đơn vị)" for p in mute)
        blocks.append(dash(f"Chưa có số liệu nên chưa tổng hợp được {two(len(mute))} chỉ tiêu: {names};"))
    if unasked := [p.indicator.code for p in d.provinces if not p.expected]:
        blocks.append(dash(f"Không có đơn vị thuộc diện báo cáo trong đợt này: {', '.join(unasked)};"))
    return blocks + _risk_blocks(d)


def verdicts_text(d: Digest) -> str:
    """ "09 chỉ tiêu đã đạt, 07 chỉ tiêu chưa đạt"; what does not occur is not counted up."""
    v = d.verdicts
    parts = [f"{two(v[Verdict.MET])} chỉ tiêu đã đạt" if v[Verdict.MET] else "chưa có chỉ tiêu đạt mục tiêu"]
    for verdict, words in (
        (Verdict.NOT_MET, "chưa đạt"),
        (Verdict.THIN, "chưa đủ số liệu để đánh giá"),
        (Verdict.NO_DATA, "chưa có số liệu"),
    ):
        if v[verdict]:
            parts.append(f"{two(v[verdict])} chỉ tiêu {words}")
    return ", ".join(parts)


def _mute(p: Province) -> bool:
    """No unit said anything about it."""
    return p.relevant > 0 and p.counts[Kind.NO_DATA] + p.counts[Kind.NO_REPORT] == p.relevant


def sentence(d: Digest, p: Province) -> str:
    """One indicator: value, coverage, verdict, and what is missing."""
    name = f"{p.indicator.name}: "
    if p.value is None:
        return name + _without_value(d, p) + "."
    verdict = {
        Verdict.MET: "đạt mục tiêu",
        Verdict.NOT_MET: "chưa đạt mục tiêu",
        Verdict.THIN: "chưa đủ số liệu để đánh giá so với mục tiêu",
    }[p.verdict]
    if p.single:
        coverage = f"theo báo cáo của {d.data.unit_name(p.entries[0].unit)}"
    else:
        coverage = (
            f"{number(p.numerator or 0)}/{number(p.denominator or 0)}; "
            f"{two(p.gave)}/{two(p.relevant)} đơn vị có số liệu"
        )
    return f"{name}{p.value_text} ({coverage}), {verdict} ({p.target_text}){_remarks(p)}."


def _without_value(d: Digest, p: Province) -> str:
    c = p.counts
    if p.single:
        row = p.entries[0]
        unit = d.data.unit_name(row.unit)
        return {
            Kind.WORDS: f"{unit} ghi {row.shown}, chưa tổng hợp được",
            Kind.INCONSISTENT: f"{unit} ghi {row.shown}, chưa tổng hợp được",
            Kind.NOT_APPLICABLE: f"{unit} báo cáo không áp dụng",
            Kind.NO_REPORT: f"chưa có số liệu ({unit} chưa có báo cáo được tiếp nhận)",
        }.get(row.kind, f"{unit} chưa có số liệu")
    stated = c[Kind.STATED]
    if stated:
        return (
            f"chưa tổng hợp được giá trị toàn tỉnh vì {two(stated)} đơn vị chỉ báo cáo tỷ lệ, không "
            f"có tử số, mẫu số"
            f"{_remarks(p)}"
        )
    if not p.relevant:
        return "các đơn vị đều báo cáo không áp dụng"
    if missing := c[Kind.NO_DATA] + c[Kind.NO_REPORT]:
        return f"chưa có số liệu của {two(missing)} đơn vị nên chưa tổng hợp được{_remarks(p)}"
    return f"chưa tổng hợp được{_remarks(p)}"


def _remarks(p: Province) -> str:
    c = p.counts
    parts = [
        f"{two(p.estimates)} đơn vị báo cáo số ước" if p.estimates and not p.single else "",
        f"{two(c[Kind.WORDS])} đơn vị chưa ghi số cụ thể" if c[Kind.WORDS] and not p.single else "",
        f"{two(c[Kind.STATED])} đơn vị chỉ ghi tỷ lệ"
        if c[Kind.STATED] and p.value is not None and not p.single
        else "",
        f"{two(c[Kind.INCONSISTENT])} đơn vị có tử số lớn hơn mẫu số, chưa đưa vào tổng hợp"
        if c[Kind.INCONSISTENT]
        else "",
        f"{two(c[Kind.NOT_APPLICABLE])} đơn vị không áp dụng"
        if c[Kind.NOT_APPLICABLE] and not p.single
        else "",
    ]
    text = joined(parts)
    return f"; {text}" if text else ""


def _risk_blocks(d: Digest) -> list[Block]:
    risky = [(p, d.paces[p.indicator.code]) for p in d.provinces if p.indicator.code in d.paces]
    risky = [(p, x) for p, x in risky if x.at_risk]
    if not risky:
        return []
    return [para("Chỉ tiêu có nguy cơ không đạt nếu giữ tốc độ như quý vừa qua:")] + [
        dash(f"{p.indicator.name} ({x.text});") for p, x in risky
    ]


def assignment_blocks(d: Digest) -> list[Block]:
    s = d.states
    if not d.items:
        return [para("Danh mục nhiệm vụ được giao chưa có nhiệm vụ nào được xác nhận để tổng hợp.")]
    done = s[Progress.DONE] + s[Progress.DONE_LATE]
    blocks = [
        para(
            f"Tổng số {two(len(d.items))} nhiệm vụ; đã hoàn thành {two(done)} (đúng hạn "
            f"{two(s[Progress.DONE])}, quá hạn "
            f"{two(s[Progress.DONE_LATE])}); đang thực hiện {two(s[Progress.GOING])}; quá hạn chưa "
            f"hoàn thành "
            f"{two(s[Progress.OVERDUE])}{' (Phụ lục III)' if s[Progress.OVERDUE] else ''}.{_unreported(d)}"
        )
    ]
    for letter, (name, c) in zip("abcd", by_family(d.items), strict=True):
        text = "không có nhiệm vụ trong danh mục theo dõi"
        if total := sum(c.values()):
            done = c[Progress.DONE] + c[Progress.DONE_LATE]
            text = (
                f"{two(total)} nhiệm vụ; đã hoàn thành {two(done)}, đang thực hiện "
                f"{two(c[Progress.GOING])}, quá hạn chưa hoàn thành {two(c[Progress.OVERDUE])}"
            )
        blocks.append(para(f"{letter}) {name}: {text}."))
    return blocks


def _unreported(d: Digest) -> str:
    silent_ = sum(not i.reported for i in d.items)
    return (
        f" Trong đó {two(silent_)} nhiệm vụ chưa có báo cáo tiến độ của đơn vị được giao." if silent_ else ""
    )


def field_blocks(d: Digest) -> list[Block]:
    """Results by field: the indicators' fields, then the two sector reports in their own words."""
    blocks = []
    for n, (name, rows) in enumerate(groupby(d.provinces, lambda p: p.indicator.area_name), 1):
        blocks.append(para(f"({n}) {_field(name)}: {_field_sentence(list(rows))}"))
    for area, owner, words in (
        (Area.DE_AN_06, "Công an tỉnh", "Đề án 06"),
        (Area.CCHC, "Sở Nội vụ", "Cải cách hành chính"),
    ):
        blocks += _sector(d, area, owner, words)
    return blocks


def _field(name: str) -> str:
    """ "c. (1) Về hạ tầng …" → "Hạ tầng …"."""
    text = name.split(". ", 1)[-1].split(") ", 1)[-1].removeprefix("Về ")
    return text[:1].upper() + text[1:]


def _field_sentence(rows: Sequence[Province]) -> str:
    parts = []
    for verdict, words in (
        (Verdict.MET, "đạt"),
        (Verdict.NOT_MET, "chưa đạt"),
        (Verdict.THIN, "chưa đủ số liệu để đánh giá"),
        (Verdict.NO_DATA, "chưa có số liệu"),
    ):
        codes = [p.indicator.code for p in rows if p.verdict is verdict]
        if codes:
            parts.append(f"{two(len(codes))} chỉ tiêu {words} ({', '.join(codes)})")
    return "; ".join(parts) + "."


def _sector(d: Digest, area: Area, owner: str, words: str) -> list[Block]:
    code = d.data.plan.policy.area_owner.get(area, "")
    rows = d.data.sector[d.data.sector["unit"] == code]
    texts = [str(t) for t in rows["text"] if says_something(str(t))]
    if not texts:
        return [para(f"{words} (theo báo cáo của {owner}): chưa có báo cáo chuyên đề được tiếp nhận.")]
    return [para(f"{words} (theo báo cáo của {owner}):"), *(dash(t) for t in texts)]
