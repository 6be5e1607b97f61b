"""The ``dondoc`` command."""

from __future__ import annotations

import typer

from flows.commands import desk, doctor, keep, look, move, plan, rehearse, run, system, work

app = typer.Typer(
    name="dondoc",
    help="Đôn Đốc: nhắc, thu nhận, kiểm tra, đôn đốc và tổng hợp báo cáo theo kế hoạch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(work.init)
app.command()(work.day)
app.command()(work.collect)
app.command()(work.form)
app.command()(run.run)
app.command()(run.deploy)
app.command()(run.watch)
app.command()(desk.desk)
app.command()(desk.decide)
app.command()(look.status)
app.command()(look.why)
app.command()(look.figures)
app.command()(rehearse.rehearse)
app.command()(doctor.doctor)
app.command()(keep.restore)
app.command()(move.move)
app.command("purge")(keep.purge_command)
app.add_typer(plan.app, name="plan")
app.add_typer(system.audit_app, name="audit")
app.add_typer(system.instance_app, name="instance")
app.add_typer(keep.backup_app, name="backup")


def main() -> None:
    app()
