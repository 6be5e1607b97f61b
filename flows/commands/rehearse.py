"""``dondoc rehearse``: the calendar before it happens."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config.plan_files import load_plan
from tasks.rules.words import show_date

from .common import Data, Json, UsageError, parse_day, settings_for, show_json, telling_mistakes

if TYPE_CHECKING:
    from flows.rehearsal import Planned


def rehearse(
    first: Annotated[str, typer.Option("--from", help="Từ ngày, ví dụ 2026-06-01")],
    last: Annotated[str, typer.Option("--to", help="Đến ngày")],
    data: Data = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="DIR", help="So với thư mục kế hoạch này: thư nào thêm, bớt"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ai sẽ nhận thư gì, ngày nào, nếu không đơn vị nào gửi báo cáo. Không gửi thư nào."""
    from flows.rehearsal import compare
    from flows.rehearsal import rehearse as play

    with telling_mistakes():
        start, end = parse_day(first, "--from"), parse_day(last, "--to")
        if end < start:
            raise UsageError("--to phải sau --from")
        planned = play(load_plan(settings_for(data).plan), start, end)
        if against is None:
            _tell(planned, as_json)
            return
        if not against.is_dir():
            raise UsageError(f"không có thư mục kế hoạch {against}")
        difference = compare(planned, play(load_plan(against), start, end))
        if as_json:
            show_json({"gone": _plain(difference.gone), "added": _plain(difference.added)})
            return
        _print("− ", difference.gone)
        _print("+ ", difference.added)
        typer.echo(f"Theo {against}: bớt {len(difference.gone)} thư, thêm {len(difference.added)} thư")


def _tell(planned: list[Planned], as_json: bool) -> None:
    if as_json:
        show_json(_plain(planned))
        return
    _print("", planned)
    typer.echo(f"Tổng số: {len(planned)} thư")


def _plain(planned: list[Planned]) -> list[dict[str, Any]]:
    return [asdict(p) | {"at": p.at.isoformat(), "day": p.day.isoformat()} for p in planned]


def _print(sign: str, planned: list[Planned]) -> None:
    """One line for each day, kind and round, with the first recipients."""
    groups: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for p in planned:
        groups[p.day, p.label, p.round].append(f"{p.unit} <{p.recipient}>")
    for (day, label, round_code), who in groups.items():
        shown = "; ".join(who[:3]) + (f" … và {len(who) - 3} nơi khác" if len(who) > 3 else "")
        typer.echo(f"{sign}{show_date(day)}  {label} ({round_code}): {len(who)} thư – {shown}")
