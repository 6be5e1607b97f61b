"""From the bytes of an arriving item to the evidence on which it is judged. No database, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tasks.forms.types import Kind
from tasks.rules.tokens import find_tokens
from tasks.rules.viet import clean, fold

from .bounces import Bounced, read_bounce
from .look import Look, look_at, marked
from .mail import Body, Head, Part, read_body, read_head
from .recognise import Evidence, FileSeen

_DIFFICULTY = re.compile(r"\b(kho khan|vuong mac)\b")
_SENT = re.compile(r"\b(da|vua) (gui|nop|trinh|phat hanh)\b|\bqlvb|quan ly van ban|truc lien thong")
_MACHINE = re.compile(  # in a letter's first words; without a header or a subject that says so
    r"\bday la ((thu|email|tin nhan) )?(tra loi|phan hoi) tu dong|\bthis is an automatic (reply|response)"
)
_RANK = {
    Kind.PDF: 0, Kind.DOCX: 1, Kind.DOC: 1, Kind.ARCHIVE: 2, Kind.CSV: 3, Kind.UNREADABLE: 4, Kind.EMPTY: 5,
    Kind.IMAGE: 6,
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """An item opened: the evidence common to its files, the files, and which of them are judged."""

    evidence: Evidence
    answered: tuple[str, ...] = ()  # Message-IDs, for the notices this mail answers
    message_id: str = ""
    names_in: str = ""  # subject and file names, folded: where units may be named
    text: str = ""
    files: tuple[Look, ...] = ()
    judged: tuple[Look, ...] = ()
    bounced: Bounced | None = None
    flags: frozenset[str] = field(default_factory=frozenset)

    def about(self, file: Look | None) -> Evidence:
        if file is None:
            return self.evidence
        seen = FileSeen(
            file.name, file.sha256, file.kind, file.identity, file.classified, file.torn, file.stray
        )
        beside = tuple(f.identity.token for f in self.judged if f is not file and f.identity)
        return replace(self.evidence, file=seen, beside=beside)


def open_file(name: str, data: bytes, place: str = "") -> Seen:
    """A file from a folder, a share or the desk; ``place``: the folders it lay in."""
    looks, flags = look_at([Part(name, data)])
    names = " ".join([place, name, *(f.name for f in looks)])
    return Seen(
        evidence=Evidence(is_mail=False, strong=find_tokens(name)),
        names_in=fold(names),
        files=tuple(looks),
        judged=tuple(_judged(looks)),
        flags=frozenset(flags),
    )


def head_only(data: bytes) -> Seen:
    """What the head alone tells of a mail that cannot be opened: whom it may concern."""
    head = read_head(data)
    return Seen(
        evidence=Evidence(sender=head.sender, strong=_head_tokens(head), self_reply=head.self_reply),
        answered=head.answered,
        message_id=head.message_id,
        names_in=fold(head.subject),
        flags=frozenset({"unreadable_item"}),
    )


def _head_tokens(head: Head) -> tuple[str, ...]:
    plus = [t for r in head.recipients for t in find_tokens(r)]
    return tuple(dict.fromkeys([*plus, *find_tokens(head.subject)]))


def open_mail(data: bytes) -> Seen:
    """A mail. Odd structure gives flags (see ``mail.read_body``), never an error."""
    head = read_head(data)
    bounced = read_bounce(data, head)
    if bounced is not None:
        evidence = Evidence(sender=head.sender, bounce=True)
        return Seen(evidence, answered=bounced.originals, message_id=head.message_id, bounced=bounced)
    body = read_body(data)
    looks, more = look_at(body.files)
    return Seen(
        evidence=_mail_evidence(head, body, looks),
        answered=head.answered,
        message_id=head.message_id,
        names_in=fold(" ".join([head.subject, *body.forwarded, *(f.name for f in looks)])),
        text=clean(body.text[:50_000]),
        files=tuple(looks),
        judged=tuple(_judged(looks)),
        flags=frozenset(body.flags | more),
    )


def _mail_evidence(head: Head, body: Body, looks: list[Look]) -> Evidence:
    named = [t for f in looks for t in f.tokens]
    folded = fold(head.subject + "\n" + body.text[:20_000])
    return Evidence(
        sender=head.sender,
        strong=tuple(dict.fromkeys([*_head_tokens(head), *named])),
        weak=tuple(
            dict.fromkeys([*find_tokens(body.text[:100_000]), *find_tokens(" ".join(body.forwarded))])
        ),
        self_reply=head.self_reply or bool(_MACHINE.search(fold(body.text[:300]))),
        classified=marked(head.subject + "\n") or marked(body.text + "\n"),
        says_difficulty=bool(_DIFFICULTY.search(folded)),
        says_sent=bool(_SENT.search(folded)),
    )


def _judged(looks: list[Look]) -> list[Look]:
    """Every workbook; where some say whose they are, only those, else those that hold the form's
    tables; without any workbook, the best other file."""
    sheets = [f for f in looks if f.spreadsheet]
    identified = [f for f in sheets if f.identity or f.torn]
    marked_ones = [f for f in looks if f.classified]
    if marked_ones:
        return marked_ones
    if sheets:
        return identified or [f for f in sheets if f.form] or sheets
    return sorted(looks, key=lambda f: (f.stray, _RANK.get(f.kind, 4)))[:1]
