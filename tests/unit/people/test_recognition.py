"""Who is who, from galleries that are made up of directions in space."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from crossid.errors import ModelError
from crossid.people import LEAST, PeopleSettings, exhaustive, nearest, recognise, similarity
from crossid.people.calibration import calibration_of, needed_evidence
from crossid.people.together import together
from crossid.types import Gallery, Reviewed, Space

SPACE = Space(name="dlib_resnet", dimensions=128, fingerprint="0" * 16)


def gallery(
    people: list[int], *, videos: list[str] | None = None, starts: list[float] | None = None, poor: tuple[int, ...] = ()
) -> Gallery:
    """Appearances that lie near their person's direction; people are apart as dlib's are."""
    random = np.random.default_rng(4)
    common = np.ones(128) / np.sqrt(128)
    centres = 0.9 * common + random.normal(0, 0.42 / np.sqrt(128), (max(people, default=0) + 1, 128))
    vectors = centres[people] + random.normal(0, 0.1 / np.sqrt(128), (len(people), 128))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    begins = np.array(starts if starts is not None else range(len(people)), dtype=np.float64)
    return Gallery(
        space=SPACE,
        ids=tuple(f"a{place}" for place in range(len(people))),
        videos=tuple(videos or ["v"] * len(people)),
        starts=begins,
        ends=begins + 0.5,
        qualities=np.array([0.1 if place in poor else 0.9 for place in range(len(people))]),
        vectors=vectors,
        boxes=tuple(
            np.array([[begin, 100 * who, 0, 100 * who + 50, 50]], np.float32)
            for begin, who in zip(begins, people, strict=True)
        ),
    )


def test_people_are_found_and_numbered_by_first_appearance() -> None:
    found = recognise(gallery([0, 1, 0, 2, 1]), {}, PeopleSettings())
    assert [row.person for row in found.memberships] == ["new-0", "new-1", "new-0", "new-2", "new-1"]


def test_running_again_changes_nothing() -> None:
    here = gallery([0, 1, 0, 2, 1])
    names = {"new-0": "P-000001", "new-1": "P-000002", "new-2": "P-000003"}
    first = recognise(here, {}, PeopleSettings())
    known = {row.appearance: names[row.person] for row in first.memberships if row.person}
    again = recognise(here, known, PeopleSettings())
    assert [row.person for row in again.memberships] == [names[row.person] for row in first.memberships if row.person]
    assert (again.new, again.merged, again.split) == ((), (), ())


def test_whoever_is_seen_once_but_well_is_a_person_and_who_is_seen_poorly_is_nobody() -> None:
    found = recognise(gallery([0, 1, 2], poor=(2,)), {}, PeopleSettings())
    assert [row.person for row in found.memberships] == ["new-0", "new-1", None]


def test_two_in_one_picture_are_two_people_however_alike() -> None:
    twins = gallery([0, 0], starts=[3.0, 3.0])
    boxes = (np.array([[3.0, 0, 0, 50, 50]], np.float32), np.array([[3.0, 400, 0, 450, 50]], np.float32))
    twins = replace(twins, boxes=boxes)
    found = recognise(twins, {}, PeopleSettings())
    assert found.memberships[0].person != found.memberships[1].person


def test_two_detections_of_one_face_are_not_two_people() -> None:
    same = gallery([0, 0], starts=[3.0, 3.0])
    assert together(same) == ()


def test_no_appearances() -> None:
    assert recognise(gallery([]), {}, PeopleSettings()).memberships == ()


def test_probability_is_a_probability_and_grows_with_evidence() -> None:
    member = calibration_of(SPACE).membership
    chances = [member(evidence) for evidence in (-1e9, -3, 0, 3, 9, 1e9)]
    assert chances == sorted(chances)
    assert 0 <= chances[0] < chances[-1] <= 1


def test_poor_pictures_say_less() -> None:
    read = calibration_of(SPACE).evidence
    good, poor = read(np.full(2, 0.97, np.float32), np.array([0.95, 0.3], np.float32))
    assert good > poor > 0


def test_the_bar_rises_with_the_archive_and_is_constant_within_a_decade() -> None:
    assert [needed_evidence(size) for size in (100, 101, 1000, 1001, 10_000, 10_001)] == [
        4.5,
        4.5,
        4.5,
        5.0,
        5.0,
        5.5,
    ]


def test_a_small_archive_needs_more_evidence() -> None:
    assert [needed_evidence(size) for size in (0, 1, 99)] == [5.5, 5.5, 5.5]


def test_a_space_without_calibration_is_refused() -> None:
    with pytest.raises(ModelError, match="no calibration"):
        calibration_of(replace(SPACE, name="nowhere"))


def swaying(mirrored: bool) -> Gallery:
    """One face that moves, and the same a second time: in a mirror, or as a camera that pans shows a stranger."""
    times = np.arange(20.0)
    sway, nod = 30 * np.sin(times), 20 * np.cos(1.7 * times)
    left = 100 + sway
    other = 700 - sway if mirrored else 700 + sway
    tracks = [np.stack([times, x, 100 + nod, x + 60, 160 + nod], axis=1).astype(np.float32) for x in (left, other)]
    return replace(gallery([0, 0], starts=[0.0, 0.0]), ends=np.array([19.0, 19.0]), boxes=tuple(tracks))


def test_a_mirror_image_is_no_second_person() -> None:
    assert together(swaying(mirrored=True)) == ()


def test_a_camera_that_pans_makes_no_mirror_image() -> None:
    assert together(swaying(mirrored=False)) == ((0, 1),)


class TestReviewed:
    """A reviewer outranks every run."""

    here = gallery([0, 1, 0, 2, 1])
    known: ClassVar = {"a0": "P-000001", "a1": "P-000002", "a2": "P-000001", "a3": "P-000003", "a4": "P-000002"}

    def people(self, reviewed: Reviewed, known: dict[str, str] | None = None) -> list[str | None]:
        found = recognise(self.here, self.known if known is None else known, PeopleSettings(), reviewed)
        return [row.person for row in found.memberships]

    def test_anchors_of_one_person_are_one_however_unlike(self) -> None:
        mine = self.people(Reviewed(anchored={"a0": "P-000001", "a1": "P-000001"}))
        assert mine[0] == mine[1] == "P-000001"

    def test_anchors_of_two_people_are_two_however_alike(self) -> None:
        mine = self.people(Reviewed(anchored={"a0": "P-000001", "a2": "P-000002"}))
        assert (mine[0], mine[2]) == ("P-000001", "P-000002")

    def test_who_is_barred_from_a_person_is_somebody_else(self) -> None:
        mine = self.people(Reviewed(anchored={"a0": "P-000001"}, barred=frozenset({("a2", "P-000001")})))
        assert mine[0] == "P-000001"
        assert mine[2] not in (None, "P-000001")

    def test_what_is_no_face_is_nobody(self) -> None:
        assert self.people(Reviewed(faceless=frozenset({"a0"})))[0] is None

    def test_new_appearances_join_a_person_whom_a_reviewer_touched(self) -> None:
        known = {one: person for one, person in self.known.items() if one != "a2"}
        assert self.people(Reviewed(anchored={"a0": "P-000001"}), known)[2] == "P-000001"

    def test_an_earlier_person_is_not_merged_into_a_reviewed_one_but_asked_about(self) -> None:
        known = self.known | {"a2": "P-000009"}
        found = recognise(self.here, known, PeopleSettings(), Reviewed(anchored={"a0": "P-000001"}))
        assert found.memberships[2].person == "P-000009"
        assert found.merged == ()
        (question,) = [one for one in found.questions if one.kind == "same"]
        assert set(question.people) == {"P-000001", "P-000009"}
        assert question.probability > 0.5

    def test_people_whom_a_reviewer_told_apart_are_not_asked_about_again(self) -> None:
        reviewed = Reviewed(
            anchored={"a0": "P-000001", "a2": "P-000002"}, barred=frozenset({("a2", "P-000001"), ("a0", "P-000002")})
        )
        found = recognise(self.here, {}, PeopleSettings(), reviewed)
        assert [one for one in found.questions if one.kind == "same"] == []

    def test_a_ruling_about_an_appearance_that_is_gone_binds_nobody(self) -> None:
        assert self.people(Reviewed(anchored={"gone": "P-000001"})) == self.people(Reviewed())


class TestGraph:
    """The sparse graph holds what a full matrix would."""

    def test_tiles_hold_each_pair_as_a_full_matrix_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exhaustive, "TILE", 3)
        here, read = gallery([0, 1, 0, 2, 1, 0, 3, 3], poor=(1, 5)), calibration_of(SPACE)
        poorer = np.minimum.outer(here.qualities, here.qualities).astype(np.float32)
        full = read.evidence(here.vectors @ here.vectors.T, poorer) - 4.5
        full[(full <= LEAST) | np.eye(len(here), dtype=bool)] = 0
        graph = similarity.log_odds(here, read, 4.5).toarray()
        assert np.array_equal(graph != 0, full != 0)
        assert np.allclose(graph, full, atol=0.1)  # what the lattice moves a cosine by, times what a cosine counts

    def test_where_all_are_alike_the_graph_stays_small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(nearest, "MOST", 10)
        crowd = gallery([0] * 200)
        graph = similarity.log_odds(crowd, calibration_of(SPACE), 4.5)
        assert 200 * 10 <= graph.nnz <= 2 * 200 * 10

    def test_vectors_that_are_no_numbers_are_like_nobody(self) -> None:
        here = gallery([0, 0, 0])
        here.vectors[1] = np.nan
        here.vectors[2] = 0
        assert similarity.log_odds(here, calibration_of(SPACE), 4.5).nnz == 0
        assert [row.person for row in recognise(here, {}, PeopleSettings()).memberships] == ["new-0", "new-1", "new-2"]

    def test_all_identical_are_one(self) -> None:
        same = gallery([0] * 50)
        same.vectors[:] = same.vectors[0]
        assert {row.person for row in recognise(same, {}, PeopleSettings()).memberships} == {"new-0"}

    def test_none_alike_are_all_somebody(self) -> None:
        found = recognise(gallery(list(range(30))), {}, PeopleSettings())
        assert len({row.person for row in found.memberships}) == 30
