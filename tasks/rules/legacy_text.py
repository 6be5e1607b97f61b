"""Text typed in a pre-Unicode Vietnamese font: TCVN3 (.VnTime) and VNI.

Such text arrives as Latin-1 look-alikes: "§¹t" is "Đạt", "chöa coù" is "chưa có". It is
recognised by its syllables: a text is legacy when it holds syllables that Vietnamese cannot
have, and every one of them becomes possible after conversion.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

TONES = "\u0301\u0300\u0309\u0303\u0323"  # sắc huyền hỏi ngã nặng


class Encoding(StrEnum):
    TCVN3 = "tcvn3"
    VNI = "vni"


def _tcvn3() -> dict[int, str]:
    rows = [
        ("a", "¸µ¶·¹"), ("ă", "¾»¼½Æ"), ("â", "ÊÇÈÉË"), ("e", "ÐÌÎÏÑ"), ("ê", "ÕÒÓÔÖ"), ("i", "Ý×ØÜÞ"),
        ("o", "ãßáâä"), ("ô", "èåæçé"), ("ơ", "íêëìî"), ("u", "óïñòô"), ("ư", "øõö÷ù"), ("y", "ýúûüþ"),
    ]  # fmt: skip
    table = {
        ord(code): unicodedata.normalize("NFC", vowel + tone)
        for vowel, codes in rows
        for code, tone in zip(codes, TONES, strict=True)
    }
    plain = zip("¨©ª«¬\u00ad®¡¢£¤¥¦§", "ăâêôơưđĂÂÊÔƠƯĐ", strict=True)
    return table | {ord(code): letter for code, letter in plain}


def _vni() -> list[tuple[str, str]]:
    """VNI pairs, longest first: a base letter, then the mark that stands for hat and tone."""
    plain = dict(zip("ùøûõï", TONES, strict=True))
    circumflex = {"â": "", **dict(zip("áàåãä", TONES, strict=True))}
    breve = {"ê": "", **dict(zip("éèúüë", TONES, strict=True))}
    pairs: dict[str, str] = {}
    for base in "aeouy":
        pairs |= {base + mark: base + tone for mark, tone in plain.items()}
    for base in "aeo":
        pairs |= {base + mark: base + "\u0302" + tone for mark, tone in circumflex.items()}
    pairs |= {"a" + mark: "a\u0306" + tone for mark, tone in breve.items()}
    for code, letter in (("ö", "ư"), ("ô", "ơ")):
        pairs |= {code + mark: letter + tone for mark, tone in plain.items()}
        pairs[code] = letter
    pairs |= {"ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
    pairs |= {code.upper(): letter.upper() for code, letter in pairs.items()}
    pairs |= {code[0].upper() + code[1]: v[0].upper() + v[1:] for code, v in pairs.items() if len(code) == 2}
    return sorted(pairs.items(), key=lambda item: -len(item[0]))


_TCVN3 = _tcvn3()
_VNI = dict(_vni())
_VNI_PATTERN = re.compile("|".join(re.escape(code) for code in _VNI))
_SUSPECT = re.compile("[\u00a1-\u00ff]")
_UNICODE = re.compile("[\u0100-\u024f\u1e00-\u1eff]")  # letters that neither font's text can hold
_ASCII_LETTER = re.compile("[A-Za-z]")

_ONSET = "(?:ngh|ng|gh|gi|kh|nh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
_NUCLEUS = (
    "(?:uyê|uya|uye|oai|oay|oao|oeo|uây|uôi|ươi|ươu|iêu|yêu|uyu|iê|yê|uô|ươ|uâ|uơ|uê|uy|oa|oă|oe|oo|ưa|ia|"
    "ua|ai|ao|au|ay|âu|ây|eo|êu|iu|oi|ôi|ơi|ui|ưi|ưu|[aăâeêioôơuưy])"
)
_CODA = "(?:ch|ng|nh|[cmnpt])?"
_SYLLABLE = re.compile(f"^{_ONSET}{_NUCLEUS}{_CODA}$")
_WORD = re.compile(r"[^\W\d_]+")


def convert(text: str, encoding: Encoding) -> str:
    """``text`` read as ``encoding``, in NFC."""
    if encoding is Encoding.TCVN3:
        return unicodedata.normalize("NFC", text.translate(_TCVN3))
    return unicodedata.normalize("NFC", _VNI_PATTERN.sub(lambda m: _VNI[m[0]], text))


def _is_syllable(word: str) -> bool:
    """Could ``word`` be one Vietnamese syllable, with at most one tone on it?"""
    letters = unicodedata.normalize("NFD", word.lower())
    bare = "".join(c for c in letters if c not in TONES)
    if len(letters) - len(bare) > 1:
        return False
    return _SYLLABLE.match(unicodedata.normalize("NFC", bare)) is not None


def _words(text: str, encoding: Encoding | None) -> list[str]:
    if encoding is None:  # legacy letters such as § or ¸ are no letters to Unicode: cut at spaces
        return [w.strip(".,;:()[]\"'-–/%0123456789") for w in text.split()]
    return _WORD.findall(convert(text, encoding))


def _could_be_legacy(word: str) -> bool:
    if not _SUSPECT.search(word) or not _ASCII_LETTER.search(word) or any("0" <= c <= "9" for c in word):
        return False
    return not _is_syllable(word)


def detect(text: str) -> Encoding | None:
    """Which legacy font ``text`` was typed in; ``None`` where it is (or may be) proper Unicode."""
    if not _SUSPECT.search(text):
        return None
    text = unicodedata.normalize("NFC", text)
    if _UNICODE.search(text):
        return None
    odd = [w for w in _words(text, None) if _could_be_legacy(w)]
    if not odd:
        return None
    for encoding in Encoding:
        words = [w for o in odd for w in _words(o, encoding)]
        marked = [w for w in words if not w.isascii()]
        if marked and all(_is_syllable(w) for w in words):
            return encoding
    return None


def to_unicode(text: str) -> tuple[str, Encoding | None]:
    """``text`` in Unicode and the legacy font it was converted from, if any."""
    encoding = detect(text)
    return (convert(text, encoding), encoding) if encoding else (text, None)
