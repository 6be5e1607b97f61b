"""Who chases the late reports of a round: the Department, or the office that its area belongs to.

Plan l.121, 133, 141; ruling 13: Đề án 06 is Công an tỉnh's, CCHC Sở Nội vụ's, as plan.toml says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.plan import Area, Plan, Role, Round, Unit
from tasks.consolidate.words import AREAS
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice

from .judge import addresses
from .summary import RoundSummary

SIGNED = "{} (gửi qua hệ thống của Sở Khoa học và Công nghệ)"


def owner_of(plan: Plan, round_: Round, units: Collection[str]) -> Unit:
    """Whose letters about ``units``' late reports are; no office urges itself: then the receiver's."""
    owner = plan.policy.area_owner.get(round_.area, plan.policy.receiver)
    if set(units) == {owner}:
        owner = plan.policy.receiver
    return plan.unit_by_code[owner]


def named(plan: Plan, round_: Round, units: Collection[str]) -> contexts.Context:
    """What a letter's context says of its owner; nothing where that is the Department."""
    owner = owner_of(plan, round_, units)
    if owner.code == plan.policy.receiver or round_.area is Area.GENERAL:
        return {}
    return {
        "owner": f"{owner.name} (cơ quan chủ trì theo dõi lĩnh vực {AREAS[round_.area]})",
        "owner_short": owner.name,
        "sender_name": SIGNED.format(owner.name),
    }


def lists_for_owners(
    session: Session, office: Office, summaries: list[RoundSummary], now: datetime
) -> Iterator[NewNotice]:
    """To an area's owner the units late in its round, whenever they or their rungs have changed."""
    reach = addresses(session, office)
    for summary in summaries:
        late = summary.late()
        owner = owner_of(office.plan, summary.round, [x.unit for x in late])
        contact = reach.of(owner.code, Role.CLERK, Role.LIAISON)
        if not late or owner.code == office.plan.policy.receiver or contact is None:
            continue
        standing = ",".join(sorted(f"{x.unit}:{x.rung}" for x in late))
        yield NewNotice(
            plan=office.plan.code,
            round=summary.round.code,
            unit="*",
            recipient=contact.email,
            kind="area_late",
            occasion=hashlib.sha256(standing.encode()).hexdigest()[:16],
            nature="office",
            context=contexts.common(office, now, owner.letter_name) | _words(summary),
        )


def _words(summary: RoundSummary) -> dict[str, Any]:
    return {
        "area_name": AREAS[summary.round.area],
        "round_title": summary.round.title,
        "count": len(summary.late()),
        "total": len(summary.lines),
        "rows": [
            {"unit": x.name, "days_late": x.days_late, "rung": x.rung, "held": bool(x.hold)}
            for x in summary.late()
        ],
    }
