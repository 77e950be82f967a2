"""What copies of footage show once more counts once, in every log and count."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import a_membership, a_run, a_video, a_watched, an_appearance
from crossid.archive import ArchiveSettings, Store, open_archive, paint
from crossid.archive.copying import sources
from crossid.cli import app
from crossid.types import Copy, Print
from crossid.wizard.roster import roster

ONE, TWO, THREE = (a_video(name, recorded_at=None, clock="none") for name in ("a.mp4", "b.mp4", "c.mp4"))
PRINTS = tuple(Print(at_s=at / 4, bits=bytes([at] * 32)) for at in range(8))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """One person at 2 to 4 s of `a` and 6 to 8 s of it; at 0 to 2 s of `b`; at 2 to 4 s of `c`."""
    kept = open_archive(tmp_path / "kept", ArchiveSettings(), write=True, create=True)
    seen = [an_appearance(ONE, 2, 4), an_appearance(ONE, 7, 9), an_appearance(TWO, 0, 2), an_appearance(THREE, 2, 4)]
    kept.begin_run(a_run())
    for video in (ONE, TWO, THREE):
        kept.add_video(video, 1, "run-1")
        mine = (one for one in seen if one.video == video.id)
        kept.keep_span(a_watched(video, *mine, prints=PRINTS), 1, "digest", "run-1")
    (person,) = kept.new_person_ids(1, "run-1")
    kept.rule([], [a_membership(one, person) for one in seen])
    yield kept
    kept.close()


def copy(video: str, other: str, offset_s: float = 0.0, start_s: float = 0.0, end_s: float = 10.0) -> Copy:
    first, second = sorted((video, other))
    return Copy(
        video=first, other=second, offset_s=offset_s if first == video else -offset_s, start_s=start_s, end_s=end_s
    )


def test_hashes_are_kept_with_their_span_and_compared_once(store: Store) -> None:
    assert store.prints() == {video.id: list(PRINTS) for video in (ONE, TWO, THREE)}
    assert store.uncompared() == sorted((ONE.id, TWO.id, THREE.id))
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id)])
    assert store.uncompared() == []
    store.drop_spans(ONE.id)
    assert ONE.id not in store.prints()
    assert store.copies() == []


def test_a_video_that_is_watched_anew_is_compared_anew(store: Store) -> None:
    store.keep_copies(store.uncompared(), [])
    store.keep_span(a_watched(ONE, prints=PRINTS), 1, "other settings", "run-1")
    assert store.uncompared() == [ONE.id]


def test_without_copies_every_sighting_is_its_own_source(store: Store) -> None:
    assert [row.source_id for row in store.log()] == [row.appearance_id for row in store.log()]
    assert roster(store)[0].appearances == 4


def test_one_sighting_in_a_video_and_its_trimmed_copy_counts_once(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0)])
    first, later, again, other = store.log()
    assert again.source_id == first.source_id == first.appearance_id
    assert (later.source_id, other.source_id) == (later.appearance_id, other.appearance_id)
    (line,) = roster(store)
    assert (line.appearances, len(line.videos)) == (3, 3)


def test_what_lies_outside_of_what_the_two_share_stays_apart(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, THREE.id, end_s=2.5)])
    assert len({row.source_id for row in store.log()}) == 4


def test_copies_of_copies_have_one_source(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0), copy(TWO.id, THREE.id, offset_s=-2.0)])
    first, later, again, other = store.log()
    assert {first.source_id, again.source_id, other.source_id} == {first.appearance_id}
    assert later.source_id == later.appearance_id


def test_what_a_reviewer_rejected_is_no_sighting_at_all(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0)])
    rows = store.log()
    assert sources(rows, store.copies()) == {rows[2].appearance_id: rows[0].appearance_id}
    assert sources([replace(rows[0], status="rejected"), *rows[1:]], store.copies()) == {}


def test_a_part_of_the_log_says_what_the_whole_says(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0)])
    whole = {row.appearance_id: row.source_id for row in store.log()}
    assert len(set(whole.values())) == 3
    for some in (store.log("P-000001"), store.log(videos=[TWO.id]), store.log(videos=[ONE.id])):
        assert some
        assert all(row.source_id == whole[row.appearance_id] for row in some)


def test_the_log_says_so_in_its_last_column(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0)])
    paint(store)
    with (store.folder / "people/P-000001/appearances.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[-1] == "source_id"
    assert rows[2]["source_id"] == rows[0]["appearance_id"]
    typed = json.loads((store.folder / "people/P-000001/appearances.json").read_text(encoding="utf-8"))
    assert [row["source_id"] for row in typed] == [row["source_id"] for row in rows]


def test_everybody_who_counts_sightings_counts_them_once(store: Store) -> None:
    store.keep_copies(store.uncompared(), [copy(ONE.id, TWO.id, offset_s=2.0)])
    paint(store)
    card = json.loads((store.folder / "people/P-000001/person.json").read_text(encoding="utf-8"))
    assert (card["appearances"], len(card["videos"])) == (3, 3)
    shown = CliRunner().invoke(app, ["show", "P-000001", "--archive", str(store.folder)]).stdout
    assert "3 appearances in 3 videos" in shown
