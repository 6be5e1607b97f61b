"""Seeds that once showed a fault, in the rules as they were then; each is played for ever."""

from __future__ import annotations

PURE: dict[int, str] = {
    0: "a letter to the head left on an approval more than one working day old",
    49: "after a silent week an old reminder left although a newer one was due",
    278: "the head's letter bounced while the member's was in the out-tray: a rung was jumped",
}
WHOLE: dict[int, str] = {}  # through the database; none so far
