"""audit, instance: can the history be trusted, and may this database send from here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from config.plan import ZONE
from config.settings import Settings
from db import instance
from db.audit_check import has_hash, kept_heads, verify
from db.models import AuditRow
from db.session import reading, writing
from tasks.office import Office
from tasks.rules.words import show_moment
from tasks.system.history import history
from tasks.system.replay import differences
from tasks.system.standing import cancel_waiting, standing

from .common import Data, Json, Now, UsageError, moment, show_json, telling_mistakes, the_office

audit_app = typer.Typer(help="Nhật ký không sửa được: kiểm chứng, xem.", no_args_is_help=True)
instance_app = typer.Typer(help="Cơ sở dữ liệu này có được gửi thư từ máy này không.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Mã người quyết định")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do")]


@audit_app.command("verify")
def audit_verify(
    head: Annotated[str, typer.Option("--head", help="Mã SHA-256 trong thư mã nhật ký đã nhận")] = "",
    replay: Annotated[
        bool,
        typer.Option("--replay", help="Kể lại tình trạng chỉ từ nhật ký và so với bảng dữ liệu"),
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Kiểm chứng toàn bộ nhật ký: sửa, xóa, đảo thứ tự, cắt bớt đều lộ ra."""
    with telling_mistakes():
        office = the_office(data)
        with reading(office.engine) as session:
            found = verify(session, _heads(office))
            signs = [s.text for s in found.signs]
            if head and not has_hash(session, head):
                signs.append(f"không có dòng nào mang mã {head}: nhật ký đã bị cắt bớt hoặc viết lại")
            if replay and found.newest:
                signs += [f"tình trạng khác với nhật ký: {d}" for d in differences(session, found.newest)]
        if as_json:
            show_json({"rows": found.rows, "head": found.head.hash, "signs": signs})
        else:
            for text in signs:
                typer.echo(f"✘ {text}")
            typer.echo(f"{found.rows} dòng, mã cuối {found.head.hash}")
            typer.echo("Nhật ký nguyên vẹn" if not signs else f"{len(signs)} dấu hiệu nhật ký bị can thiệp")
    if signs:
        raise typer.Exit(1)


def _heads(office: Office) -> list[Any]:
    try:
        return list(kept_heads(office.data))
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from None


@audit_app.command("show")
def audit_show(
    unit: Annotated[str, typer.Option("--unit", help="Chỉ các dòng nói về đơn vị này")] = "",
    round_code: Annotated[str, typer.Option("--round", help="Chỉ các dòng nói về đợt này")] = "",
    last: Annotated[int, typer.Option("--last", help="Chỉ bao nhiêu dòng cuối (0: tất cả)")] = 0,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Xem nhật ký, lọc theo đơn vị hoặc đợt."""
    with telling_mistakes():
        office = the_office(data)
        with reading(office.engine) as session:
            try:
                rows = history(session, unit, round_code)[-last:]
            except (ValueError, TypeError, AttributeError):  # a row no writer of ours left so
                raise UsageError("nhật ký có dòng đã bị sửa hỏng: hãy chạy dondoc audit verify") from None
        if as_json:
            show_json([_row(r) for r in rows])
            return
        for r in rows:
            typer.echo(_line(r))


def _line(r: AuditRow) -> str:
    """One row for a person; the whole of it is in ``--json``."""
    told = " ".join(f"{k}={v}" for k, v in r.details.items() if k not in ("definition", "obligations"))
    return f"{r.id:>6} {r.at.astimezone(ZONE):%d/%m/%Y %H:%M:%S} {r.actor} {r.action} {r.subject} {told}"[
        :400
    ]


def _row(r: AuditRow) -> dict[str, Any]:
    return {
        "id": r.id, "at": r.at.isoformat(), "actor": r.actor, "action": r.action, "subject": r.subject,
        "details": r.details, "hash": r.hash,
    }  # fmt: skip


@instance_app.command("show")
def instance_show(data: Data = None, as_json: Json = False) -> None:
    """Cơ sở dữ liệu này có thuộc về nơi này không, và thư nào đang chờ đi."""
    with telling_mistakes():
        office = the_office(data)
        with reading(office.engine) as session:
            found = standing(session, office.settings)
        if as_json:
            show_json(asdict(found))
            return
        typer.echo(
            f"Đang giữ mọi thư: {found.refusal}." if found.refusal else "Thuộc về nơi này, được gửi thư."
        )
        typer.echo(f"Nơi này: {found.here}")
        for place in found.places:
            typer.echo(f"Nơi đã xác nhận: {place}")
        if found.newest:
            typer.echo(f"Dữ liệu dừng ở {show_moment(found.newest)} (nhật ký dòng {found.audit_rows}).")
        for w in found.waiting:
            typer.echo(f"Sẽ đi: {w.round} {w.kind} ({len(w.units)}): {', '.join(w.units)}")
        if not found.waiting:
            typer.echo("Không có thư nào đang chờ đi.")
        if found.refusal:
            typer.echo("Xác nhận bằng: dondoc instance confirm --by MÃ --reason 'LÝ DO'")
            typer.echo("Thêm --cancel để hủy các thư trên: nơi cũ có thể đã gửi chúng.")


@instance_app.command("confirm")
def instance_confirm(
    by: By,
    reason: Reason,
    also: Annotated[bool, typer.Option("--also", help="Thêm nơi này, các nơi cũ vẫn được gửi")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Hủy các thư đang chờ đi")] = False,
    data: Data = None,
    now: Now = None,
) -> None:
    """Xác nhận: từ nay cơ sở dữ liệu này gửi thư từ nơi này; nơi cũ phải đã dừng hẳn."""
    with telling_mistakes():
        office = the_office(data, now=now)
        known_operator(office.settings, by)
        if not reason.strip():
            raise UsageError("cần ghi lý do (--reason)")
        at = moment(now, office.settings)
        with writing(office.engine) as session:
            cancelled = cancel_waiting(session, at=at, by=by, reason=reason) if cancel else 0
            instance.confirm(session, office.settings, at=at, by=by, reason=reason, also=also)
        typer.echo("Đã xác nhận." + (f" Đã hủy {cancelled} thư đang chờ." if cancel else ""))


def known_operator(settings: Settings, by: str) -> None:
    codes = [o.code for o in settings.desk.operators]
    if by not in codes:
        raise UsageError(f"mã người quyết định {by!r} chưa khai báo; các mã đã khai báo: {', '.join(codes)}")
