"""plan check, diff, new, export, import: the folder that the office edits."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from config.plan_diff import TOPICS, diff_plans
from config.plan_excel import export_tables, import_tables
from config.plan_faults import Fault
from config.plan_files import check_plan, load_plan
from config.plan_new import new_plan
from config.settings import PLANS, load_settings

from .common import Json, UsageError, show_json, telling_mistakes

app = typer.Typer(
    help="Thư mục kế hoạch: kiểm tra, so sánh, lập năm mới, sửa bằng Excel.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Thư mục kế hoạch")]
InFolder = Annotated[
    Path | None, typer.Option("--plan-folder", help="Thư mục kế hoạch (mặc định: DONDOC_PLAN)")
]


@app.command()
def check(folder: Folder, as_json: Json = False) -> None:
    """Kiểm tra thư mục kế hoạch: mọi lỗi một lần, kèm tệp, dòng và cách sửa."""
    with telling_mistakes():
        faults = check_plan(_existing(folder))
        if as_json:
            show_json({"folder": str(folder), "faults": [asdict(f) for f in faults]})
        else:
            _tell(faults, f"{folder}: kế hoạch hợp lệ")
    if faults:
        raise typer.Exit(1)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="Thư mục kế hoạch cũ")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Thư mục kế hoạch mới")],
    as_json: Json = False,
) -> None:
    """Thay đổi giữa hai kế hoạch: ai phải làm gì khác đi."""
    with telling_mistakes():
        changes = diff_plans(load_plan(_existing(old)), load_plan(_existing(new)))
        if as_json:
            show_json([asdict(c) | {"title": TOPICS[c.topic]} for c in changes])
            return
        for change in changes:
            typer.echo(str(change))
        typer.echo(f"{len(changes)} thay đổi" if changes else "Hai kế hoạch như nhau")


@app.command("new")
def new_year(
    year: Annotated[int, typer.Argument(help="Năm của kế hoạch mới, ví dụ 2027")],
    source: Annotated[
        str, typer.Option("--from", metavar="YEAR|DIR", help="Năm hoặc thư mục kế hoạch nguồn")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Thư mục sẽ lập (phải trống)")],
    as_json: Json = False,
) -> None:
    """Lập thư mục kế hoạch năm mới từ năm cũ, và kể những điều còn phải quyết định."""
    with telling_mistakes():
        open_ = new_plan(_source(source), year, out)
        if as_json:
            show_json({"folder": str(out), "open": [asdict(f) for f in open_]})
            return
        for fault in open_:
            typer.echo(str(fault))
        typer.echo(f"Đã lập {out}; còn {len(open_)} điều phải quyết định. Xong chạy: dondoc plan check {out}")


@app.command("export")
def to_excel(
    out: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="Tệp Excel sẽ ghi")], folder: InFolder = None
) -> None:
    """Ghi các bảng của kế hoạch ra một tệp Excel để sửa."""
    with telling_mistakes():
        _writable(out)
        export_tables(_existing(folder or load_settings().plan), out)
        typer.echo(f"Đã ghi {out}; sửa xong chạy: dondoc plan import {out}")


@app.command("import")
def from_excel(
    xlsx: Annotated[Path, typer.Argument(metavar="IN.xlsx", help="Tệp Excel đã sửa")],
    folder: InFolder = None,
    as_json: Json = False,
) -> None:
    """Nạp lại các bảng từ tệp Excel; có lỗi thì không ghi gì."""
    with telling_mistakes():
        target = _existing(folder or load_settings().plan)
        faults = import_tables(xlsx, target)
        if as_json:
            show_json({"folder": str(target), "faults": [asdict(f) for f in faults]})
        else:
            _tell(faults, f"Đã ghi các bảng vào {target}; chạy dondoc init để nạp vào cơ sở dữ liệu")
    if faults:
        raise typer.Exit(1)


def _tell(faults: list[Fault], otherwise: str) -> None:
    for fault in faults:
        typer.echo(str(fault))
    typer.echo(f"{len(faults)} lỗi" if faults else otherwise)


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(f"không có thư mục kế hoạch {folder}")
    return folder


def _source(text: str) -> Path:
    """A folder, or the year of a plan that came with the program."""
    shipped = PLANS / text
    return _existing(shipped if text.isdecimal() and shipped.is_dir() else Path(text))


def _writable(out: Path) -> None:
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out}: tên tệp phải kết thúc bằng .xlsx")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"không ghi được vào {out.parent}: {error.strerror}") from None
