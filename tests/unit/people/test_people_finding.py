"""Whom a face looks like, in archives that are made up of directions in space."""

from dataclasses import replace

import numpy as np
import pytest

from builders import a_video, an_appearance
from crossid import sketches
from crossid.errors import SpaceMismatchError
from crossid.people import PeopleSettings, agreeing, find, finding
from crossid.sketches import sketched
from crossid.types import Appearance, Embedding, References, Space

SPACE = Space(name="dlib_resnet", dimensions=128, fingerprint="0" * 16)
RANDOM = np.random.default_rng(11)
CENTRES = 0.9 / np.sqrt(128) + RANDOM.normal(0, 0.42 / np.sqrt(128), (12, 128))


def pictures(who: list[int], spread: float = 0.1) -> np.ndarray:
    """Unit vectors near their person's direction; people are apart as dlib's are."""
    vectors = CENTRES[who] + np.random.default_rng(4).normal(0, spread / np.sqrt(128), (len(who), 128))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def archive(who: list[int], people: list[int] | None = None, qualities: list[float] | None = None) -> References:
    """Appearances that show `who`, and were put to `people` (-1: nobody)."""
    put = who if people is None else people
    vectors = pictures(who).astype(np.float16)
    return References(
        space=SPACE,
        people=tuple(f"P-{one:06d}" for one in range(max(put) + 1)),
        ids=np.array([f"{row:016x}" for row in range(len(who))], "S16"),
        who=np.array(put, np.int32),
        qualities=np.array(qualities or [0.9] * len(who), np.float32),
        vectors=vectors,
        sketches=sketched(vectors),
    )


def face(person: int, *, quality: float = 0.9, space: Space = SPACE, seed: int = 5) -> Appearance:
    vector = CENTRES[person] + np.random.default_rng(seed).normal(0, 0.1 / np.sqrt(128), 128)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    alone = Embedding(space=space, vector=unit, views=unit[None], weights=np.ones(1, np.float32))
    return replace(an_appearance(a_video()), embeddings=(alone,), quality=quality)


def found(appearance: Appearance, references: References, limit: int = 10, above: float = 0.5):
    return find(appearance, references, PeopleSettings(), limit=limit, above=above)


def test_who_is_in_the_archive_comes_first_and_is_probable() -> None:
    first, second, *_ = found(face(3), archive([0, 1, 2, 3, 3, 3, 4]))
    assert (first.person, first.alike, first.of, first.why) == ("P-000003", 3, 3, "")
    assert first.probability > 0.99 > 0.5 > second.probability
    assert first.best in {"0000000000000003", "0000000000000004", "0000000000000005"}


def test_who_is_not_in_the_archive_is_like_nobody() -> None:
    matches = found(face(9), archive([0, 1, 2, 3, 3, 3, 4]))
    assert not [one for one in matches if one.probability >= 0.5]
    assert all(one.why for one in matches)


def test_one_appearance_that_was_put_to_the_wrong_person_does_not_bring_that_person() -> None:
    """The mean over half of the appearances, not the best one, decides; the best one is told."""
    wrong = found(face(9), archive([0, 0, 0, 0, 9], people=[0, 0, 0, 0, 0]))[0]
    assert wrong.probability < 0.5
    assert (wrong.alike, wrong.why) == (1, "only 1 of 5 appearances is alike")


def test_appearances_in_which_somebody_cannot_be_made_out_do_not_hide_them() -> None:
    first = found(face(3), archive([3, 3, 7, 8], people=[0, 0, 0, 0]))[0]
    assert first.probability > 0.9


def test_more_evidence_is_needed_in_a_larger_archive() -> None:
    small, large = archive([3, 4] * 60), archive([3, 4] * 6000)
    assert found(face(3), small)[0].needed < found(face(3), large)[0].needed


def test_an_appearance_that_is_nobodys_is_compared_too() -> None:
    first = found(face(5), archive([0, 1, 5], people=[0, 1, -1]))[0]
    assert (first.person, first.best) == ("", "0000000000000002")


def test_that_a_picture_is_too_poor_is_said() -> None:
    """A cosine of 0.945 is enough between good pictures and not between poor ones."""
    vector = face(3).embeddings[0].vector
    apart = CENTRES[4] - CENTRES[4] @ vector * vector
    likeness = 0.945 * vector + np.sqrt(1 - 0.945**2) * apart / np.linalg.norm(apart)
    near = replace(archive([3, 4]), vectors=np.stack([likeness, pictures([4])[0]]).astype(np.float16))
    assert found(face(3), near)[0].why == ""
    assert found(face(3, quality=0.05), near)[0].why == "the photograph is too poor to tell"
    poor = replace(near, qualities=np.array([0.05, 0.9], np.float32))
    assert found(face(3), poor)[0].why == "alike, but the archive's picture of them is too poor to tell"


def test_there_are_no_more_matches_than_asked_for() -> None:
    assert len(found(face(3), archive(list(range(8)), people=[0, 1, 2, 3, -1, -1, -1, -1]), limit=3)) == 3


def test_an_archive_of_nobody_has_no_match_and_no_mishap() -> None:
    empty = replace(archive([0]), people=(), who=np.array([-1], np.int32))
    assert [one.person for one in found(face(0), empty)] == [""]


def test_a_face_of_another_space_is_refused() -> None:
    with pytest.raises(SpaceMismatchError):
        found(face(3, space=replace(SPACE, fingerprint="f" * 16)), archive([0, 1]))


def test_a_picture_of_somebody_else_among_several_is_told() -> None:
    several = [face(2, seed=1), face(2, seed=2), face(7), face(2, seed=3)]
    assert agreeing(several, SPACE, PeopleSettings()) == [True, True, False, True]
    assert agreeing(several[1:3], SPACE, PeopleSettings()) == [True, True]  # of two, nobody can tell which is wrong


class TestShortlist:
    """In a large archive sketches say who is worth comparing; what is found is what comparing everybody finds."""

    @pytest.fixture
    def large(self, monkeypatch: pytest.MonkeyPatch) -> References:
        """Here 600 appearances, of whom 60 are compared."""
        monkeypatch.setattr(sketches, "WORTH", 500)
        monkeypatch.setattr(finding, "SHORT", 60)
        who = np.random.default_rng(2).integers(0, 12, 600)
        return archive(who.tolist(), people=np.where(np.arange(600) % 9, who, -1).tolist())

    def whole(self, references: References) -> References:
        return replace(references, sketches=sketched(references.vectors[:0]))

    @pytest.mark.parametrize("person", range(12))
    def test_the_likest_are_those_of_a_full_comparison(self, large: References, person: int) -> None:
        assert len(large.sketches) == 600
        short, full = found(face(person), large, limit=4), found(face(person), self.whole(large), limit=4)
        assert short[0] == full[0]
        assert f"P-{person:06d}" in {one.person for one in short}

    def test_few_are_read(self, large: References, monkeypatch: pytest.MonkeyPatch) -> None:
        read = list[int]()
        compared = finding._cosines
        monkeypatch.setattr(finding, "_cosines", lambda rows, face: [read.append(len(rows)), compared(rows, face)][1])
        found(face(3), large, limit=1)
        assert 0 < max(read) < 300

    def test_whoever_asks_for_everybody_compares_everybody(self, large: References) -> None:
        assert found(face(3), large, limit=100) == found(face(3), self.whole(large), limit=100)
