"""backup, restore, purge: what is kept, put back, removed for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from tasks.rules.words import show_moment
from tasks.system import drill as drills
from tasks.system.backup import existing, make_backup, newest
from tasks.system.manifest import BackupError
from tasks.system.purge import PurgeError, purge
from tasks.system.retention import prune

from .common import (
    Data,
    Json,
    Now,
    PlanCode,
    UsageError,
    moment,
    parse_day,
    settings_for,
    show_json,
    telling_mistakes,
    the_office,
)
from .system import known_operator

backup_app = typer.Typer(help="Sao lưu ngay khi đang chạy; khôi phục thử để kiểm chứng.")


@contextmanager
def telling() -> Iterator[None]:
    """Refusals of this group are mistakes of the user, told as such."""
    try:
        yield
    except (BackupError, PurgeError) as error:
        raise UsageError(str(error)) from None


@backup_app.callback(invoke_without_command=True)
def backup(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option("--to", help="Thư mục chứa các bản sao lưu")] = None,
    clean: Annotated[bool, typer.Option("--prune", help="Xóa bản cũ theo DONDOC_BACKUP__KEEP_…")] = False,
    data: Data = None,
    now: Now = None,
) -> None:
    """Sao lưu cơ sở dữ liệu và kho lưu vào một thư mục mới."""
    if context.invoked_subcommand:
        return
    with telling_mistakes(), telling():
        office = the_office(data, now=now)
        root = to or office.settings.backups
        made = make_backup(office, moment(now, office.settings), root)
        typer.echo(f"Đã sao lưu vào {made.folder}: {made.manifest.archive_files} tệp trong kho lưu")
        if clean:
            kept = office.settings.backup
            gone = prune(existing(root), kept.keep_daily, kept.keep_weekly)
            typer.echo(
                f"Đã xóa {len(gone)} bản cũ: {', '.join(gone)}" if gone else "Không có bản cũ phải xóa"
            )


@backup_app.command("verify")
def backup_verify(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Bản sao lưu (mặc định: mới nhất)")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Khôi phục thử sang chỗ tạm: toàn vẹn, đủ tệp, nhật ký đúng, tình trạng như lúc sao lưu."""
    with telling_mistakes(), telling():
        settings = settings_for(data)
        chosen = folder or newest(settings.backups)
        if chosen is None:
            raise UsageError(f"chưa có bản sao lưu nào trong {settings.backups}: hãy chạy dondoc backup")
        found = drills.drill(chosen, settings.url)
        if as_json:
            show_json(asdict(found))
        else:
            for text in found.problems:
                typer.echo(f"✘ {text}")
            typer.echo(
                f"{chosen}: {found.audit_rows} dòng nhật ký, {found.obligations} nghĩa vụ, "
                f"{found.files} tệp; "
                + ("khôi phục được, tình trạng như lúc sao lưu" if not found.problems else "KHÔNG đạt")
            )
    if found.problems:
        raise typer.Exit(1)


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="Bản sao lưu")],
    data: Annotated[Path, typer.Option("--data", help="Thư mục dữ liệu MỚI")],
) -> None:
    """Khôi phục một bản sao lưu vào chỗ mới; mọi thư bị giữ cho tới khi có người xác nhận."""
    with telling_mistakes(), telling():
        manifest = drills.restore(source, settings_for(data))
        typer.echo(f"Đã khôi phục bản sao lưu lúc {show_moment(manifest.at)} vào {data}.")
        typer.echo(f"Mọi thư đang được giữ. Xem: dondoc instance show --data {quote(str(data))}")


def purge_command(
    before: Annotated[str, typer.Option("--before", help="Ngày, ví dụ 2029-01-01")],
    yes: Annotated[bool, typer.Option("--yes", help="Xóa thật (mặc định chỉ kể sẽ xóa gì)")] = False,
    by: Annotated[str, typer.Option("--by", help="Mã người quyết định")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Lý do")] = "",
    data: Data = None,
    now: Now = None,
    plan: PlanCode = None,
    as_json: Json = False,
) -> None:
    """Xóa dữ liệu cá nhân của các kế hoạch đã kết thúc; giữ mã kiểm chứng và nhật ký."""
    with telling_mistakes(), telling():
        office = the_office(data, plan, now)
        if yes:
            known_operator(office.settings, by)
        at, day = moment(now, office.settings), parse_day(before, "--before")
        found = purge(office, day, at, by=by, reason=reason.strip(), dry_run=not yes)
        if as_json:
            show_json(asdict(found))
            return
        verb = "Đã xóa" if found.done else "Sẽ xóa"
        typer.echo(
            f"Kế hoạch đã kết thúc trước ngày {found.before:%d/%m/%Y}: {', '.join(found.plans) or 'không có'}"
        )
        typer.echo(
            f"{verb}: {found.contacts} đầu mối, {found.mails} thư đến, {found.notices} thư đi, "
            f"{found.files} tệp trong kho lưu, {found.copies} tệp thư trên đĩa"
        )
        if not found.done and found.plans:
            typer.echo("Chưa xóa gì. Xóa thật: thêm --yes --by MÃ --reason 'LÝ DO'")
