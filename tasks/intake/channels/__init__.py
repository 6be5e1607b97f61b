"""Where things arrive. Each channel yields what it finds; a failure is a ``ChannelError``.

The error may come in the middle: what was yielded before it is kept, the reading is recorded
as not complete, and the other channels are read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from tasks.intake.arrival import Times

# Beginnings of names that programs leave beside a file somebody has open, or in every folder.
LITTER = ("~$", "._", ".~lock", ".DS_Store", ".nfs", ".sync", "Thumbs.db", "desktop.ini")


class ChannelError(RuntimeError):
    """A channel could not be read to its end; the message is Vietnamese and holds no secret."""


class NotGiven(ChannelError):
    """The server is there but does not give this one thing; others may still be read."""


@dataclass(frozen=True)
class Found:
    """One item as the channel gave it."""

    reference: str  # identity inside the channel, at most 500 characters
    kind: str  # mail, file
    data: bytes
    times: Times
    name: str = ""  # of a file
    place: str = ""  # of a file: folders and name
    flag: str = ""  # too_large: ``data`` is only its beginning


Seen = Callable[[str], bool]  # is this reference stored already?


class Channel(Protocol):
    name: str
    settles: bool  # does ``settle`` do anything?
    validator: str  # after ``read``: what tells next time that nothing changed; kept if it was complete

    def read(self, seen: Seen) -> Iterator[Found]:
        """Everything that is there and not ``seen``; raises ``ChannelError``."""
        ...

    def settle(self, outcomes: dict[str, str]) -> None:
        """After the transaction: file away what was stored (reference → outcome)."""
        ...
