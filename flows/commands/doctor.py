"""doctor: what would go wrong, and how to mend it."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from config.settings import SettingsError
from tasks.system.checks import Level, Result
from tasks.system.doctor import environment_results, examine, refused_settings, worst_is_fault
from tasks.system.plus_test import PlusTestError, send_plus_test

from .common import (
    Data,
    Json,
    Now,
    UsageError,
    looking_at,
    moment,
    settings_for,
    show_json,
    telling_mistakes,
    the_office,
)

ENV_FILE = Path(".env")
MARKS = {Level.OK: "✔", Level.WARN: "!", Level.FAULT: "✘"}


def doctor(
    data: Data = None,
    all_: Annotated[bool, typer.Option("--all", help="Kể từng dòng: giả định, đầu mối thiếu …")] = False,
    plus_test: Annotated[
        bool, typer.Option("--plus-test", help="Gửi cho chính mình một thư thử địa chỉ cộng rồi kiểm tra")
    ] = False,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Kiểm tra mọi thứ trước ngày đầu; mỗi lỗi kèm cách sửa. Có lỗi thì mã thoát là 1."""
    with telling_mistakes():
        if plus_test:
            _send(data, now)
        results = _examine(data, now)
        if as_json:
            show_json({"ok": not worst_is_fault(results), "results": [asdict(r) for r in results]})
        else:
            for result in results:
                _tell(result, all_)
            _sum_up(results)
    if worst_is_fault(results):
        raise typer.Exit(1)


def _examine(data: Path | None, now: str | None) -> list[Result]:
    results = environment_results(os.environ, ENV_FILE)
    try:
        settings = settings_for(data)
    except SettingsError as error:
        return results + refused_settings(str(error))
    return results + examine(settings, os.environ, ENV_FILE, looking_at(now))


def _send(data: Path | None, now: str | None) -> None:
    office = the_office(data, now=now)
    try:
        address = send_plus_test(office, moment(now, office.settings), by="doctor")
    except PlusTestError as error:
        raise UsageError(str(error)) from None
    typer.echo(f"Đã gửi thư thử tới {address}; sau vài phút chạy dondoc collect rồi dondoc doctor.", err=True)


def _tell(result: Result, all_: bool) -> None:
    typer.echo(f"{MARKS[result.level]} {result.check:<22} {result.found}")
    if result.mend:
        typer.echo(f"  {'':<22} → {result.mend}")
    for line in result.lines if all_ else ():
        typer.echo(f"  {'':<22}   {line}")


def _sum_up(results: list[Result]) -> None:
    faults = sum(r.level is Level.FAULT for r in results)
    warns = sum(r.level is Level.WARN for r in results)
    typer.echo(f"{faults} lỗi phải sửa, {warns} điều cần biết, {len(results) - faults - warns} mục đạt")
