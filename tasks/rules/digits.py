"""Digits with separators, as Vietnamese clerks and English Excels write them.

In Vietnamese "1.234,5" is one thousand and a half more; in English it is "1,234.5". Where both
readings are possible the answer is *ambiguous*: asking costs one mail, guessing costs trust.
"""

from __future__ import annotations

import re

OK, DOT, AMBIGUOUS = "ok", "dot_decimal", "ambiguous"

_PLAIN = re.compile(r"\d+$")
_VI_DECIMAL = re.compile(r"(\d+),(\d+)$")
_EN_DECIMAL = re.compile(r"(\d+)\.(\d+)$")
_VI_FULL = re.compile(r"\d{1,3}((?:\.\d{3})+),(\d+)$")
_EN_FULL = re.compile(r"\d{1,3}((?:,\d{3})+)\.(\d+)$")
_VI_GROUPS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+$")
_EN_GROUPS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+$")
_DANGLING = re.compile(r"\d+[.,]$")
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+([.,]\d+)?$")


def parse(token: str, *, count: bool) -> tuple[float | None, str]:
    """Value and flag (``ok``, ``dot_decimal``, ``ambiguous``) of a digit token without sign or unit.

    ``count``: the indicator counts things (persons, records), so a group of three digits is a
    thousand and not a fraction.
    """
    if _PLAIN.match(token):
        return float(token), OK
    if _SPACED.match(token):
        return _spaced(token)
    if _VI_FULL.match(token):
        return float(token.replace(".", "").replace(",", ".")), OK
    if _EN_FULL.match(token):
        return float(token.replace(",", "")), DOT
    groups = _grouped(token, count=count)
    if groups is not None:
        return groups
    if match := _VI_DECIMAL.match(token):
        return float(f"{match[1]}.{match[2]}"), OK
    if _EN_DECIMAL.match(token):
        return float(token), DOT
    if _DANGLING.match(token):
        return float(token[:-1]), AMBIGUOUS
    return None, AMBIGUOUS


def _spaced(token: str) -> tuple[float | None, str]:
    flag = DOT if "." in token else OK
    return float(token.replace(" ", "").replace(",", ".")), flag


def _grouped(token: str, *, count: bool) -> tuple[float | None, str] | None:
    """Groups of three digits after one kind of separator; one group alone may be a fraction."""
    for pattern, separator, flag in ((_VI_GROUPS, ".", OK), (_EN_GROUPS, ",", DOT)):
        if pattern.match(token):
            if token.count(separator) > 1 or count:
                return float(token.replace(separator, "")), flag
            return None, AMBIGUOUS
    return None


def plain(value: float) -> str:
    """The shortest text of a stored number: 17.5, 1234567, 1e+20."""
    if value == int(value) if abs(value) < 1e15 else False:
        return str(int(value))
    return repr(value)


def vietnamese(value: float) -> str:
    """A number for a Vietnamese reader: 1.234,5."""
    text = f"{value:,.6f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:,.0f}"
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")
