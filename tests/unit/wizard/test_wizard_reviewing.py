"""What was said a moment ago is not asked about again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from builders import fill
from crossid.archive.sqlite import SqliteStore
from crossid.pipeline.auditing import Doubt
from crossid.settings import Settings
from crossid.types import Question
from crossid.wizard import reviewing
from crossid.wizard.console import results

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MIXED = Question(
    kind="mixed", people=("P-000001",), appearances=("a",), probability=0.65, settles=1, why="two halves at odds"
)


def test_of_two_who_were_just_said_to_be_one_nobody_asks_whether_they_are_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore.open(tmp_path, create=True)
    fill(store)
    store.close()
    others = [replace(MIXED, people=("P-000002",)), replace(MIXED, kind="member")]
    found = [Doubt(question=one, worth=1.0, faces=("", "")) for one in (MIXED, *others)]
    monkeypatch.setattr(reviewing, "doubts", lambda *_: found)
    talk = reviewing.Review(tmp_path, Settings(), results())
    assert [one.question for one in talk.open()] == [MIXED, *others]
    talk.joined.add("P-000001")
    assert [one.question for one in talk.open()] == others
