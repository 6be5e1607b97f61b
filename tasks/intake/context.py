"""What recognition has to know about an item, gathered from the database."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Plan, Round, Unit
from db.models import (
    CheckRow,
    ExemptionRow,
    ExtensionRow,
    FileRow,
    NoticeItemRow,
    NoticeRow,
    ObligationRow,
    RoundRow,
    SubmissionRow,
)
from db.revoked import revoked
from tasks.rules.viet import clean, fold

from .evidence import Seen
from .recognise import Context, Known


def gather(session: Session, plan: Plan, seen: Seen, *, automatic: bool) -> tuple[Seen, Context]:
    """``seen`` with the tokens of the notices it answers, and the context to judge it.

    ``automatic``: its head is a machine's, as those of our own mails are."""
    sender_units = registered_units(plan, seen.evidence.sender)
    ours = automatic or not (sender_units or seen.files)
    seen, asked_units = _thread(session, seen, ours=ours)
    tokens = {*seen.evidence.strong, *seen.evidence.weak}
    tokens |= {f.identity.token for f in seen.files if f.identity}
    context = Context(
        by_token=_obligations(session, tokens),
        sender_units=sender_units,
        named=frozenset(asked_units | named_units(plan, seen.names_in, seen.text) | _claimed(plan, seen)),
        owing=_owing(session, plan.code, sender_units),
    )
    return seen, context


def _thread(session: Session, seen: Seen, *, ours: bool) -> tuple[Seen, set[str]]:
    """Tokens and units of our notices that the mail answers; whether it is one of our own.

    ``ours``: nothing else about it speaks of a person, whose mail may bear our Message-ID because an
    odd program sent it on, or because it is forged: that is looked at."""
    ids = list(dict.fromkeys(seen.answered))[:40]
    own = ours and bool(seen.message_id) and _notices(session, [seen.message_id]) != []
    strong, units = list(seen.evidence.strong), set()
    if not seen.bounced:
        for notice in _notices(session, ids):
            if notice.token:
                strong.append(notice.token)
            units |= _units_of(session, notice)
    evidence = replace(seen.evidence, strong=tuple(dict.fromkeys(strong)), own=own)
    return replace(seen, evidence=evidence), units


def _notices(session: Session, message_ids: Iterable[str]) -> list[NoticeRow]:
    return list(session.scalars(select(NoticeRow).where(NoticeRow.message_id.in_(list(message_ids)))))


def _units_of(session: Session, notice: NoticeRow) -> set[str]:
    """The unit of a notice; of a digest to one unit's clerk, the unit of its items.

    A digest to a committee member speaks of many units and names none of them as sender.
    """
    if notice.unit != "*":
        return {notice.unit}
    query = (
        select(ObligationRow.unit)
        .join(NoticeItemRow, NoticeItemRow.obligation_id == ObligationRow.id)
        .where(NoticeItemRow.notice_id == notice.id)
        .distinct()
    )
    units = set(session.scalars(query))
    return units if len(units) == 1 else set()


def _claimed(plan: Plan, seen: Seen) -> set[str]:
    """Units that the workbooks say they belong to, as far as they exist."""
    return {f.identity.unit for f in seen.files if f.identity and f.identity.unit in plan.unit_by_code}


def _obligations(session: Session, tokens: Iterable[str]) -> dict[str, Known]:
    tokens = sorted(tokens)
    if not tokens:
        return {}
    return {k.token: k for k in _as_known(session, ObligationRow.token.in_(tokens))}


def known_by_id(session: Session, obligation_id: int) -> Known | None:
    return next(iter(_as_known(session, ObligationRow.id == obligation_id)), None)


def answered_with(session: Session, sha256: str) -> tuple[Known, ...]:
    """Obligations that were answered with these very bytes."""
    query = (
        select(SubmissionRow.obligation_id)
        .join(FileRow, FileRow.id == SubmissionRow.file_id)
        .where(FileRow.sha256 == sha256, SubmissionRow.id.not_in(revoked(SubmissionRow)))
    )
    return tuple(_as_known(session, ObligationRow.id.in_(query)))


def _as_known(session: Session, which: object) -> list[Known]:
    query = (
        select(ObligationRow, RoundRow.definition)
        .join(RoundRow, (RoundRow.plan == ObligationRow.plan) & (RoundRow.code == ObligationRow.round))
        .where(which)  # type: ignore[arg-type]
        .order_by(ObligationRow.id)
    )
    rows = session.execute(query).tuples().all()
    numbers = [o.id for o, _ in rows]
    files, settled = _files(session, numbers), _settled(session, numbers)
    return [
        Known(
            o.id, o.plan, o.round, o.unit, o.token, Round.model_validate(d).limit_at,
            frozenset(files[o.id]), o.id in settled,
        )
        for o, d in rows
    ]  # fmt: skip


