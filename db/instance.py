"""Never two heads: which database, at which place, may send.

A database carries an identity (control row ``instance``: an id and the places where a person
let it work); the data folder carries the same id and a mark, in a file outside the database.
A database that was restored, copied or cloned contradicts one of them, and is held until a
person confirms it here:

    the file is missing or carries another id     the database was brought from elsewhere
    machine, folder or database server differ     the whole folder, or the server, was cloned
    the audit does not know the mark              the database is older than what was already sent

Not told apart: a virtual machine cloned with its name, machine id, folders and address.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from config.settings import MailMode, Settings

from . import audit, controls
from .audit_check import Head, head, knows
from .models import ControlRow

INSTANCE = "instance"
FILE = "instance.id"
MACHINE_ID = Path("/etc/machine-id")

COPIED = (
    "thư mục dữ liệu này không mang mã của cơ sở dữ liệu: cơ sở dữ liệu được khôi phục hoặc chép từ nơi khác"
)
MOVED = "cơ sở dữ liệu chưa được xác nhận làm việc ở nơi này (máy, thư mục hoặc máy chủ đã khác)"
OLDER = "cơ sở dữ liệu cũ hơn lần trước ở đây: đã khôi phục bản sao lưu, không biết những thư gửi sau đó"
UNNAMED = "cơ sở dữ liệu chưa có mã nhận dạng"


@dataclass(frozen=True)
class Identity:
    id: str
    places: tuple[str, ...]


def belongs_here(session: Session, settings: Settings) -> str:
    """Why this database may not send from here (Vietnamese), or ""."""
    identity = of_database(session)
    if identity is None:
        return UNNAMED if settings.mail.mode is MailMode.LIVE else ""
    stored = _read(settings)
    if stored is None or stored[0] != identity.id:
        return COPIED
    if here(session, settings) not in identity.places:
        return MOVED
    return "" if knows(session, stored[1]) else OLDER


def still_named(session: Session, settings: Settings) -> bool:
    """Does the data folder still carry this database's id? It does not once another was confirmed here."""
    identity, stored = of_database(session), _read(settings)
    return identity is None or (stored is not None and stored[0] == identity.id)


def remember(session: Session, settings: Settings) -> None:
    """Move the mark outside the database to the audit's head; never where something is wrong."""
    identity = of_database(session)
    if identity and not belongs_here(session, settings):
        _write(settings, identity.id, head(session))


def establish(session: Session, settings: Settings, *, at: datetime, by: str) -> bool:
    """Name a database that has no identity yet; False where it has one. It is never renamed here."""
    if of_database(session) is not None:
        return False
    _settle(session, settings, Identity(secrets.token_hex(16), (here(session, settings),)), at=at, by=by)
    return True


def confirm(
    session: Session, settings: Settings, *, at: datetime, by: str, reason: str, also: bool = False
) -> None:
    """A person says: this database sends from here. It gets a new id, so its copies stay held.

    ``also``: here too, beside the places confirmed before (a further worker of one database).
    """
    known, place = of_database(session), here(session, settings)
    if also and known:
        identity = Identity(known.id, tuple(dict.fromkeys([*known.places, place])))
    else:
        identity = Identity(secrets.token_hex(16), (place,))
    audit.record(
        session, at=at, actor=by, action="instance.confirmed", subject=INSTANCE, reason=reason, also=also
    )
    _settle(session, settings, identity, at=at, by=by)


def _settle(session: Session, settings: Settings, identity: Identity, *, at: datetime, by: str) -> None:
    """Database first, file last: what fails between them leaves the database held."""
    value = json.dumps({"id": identity.id, "places": identity.places}, sort_keys=True)
    controls.put(session, INSTANCE, value, at=at, by=by)
    session.flush()
    _write(settings, identity.id, head(session))


def of_database(session: Session) -> Identity | None:
    row = session.get(ControlRow, INSTANCE)
    if row is None:
        return None
    value = json.loads(row.value)
    return Identity(value["id"], tuple(value["places"]))


def here(session: Session, settings: Settings) -> str:
    """This machine, this data folder, this database: ``machine|folder|database``."""
    return f"{machine()}|{settings.data.resolve()}|{_database(session, settings)}"


def machine() -> str:
    try:
        number = MACHINE_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        number = ""
    return f"{platform.node()}/{number[:12]}"


def _database(session: Session, settings: Settings) -> str:
    """SQLite: the file. PostgreSQL: the address, the cluster and the database's own number."""
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").resolve())
    own = session.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    cluster = session.scalar(text("SELECT system_identifier FROM pg_control_system()"))
    return f"{url.host or ''}:{url.port or 5432}/{url.database}/{cluster}/{own}"


def _read(settings: Settings) -> tuple[str, Head] | None:
    try:
        value: dict[str, Any] = json.loads((settings.data / FILE).read_text(encoding="ascii"))
        return str(value["id"]), Head(int(value["row"]), str(value["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # unreadable counts as missing: held


def _write(settings: Settings, id_: str, mark: Head) -> None:
    """Whole or not at all, and on the disk before anything is sent."""
    settings.data.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=settings.data, prefix=".instance-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump({"id": id_, "row": mark.id, "hash": mark.hash}, file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(settings.data / FILE)
