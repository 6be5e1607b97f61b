"""The machine: fonts, LibreOffice, disk, folders, backups, tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shlex import quote

from db import copies
from tasks.rules.words import show_moment
from tasks.system import manifest as manifests
from tasks.system.backup import newest

from . import Look, Result, fault, ok, warn

FAMILIES = ("Times New Roman", "Liberation Serif")
LETTERS = "".join(
    ["aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "đ"]
)
LOW, EMPTY = 2 * 1024**3, 200 * 1024**2
WINDOWS_FONT = Path("C:/Windows/Fonts/times.ttf")
STALE = timedelta(days=2)


def fonts(look: Look) -> Iterator[Result]:
    """The documents are set in Times New Roman (NĐ 30/2020) or its metric twin."""
    mend = "Cài gói fonts-liberation2 (Linux) hoặc phông Times New Roman."
    usable = [family for family in FAMILIES if (path := font_file(family)) and not lacks(path)]
    if usable:
        yield ok("fonts", f"phông {usable[0]} có đủ chữ tiếng Việt")
        return
    poor = [family for family in FAMILIES if font_file(family)]
    if poor:
        yield fault("fonts", f"phông {poor[0]} thiếu chữ tiếng Việt", mend)
    else:
        yield fault("fonts", "không có phông Times New Roman, cũng không có Liberation Serif", mend)


def font_file(family: str) -> Path | None:
    """The file that documents in ``family`` would really use; None where another family stands in."""
    program = shutil.which("fc-match")
    if program is None:
        return WINDOWS_FONT if os.name == "nt" and WINDOWS_FONT.exists() else None
    try:
        done = subprocess.run(
            [program, "-f", "%{family}|%{file}", family],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    names, _, path = done.stdout.partition("|")
    return Path(path) if family in names.split(",") and path else None


def lacks(path: Path) -> str:
    """Vietnamese letters that the font cannot show."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            known = font.getBestCmap() or {}
    except (TTLibError, OSError):
        return LETTERS
    return "".join(c for c in LETTERS + LETTERS.upper() if ord(c) not in known)


def libreoffice(look: Look) -> Iterator[Result]:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None and os.name == "nt":
        usual = Path("C:/Program Files/LibreOffice/program/soffice.exe")
        found = str(usual) if usual.exists() else None
    if found:
        yield ok("libreoffice", f"LibreOffice: {found}")
    else:
        mend = "Cài LibreOffice để có bản PDF từ tệp Word; chưa có thì PDF được dựng bằng typst."
        yield warn("libreoffice", "không thấy LibreOffice", mend)


def disk(look: Look) -> Iterator[Result]:
    folder = _nearest(look.settings.data)
    free = shutil.disk_usage(folder).free
    found = f"còn {free / 1024**3:.1f} GB trống ở {folder}".replace(".", ",", 1)
    mend = "Dọn ổ đĩa hoặc chuyển thư mục dữ liệu, sao lưu sang ổ khác."
    if free < EMPTY:
        yield fault("disk", found, mend)
    elif free < LOW:
        yield warn("disk", found, mend)
    else:
        yield ok("disk", found)


def _nearest(path: Path) -> Path:
    """The folder itself, or the closest one above it that exists."""
    path = path.resolve()
    while not path.exists():
        path = path.parent
    return path


def writable(look: Look) -> Iterator[Result]:
    data = look.settings.data
    if not data.is_dir():
        yield fault("data", f"chưa có thư mục dữ liệu {data}", f"Chạy: dondoc init --data {quote(str(data))}")
        return
    try:
        with tempfile.TemporaryFile(dir=data) as file:
            file.write(b"dondoc")
    except OSError as error:
        mend = "Cho tài khoản chạy Đôn Đốc quyền ghi vào thư mục này."
        yield fault("data", f"không ghi được vào {data}: {error.strerror}", mend)
    else:
        yield ok("data", f"ghi được vào thư mục dữ liệu {data}")


def backups(look: Look) -> Iterator[Result]:
    root = look.settings.backups
    last = newest(root)
    if last is None:
        yield warn("backup", f"chưa có bản sao lưu nào trong {root}", "Chạy: dondoc backup")
    else:
        try:
            at = manifests.read(last).at
        except manifests.BackupError as error:
            yield fault("backup", str(error), "Chạy: dondoc backup")
            return
        if look.now - at > STALE:
            mend = "Chạy: dondoc backup; xem vì sao lượt sao lưu đêm không chạy."
            yield warn("backup", f"bản sao lưu mới nhất đã cũ: {show_moment(at)}", mend)
        else:
            yield ok("backup", f"bản sao lưu mới nhất: {show_moment(at)}")
    if look.settings.backup.folder is None:
        mend = "Đặt DONDOC_BACKUP__FOLDER ở ổ đĩa khác; hỏng một ổ thì mất cả hai."
        yield warn("backup.folder", "bản sao lưu nằm cùng chỗ với dữ liệu", mend)
    if not copies.is_sqlite(look.settings.url) and not shutil.which("pg_dump"):
        mend = "Cài gói postgresql-client cùng phiên bản với máy chủ."
        yield fault("backup.tools", "không thấy pg_dump nên không sao lưu được PostgreSQL", mend)
