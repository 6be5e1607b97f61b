"""Guarantees 4 and 5 with the pure rules: nobody escalated falsely, nobody forgotten."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.oracle.memory import play
from tests.oracle.seeds import PURE
from tests.oracle.verdict import Tally

SHORT, LONG = 300, 10_000


def played(seeds: range) -> Tally:
    tally = Tally()
    for seed in seeds:
        play(seed, tally)
    print(tally)
    return tally


def test_no_history_shows_a_false_or_forgotten_escalation() -> None:
    tally = played(range(SHORT))
    assert (tally.false, tally.unexplained) == ([], [])
    assert tally.histories == SHORT and tally.escalations > SHORT


@pytest.mark.soak
def test_nor_do_ten_thousand() -> None:
    tally = played(range(SHORT, SHORT + LONG))
    assert (tally.false, tally.unexplained) == ([], [])
    assert tally.escalations > LONG


@pytest.mark.parametrize("seed", sorted(PURE))
def test_a_history_that_once_failed(seed: int) -> None:
    tally = played(range(seed, seed + 1))
    assert (tally.false, tally.unexplained) == ([], []), PURE[seed]


# -- the oracle sees what it should: a machine broken on purpose is found out ---------------

Break = Callable[[pytest.MonkeyPatch], None]
LADDER, LOOK, STATUS = "tasks.rules.ladder", "tasks.rules.last_look", "tasks.rules.status"
FACTS, MEMORY = "tasks.rules.facts", "tests.oracle.memory"


def _patched(*changes: tuple[str, object]) -> Break:
    def do(patch: pytest.MonkeyPatch) -> None:
        for name, value in changes:
            patch.setattr(name, value)

    return do


def _nothing(*_: object, **__: object) -> None:
    return None


def _always(*_: object, **__: object) -> bool:
    return True


def _round_limit(facts: object) -> object:
    return facts.round.limit_at  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (_patched((f"{LADDER}.hold_of", _nothing), (f"{LOOK}.hold_of", _nothing)), "undecided"),
        (_patched((f"{LADDER}.promise_hold", _nothing), (f"{LOOK}.promise_hold", _nothing)), "promised"),
        (_patched((f"{STATUS}.effective_limit", _round_limit)), "limit that no longer holds"),
        (_patched((f"{STATUS}.cure_until", _nothing)), "in cure"),
        (_patched((f"{LADDER}.Standing.told", _always)), "never told"),
        (_patched((f"{LADDER}.Standing.time_for", _always)), "gap too small"),
        (_patched((f"{LADDER}.Standing.time_for", _always)), "too early"),
        (_patched((f"{LADDER}.Standing.climbed", lambda self: (1, None))), "jumped"),
        (_patched((f"{LOOK}._approval", lambda *_: "")), "fresh approval"),
        (_patched((f"{LOOK}.no_longer_owed", _nothing), (f"{MEMORY}.no_longer_owed", _nothing)), "although accepted"),
        (_patched((f"{MEMORY}.chasing_allowed", _always)), "outside the working day"),
        (_patched((f"{LADDER}.Standing.due_reminders", lambda self: ["reminder-7"])), "newest reminder"),
        (_patched((f"{LADDER}.Standing.after_limit", lambda self: self.nothing())), "nothing shown"),
        (_patched((f"{LADDER}.Standing.told", lambda self: False)), "nothing shown"),
        (_patched((f"{FACTS}.Revocable.stands", _always)), "nothing shown"),
        (_patched((f"{FACTS}.Revocable.stands", lambda self, now: self.revoked_at is None)), "although"),
        (_patched((f"{LADDER}.Standing._owes_again", lambda self: [])), "too early"),
        (_patched((f"{LADDER}.Standing._decision", lambda self, rung, p: p)), "nothing shown"),
    ],
)  # fmt: skip
def test_a_broken_machine_is_found_out(monkeypatch: pytest.MonkeyPatch, broken: Break, finding: str) -> None:
    broken(monkeypatch)
    tally = Tally()
    for seed in range(200):
        play(seed, tally)
        if any(finding in line for line in tally.false + tally.unexplained):
            return
    pytest.fail(f"200 histories and never {finding!r}: {tally}")
