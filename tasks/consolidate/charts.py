"""Charts that a leader reads in five seconds (PNG for the documents and mails)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from .indicators import Province
from .submission import Tally
from .words import number

FONT = "DejaVu Sans"  # ships with matplotlib and has every Vietnamese letter
GREEN, AMBER, RED, GREY, BLUE = "#2e7d32", "#f9a825", "#c62828", "#9e9e9e", "#1565c0"
DPI = 160


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure of ``width`` x ``height`` mm on the Agg canvas; pyplot's global state is not used."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with rc_context({"font.family": FONT, "font.size": 8}):
        figure = Figure(figsize=(width / 25.4, height / 25.4), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _png(figure: Any) -> bytes:
    from matplotlib import rc_context

    target = io.BytesIO()
    with rc_context({"font.family": FONT, "font.size": 8}):
        figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


PARTS: tuple[tuple[str, str, Callable[[Tally], int]], ...] = (
    ("Đúng hạn", GREEN, lambda t: t.on_time),
    ("Quá hạn", AMBER, lambda t: t.late),
    ("Đang kiểm tra, bổ sung, chưa đầy đủ", BLUE, lambda t: t.checking + t.returned + t.incomplete),
    ("Chưa gửi", RED, lambda t: t.missing),
)


def submission_chart(groups: Sequence[Tally]) -> bytes:
    """Stacked bars, one per group: how many of each state, in numbers."""
    from matplotlib import rc_context

    rows = [g for g in groups if g.total][::-1]
    with rc_context({"font.family": FONT, "font.size": 8}):
        figure, axes = _figure(165, 26 + 11 * max(len(rows), 1))
        left = [0.0] * len(rows)
        for name, colour, pick in PARTS:
            values = [100 * pick(g) / g.total for g in rows]
            axes.barh([g.name for g in rows], values, left=left, color=colour, label=name, height=0.62)
            for n, (g, value) in enumerate(zip(rows, values, strict=True)):
                if value >= 4:
                    axes.text(left[n] + value / 2, n, str(pick(g)), ha="center", va="center", color="white")
            left = [a + b for a, b in zip(left, values, strict=True)]
        for n, g in enumerate(rows):
            axes.text(101, n, f"{g.sent}/{g.total}", va="center")
        axes.set_xlim(0, 112)
        axes.set_xticks([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_title("Tình hình gửi báo cáo theo nhóm (số đơn vị)", fontsize=9, fontweight="bold")
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=7)
        return _png(figure)


def indicator_chart(provinces: Sequence[Province]) -> bytes:
    """Result against target for each indicator; no bar where there is no value."""
    from matplotlib import rc_context

    rows = [p for p in provinces if p.expected][::-1]
    with rc_context({"font.family": FONT, "font.size": 8}):
        figure, axes = _figure(235, 22 + 5.4 * max(len(rows), 1))
        for n, p in enumerate(rows):
            target = p.indicator.target
            axes.plot([target, target], [n - 0.4, n + 0.4], color="black", linewidth=1.6)
            if p.value is None:
                axes.text(1, n, "chưa có số liệu", va="center", color=GREY, fontstyle="italic")
                continue
            colour = {"met": GREEN, "not_met": AMBER}.get(p.verdict.value, GREY)
            axes.barh(n, p.value, color=colour, height=0.6)
            axes.text(max(p.value, target) + 1, n, f"{number(p.value)} / {number(target)}", va="center")
        axes.set_yticks(range(len(rows)), [_label(p) for p in rows])
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.set_xlim(0, 120)
        axes.set_xticks([0, 20, 40, 60, 80, 100])
        figure.suptitle(
            "Kết quả so với mục tiêu năm (vạch đen: mục tiêu; xanh: đạt, vàng: chưa đạt, xám: chưa đủ)",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
        return _png(figure)


def _label(p: Province) -> str:
    name = p.indicator.name
    return f"{p.indicator.code}. {name if len(name) <= 58 else name[:57].rstrip() + '…'}"


def trend_chart(provinces: Sequence[Province]) -> bytes | None:
    """Values over the quarters; None where no indicator has two of them."""
    from matplotlib import rc_context

    rows = [p for p in provinces if sum(x.value is not None for x in p.trend) > 1]
    if not rows:
        return None
    columns = 4
    height = -(-len(rows) // columns)
    with rc_context({"font.family": FONT, "font.size": 7}):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(235 / 25.4, (12 + 30 * height) / 25.4), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(height, columns, squeeze=False)
        for axes, p in zip(grid.flat, rows, strict=False):
            _small(axes, p)
        for axes in list(grid.flat)[len(rows) :]:
            axes.set_visible(False)
        figure.suptitle("Diễn biến theo quý (đường đứt là mục tiêu)", fontsize=9, fontweight="bold")
        return _png(figure)


def _small(axes: Any, p: Province) -> None:
    names = [x.short for x in p.trend]
    values = [float("nan") if x.value is None else x.value for x in p.trend]
    axes.plot(names, values, marker="o", color=BLUE, linewidth=1.4, markersize=3)
    axes.axhline(p.indicator.target, color="black", linestyle="--", linewidth=0.8)
    for n, value in enumerate(values):
        if value == value:
            axes.annotate(
                number(value, 1), (n, value), textcoords="offset points", xytext=(0, 4), ha="center"
            )
    known = [v for v in values if v == v] + [p.indicator.target]
    room = max(max(known) - min(known), 2) * 0.35
    axes.set_ylim(min(known) - room, max(known) + room)
    axes.set_yticks([p.indicator.target], [number(p.indicator.target)])
    axes.margins(x=0.2)
    axes.set_title(p.indicator.code, fontsize=8, fontweight="bold")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
