"""Office files with the same bytes for the same content: fixed times inside the package."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time a zip member can have
CORE = "docProps/core.xml"
_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def settled(data: bytes, at: datetime) -> bytes:
    """``data`` (a .docx or .xlsx) with members in one order, without times, dated ``at``."""
    stamp = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in sorted(source.namelist(), key=_rank):
            body = source.read(name)
            if name == CORE:
                body = _TIMES.sub(rb"\g<1>" + stamp + rb"\g<3>", body)
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            out.writestr(info, body)
    return target.getvalue()


def _rank(name: str) -> tuple[int, str]:
    """[Content_Types].xml and the root relationships first, as readers expect."""
    return ({"[Content_Types].xml": 0, "_rels/.rels": 1}.get(name, 2), name)


def settle(path: Path, at: datetime) -> None:
    path.write_bytes(settled(path.read_bytes(), at))
