"""Whoever is forgotten is in no byte of any file of the archive; nobody else is touched, and the ledger still holds."""

from __future__ import annotations

import html
import json
import shutil
import sqlite3
import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from builders import NOON, SPACE, a_run, a_video, a_watched, an_act, an_appearance, fill
from crossid.archive import ArchiveSettings, open_archive, paint, put_report
from crossid.archive import database as database_module
from crossid.archive.trust import forget, verify
from crossid.errors import ArchiveError, RulingError
from crossid.types import Question

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossid.archive.forgetting import Erasure
    from crossid.archive.sqlite import SqliteStore

SETTINGS = ArchiveSettings()
NAME, ALIAS, WHY = "Zoë Quüx-Brånd", "Die Frau mit <Hut> & 'Schal'", "her passport, page 7"
P1, P2, P3 = "P-000001", "P-000002", "P-000003"


def lived(store: SqliteStore) -> None:
    """P-000001 was named twice, merged, told from P-000002, noted, asked about; an appearance was moved away."""
    fill(store)
    video = a_video("day three/clip.mp4")
    seen = [an_appearance(video, start, start + 1, left=20.0 * start, direction=3) for start in (1, 4, 7)]
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, *seen), 1, "settings-a", "run-1")
    store.act(an_act("move", seen=seen[:2]))
    assert {row.person_id for row in store.log() if row.video == video.name} == {P3, ""}
    store.act(an_act("name", P1, name=NAME, source=WHY))
    store.act(an_act("name", P1, name=ALIAS, alias=True))
    store.act(an_act("merge", P1, P3))
    store.act(an_act("reject", P1, P2))
    store.act(an_act("note", P1, why=f"{NAME} was here"))
    store.act(an_act("confirm", P1))
    store.act(an_act("move", P2, seen=seen[1:2]))
    store.act(an_act("not-a-face", seen=seen[:1]))
    store.act(an_act("undo"))
    store.act(an_act("name", P2, name="Somebody Else"))
    store.ask([a_question(P1, P2)], "run-1")


def a_question(*people: str) -> Question:
    return Question(kind="same", people=people, appearances=(), probability=0.5, settles=2, why=f"like {NAME}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which somebody left every trace that one can leave; never changed."""
    folder = tmp_path_factory.mktemp("made") / "archive"
    with_store(folder, lived)
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy with a report, a copy of the database, and what systems and crashes leave, all of it about P-000001."""
    folder = shutil.copytree(made, tmp_path / "archive")
    own = next((folder / "people").glob(f"{P1} *"))
    shutil.copy(folder / "crossid.db", folder / "crossid.db.format-1")
    with_store(folder, lambda store: put_report(store, {"reports/report.html": html.escape(NAME + ALIAS).encode()}))
    shutil.copy(folder / "crossid.db", folder / ".crossid.part")
    shutil.copy(min(own.glob("faces/*")), own / "Thumbs.db")
    with_store(folder, lambda store: store.references(SPACE), painting=False)
    assert (folder / "crossid.vectors").is_file()
    return folder


def with_store(folder: Path, act: Callable[[SqliteStore], object], *, painting: bool = True) -> None:
    store = open_archive(folder, SETTINGS, create=True)
    try:
        act(store)
        if painting:
            paint(store)
    finally:
        store.close()


def asked(folder: Path, question: Callable[[SqliteStore], Any]) -> Any:
    store = open_archive(folder, SETTINGS)
    try:
        return question(store)
    finally:
        store.close()


def gone(folder: Path, **told: bool) -> Erasure:
    return forget(folder, P1, "ann", NOON, SETTINGS, **told)


CELLS = {
    "track": "SELECT id FROM tracks WHERE key IN {theirs}",
    "face": "SELECT id FROM faces WHERE track IN {theirs}",
    "landmarks": "SELECT landmarks FROM faces WHERE track IN {theirs}",
    "picture": "SELECT portrait FROM crops WHERE track IN {theirs}",
    "vector": "SELECT vector FROM embeddings WHERE track IN {theirs}",
    "views": "SELECT views FROM embeddings WHERE track IN {theirs}",
}
SALTS = "SELECT salt FROM acts JOIN act_persons ON act = number WHERE person IN (1, 3)"


def traces(folder: Path) -> dict[str, bytes]:
    """What there is of P-000001 and of nobody else -> bytes that must be nowhere afterwards."""
    database = sqlite3.connect(folder / "crossid.db")
    whose = "person IN (SELECT number FROM persons WHERE number = 1 OR root = 1)"
    own = f"SELECT track FROM memberships WHERE status != 'rejected' AND {whose}"
    found: dict[str, bytes] = {}
    for what, sql in CELLS.items():
        theirs, all_ = (
            {as_bytes(cell) for (cell,) in database.execute(sql.format(theirs=f"({which})"))}
            for which in (own, f"SELECT key FROM tracks WHERE key NOT IN ({own})")
        )
        found |= {f"{what} {number}": cell for number, cell in enumerate(sorted(theirs - all_))}
    found |= {f"salt {number}": salt for number, (salt,) in enumerate(database.execute(SALTS))}
    database.close()
    vectors = [cell for what, cell in found.items() if what.startswith("vector")]
    found |= {f"half {number}": halved(cell) for number, cell in enumerate(vectors)}
    return found | {f"{text!r} {form}": data for text in (NAME, ALIAS, WHY) for form, data in forms(text).items()}


def as_bytes(cell: str | bytes) -> bytes:
    return cell if isinstance(cell, bytes) else cell.encode()


def halved(vector: bytes) -> bytes:
    return np.frombuffer(vector, "<f4").astype("<f2").tobytes()


def forms(text: str) -> dict[str, bytes]:
    """A text in all the ways in which a program may write it."""
    return {
        "composed": text.encode(),
        "decomposed": unicodedata.normalize("NFD", text).encode(),
        "latin": text.encode("latin-1"),
        "wide": text.encode("utf-16-le"),
        "wide, other end": text.encode("utf-16-be"),
        "json": json.dumps(text)[1:-1].encode(),
        "html": html.escape(text).encode(),
        "file name": text.replace("<", "_").replace(">", "_").encode(),
        "first half": text[: len(text) // 2].encode(),
    }


def found_in(folder: Path, needles: dict[str, bytes]) -> dict[str, list[str]]:
    """Trace -> files in whose bytes, or path, it is."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    content = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    where = {
        what: [path for path, data in content.items() if one in data or one in path.encode()]
        for what, one in needles.items()
    }
    return {what: paths for what, paths in where.items() if paths}


