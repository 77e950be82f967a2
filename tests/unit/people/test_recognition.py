"""Who is who, from galleries that are made up of directions in space."""

import numpy as np
import pytest

from crossid.errors import ModelError
from crossid.people import PeopleSettings, recognise
from crossid.people.calibration import calibration_of, needed_evidence
from crossid.people.similarity import together
from crossid.types import Gallery, Space

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
        views=tuple(vector[None] for vector in vectors),
        weights=tuple(np.ones(1, np.float32) for _ in people),
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
    twins = Gallery(
        **{
            **{slot: getattr(twins, slot) for slot in Gallery.__slots__},
            "boxes": (np.array([[3.0, 0, 0, 50, 50]], np.float32), np.array([[3.0, 400, 0, 450, 50]], np.float32)),
        }
    )
    found = recognise(twins, {}, PeopleSettings())
    assert found.memberships[0].person != found.memberships[1].person


def test_two_detections_of_one_face_are_not_two_people() -> None:
    same = gallery([0, 0], starts=[3.0, 3.0])
    assert together(same) == ()


def test_no_appearances() -> None:
    assert recognise(gallery([]), {}, PeopleSettings()).memberships == ()


def test_probability_is_a_probability_and_grows_with_evidence() -> None:
    member = calibration_of("dlib_resnet").membership
    chances = [member(evidence) for evidence in (-1e9, -3, 0, 3, 9, 1e9)]
    assert chances == sorted(chances)
    assert 0 <= chances[0] < chances[-1] <= 1


def test_poor_pictures_say_less() -> None:
    read = calibration_of("dlib_resnet").evidence
    good, poor = read(np.full(2, 0.97, np.float32), np.array([0.95, 0.3], np.float32))
    assert good > poor > 0


def test_the_bar_rises_with_the_archive_and_is_constant_within_a_decade() -> None:
    assert [needed_evidence(size) for size in (100, 101, 1000, 1001, 10_000, 10_001)] == [4.5, 4.5, 4.5, 5.0, 5.0, 5.5]


def test_a_small_archive_needs_more_evidence() -> None:
    assert [needed_evidence(size) for size in (0, 1, 99)] == [5.5, 5.5, 5.5]


def test_a_space_without_calibration_is_refused() -> None:
    with pytest.raises(ModelError, match="no calibration"):
        calibration_of("nowhere")
