"""Text in TCVN3 and VNI fonts is recognised and converted; Unicode is left alone."""

from __future__ import annotations

import pytest

from tasks.rules.legacy_text import _TCVN3, _VNI, Encoding, convert, detect, to_unicode

PROPER = [
    "Đã ban hành 02 văn bản chỉ đạo", "không có", "hoá đơn", "quá hạn", "thuỷ sản", "Nguyễn Huệ", "khuỷu tay", "gì",
    "§ 12", "5×7 m²", "«ước»", "½", "Café", "70%", "", "–", "±5", "© 2026", "Nghị quyết số 57-NQ/TW", "à", "à á",
]  # fmt: skip
SENTENCES = [
    "Đã ban hành kế hoạch; tổ chức một cuộc họp rà soát tiến độ, phân công rõ trách nhiệm.",
    "Chưa có số liệu của cơ quan thống kê nên đề nghị cho phép gửi sau.",
    "Khó khăn: thiếu cán bộ chuyên trách về công nghệ thông tin ở cấp xã, phường.",
    "Nguyên nhân chủ quan; giải quyết hồ sơ quá hạn; thuỷ lợi, ngoại ngữ, khuyến khích, quyển vở, được, ưỡn.",
]


def to_legacy(text: str, encoding: Encoding) -> str:
    """The reverse of ``convert``, for tests."""
    if encoding is Encoding.TCVN3:
        back = {v: chr(k) for k, v in _TCVN3.items()}
        return "".join(back.get(c, back.get(c.lower(), c) if not c.isascii() else c) for c in text)
    import unicodedata

    pairs: dict[str, str] = {}
    for code, letters in _VNI.items():
        pairs.setdefault(unicodedata.normalize("NFC", letters), code)
    return "".join(pairs.get(c, c) for c in text)


@pytest.mark.parametrize("text", PROPER)
def test_unicode_text_is_never_converted(text: str) -> None:
    assert to_unicode(text) == (text, None)


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_in_a_legacy_font_comes_back_whole(sentence: str, encoding: Encoding) -> None:
    legacy = to_legacy(sentence, encoding)
    assert legacy != sentence
    assert detect(legacy) is encoding
    assert convert(legacy, encoding).lower() == sentence.lower()


@pytest.mark.parametrize(
    ("legacy", "proper"),
    [("§¹t", "Đạt"), ("§ang thùc hiÖn", "Đang thực hiện"), ("chöa coù soá lieäu", "chưa có số liệu"),
     ("Quyeát ñònh", "Quyết định"), ("ÑAÏT", "ĐẠT")],
)  # fmt: skip
def test_known_examples(legacy: str, proper: str) -> None:
    assert to_unicode(legacy)[0] == proper
