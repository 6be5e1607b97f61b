"""The clock's standing: what the witnesses said at the last pass, kept for every look that chases."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import audit, controls
from db.models import ControlRow
from db.session import writing
from tasks.office import Office
from tasks.rules.clock import Anchor, Heard, Tick, clock_doubt

DOUBT = "clock_doubt"  # why the clock is not believed; empty: it is
ANCHORS = "clock_anchors"  # start of a machine → instant and count at which its clock was believed
RENEWED = timedelta(hours=6)  # an anchor so old is replaced by the present reading
MACHINES = 8  # newest anchors kept


def note_clock(office: Office, now: datetime, heard: Heard) -> str:
    """Judge the clock by what was ``heard``; the doubt, empty where it is believed.

    A doubt stays until the witnesses agree again or a person has looked at the clock.
    """
    with writing(office.engine) as session:
        anchors = _anchors(session)
        doubt = clock_doubt(now, heard, anchors.get(heard.tick.boot) if heard.tick else None)
        stood = doubt_of(session)
        if bool(doubt) != bool(stood) and (doubt or heard.told or heard.tick):
            controls.put(session, DOUBT, doubt, at=now, by="system")
        if not doubt and heard.tick:
            _renew(session, anchors, now, heard.tick)
    return doubt


def doubt_of(session: Session) -> str:
    """Why nobody is chased by this clock; empty: it is believed."""
    return controls.get(session, DOUBT)


def believe(session: Session, now: datetime, by: str) -> None:
    """A person has compared the clock with another one: the next reading is a new beginning."""
    controls.put(session, DOUBT, "", at=now, by=by)
    _keep(session, {}, now)


def _anchors(session: Session) -> dict[str, Anchor]:
    stored = json.loads(controls.get(session, ANCHORS, "{}"))
    return {
        boot: Anchor(datetime.fromisoformat(at), Tick(boot, seconds))
        for boot, (at, seconds) in stored.items()
    }


def _renew(session: Session, anchors: dict[str, Anchor], now: datetime, tick: Tick) -> None:
    known = anchors.get(tick.boot)
    if known is None or abs(now - known.at) >= RENEWED:
        newest = sorted(anchors.values(), key=lambda a: a.at)[-MACHINES + 1 :]
        kept = {a.tick.boot: a for a in newest if a.tick.boot != tick.boot}
        _keep(session, kept | {tick.boot: Anchor(now, tick)}, now)


def _keep(session: Session, anchors: dict[str, Anchor], now: datetime) -> None:
    row = session.get(ControlRow, ANCHORS) or ControlRow(name=ANCHORS)
    row.value = json.dumps({boot: (a.at.isoformat(), a.tick.seconds) for boot, a in anchors.items()})
    row.at, row.by = now, "system"
    session.add(row)
    audit.record(session, at=now, actor="system", action="clock.anchored", subject=ANCHORS)
