"""Who is who does not depend on the order in which footage came, nor on how it was portioned out."""

import json
import zlib
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import NOON, a_run, a_video, a_watched, an_appearance
from crossid.archive import ArchiveSettings, Store, open_archive, paint
from crossid.archive.neighbourhood import NEIGHBOURS
from crossid.archive.trust import forget, repair, verify
from crossid.people import PeopleSettings
from crossid.people.exhaustive import Comparison
from crossid.pipeline import gather as gathering
from crossid.pipeline.gather import gather
from crossid.settings import Settings
from crossid.types import Appearance, Diff, Embedding, Space, Watched

WIDE = Space(name="wide", dimensions=32, fingerprint="0" * 16)
CALIBRATION = {
    "pivot": 0.35,
    "cosine": 14.0,
    "cosine_quality": 8.0,
    "quality": 0.0,
    "bias": 0.0,
    "member_slope": 1.0,
    "member_bias": -2.0,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    file = tmp_path / "wide.json"
    file.write_text(json.dumps({"space": "wide", "calibration": CALIBRATION}))
    return Settings(people=PeopleSettings(calibrations=(("wide", str(file)),)))


def footage(videos: int = 14, people: int = 12) -> list[Watched]:
    """Videos of people who overlap: some appearances lie between two people, as poor pictures do."""
    dice = np.random.default_rng(3)
    centres = dice.normal(0, 1, (people, WIDE.dimensions))
    watched = []
    for number in range(videos):
        video = a_video(f"clip {number}.mp4")
        cast = dice.choice(people, 3, replace=False)
        seen = [
            described(an_appearance(video, 2.0 * place, 2.0 * place + 1), centres[who] + dice.normal(0, 0.65, 32))
            for place, who in enumerate(cast)
        ]
        watched.append(a_watched(video, *seen))
    return watched


def described(appearance: Appearance, vector: np.ndarray) -> Appearance:
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    embedding = Embedding(space=WIDE, vector=unit, views=unit[None], weights=np.ones(1, np.float32))
    return replace(appearance, embeddings=(embedding,))


def kept(store: Store, portion: list[Watched], settings: Settings, number: int) -> Diff:
    """One run: these videos, and who is who in all that there is."""
    run = a_run(f"run-{number}", spaces=(WIDE,))
    store.begin_run(run)
    for watched in portion:
        store.add_video(watched.span.video, 0, run.id)
        store.keep_span(watched, 1, "digest", run.id)
    return gather(store, settings, run.id)


def people(store: Store) -> set[frozenset[str]]:
    groups = defaultdict(set)
    for row in store.memberships().values():
        groups[row.person or row.appearance].add(row.appearance)
    return {frozenset(group) for group in groups.values()}


def test_twenty_orders_of_ingest_end_in_the_same_people(tmp_path: Path, settings: Settings) -> None:
    watched, found = footage(), set()
    dice = np.random.default_rng(8)
    for attempt in range(21):
        order = dice.permutation(len(watched)) if attempt else np.arange(len(watched))
        cuts = np.sort(dice.choice(len(watched), dice.integers(0, 4), replace=False)) if attempt else []
        with closing(open_archive(tmp_path / f"archive {attempt}", ArchiveSettings(), create=True)) as store:
            for number, portion in enumerate(np.split(order, cuts)):
                kept(store, [watched[place] for place in portion], settings, number)
            found.add(frozenset(people(store)))
    assert len(found) == 1
    assert 8 <= len(next(iter(found))) <= 30  # neither all one nor all apart


def test_an_id_that_was_given_once_resolves_for_ever(tmp_path: Path, settings: Settings) -> None:
    given: set[str] = set()
    with closing(open_archive(tmp_path / "archive", ArchiveSettings(), create=True)) as store:
        for number, watched in enumerate(footage()):
            kept(store, [watched], settings, number)
            alive = {person.id for person in store.people()}
            assert {store.resolve(one) for one in given} <= alive
            given |= alive
    assert len(given) > len(alive)  # some people did turn out to be one


def test_a_run_that_crosses_a_decade_of_size_says_so_in_its_diff(tmp_path: Path, settings: Settings) -> None:
    watched = footage(videos=40)  # three appearances each: the 34th video is beyond the first hundred
    with closing(open_archive(tmp_path / "archive", ArchiveSettings(), create=True)) as store:
        bars = [
            kept(store, watched[start:end], settings, start).bar
            for start, end in ((0, 20), (20, 33), (33, 34), (34, 40))
        ]
    assert bars == [None, None, (5.5, 4.5), None]


def test_the_bar_of_the_last_run_is_the_one_that_was_kept(tmp_path: Path, settings: Settings) -> None:
    """Footage that is watched anew is not judged meanwhile, and makes the archive no smaller."""
    watched = footage(videos=4)
    with closing(open_archive(tmp_path / "archive", ArchiveSettings(), create=True)) as store:
        diff = kept(store, watched[:3], settings, 0)
        store.end_run("run-0", diff, [], {"operating_point": {"evidence": 5.0}})
        assert kept(store, watched[3:], settings, 1).bar == (5.0, 5.5)


class TestNeighbours:
    """Who is near whom is kept between runs, and what a run finds does not depend on it."""

    @pytest.fixture(autouse=True)
    def kept_from_the_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gathering, "WORTH_KEEPING", 0)

    def runs(self, folder: Path, settings: Settings, *portions: list[Watched]) -> Path:
        with closing(open_archive(folder, ArchiveSettings(), create=True)) as store:
            for number, portion in enumerate(portions):
                kept(store, portion, settings, number)
            paint(store)
        return folder / NEIGHBOURS

    def test_what_is_kept_is_that_of_one_run(self, tmp_path: Path, settings: Settings) -> None:
        seen = footage()
        at_once = self.runs(tmp_path / "one", settings, seen).read_bytes()
        portioned = self.runs(tmp_path / "many", settings, seen[3:7], seen[7:], seen[:3]).read_bytes()
        assert portioned == at_once

    def test_only_what_is_new_is_compared_with_all(
        self, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        met = list[tuple[int, int]]()
        monkeypatch.setattr(Comparison, "with_others", lambda _, some, others: met.append((len(some), len(others))))
        self.runs(tmp_path / "archive", settings, footage()[:13], footage()[13:], footage()[:2])
        assert met == [(39, 0), (3, 39)]

    @pytest.mark.parametrize("harm", ["flipped", "cut", "longer", "empty", "rubbish", "huge", "astray"])
    def test_a_damaged_file_is_made_anew_and_said_so(self, tmp_path: Path, settings: Settings, harm: str) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        data = file.read_bytes()
        file.write_bytes(harmed(data, harm))
        (difference,) = verify(file.parent, ArchiveSettings(), originals=False).differences
        assert (difference.kind, difference.path, difference.mendable) == ("changed", NEIGHBOURS, True)
        told = list[str]()
        with closing(open_archive(file.parent, ArchiveSettings(), write=True)) as store:
            gather(store, settings, "run-0", told.append)
        assert file.read_bytes() == data
        assert [NEIGHBOURS in one and "is damaged" in one for one in told] == [True]

    def test_repair_takes_a_damaged_file_away(self, tmp_path: Path, settings: Settings) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        file.write_bytes(b"rubbish")
        repair(file.parent, ArchiveSettings(), verify(file.parent, ArchiveSettings(), originals=False))
        assert not file.exists()
        assert verify(file.parent, ArchiveSettings(), originals=False).sound

    def test_another_calibration_makes_it_anew_and_says_so(self, tmp_path: Path, settings: Settings) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        before = file.read_bytes()
        given = Path(settings.people.calibrations[0][1])
        given.write_text(json.dumps({"space": "wide", "calibration": CALIBRATION | {"bias": 0.5}}))
        told = list[str]()
        with closing(open_archive(file.parent, ArchiveSettings(), write=True)) as store:
            gather(store, settings, "run-0", told.append)
        assert file.read_bytes() != before
        assert ["calibration" in one for one in told] == [True]

    def test_verify_and_the_manifest_do_not_mind_it(self, tmp_path: Path, settings: Settings) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        assert verify(file.parent, ArchiveSettings(), originals=False).sound
        assert NEIGHBOURS not in (file.parent / "manifest-sha256.txt").read_text()
        assert file.stat().st_mode & 0o077 == 0

    def test_a_small_archive_keeps_none(
        self, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        assert file.exists()
        monkeypatch.setattr(gathering, "WORTH_KEEPING", 1000)
        with closing(open_archive(file.parent, ArchiveSettings(), write=True)) as store:
            gather(store, settings, "run-0")
        assert not file.exists()

    def test_a_comparison_that_takes_long_is_announced_once(
        self, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gathering, "LONG", 40)
        told = list[str]()
        file = self.runs(tmp_path / "archive", settings, footage())
        for there in (False, True):
            if not there:
                file.unlink()
            with closing(open_archive(file.parent, ArchiveSettings(), write=True)) as store:
                gather(store, settings, "run-0", told.append)
        assert ["All 42 appearances" in one for one in told] == [True]

    def test_whoever_is_forgotten_is_not_in_it(self, tmp_path: Path, settings: Settings) -> None:
        file = self.runs(tmp_path / "archive", settings, footage())
        forget(file.parent, "P-000001", "ann", NOON, ArchiveSettings())
        assert not file.exists()
        left = self.runs(file.parent, settings, []).read_bytes()
        file.unlink()
        assert self.runs(file.parent, settings, []).read_bytes() == left


def harmed(data: bytes, harm: str) -> bytes:
    magic, _, head, body = data.split(b"\n", 3)
    header = json.loads(head)
    shapes = header["shapes"]
    match harm:
        case "flipped":
            return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]
        case "huge":
            head = json.dumps(header | {"shapes": shapes | {"marks": [10**15], "columns": [-(10**15)]}}).encode()
        case "astray":  # somebody made a file whose numbers lead elsewhere, and its checksum is right
            at = sum(-(-8 * shapes[one][0] // 64) * 64 for one in ("marks", "counts"))
            body = body[:at] + b"\xff\xff\xff\x7f" + body[at + 4 :]
    rest = head + b"\n" + body
    whole = magic + f"\n{zlib.crc32(rest):08x}\n".encode() + rest
    return {"cut": data[:-5], "longer": data + b"x", "empty": b"", "rubbish": data[:30] + b"\n[]\n"}.get(harm, whole)
