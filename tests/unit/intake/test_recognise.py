"""Whose answer is it? Every sign must agree; the sender's address alone never suffices."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.plan import ZONE
from tasks.forms.types import Identity, Kind
from tasks.intake.outcome import UNDECIDED, Outcome
from tasks.intake.recognise import Context, Evidence, FileSeen, Known, recognise

Q2 = datetime(2026, 6, 25, tzinfo=ZONE)
Q3 = datetime(2026, 9, 25, tzinfo=ZONE)
A2 = Known(1, "2026", "2026-q2", "A", "TA2", Q2, frozenset({"seen"}))
A3 = Known(2, "2026", "2026-q3", "A", "TA3", Q3)
B3 = Known(3, "2026", "2026-q3", "B", "TB3", Q3)
A2_DONE = replace(A2, settled=True)
KNOWN = {k.token: k for k in (A2, A3, B3)}


def book(known: Known | None = None, sha256: str = "new", **changes: str) -> FileSeen:
    identity = Identity(known.plan, known.round, known.unit, known.token, "quarterly") if known else None
    if identity and changes:
        identity = replace(identity, **changes)
    return FileSeen("bc.xlsx", sha256, Kind.WORKBOOK, identity)


PDF = FileSeen("bc.pdf", "new", Kind.PDF)
LOGO = FileSeen("logo.png", "logo", Kind.IMAGE)
NOTE = FileSeen("ATT00001.txt", "note", Kind.CSV, stray=True)
FROM_A = Context(KNOWN, sender_units=frozenset({"A"}), owing=frozenset({"A"}))
STRANGER = Context(KNOWN)
S, D, X, C, U, R = (Outcome.SUBMISSION, Outcome.DUPLICATE, Outcome.CONTRADICTION, Outcome.CLAIM, Outcome.UNKNOWN,
                    Outcome.REJECTED)  # fmt: skip

CASES: list[tuple[str, Evidence, Context, Outcome, int | None]] = [
    ("token and its own workbook", Evidence("a@x", strong=("TA3",), file=book(A3)), FROM_A, S, 2),
    ("workbook alone", Evidence("a@x", file=book(A3)), FROM_A, S, 2),
    ("token and a rebuilt workbook", Evidence("a@x", strong=("TA3",), file=book()), FROM_A, S, 2),
    ("token and a PDF", Evidence("a@x", strong=("TA3",), file=PDF), FROM_A, S, 2),
    ("token only in the quoted text", Evidence("a@x", weak=("TA3",), file=PDF), FROM_A, S, 2),
    ("file in the folder by its workbook", Evidence(is_mail=False, file=book(B3)), STRANGER, S, 3),
    ("unregistered sender counts", Evidence("z@y", strong=("TA3",), file=book(A3)), STRANGER, S, 2),
    ("old thread, new form", Evidence("a@x", strong=("TA2",), file=book(A3)), FROM_A, S, 2),
    ("form picks among several rounds", Evidence("a@x", weak=("TA2", "TA3"), file=book(A3)), FROM_A, S, 2),
    ("the same bytes again", Evidence("a@x", strong=("TA2",), file=book(A2, "seen")), FROM_A, D, 1),
    ("last quarter's form, accepted then", Evidence("a@x", strong=("TA3",), file=book(A2)),
     replace(FROM_A, by_token=KNOWN | {"TA2": A2_DONE}), R, 2),
    ("last quarter's form that was sent before", Evidence("a@x", strong=("TA3",), file=book(A2, "seen")), FROM_A, R, 2),
    ("last quarter's form, still owed", Evidence("a@x", strong=("TA3",), file=book(A2)), FROM_A, X, 2),
    ("last quarter's form beside this one's", Evidence("a@x", strong=("TA3",), file=book(A2), beside=("TA3",)),
     FROM_A, S, 1),
    ("last quarter's bytes without identity", Evidence("a@x", strong=("TA3",), file=book(None, "seen")),
     replace(FROM_A, same_bytes=(A2,)), R, 2),
    ("another unit's bytes", Evidence("a@x", strong=("TA3",), file=book(None, "b")),
     replace(FROM_A, same_bytes=(B3,)), X, None),
    ("another unit's form", Evidence("a@x", strong=("TA3",), file=book(B3)), FROM_A, X, None),
    ("another unit's token", Evidence("a@x", strong=("TB3",), file=PDF), FROM_A, X, None),
    ("another unit's form alone", Evidence("a@x", file=book(B3)), FROM_A, X, None),
    ("another unit's token, no file", Evidence("a@x", strong=("TB3",)), FROM_A, X, None),
    ("tokens of two units", Evidence("z@y", strong=("TA3", "TB3"), file=PDF), STRANGER, X, None),
    ("forged token in the form", Evidence("a@x", strong=("TA3",), file=book(A3, token="TB3")), FROM_A, X, None),
    ("form says another unit than its token", Evidence("z@y", file=book(A3, unit="B")), STRANGER, X, None),
    ("two identities in one form", Evidence("a@x", strong=("TA3",), file=replace(book(), torn=("A", "B"))), FROM_A, X, None),
    ("a form whose token we never gave", Evidence("z@y", file=book(A3, token="T??")), STRANGER, U, None),
    ("PDF and two rounds", Evidence("a@x", weak=("TA2", "TA3"), file=PDF), FROM_A, U, None),
    ("token without file", Evidence("a@x", strong=("TA3",)), FROM_A, C, 2),
    ("token and a mail program's note", Evidence("a@x", strong=("TA3",), file=NOTE), FROM_A, C, 2),
    ("token and a logo", Evidence("a@x", strong=("TA3",), file=LOGO), FROM_A, C, 2),
    ("address alone with a form", Evidence("a@x", file=book()), FROM_A, U, None),
    ("address alone with a PDF", Evidence("a@x", file=PDF), FROM_A, U, None),
    ("unknown token", Evidence("a@x", strong=("T?",), file=PDF), FROM_A, U, None),
    ("stranger", Evidence("z@y"), STRANGER, U, None),
    ("difficulties", Evidence("a@x", says_difficulty=True), replace(FROM_A, owing=frozenset()), Outcome.DIFFICULTY, None),
    ("difficulties with a PDF outside rounds", Evidence("a@x", says_difficulty=True, file=PDF),
     replace(FROM_A, owing=frozenset()), Outcome.DIFFICULTY, None),
    ("difficulties with a PDF while owing", Evidence("a@x", says_difficulty=True, file=PDF), FROM_A, U, None),
    ("difficulties, and already sent", Evidence("a@x", says_difficulty=True, says_sent=True), FROM_A, U, None),
    ("difficulties with a workbook", Evidence("a@x", says_difficulty=True, file=book()),
     replace(FROM_A, owing=frozenset()), U, None),
    ("difficulties of a stranger", Evidence("z@y", says_difficulty=True), STRANGER, U, None),
    ("secret file", Evidence("a@x", strong=("TA3",), file=replace(book(A3), classified=True)), FROM_A,
     Outcome.CLASSIFIED, 2),
    ("auto-reply with a token", Evidence("a@x", strong=("TA3",), self_reply=True), FROM_A, Outcome.AUTO_REPLY, None),
    ("auto-reply with a form", Evidence("a@x", strong=("TA3",), self_reply=True, file=book(A3)), FROM_A, U, None),
    ("our own mail come back", Evidence("a@x", strong=("TA3",), own=True), FROM_A, Outcome.IRRELEVANT, None),
    ("bounce", Evidence("m@x", bounce=True), STRANGER, Outcome.BOUNCE, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "context", "outcome", "obligation"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_recognition(evidence: Evidence, context: Context, outcome: Outcome, obligation: int | None) -> None:
    found = recognise(evidence, context)
    assert (found.outcome, found.obligation_id) == (outcome, obligation)


@pytest.mark.parametrize(("evidence", "context"), [c[1:3] for c in CASES], ids=[c[0] for c in CASES])
def test_an_undecided_item_holds_every_unit_whose_sign_it_carries(
    evidence: Evidence, context: Context
) -> None:
    found = recognise(evidence, context)
    if found.outcome in UNDECIDED:
        carried = {
            KNOWN[t].unit for t in (*evidence.strong, *evidence.weak) if t in KNOWN
        } | context.sender_units
        if evidence.file and evidence.file.identity:
            carried.add(evidence.file.identity.unit)
        assert carried <= set(found.hints)


def test_a_stranger_holds_nobody() -> None:
    assert recognise(Evidence("z@y"), STRANGER).hints == ()


def test_an_unregistered_sender_is_flagged_and_a_file_from_the_folder_is_not() -> None:
    assert recognise(CASES[6][1], STRANGER).flags == ("unregistered_sender",)
    assert recognise(CASES[5][1], STRANGER).flags == ()


def test_a_later_round_never_counts_as_an_earlier_one() -> None:
    assert A2.limit + timedelta(days=1) < A3.limit
    assert recognise(Evidence("a@x", strong=("TA2",), file=book(A3)), FROM_A).outcome is Outcome.SUBMISSION


def test_a_claim_holds_its_own_unit_and_not_those_its_text_names() -> None:
    found = recognise(Evidence("a@x", strong=("TA3",)), replace(FROM_A, named=frozenset({"B"})))
    assert (found.outcome, found.hints) == (Outcome.CLAIM, ("A",))
