"""What an arriving item was taken for."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    SUBMISSION = "submission"  # one obligation's answer
    DUPLICATE = "duplicate"  # the same bytes again for the same obligation
    CLAIM = "claim"  # a token but no file: "we sent it by the document system" (ruling 12)
    CONTRADICTION = "contradiction"  # its marks name different units: a person decides
    UNKNOWN = "unknown"  # nothing in it proves whose it is: a person decides
    REJECTED = "rejected"  # an earlier round's file: decided, answered, not credited
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    DIFFICULTY = "difficulty"  # "khó khăn, vướng mắc", accepted at any time (ruling 2)
    IRRELEVANT = "irrelevant"  # set aside by a person, or our own mail come back
    CLASSIFIED = "classified"  # carries a secrecy marking: set apart (ruling 20)


UNDECIDED = frozenset({Outcome.CLAIM, Outcome.CONTRADICTION, Outcome.UNKNOWN, Outcome.CLASSIFIED})

LABELS = {
    Outcome.SUBMISSION: "Bản gửi",
    Outcome.DUPLICATE: "Trùng với tệp đã nhận",
    Outcome.CLAIM: "Có mã nhận dạng, chưa có tệp đọc được",
    Outcome.CONTRADICTION: "Dấu hiệu nhận dạng mâu thuẫn",
    Outcome.UNKNOWN: "Chưa nhận diện được",
    Outcome.REJECTED: "Tệp của đợt trước",
    Outcome.AUTO_REPLY: "Thư trả lời tự động",
    Outcome.BOUNCE: "Thư báo không gửi được",
    Outcome.DIFFICULTY: "Phản ánh khó khăn, vướng mắc",
    Outcome.IRRELEVANT: "Không liên quan",
    Outcome.CLASSIFIED: "Có dấu chỉ độ mật, để riêng",
}