def others(folder: Path) -> dict[str, object]:
    """All that is known of everybody else."""

    def look(store: SqliteStore) -> dict[str, object]:
        return {
            "people": [person for person in store.people() if person.id != P1],
            "log": [row for row in store.log() if row.person_id != P1 and row.status != "rejected"],
            "names": store.names().get(P2),
            "runs": store.runs(),
            "coverage": store.coverage(),
            "videos": store.videos(),
            "portraits": [store.portrait(row.face) for row in store.log(P2)],
        }

    pictures = [path for path in (folder / "people").glob(f"{P2}*/**/*.jpg") if path.is_file()]
    return asked(folder, look) | {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in pictures}


# nothing is left ---------------------------------------------------------------------------------


def test_nothing_of_somebody_forgotten_is_in_any_byte_of_any_file(archive):
    needles = traces(archive)
    before = found_in(archive, needles)
    kinds = {what.split()[0] for what in before}
    assert {"track", "face", "landmarks", "picture", "vector", "views", "salt", "half"} <= kinds, "the search can find"
    assert f"{NAME!r} composed" in before
    assert f"{ALIAS!r} html" in before
    erasure = gone(archive)
    assert found_in(archive, needles) == {}
    assert erasure.forgotten.erased == {
        "appearances": 3,
        "tracks": 4,
        "videos": 3,
        "faces": 34,
        "pictures": 8,
        "vectors": 4,
        "names": 2,
        "rulings_of_runs": 3,
        "rulings_of_reviewers": 10,
    }
    assert (erasure.strangers, erasure.still_named) == ((), ())
    assert not list(archive.glob("crossid.db.format-*"))
    assert not (archive / "reports/report.html").exists()
    assert not [path for path in (archive / "people").iterdir() if path.name.startswith((P1, P3))]


def test_nobody_else_is_touched(archive):
    before = others(archive)
    gone(archive)
    assert others(archive) == before


def test_the_archive_verifies_and_the_ledger_holds(archive):
    gone(archive)
    assert asked(archive, lambda store: store.check_ledger()) == []
    assert verify(archive, SETTINGS).differences == ()


def test_ids_resolve_to_somebody_who_was_forgotten_and_are_not_given_again(archive):
    gone(archive)
    assert asked(archive, lambda store: store.forgotten()) == {P1: NOON, P3: NOON}
    assert asked(archive, lambda store: store.log(P1)) == []
    assert asked(archive, lambda store: [store.resolve(P1), P1 in {one.id for one in store.people()}]) == [P1, False]
    with_store(archive, lambda store: store.begin_run(a_run("run-2")))
    ids: list[str] = []
    with_store(archive, lambda store: ids.extend(store.new_person_ids(1, "run-2")))
    assert ids == ["P-000004"]


def test_the_receipt_says_what_and_not_who(archive):
    needles = traces(archive)
    receipt = gone(archive).forgotten
    said = repr(receipt).encode()
    assert (receipt.person_id, receipt.aliases, receipt.by, receipt.at) == (P1, (P3,), "ann", NOON)
    assert not [what for what, one in needles.items() if one in said]
    line = asked(archive, lambda store: store.ledger()[-1])
    assert (line.kind, line.number, line.hash) == ("forget", receipt.ledger_entry, receipt.ledger_hash)


def test_what_concerned_them_is_erased_from_the_ledger_and_what_did_not_stays(archive):
    gone(archive)
    lines = asked(archive, lambda store: store.ledger())
    assert [line.number for line in lines if line.act is not None] == [11, 12]
    assert lines[10].act.name == "Somebody Else"


# before, after, again ----------------------------------------------------------------------------


