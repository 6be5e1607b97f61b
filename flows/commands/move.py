"""move: from the SQLite file of one computer to a PostgreSQL server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tasks.system.moving import MoveError
from tasks.system.moving import move as move_database

from .common import Data, Now, UsageError, moment, settings_for, telling_mistakes
from .run import alone
from .system import By, Reason, known_operator


def move(
    by: By,
    reason: Reason,
    source: Annotated[
        Path | None, typer.Option("--from", help="Tệp SQLite cũ (mặc định: dondoc.db trong thư mục dữ liệu)")
    ] = None,
    data: Data = None,
    now: Now = None,
) -> None:
    """Chuyển từ SQLite sang PostgreSQL trống ở DONDOC_DATABASE_URL; bản cũ còn nguyên, thôi gửi thư."""
    with telling_mistakes():
        settings = settings_for(data)
        known_operator(settings, by)
        if not reason.strip():
            raise UsageError("cần ghi lý do (--reason)")
        old = source or settings.data / "dondoc.db"
        try:
            with alone(settings.data):
                moved = move_database(settings, old, moment(now, settings), by=by, reason=reason.strip())
        except MoveError as error:
            raise UsageError(str(error)) from None
        typer.echo(
            f"Đã chuyển {moved.rows} dòng; nhật ký {moved.audit_rows} dòng nguyên vẹn, "
            f"tình trạng {moved.obligations} nghĩa vụ như cũ."
        )
        typer.echo(f"Bản cũ {old} còn nguyên và không gửi được thư nữa.")
        typer.echo("Làm tiếp: dondoc doctor, dondoc backup")
