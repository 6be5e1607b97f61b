"""desk, decide: everything the Prefect UI's desk can do, without a server (ruling 18)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tasks.desk.registry import FORMS, submit

from .common import Data, Now, PlanCode, UsageError, moment, telling_mistakes, the_office

FormName = Annotated[str, typer.Argument(metavar="FORM", help=f"Một trong: {', '.join(FORMS)}")]


def desk(
    form: FormName,
    json_file: Annotated[Path, typer.Option("--json", help="Tệp JSON của biểu; - là đầu vào chuẩn")],
    data: Data = None,
    now: Now = None,
    plan: PlanCode = None,
) -> None:
    """Một quyết định của chuyên viên theo biểu: gia hạn, miễn, ghi nhận, đính chính …"""
    with telling_mistakes():
        filled = _read(json_file)  # before --now marks the database: a mistake changes nothing
        office = the_office(data, plan, now)
        typer.echo(submit(office, form, filled, moment(now, office.settings)))


def decide(
    proposal: Annotated[int, typer.Argument(metavar="PROPOSAL", help="Đề xuất số")],
    approve: Annotated[bool, typer.Option("--approve/--decline", help="Duyệt hoặc không duyệt")],
    by: Annotated[str, typer.Option("--by", help="Mã người quyết định")],
    reason: Annotated[str, typer.Option("--reason", help="Lý do")],
    leave_out: Annotated[list[str] | None, typer.Option("--leave-out", help="Bỏ ra đơn vị này")] = None,
    strangers_seen: Annotated[
        bool, typer.Option("--strangers-seen", help="Đã xem các mục đến chưa rõ của ai")
    ] = False,
    code: Annotated[str, typer.Option("--code", help="Mã xác nhận của người duyệt thứ hai")] = "",
    data: Data = None,
    now: Now = None,
    plan: PlanCode = None,
) -> None:
    """Duyệt hoặc không duyệt một đề xuất đôn đốc; người quyết định đầu tiên có hiệu lực."""
    with telling_mistakes():
        office = the_office(data, plan, now)
        filled = {
            "proposal": proposal,
            "verdict": "approve" if approve else "decline",
            "by": by,
            "reason": reason,
            "leave_out": ", ".join(leave_out or []),  # "SYT, SXD" in one, or one by one
            "strangers_seen": strangers_seen,
            "code": code,
        }
        typer.echo(submit(office, "decide", filled, moment(now, office.settings)))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = typer.get_text_stream("stdin").read() if str(path) == "-" else path.read_text("utf-8")
        filled = json.loads(text.removeprefix("\ufeff"))  # as Notepad saves it
    except OSError as error:
        raise UsageError(f"không đọc được {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} không phải JSON: {error}") from None
    if not isinstance(filled, dict):
        raise UsageError(f'{path} phải là một đối tượng JSON, ví dụ {{"by": "CV1", …}}')
    return filled
