"""The round on one screen: a single HTML file, no outside request, readable on a phone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tasks.rules.status import LATE, State
from tasks.rules.viet import fold

from .assignments import STATES, Progress
from .digest import Digest
from .document import TEMPLATES
from .frames import rows_of
from .indicators import VERDICTS, Province, Verdict
from .submission import Tally, in_state
from .words import UNITS, before, moment, number, share, stamp

GREEN, AMBER, BLUE, RED, GREY = "#2e7d32", "#b26a00", "#1565c0", "#c62828", "#757575"
PARTS: tuple[tuple[str, str, Callable[[Tally], int]], ...] = (
    ("Đúng hạn", GREEN, lambda t: t.on_time),
    ("Quá hạn", AMBER, lambda t: t.late),
    ("Đang kiểm tra, bổ sung, chưa đầy đủ", BLUE, lambda t: t.checking + t.returned + t.incomplete),
    ("Chưa gửi", RED, lambda t: t.missing),
)
COLOURS = {
    State.DONE_ON_TIME: GREEN,
    State.DONE_LATE: AMBER,
    State.OVERDUE: RED,
    State.INCOMPLETE: RED,
    State.EXEMPT: GREY,
}
VERDICT_COLOURS = {Verdict.MET: GREEN, Verdict.NOT_MET: AMBER, Verdict.THIN: GREY, Verdict.NO_DATA: GREY}

# Folds like tasks.rules.viet.fold, so that "hoa lu" finds "Hoa Lư".
SCRIPT = """
(function(){
var f=document.getElementById('find'),s=document.getElementById('state'),c=document.getElementById('count');
var rows=[].slice.call(document.querySelectorAll('#units tbody tr'));
function fold(t){
  return t.toLowerCase().replace(/\\u0111/g,'d').normalize('NFD')
    .replace(/[\\u0300-\\u036f]/g,'').replace(/[^a-z0-9]+/g,' ').trim();
}
function show(){
  var q=fold(f.value),n=0;
  rows.forEach(function(r){
    var ok=(!q||r.dataset.name.indexOf(q)>=0)&&(!s.value||r.dataset.state===s.value);
    r.hidden=!ok;if(ok)n++;
  });
  c.textContent=n+'/'+rows.length+' \\u0111\\u01a1n v\\u1ecb';
}
f.addEventListener('input',show);s.addEventListener('change',show);show();
})();
"""


def page(d: Digest) -> str:
    """The whole page; everything a unit wrote is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=False
    )
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    r = d.data.round
    labels = list(dict.fromkeys(d.data.submission["label"]))
    return environment.get_template("trang.html").render(
        title=f"{r.short[:1].upper()}{r.short[1:]} – tình hình",
        heading=f"Tình hình {r.title}",
        plan_title=d.data.plan.policy.title,
        as_of=moment(d.data.as_of),
        limit=before(r.limit_at),
        script=Markup(SCRIPT),
        script_hash=f"sha256-{digest}",
        cards=_cards(d.total),
        groups=_groups(d),
        legend=[{"name": name, "colour": colour} for name, colour, _ in PARTS],
        indicators=[_indicator(d, p) for p in d.provinces if p.expected],
        verdicts=", ".join(f"{d.verdicts[v]} "
                           f"{words.lower()}" for v, words in VERDICTS.items() if d.verdicts[v]),
        states=_states(d),
        overdue=[
            f"{i.assignment.title} – {d.data.unit_name(i.assignment.unit)} (quá hạn {i.days} "
            f"ngày)" for i in d.overdue
        ],
        late=_late(d),
        labels=labels,
        units=[_unit(u) for u in rows_of(d.data.submission)],
    )  # fmt: skip


def _cards(t: Tally) -> list[dict[str, Any]]:
    return [
        {
            "name": "Đã gửi",
            "count": f"{t.sent}/{t.total}",
            "note": share(t.sent, t.total) or UNITS,
            "colour": BLUE,
        },
        {"name": "Đúng hạn", "count": t.on_time, "note": "đã tiếp nhận", "colour": GREEN},
        {"name": "Quá hạn", "count": t.late, "note": "đã tiếp nhận", "colour": AMBER},
        {"name": "Đang xử lý", "count": t.checking + t.returned, "note": "kiểm tra, bổ sung", "colour": GREY},
        {"name": "Chưa đầy đủ", "count": t.incomplete, "note": "hết hạn bổ sung", "colour": RED},
        {"name": "Chưa gửi", "count": t.missing, "note": f"miễn báo cáo: {t.exempt}", "colour": RED},
    ]


def _groups(d: Digest) -> list[dict[str, Any]]:
    """Groups from the highest share of senders down."""
    rows = sorted((g for g in d.groups if g.total), key=lambda g: -g.sent / g.total)
    return [
        {
            "name": g.name,
            "sent": g.sent,
            "total": g.total,
            "share": share(g.sent, g.total),
            "label": f"{g.name}: {g.sent}/{g.total} đã gửi",
            "parts": [
                {"width": round(100 * pick(g) / g.total, 3), "colour": colour, "title": f"{name}: {pick(g)}"}
                for name, colour, pick in PARTS
                if pick(g)
            ],
        }
        for g in rows
    ]


def _indicator(d: Digest, p: Province) -> dict[str, Any]:
    top = max(100.0, p.indicator.target, p.value or 0)
    pace = d.paces.get(p.indicator.code)
    return {
        "code": p.indicator.code,
        "name": p.indicator.name,
        "target": number(p.indicator.target) + ("%" if p.indicator.uom.startswith("%") else ""),
        "value": p.value_text,
        "width": None if p.value is None else round(100 * p.value / top, 2),
        "mark": round(100 * p.indicator.target / top, 2) if p.indicator.target < top else 99.5,
        "colour": VERDICT_COLOURS[p.verdict],
        "verdict": VERDICTS[p.verdict],
        "gave": f"{p.gave}/{p.relevant}",
        "risk": f"Nguy cơ: {pace.text}" if pace and pace.at_risk else "",
    }


def _states(d: Digest) -> list[dict[str, Any]]:
    if not d.items:
        return []
    colours = {Progress.DONE: GREEN, Progress.DONE_LATE: AMBER, Progress.GOING: BLUE, Progress.OVERDUE: RED}
    return [{"name": words, "count": d.states[s], "colour": colours[s]} for s, words in STATES.items()]


def _late(d: Digest) -> list[str]:
    rows = rows_of(in_state(d.data, *LATE))
    return [f"{r.name}: {r.label.lower()}, {_days(r)}; đã đôn đốc {len(r.urged)} lần" for r in rows]


def _days(r: Any) -> str:
    return f"{r.days_late} ngày" if r.days_late else "trong ngày"


def _unit(u: Any) -> dict[str, Any]:
    state = State(u.state)
    return {
        "name": u.name,
        "key": fold(u.name),
        "label": u.label,
        "colour": COLOURS.get(state, BLUE),
        "arrived": stamp(u.arrived_at) if u.arrived_at else "",
        "late": u.days_late if u.days_late else "",
    }
