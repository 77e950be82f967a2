"""Faces are followed; every face ends in exactly one track."""

from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossid.tracks import TRACKERS, TrackSettings, follow
from crossid.tracks.best_views import BestViews
from crossid.types import Box, Crop, Decision, Face, Frame, Moment, Track, content_id

SIDE = 90
POINTS = np.array([[30, 35], [60, 35], [45, 50], [33, 65], [57, 65]], np.float32)


def portrait(who: int) -> np.ndarray:
    """A picture that looks like nobody else's."""
    coarse = np.random.default_rng(who).integers(0, 255, (9, 9), dtype=np.uint8)
    grey = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def crop(who: int, when: Moment, left: float, top: float = 0, side: float = 60, quality: float = 0.8) -> Crop:
    face = Face(
        id=content_id(when.pts, left, top),
        moment=when,
        number=when.pts,
        box=Box(left=left, top=top, right=left + side, bottom=top + side),
        landmarks=POINTS,
        score=0.99,
        quality=quality,
        seen_by=("test",),
    )
    return Crop(face=face, portrait=portrait(who), landmarks=POINTS)


def film(*looks: tuple[float, str, list[tuple[int, float]]]) -> list[tuple[Frame, list[Crop]]]:
    """(seconds, reason, [(who, left), …]) of each look."""
    seen = []
    for seconds, reason, people in looks:
        moment = Moment(video="v", pts=round(seconds * 100), time_base=Fraction(1, 100))
        decision = Decision(moment=moment, number=0, reason=reason, motion=0.5, brightness=0.5)
        frame = Frame(decision=decision, image=np.zeros((2, 2, 3), np.uint8))
        seen.append((frame, [crop(who, moment, left) for who, left in people]))
    return seen


def tracks_of(*looks: tuple[float, str, list[tuple[int, float]]]) -> list[list[float]]:
    """Left edges of each track's faces."""
    return sorted([face.box.left for face in track.faces] for track in follow(film(*looks), TrackSettings()))


def test_a_face_that_moves_on_is_one_track() -> None:
    assert tracks_of(*[(0.2 * step, "motion", [(1, 20.0 * step)]) for step in range(5)]) == [[0, 20, 40, 60, 80]]


def test_a_cut_ends_all_tracks() -> None:
    assert tracks_of((0, "first", [(1, 0)]), (0.2, "shot", [(1, 0)])) == [[0], [0]]


def test_two_people_side_by_side_are_two_tracks() -> None:
    assert tracks_of((0, "first", [(1, 0), (2, 100)]), (0.2, "motion", [(2, 102), (1, 3)])) == [[0, 3], [100, 102]]


def test_somebody_else_in_the_same_place_is_another_track() -> None:
    assert tracks_of((0, "first", [(1, 0)]), (0.2, "motion", [(2, 0)])) == [[0], [0]]


def test_a_look_that_went_wrong_is_no_second_person() -> None:
    looks = [(0.2 * step, "motion", [(1 if step != 3 else 7, 20.0)]) for step in range(7)]
    (track,) = follow(film(*looks), TrackSettings())
    assert len(track.faces) == 7
    assert [face.moment.seconds for face in track.faces] == sorted(face.moment.seconds for face in track.faces)
    assert track.faces[3].id not in {view.face.id for view in track.crops}


def test_somebody_who_is_seen_once_elsewhere_is_somebody() -> None:
    looks = [(0.2 * step, "motion", [(1, 20.0)] + ([(7, 300.0)] if step == 3 else [])) for step in range(7)]
    assert sorted(len(track) for track in tracks_of(*looks)) == [1, 7]


def test_somebody_who_comes_in_the_last_moment_before_a_cut_is_somebody() -> None:
    looks = [(0.2 * step, "motion", [(1 if step < 6 else 7, 20.0)]) for step in range(7)]
    assert sorted(len(track) for track in tracks_of(*looks)) == [1, 6]


def test_people_who_cross_keep_their_tracks() -> None:
    looks = [(0.2 * step, "motion", [(1, 15.0 * step), (2, 120 - 15.0 * step)]) for step in range(9)]
    assert tracks_of(*looks) == [[15.0 * step for step in range(9)], [120 - 15.0 * step for step in range(9)]]


def test_a_face_that_jumps_is_followed_if_it_looks_the_same() -> None:
    assert tracks_of((0, "first", [(1, 0)]), (0.2, "motion", [(1, 80)])) == [[0, 80]]
    assert tracks_of((0, "first", [(1, 0)]), (0.2, "motion", [(1, 800)])) == [[0], [800]]


def test_a_face_missed_for_a_moment_is_found_again() -> None:
    assert tracks_of((0, "first", [(1, 0)]), (0.2, "motion", []), (0.4, "motion", [(1, 2)])) == [[0, 2]]


def test_a_face_missed_for_long_is_another_track() -> None:
    gone = [(0.2 * step, "motion", []) for step in range(1, 8)]
    assert tracks_of((0, "first", [(1, 0)]), *gone, (1.6, "motion", [(1, 2)])) == [[0], [2]]


def test_a_still_stretch_does_not_end_a_track() -> None:
    assert tracks_of((0, "first", [(1, 0)]), (2, "check", [(1, 0)]), (4, "check", [(1, 1)])) == [[0, 0, 1]]


@pytest.mark.parametrize("name", TRACKERS.names())
@settings(max_examples=40)
@given(
    looks=st.lists(
        st.tuples(
            st.sampled_from(["motion", "check", "shot"]),
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300)), max_size=4),
        ),
        max_size=15,
    )
)
def test_every_face_ends_in_exactly_one_track(name: str, looks: list[tuple[str, list[tuple[int, int]]]]) -> None:
    seen = film(
        *[(0.2 * step, reason, [(w, float(x)) for w, x in people]) for step, (reason, people) in enumerate(looks)]
    )
    followed = list(follow(seen, TrackSettings(tracker=name)))
    faces = [id(face) for track in followed for face in track.faces]
    assert sorted(faces) == sorted(id(crop.face) for _, crops in seen for crop in crops)
    for track in followed:
        times = [face.moment.pts for face in track.faces]
        assert times == sorted(set(times))
        assert 1 <= len(track.crops) <= TrackSettings().best_views
        assert {id(crop.face) for crop in track.crops} <= {id(face) for face in track.faces}


def kept(qualities: list[tuple[float, float]], room: int = 3) -> list[tuple[float, float]]:
    views = BestViews(room)
    for seconds, quality in qualities:
        views.add(
            crop(1, Moment(video="v", pts=round(seconds * 100), time_base=Fraction(1, 100)), seconds, quality=quality)
        )
    return [(view.face.moment.seconds, view.face.quality) for view in views.best_first()]


def test_the_best_views_stay_best_first() -> None:
    assert kept([(0, 0.1), (10, 0.9), (20, 0.5), (30, 0.7)]) == [(10, 0.9), (30, 0.7), (20, 0.5)]


def test_views_a_moment_apart_say_the_same_twice() -> None:
    assert kept([(0, 0.9), (0.1, 0.89), (0.2, 0.88), (9, 0.6), (18, 0.6)]) == [(0, 0.9), (9, 0.6), (18, 0.6)]


def test_tracks_have_ids_that_come_from_their_faces() -> None:
    look = film((0, "first", [(1, 0)]))

    def ids() -> list[str]:
        return [track.id for track in follow(look, TrackSettings())]

    assert ids() == ids()
    assert isinstance(next(iter(follow(look, TrackSettings()))), Track)