def _settled(session: Session, obligations: list[int]) -> set[int]:
    """Those of ``obligations`` with an accepted answer or an exemption."""
    accepted = select(SubmissionRow.obligation_id).join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
    accepted = accepted.where(SubmissionRow.obligation_id.in_(obligations), CheckRow.verdict == "accepted")
    accepted = accepted.where(SubmissionRow.id.not_in(revoked(SubmissionRow)))
    exempt = select(ExemptionRow.obligation_id).where(
        ExemptionRow.obligation_id.in_(obligations), ExemptionRow.id.not_in(revoked(ExemptionRow))
    )
    return {*session.scalars(accepted), *session.scalars(exempt)}


def _files(session: Session, obligations: list[int]) -> dict[int, set[str]]:
    files: dict[int, set[str]] = defaultdict(set)
    query = (
        select(SubmissionRow.obligation_id, FileRow.sha256)
        .join(FileRow, FileRow.id == SubmissionRow.file_id)
        .where(SubmissionRow.obligation_id.in_(obligations))
        .where(SubmissionRow.id.not_in(revoked(SubmissionRow)))
    )
    for obligation, sha256 in session.execute(query).tuples():
        files[obligation].add(sha256)
    return files


def limits(session: Session, plan: str) -> list[datetime]:
    """Every limit that an arrival may straddle: of opened rounds and of extensions."""
    rounds = session.scalars(select(RoundRow.definition).where(RoundRow.plan == plan))
    ends = [Round.model_validate(d).limit_at for d in rounds]
    return sorted({*ends, *session.scalars(select(ExtensionRow.until))})


def limit_of(session: Session, known: Known) -> datetime:
    """The effective limit of one obligation: the newest extension's, else the round's."""
    query = select(ExtensionRow.until).where(
        ExtensionRow.obligation_id == known.id, ExtensionRow.id.not_in(revoked(ExtensionRow))
    )
    return (
        session.scalar(query.order_by(ExtensionRow.at.desc(), ExtensionRow.id.desc()).limit(1)) or known.limit
    )


def registered_units(plan: Plan, sender: str) -> frozenset[str]:
    """Units for which ``sender`` (lower case) is a registered, active contact."""
    return _registry(plan).get(sender, frozenset()) if sender else frozenset()


@lru_cache(maxsize=8)
def _registry_cached(contacts: tuple[tuple[str, str], ...]) -> dict[str, frozenset[str]]:
    units: dict[str, set[str]] = defaultdict(set)
    for email, unit in contacts:
        units[email].add(unit)
    return {email: frozenset(codes) for email, codes in units.items()}


def _registry(plan: Plan) -> dict[str, frozenset[str]]:
    return _registry_cached(tuple((c.email.lower(), c.unit) for c in plan.contacts if c.active))


def _owing(session: Session, plan: str, units: frozenset[str]) -> frozenset[str]:
    """Those of ``units`` with an open obligation and nothing accepted yet."""
    if not units:
        return frozenset()
    done = (
        select(SubmissionRow.obligation_id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(CheckRow.verdict == "accepted", SubmissionRow.id.not_in(revoked(SubmissionRow)))
    )
    exempt = select(ExemptionRow.obligation_id).where(ExemptionRow.id.not_in(revoked(ExemptionRow)))
    query = select(ObligationRow.unit).where(
        ObligationRow.plan == plan,
        ObligationRow.unit.in_(units),
        ObligationRow.id.not_in(done),
        ObligationRow.id.not_in(exempt),
    )
    return frozenset(session.scalars(query))


def named_units(plan: Plan, names_in: str, text: str) -> set[str]:
    """Unit codes whose name or code stands in the subject or a file name, or whose name stands
    in the text. The receiver is addressed in every letter; its name in a text says nothing."""
    found = {code for code, pattern in _patterns(plan.units) if pattern.search(names_in)}
    folded = " ".join(text.casefold().replace(">", " ").split())  # a name may be wrapped, and quoted
    for unit in plan.units:
        if unit.code != plan.policy.receiver and any(n in folded for n in _names(unit)):
            found.add(unit.code)
    return found


@lru_cache(maxsize=8)
def _patterns(units: tuple[Unit, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (
            u.code,
            re.compile(rf"\b(?:{'|'.join(re.escape(w) for w in (*map(fold, _names(u)), fold(u.code)))})\b"),
        )
        for u in units
    )


def _names(unit: Unit) -> list[str]:
    return [clean(n).casefold() for n in (unit.name, unit.letter_name, *unit.alt_names)]
