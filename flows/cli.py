"""The ``dondoc`` command."""

from __future__ import annotations

import typer

from flows.commands import desk, look, plan, rehearse, run, work

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
app.command()(desk.desk)
app.command()(desk.decide)
app.command()(look.status)
app.command()(look.why)
app.command()(look.figures)
app.command()(rehearse.rehearse)
app.add_typer(plan.app, name="plan")


def main() -> None:
    app()
