"""Whose answer is it? A pure decision from what an item carries and what we know.

The unguessable token decides, never the sender's address (design §8). Signs that name
different units are a contradiction and wait for a person; a file is credited only where
every sign agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tasks.forms.types import SPREADSHEETS, Identity, Kind

from .outcome import Outcome

NO_ANSWER = frozenset({Kind.IMAGE})  # a logo or a photograph is no answer


@dataclass(frozen=True)
class FileSeen:
    name: str
    sha256: str
    kind: Kind
    identity: Identity | None = None
    classified: bool = False
    torn: tuple[str, ...] = ()  # unit codes, where the workbook's two identities differ
    stray: bool = False  # a note that a mail program added

    @property
    def spreadsheet(self) -> bool:
        return self.kind in SPREADSHEETS

    @property
    def no_answer(self) -> bool:
        return self.kind in NO_ANSWER or self.stray


@dataclass(frozen=True)
class Evidence:
    """One item: a mail with the one file that is judged, a mail without, or a file alone."""

    sender: str = ""  # empty: a file from a folder, or a mail without a usable From
    is_mail: bool = True
    strong: tuple[str, ...] = ()  # tokens of plus-address, subject, file name, answered Message-ID
    weak: tuple[str, ...] = ()  # tokens of text and forwarded mails: used where there is no strong one
    file: FileSeen | None = None
    own: bool = False  # our own notice come back
    bounce: bool = False
    self_reply: bool = False
    classified: bool = False
    says_difficulty: bool = False
    says_sent: bool = False
    flags: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()  # tokens of the other workbooks in the mail


@dataclass(frozen=True)
class Known:
    """An obligation as recognition knows it."""

    id: int
    plan: str
    round: str
    unit: str
    token: str
    limit: datetime  # of the round, for the order of rounds
    files: frozenset[str] = frozenset()  # SHA-256 of its submissions
    settled: bool = False  # an answer was accepted, or none is owed any more


@dataclass(frozen=True)
class Context:
    by_token: Mapping[str, Known] = field(default_factory=dict)
    same_bytes: tuple[Known, ...] = ()  # obligations that were answered with these very bytes
    sender_units: frozenset[str] = frozenset()  # units for which the sender is registered
    named: frozenset[str] = frozenset()  # units named in the item, or asked by the answered digest
    owing: frozenset[str] = frozenset()  # units that owe something in an open round


@dataclass(frozen=True)
class Recognition:
    outcome: Outcome
    obligation_id: int | None = None
    hints: tuple[str, ...] = ()
    reason: str = ""
    flags: tuple[str, ...] = ()


def recognise(evidence: Evidence, context: Context) -> Recognition:
    """The outcome for ``evidence``, with the unit codes it carries (held while undecided)."""
    asked = _known(evidence.strong, context) or _known(evidence.weak, context)
    if evidence.own:
        return Recognition(Outcome.IRRELEVANT, reason="own_notice")
    if evidence.bounce:
        return Recognition(Outcome.BOUNCE, reason="bounce")
    if evidence.classified or (evidence.file and evidence.file.classified):
        one = asked[0].id if len(asked) == 1 else None
        return Recognition(Outcome.CLASSIFIED, one, _hints(evidence, context, asked), "secrecy_marking")
    if evidence.self_reply:
        if evidence.file is None or evidence.file.no_answer:
            return Recognition(Outcome.AUTO_REPLY, reason="auto_reply")
        return _undecided(Outcome.UNKNOWN, evidence, context, asked, "auto_reply_with_file")
    if len({k.unit for k in asked}) > 1:
        return _undecided(Outcome.CONTRADICTION, evidence, context, asked, "tokens_of_several_units")
    if evidence.file is None or evidence.file.no_answer:
        return _without_file(evidence, context, asked)
    return _with_file(evidence, evidence.file, context, asked)


def _known(tokens: Iterable[str], context: Context) -> list[Known]:
    return [context.by_token[t] for t in tokens if t in context.by_token]


def _hints(evidence: Evidence, context: Context, known: Iterable[Known]) -> tuple[str, ...]:
    """Unit codes of every token, name, registered address and workbook in the item (ruling 11)."""
    units = {k.unit for k in known} | context.sender_units | context.named
    units |= {k.unit for k in _known((*evidence.strong, *evidence.weak), context)}
    if evidence.file and evidence.file.identity:
        units.add(evidence.file.identity.unit)
    if evidence.file:
        units.update(evidence.file.torn)
    return tuple(sorted(units))


def _undecided(
    outcome: Outcome, evidence: Evidence, context: Context, known: Iterable[Known], reason: str
) -> Recognition:
    return Recognition(outcome, None, _hints(evidence, context, known), reason)


def _without_file(evidence: Evidence, context: Context, asked: list[Known]) -> Recognition:
    if asked:
        if _foreign(evidence, context, asked[0]):
            return _undecided(Outcome.CONTRADICTION, evidence, context, asked, "token_from_another_unit")
        # The token says whose it is; other units that the text names are not held by it.
        units = {k.unit for k in asked} | context.sender_units
        one = asked[0].id if len({k.id for k in asked}) == 1 else None
        image = evidence.file is not None and evidence.file.kind is Kind.IMAGE
        reason = "token_with_image" if image else "token_without_file"
        return Recognition(Outcome.CLAIM, one, tuple(sorted(units)), reason)
    return _without_token(evidence, context)


def _without_token(evidence: Evidence, context: Context) -> Recognition:
    """The sender's address alone never credits anything; it may speak of difficulties (ruling 2)."""
    owes = bool(context.sender_units & context.owing)
    maybe_answer = owes and (evidence.file is not None or evidence.says_sent)
    if context.sender_units and evidence.says_difficulty and not maybe_answer and not _is_workbook(evidence):
        return Recognition(
            Outcome.DIFFICULTY, hints=tuple(sorted(context.sender_units)), reason="difficulty_reported"
        )
    return _undecided(Outcome.UNKNOWN, evidence, context, (), "no_token")


