"""From a notice to the parts of its mail: rendered template, forms, archived files."""

from __future__ import annotations

from typing import Any

from db.archive import ArchiveError
from db.models import NoticeItemRow, NoticeRow
from db.session import reading
from tasks.forms.build import build, file_name
from tasks.forms.prefill import spec_for
from tasks.office import Office
from tasks.post.contract import Compose, ComposeError, Parts
from tasks.post.render import RenderError, render

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def composer(office: Office) -> Compose:
    """The composing step for ``deliver``."""

    def compose(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
        live = {i.obligation_id for i in items if i.dropped_at is None}
        try:
            files = [_attachment(office, a) for a in notice.attachments if a.get("form", None) is None]
            files += _forms(office, [a["form"] for a in notice.attachments if a.get("form") in live])
            context = dict(notice.context) | {"attachments": [name for name, _, _ in files]}
            mail = render(notice.kind, context)
        except (RenderError, ArchiveError, LookupError) as error:
            raise ComposeError(str(error)) from error
        return Parts(mail.subject, mail.text, mail.html, files)

    return compose


def _attachment(office: Office, entry: dict[str, Any]) -> tuple[str, str, bytes]:
    return entry["name"], entry["media_type"], office.archive.get(entry["sha256"])


def _forms(office: Office, obligations: list[int]) -> list[tuple[str, str, bytes]]:
    if not obligations:
        return []
    with reading(office.engine) as session:
        specs = [spec_for(session, office, o) for o in obligations]
    return [(file_name(s), XLSX, build(s)) for s in specs]
