"""Numbers written out in Vietnamese words: "bảy mươi lăm" is 75."""

from __future__ import annotations

_UNITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5, "nhăm": 5,
    "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_SCALES = {"nghìn": 1_000, "ngàn": 1_000, "triệu": 1_000_000, "tỷ": 1_000_000_000, "tỉ": 1_000_000_000}
_LINKS = {"linh", "lẻ"}


def parse_words(text: str) -> float | None:
    """Value of ``text`` if every word of it belongs to a written-out number, else ``None``.

    ``text`` is NFC and lower case. A lone "không" is no number: it may mean "none" or "no".
    """
    words = text.split()
    if not words or words == ["không"]:
        return None
    total, group = 0, 0
    pending: int | None = None
    for word in words:
        if word in _UNITS:
            if pending is not None:
                return None
            pending = _UNITS[word]
        elif word in ("mười", "mươi"):
            group, pending = group + 10 * (1 if pending is None else pending), None
        elif word == "trăm":
            group, pending = group + 100 * (1 if pending is None else pending), None
        elif word in _SCALES:
            total, group, pending = total + (group + (pending or 0)) * _SCALES[word], 0, None
        elif word not in _LINKS:
            return None
    return float(total + group + (pending or 0))