def _is_workbook(evidence: Evidence) -> bool:
    return evidence.file is not None and evidence.file.spreadsheet


def _foreign(evidence: Evidence, context: Context, known: Known) -> bool:
    """Sent from an address that is registered, but for other units only (ruling 9)."""
    return bool(context.sender_units) and known.unit not in context.sender_units


def _with_file(evidence: Evidence, file: FileSeen, context: Context, asked: list[Known]) -> Recognition:
    if file.torn:
        return _undecided(Outcome.CONTRADICTION, evidence, context, asked, "two_identities")
    if file.identity is not None:
        own = context.by_token.get(file.identity.token)
        if own is None or (own.plan, own.round, own.unit) != (
            file.identity.plan,
            file.identity.round,
            file.identity.unit,
        ):
            known = [*asked, *([own] if own else [])]
            outcome = Outcome.CONTRADICTION if known else Outcome.UNKNOWN
            return _undecided(outcome, evidence, context, known, "workbook_token_invalid")
        return _identified(evidence, file, context, asked, own)
    if not asked:
        return _without_token(evidence, context)
    if len({k.id for k in asked}) > 1:
        return _undecided(Outcome.UNKNOWN, evidence, context, asked, "tokens_of_several_rounds")
    return _credit(evidence, file, context, asked[0], ())


def _identified(
    evidence: Evidence, file: FileSeen, context: Context, asked: list[Known], own: Known
) -> Recognition:
    """The workbook says whose it is (``own``); the mail may ask about other rounds."""
    if asked and own.unit != asked[0].unit:
        return _undecided(Outcome.CONTRADICTION, evidence, context, [*asked, own], "workbook_of_another_unit")
    later = [k for k in asked if k.limit > own.limit]
    if later and own.id not in {k.id for k in asked}:
        if _foreign(evidence, context, own):
            return _undecided(Outcome.CONTRADICTION, evidence, context, asked, "token_from_another_unit")
        wanted = max(later, key=lambda k: k.limit)
        if own.settled or file.sha256 in own.files:
            return Recognition(Outcome.REJECTED, wanted.id, (own.unit,), "earlier_round")
        if not {k.token for k in asked}.intersection(evidence.beside):
            # A late answer to the earlier round, or its form filled by mistake: only a person can tell.
            hints = _hints(evidence, context, [*asked, own])
            return Recognition(Outcome.CONTRADICTION, wanted.id, hints, "workbook_of_earlier_round")
    other = ("other_round_mail",) if asked and own.id not in {k.id for k in asked} else ()
    return _credit(evidence, file, context, own, other)


def _credit(
    evidence: Evidence, file: FileSeen, context: Context, known: Known, flags: tuple[str, ...]
) -> Recognition:
    if _foreign(evidence, context, known):
        return _undecided(Outcome.CONTRADICTION, evidence, context, [known], "token_from_another_unit")
    if file.sha256 in known.files:
        return Recognition(Outcome.DUPLICATE, known.id, (known.unit,), "same_bytes")
    if file.kind is Kind.EMPTY:  # all empty files are the same, and say nothing of one another
        context = replace(context, same_bytes=())
    if any(k.unit != known.unit for k in context.same_bytes):
        involved = [known, *context.same_bytes]
        return _undecided(Outcome.CONTRADICTION, evidence, context, involved, "bytes_of_another_unit")
    if any(k.limit < known.limit for k in context.same_bytes):
        return Recognition(Outcome.REJECTED, known.id, (known.unit,), "earlier_round")
    if evidence.is_mail and not context.sender_units:
        flags = (*flags, "unregistered_sender")
    return Recognition(
        Outcome.SUBMISSION, known.id, (known.unit,), "token", tuple(sorted({*flags, *evidence.flags}))
    )
