"""init, day, collect, form: what moves a history forward."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine, select

from config.plan_files import load_plan
from config.settings import Settings
from db import controls, copies, instance
from db.migrate import head_revision, revision_of, upgrade
from db.models import ObligationRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from flows.round import Pass, plainly, play_day, take_in
from tasks.forms.build import build
from tasks.forms.prefill import spec_for
from tasks.office import Office, every_plan, for_round
from tasks.post.contract import STOPS

from .common import (
    Data,
    Json,
    Now,
    PlanCode,
    UsageError,
    mark_rehearsal,
    moment,
    refuse_newer,
    settings_for,
    show_json,
    telling_mistakes,
    the_office,
)


def init(
    data: Data = None, now: Now = None, plan: Annotated[Path | None, typer.Option("--plan-folder")] = None
) -> None:
    """Khởi tạo: tạo hoặc nâng cấp cơ sở dữ liệu, nạp kế hoạch."""
    with telling_mistakes():
        settings = settings_for(data)
        code, changed = install(settings, moment(now, settings), plan, rehearsal=now is not None)
        state = "đã nạp" if changed else "không đổi"
        typer.echo(f"Kế hoạch {code}: {state}; dữ liệu ở {settings.data}")


def install(
    settings: Settings, at: datetime, plan: Path | None = None, *, rehearsal: bool = False
) -> tuple[str, bool]:
    """Folders, schema, plan; (the plan's code, did it change). Harmless when repeated."""
    loaded = load_plan(plan or settings.plan)
    settings.data.mkdir(parents=True, exist_ok=True)
    for folder in ("inbox", "outbox", "desk"):
        (settings.data / folder).mkdir(exist_ok=True)
    engine = make_engine(settings.url)
    _keep_before_upgrade(settings, engine, at)
    upgrade(engine)
    with writing(engine) as session:
        changed = save_plan(session, loaded, at)
        if controls.installed_at(session) is None:
            controls.put(session, controls.INSTALLED, "yes", at=at, by="system")
        instance.establish(session, settings, at=at, by="system")
        if rehearsal and not controls.is_rehearsal(session):
            mark_rehearsal(session, at)
    return loaded.code, changed


def _keep_before_upgrade(settings: Settings, engine: Engine, at: datetime) -> None:
    """A whole copy of a database that is about to change its schema: the way back."""
    refuse_newer(engine)
    revision = revision_of(engine)
    if revision in (None, head_revision()):
        return
    folder = settings.backups
    folder.mkdir(parents=True, exist_ok=True)
    stamp = at.astimezone(UTC).strftime("%Y%m%d-%H%M%SZ")
    target = folder / f"truoc-nang-cap-{revision}-{stamp}{Path(copies.file_name(settings.url)).suffix}"
    try:
        with copies.dumped(engine, settings.url, target):
            typer.echo(f"Nâng cấp cơ sở dữ liệu từ phiên bản {revision}; bản trước đó: {target}", err=True)
    except copies.CopyError as error:
        raise UsageError(f"chưa nâng cấp vì không sao chép được bản cũ: {error}") from None


def day(data: Data = None, now: Now = None, plan: PlanCode = None, as_json: Json = False) -> None:
    """Một lượt làm mọi việc đến hạn, ngay trong tiến trình này."""
    with telling_mistakes():
        passes = {}
        for office in _offices(data, plan, now):
            at = moment(now, office.settings)
            passes[office.plan.code] = play_day(office, at, clock=None if now else _clock())
        _tell(passes, as_json)


def collect(data: Data = None, now: Now = None, plan: PlanCode = None, as_json: Json = False) -> None:
    """Đọc mọi kênh nhận tệp một lần, kiểm tra, soạn thư trả lời (không gửi)."""
    with telling_mistakes():
        passes = {}
        for office in _offices(data, plan, now):
            did = passes[office.plan.code] = Pass(moment(now, office.settings))
            take_in(office, did.now, did, plainly)
        _tell(passes, as_json)


def _offices(data: Path | None, plan: str | None, now: str | None) -> list[Office]:
    """The named plan's office, or every loaded plan's: last year's late reports go on."""
    office = the_office(data, plan, now)
    return [office] if plan else every_plan(office)


def form(
    unit: str,
    round_code: Annotated[str, typer.Argument(metavar="ROUND")],
    out: Annotated[Path, typer.Option("--out", help="Tệp .xlsx sẽ ghi")],
    data: Data = None,
    plan: PlanCode = None,
) -> None:
    """Ghi biểu mẫu đã điền sẵn của một đơn vị trong một đợt."""
    with telling_mistakes():
        office = for_round(the_office(data, plan), round_code)
        with reading(office.engine) as session:
            obligation = session.scalar(
                select(ObligationRow.id).where(
                    ObligationRow.plan == office.plan.code,
                    ObligationRow.round == round_code,
                    ObligationRow.unit == unit,
                )
            )
            if obligation is None:
                raise UsageError(
                    f"đơn vị {unit} không có nghĩa vụ trong đợt {round_code} (đợt chưa mở, hoặc mã sai)"
                )
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(build(spec_for(session, office, obligation)))
        typer.echo(str(out))


def _clock() -> Any:
    return lambda: datetime.now(UTC)


def _tell(passes: dict[str, Pass], as_json: bool) -> None:
    """What was done; with ``--json`` one object, or a list of them where several plans are loaded."""
    if as_json:
        found = [{"plan": plan} | _facts(did) for plan, did in passes.items()]
        show_json(found[0] if len(found) == 1 else found)
        return
    for plan, did in passes.items():
        if len(passes) > 1:
            typer.echo(f"Kế hoạch {plan}")
        _print(did)


def _facts(did: Pass) -> dict[str, Any]:
    return {
        "now": did.now.isoformat(),
        "rounds": did.rounds,
        "unopened": did.unopened,
        "channels_complete": did.complete,
        "inbound": did.collected.inbound if did.collected else 0,
        "submissions": did.collected.submissions if did.collected else 0,
        "undecided": did.collected.undecided if did.collected else 0,
        "reminded": did.reminded.queued if did.reminded else 0,
        "proposals": did.escalated.proposals if did.escalated else 0,
        "held": [[u, r, h.code, h.reason] for x in (did.reminded, did.escalated) if x for u, r, h in x.held],
        "delivery": vars(did.delivered) if did.delivered else {},
        "consolidated": [c.round for c in did.consolidated],
    }


def _print(did: Pass) -> None:
    typer.echo(f"Đợt đang mở: {', '.join(did.rounds) or 'không có'}")
    if did.unopened:
        typer.echo(f"Đợt chờ người mở (dondoc desk open_round): {', '.join(did.unopened)}")
    if did.collected:
        typer.echo(f"Mục đến: {did.collected.inbound}; bản gửi mới: {did.collected.submissions}")
    if d := did.delivered:
        typer.echo(
            f"Thư đã gửi: {d.sent}; đang giữ: {d.held}; hoãn: {d.deferred}; không gửi được: {d.refused}"
        )
        if d.stopped:
            typer.echo(f"Dừng gửi vì: {STOPS.get(d.stopped, d.stopped)}")
    if did.escalated and did.escalated.proposals:
        typer.echo(f"Đề xuất mới chờ duyệt: {did.escalated.proposals}")
