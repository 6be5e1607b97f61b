"""The unguessable token of an obligation: ``DD-7K2M-9XPA-4T3C``.

Sixty bits in Crockford's base 32 (no I, L, O, U). People retype it, mail programs wrap it,
phones write it in lower case: ``find_tokens`` forgives all that and gives the normal form.
"""

from __future__ import annotations

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
RANDOM_BYTES = 8

_CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−_"), "-")
_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F])
_SEPARATOR = r"[\s>-]{0,4}"  # ">": a token wrapped inside quoted text
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Z])(?=DD((?:{_SEPARATOR}[0-9A-TV-Z]){{{LENGTH}}})(?![0-9A-Z]))"
)


def new_token(random_bytes: bytes) -> str:
    """A token from ``RANDOM_BYTES`` bytes of a cryptographic source; ``ValueError`` for fewer."""
    if len(random_bytes) < RANDOM_BYTES:
        raise ValueError(f"a token needs {RANDOM_BYTES} random bytes, got {len(random_bytes)}")
    number = int.from_bytes(random_bytes[:RANDOM_BYTES], "big") >> 4
    return _shown("".join(ALPHABET[number >> 5 * n & 31] for n in reversed(range(LENGTH))))


def find_tokens(text: str) -> tuple[str, ...]:
    """Every token that ``text`` may carry, in normal form, without repeats, in order.

    Tolerant of case, missing or odd dashes, spaces, line wraps, full-width letters and
    O/0, I/1, L/1. A string that merely looks like a token is returned too: only the
    database knows which ones exist.
    """
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).translate(_DASHES).upper()
    found = (_normal(match.group(1)) for match in _CANDIDATE.finditer(text))
    return tuple(dict.fromkeys(found))


def _normal(body: str) -> str:
    return _shown(re.sub(r"[\s>-]", "", body).translate(_CONFUSED))


def _shown(body: str) -> str:
    return "DD-" + "-".join(body[n : n + 4] for n in range(0, LENGTH, 4))
