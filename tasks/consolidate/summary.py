"""The few sentences that go into the mail and the run's artifact."""

from __future__ import annotations

from tasks.rules.status import State

from .assignments import Progress
from .digest import Digest
from .narrative import sent_sentence
from .results import verdicts_text
from .submission import in_state
from .words import listed, two


def summary(d: Digest) -> list[str]:
    """Two to five sentences, the most important first."""
    sentences = [sent_sentence(d)]
    missing = in_state(d.data, State.OVERDUE, State.INCOMPLETE)
    if len(missing):
        names = missing["name"].tolist()
        sentences.append(f"Quá hạn chưa gửi hoặc gửi chưa đầy đủ: {listed(names, 15)}.")
    if d.quarterly:
        s = d.states
        sentences.append(f"Trong {two(len(d.statements))} chỉ tiêu định lượng: {verdicts_text(d)}.")
        sentences.append(
            f"Trong {two(len(d.items))} nhiệm vụ: đã hoàn thành "
            f"{two(s[Progress.DONE] + s[Progress.DONE_LATE])}, "
            f"đang thực hiện {two(s[Progress.GOING])}, quá hạn chưa hoàn thành {two(s[Progress.OVERDUE])}."
        )
    if len(d.data.extensions) or len(d.data.exemptions):
        sentences.append(
            f"Gia hạn {two(d.data.extensions['unit'].nunique())} đơn vị, "
            f"miễn báo cáo {two(d.data.exemptions['unit'].nunique())} đơn vị."
        )
    return sentences