def test_a_dry_run_counts_the_same_and_changes_nothing(archive):
    (archive / "crossid.vectors").unlink()  # goes with every writer
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and path.name != "crossid.lock"}
    planned = gone(archive, dry_run=True)
    after = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and path.name != "crossid.lock"}
    assert after == before
    assert planned.forgotten.erased == gone(archive).forgotten.erased


def test_forgetting_that_was_cut_short_after_the_database_is_finished_by_doing_it_again(archive):
    needles = traces(archive)
    with_store(archive, lambda store: store.forget(P1, "ann", NOON), painting=False)
    assert found_in(archive, needles)
    assert gone(archive, dry_run=True).forgotten is None
    assert gone(archive).forgotten is None
    assert found_in(archive, needles) == {}
    assert verify(archive, SETTINGS).sound


def test_after_the_footage_is_watched_again_the_same_face_is_somebody_new(archive):
    gone(archive)
    seen = an_appearance(a_video("day one/clip.mp4"), 1, 2, quality=0.7)

    def again(store: SqliteStore) -> None:
        store.keep_span(a_watched(a_video("day one/clip.mp4"), seen), 1, "settings-b", "run-2")
        assert seen.id not in store.memberships()

    with_store(archive, again)
    assert asked(archive, lambda store: store.log(P1)) == []


@pytest.mark.parametrize(
    "act",
    [
        an_act("name", P1, name="X"),
        an_act("merge", P2, P1),
        an_act("merge", P3, P2),
        an_act("note", P1, why="x"),
        an_act("undo", acts=(12,)),
    ],
    ids=lambda act: act.kind,
)
def test_nothing_can_be_said_of_somebody_forgotten_and_it_cannot_be_undone(archive, act):
    gone(archive)
    with pytest.raises(RulingError):
        with_store(archive, lambda store: store.act(act))


def test_undo_without_a_number_takes_no_older_ruling_for_it(archive):
    gone(archive)
    with pytest.raises(RulingError, match="cannot be taken back"):
        with_store(archive, lambda store: store.act(an_act("undo")))


@pytest.mark.parametrize(("kind", "number", "word"), [("redo", 9, "redone"), ("undo", 2, "undone")])
def test_a_ruling_that_was_erased_is_not_taken_back_and_it_is_said_why(archive, kind, number, word):
    gone(archive)
    with pytest.raises(RulingError, match=rf"Ruling {number} .* cannot be {word}: .* erased when {P1} was") as caught:
        with_store(archive, lambda store: store.act(an_act(kind, acts=(number,))))
    assert "crossid log" in caught.value.remedy
    assert asked(archive, lambda store: store.log(P1)) == []
    assert verify(archive, SETTINGS).sound


# what is in the way ------------------------------------------------------------------------------


def test_files_of_somebody_else_stay_without_the_name_over_them_and_are_told_of(archive):
    own = next((archive / "people").glob(f"{P1} *"))
    (own / "my notes.txt").write_text("seen on TV")
    erasure = gone(archive)
    assert erasure.strangers == (f"people/{P1}/my notes.txt",)
    assert (archive / erasure.strangers[0]).read_text() == "seen on TV"
    assert not own.exists()


def test_a_name_that_stands_elsewhere_is_told_of(archive):
    (archive / "minutes.txt").write_text(f"we met {NAME}")
    assert gone(archive).still_named == ("minutes.txt",)


def test_a_link_in_their_folder_is_removed_and_what_it_leads_to_is_left(archive, tmp_path):
    card = next((archive / "people").glob(f"{P1} *")) / "person.json"
    (tmp_path / "outside").write_text("mine")
    card.unlink()
    card.symlink_to(tmp_path / "outside")
    gone(archive)
    assert (tmp_path / "outside").read_text() == "mine"
    assert not card.is_symlink()


def test_while_somebody_reads_on_nothing_is_begun(archive, monkeypatch):
    monkeypatch.setattr(database_module, "WAIT_S", 0.05)
    reader = sqlite3.connect(archive / "crossid.db", isolation_level=None)
    with_store(archive, lambda store: store.new_person_ids(1, "run-2"), painting=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM faces").fetchone()
    with_store(archive, lambda store: store.new_person_ids(1, "run-2"), painting=False)
    with pytest.raises(ArchiveError, match="is reading"):
        gone(archive)
    reader.close()
    assert asked(archive, lambda store: store.forgotten()) == {}


def test_somebody_who_was_never_there_is_nobody_to_forget(archive):
    with pytest.raises(ArchiveError, match="no person"):
        forget(archive, "P-000099", "ann", NOON, SETTINGS)
    with_store(archive, lambda store: store.forget(P1, "ann", NOON))
    with pytest.raises(RulingError, match="forgotten already"):
        with_store(archive, lambda store: store.forget(P3, "ann", NOON))


ERASED = "UPDATE acts SET content = NULL, salt = NULL WHERE number = 11"


def test_words_that_were_erased_for_nobody_are_a_fault(archive):
    with_store(archive, lambda store: store.database.execute(ERASED))
    assert asked(archive, lambda store: store.check_ledger()) == [
        "ruling 11 was erased, and it is about nobody who was forgotten"
    ]
