"""PDF of a Word document: LibreOffice where it is installed, typst otherwise."""

from __future__ import annotations

import hashlib
import logging
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

LOG = logging.getLogger(__name__)
SECONDS = 180
PLACES = ("soffice", "libreoffice")


class PdfError(RuntimeError):
    """No PDF could be made; the message says why (Vietnamese)."""


def office_program() -> str | None:
    return next((p for name in PLACES if (p := shutil.which(name))), None)


def by_libreoffice(document: Path, folder: Path, program: str | None = None) -> Path:
    """Convert ``document`` into ``folder``; a profile of its own, so two runs never wait for each other."""
    program = program or office_program()
    if program is None:
        raise PdfError("không tìm thấy LibreOffice (soffice)")
    with tempfile.TemporaryDirectory(prefix="dondoc-lo-") as profile:
        command = [
            program, "--headless", f"-env:UserInstallation={Path(profile).as_uri()}",
            "--convert-to", "pdf", "--outdir", str(folder), str(document),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise PdfError(f"LibreOffice không chuyển xong {document.name} trong {SECONDS} giây") from error
    target = folder / f"{document.stem}.pdf"
    if done.returncode or not target.exists():
        raise PdfError(f"LibreOffice không chuyển được {document.name}: {done.stderr.strip()[:200]}")
    return target


_DATE = re.compile(rb"(/CreationDate\(D:)\d{14}")
_ID = re.compile(rb"(/ID \[ <)[0-9A-F]{32}(>\s<)[0-9A-F]{32}(> \])")
_SUM = re.compile(rb"(/DocChecksum /)[0-9A-F]{32}")


def settled(pdf: bytes, at: datetime) -> bytes:
    """A PDF of LibreOffice's without its clock and chance: the same document gives the same bytes.

    Every replacement keeps its length, so the cross-reference table stays true.
    """
    blank = _SUM.sub(
        rb"\g<1>" + b"0" * 32, _ID.sub(rb"\g<1>" + b"0" * 32 + rb"\g<2>" + b"0" * 32 + rb"\g<3>", pdf)
    )
    blank = _DATE.sub(rb"\g<1>" + f"{at.astimezone(UTC):%Y%m%d%H%M%S}".encode(), blank)
    name = hashlib.sha256(blank).hexdigest()[:32].upper().encode()
    return _ID.sub(rb"\g<1>" + name + rb"\g<2>" + name + rb"\g<3>", blank)


def make_pdf(document: Path, at: datetime) -> Path:
    """The PDF beside ``document``; typst steps in where LibreOffice is absent or fails."""
    target = document.with_suffix(".pdf")
    target.write_bytes(_by_office(document, at) or _by_typst(document, at))
    return target


def _by_office(document: Path, at: datetime) -> bytes | None:
    program = office_program()
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="dondoc-pdf-") as folder:
        try:
            return settled(by_libreoffice(document, Path(folder), program).read_bytes(), at)
        except PdfError as error:
            LOG.warning("%s; dùng typst", error)
            return None


def _by_typst(document: Path, at: datetime) -> bytes:
    from .typeset import typeset

    return typeset(document.read_bytes(), at)
