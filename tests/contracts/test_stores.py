"""What every store promises: a new one is tested by being named in the registry."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from builders import (
    NOON,
    SPACE,
    a_decision,
    a_membership,
    a_ruling,
    a_run,
    a_span,
    a_video,
    a_watched,
    an_act,
    an_appearance,
    an_embedding,
)
from crossid.errors import ArchiveError
from crossid.types import Copy, Diff, Mishap, NameClaim, Neighbours, Place, Print, Space, Span, Watched

if TYPE_CHECKING:
    from crossid.archive import Store

DIGEST = "settings-a"


def keep(store: Store, video, *appearances, digest: str = DIGEST, **changes) -> None:
    """Add a video and keep all of it as one span."""
    store.add_video(video, 7, "run-1")
    store.keep_span(a_watched(video, *appearances, **changes), 1, digest, "run-1")


def settle_on(store: Store, person: str | None, *appearances, **changes) -> None:
    """Rule as a run does."""
    store.rule(
        [a_ruling(one, person, **changes) for one in appearances], [a_membership(one, person) for one in appearances]
    )


def facts(store: Store) -> tuple[object, ...]:
    """All that people can see of a store."""
    return (
        store.videos(),
        [store.spans_done(video.id) for video in store.videos()],
        store.log(),
        list(store.observations()),
        store.coverage(),
        store.mishaps(),
        store.memberships(),
        [store.portrait(row.face) for row in store.log()],
    )


# videos ------------------------------------------------------------------------------------------


def test_a_video_comes_back_as_it_was_added(store, reopen):
    video = a_video(
        place=Place(latitude=-33.9, longitude=18.4, altitude=None),
        tags=(("make", "Apple"), ("empty", "")),
        recorded_at=NOON + timedelta(microseconds=1),
    )
    store.add_video(video, 7, "run-1")
    again = reopen()
    assert again.videos() == [video]
    assert again.video(video.id) == video


def test_a_video_that_was_never_added_is_a_key_error(store):
    with pytest.raises(KeyError):
        store.video("0" * 64)


def test_a_file_is_known_by_path_size_and_time(store):
    video = a_video(size_bytes=1000)
    store.add_video(video, 7, "run-1")
    assert store.known_file(video.path, 1000, 7) == video.id
    assert store.known_file(video.path, 1001, 7) is None
    assert store.known_file(video.path, 1000, 8) is None
    assert store.known_file(Path("/elsewhere"), 1000, 7) is None


def test_a_copy_is_no_new_video_and_is_known_where_it_lies(store):
    video = a_video()
    copy = replace(video, path=Path("/footage/copy.mp4"), name="copy.mp4")
    assert store.add_video(video, 7, "run-1")
    assert store.add_video(video, 7, "run-2"), "found again where it was"
    assert not store.add_video(copy, 9, "run-1")
    assert store.videos() == [video]
    assert store.known_file(copy.path, copy.size_bytes, 9) == video.id


def test_names_of_files_that_are_no_text_come_back_byte_for_byte(store):
    name = os.fsdecode(b"caf\xe9 \xff.mp4")
    video = a_video(name, path=Path("/footage") / name)
    keep(store, video, an_appearance(video))
    assert store.video(video.id) == video
    assert store.known_file(video.path, video.size_bytes, 7) == video.id
    assert store.log()[0].video == name


# what was watched --------------------------------------------------------------------------------


def test_keeping_a_span_twice_changes_nothing(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    person = store.new_person_ids(1, "run-1")[0]
    store.rule([], [a_membership(an_appearance(video), person)])
    before = facts(store)
    store.keep_span(a_watched(video, an_appearance(video)), 1, DIGEST, "run-2")
    assert facts(store) == before


def test_a_span_kept_under_other_settings_replaces_the_old_one(store):
    video = a_video()
    keep(store, video, an_appearance(video, 1, 2))
    keep(store, video, an_appearance(video, 5, 6), digest="settings-b")
    assert [row.start_s for row in store.log()] == [5.0]
    assert store.spans_done(video.id) == {0: "settings-b"}


def test_a_video_is_done_when_all_of_its_spans_are(store):
    video = a_video()
    store.add_video(video, 7, "run-1")
    assert not store.video_done(video.id)
    store.keep_span(a_watched(video, span=a_span(video, 1, 5.0)), 2, DIGEST, "run-1")
    assert not store.video_done(video.id)
    store.keep_span(a_watched(video, span=a_span(video, 0, 0.0, 5.0)), 2, DIGEST, "run-1")
    assert store.video_done(video.id)
    assert store.spans_done(video.id) == {0: DIGEST, 1: DIGEST}


def test_dropped_spans_leave_nothing_behind(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    store.drop_spans(video.id)
    assert store.spans_done(video.id) == {}
    assert store.log() == []
    assert list(store.observations()) == []
    assert store.decisions(video.id) == []
    assert store.spaces() == []
    assert store.appearance_count() == 0
    assert store.videos() == [video]


def test_appearances_are_counted_for_one_video_and_for_all(store):
    video, other = a_video(), a_video("other.mp4")
    keep(store, video, an_appearance(video, 1, 2), an_appearance(video, 3, 4))
    keep(store, other, an_appearance(other))
    assert (store.appearance_count(video.id), store.appearance_count()) == (2, 3)


def test_decisions_come_back_in_order_with_exact_times(store):
    video = a_video()
    reasons = ("first", "motion", "interval", "still", "check", "dark", "shot")
    decisions = tuple(a_decision(video, at / 3, reason) for at, reason in enumerate(reasons))
    keep(store, video, decisions=decisions)
    back = store.decisions(video.id)
    assert [(one.moment, one.number, one.reason) for one in back] == [
        (one.moment, one.number, one.reason) for one in decisions
    ]
    assert [one.motion for one in back] == pytest.approx([0.25] * 7, abs=1e-5)
    assert [one.brightness for one in back] == pytest.approx([0.5] * 7, abs=1e-5)


def test_the_digest_of_decisions_changes_when_they_do(store):
    video = a_video()
    keep(store, video)
    before = store.decisions_digest(video.id)
    keep(store, video, decisions=(a_decision(video, 0, "dark"),), digest="settings-b")
    assert store.decisions_digest(video.id) != before


def test_a_face_without_a_portrait_is_a_key_error(store):
    with pytest.raises(KeyError):
        store.portrait("0" * 16)


def test_hashes_of_pictures_stay_with_what_was_watched_and_copies_with_those_compared(store):
    videos = sorted((a_video("a.mp4"), a_video("b.mp4")), key=lambda video: video.id)
    seen = tuple(Print(at_s=at / 4, bits=bytes([at]) * 32) for at in range(3))
    for video in videos:
        keep(store, video, prints=seen)
    one, other = (video.id for video in videos)
    assert store.prints() == {one: list(seen), other: list(seen)}
    assert store.uncompared() == [one, other]
    copy = Copy(video=one, other=other, offset_s=0.5, start_s=0.5, end_s=9.0)
    store.keep_copies([one, other], [copy])
    store.keep_copies([one, other], [copy])
    assert (store.copies(), store.uncompared()) == ([copy], [])
    store.drop_spans(other)
    assert (store.copies(), store.prints()) == ([], {one: list(seen)})


def test_coverage_adds_up_what_was_looked_at_still_dark_and_unreadable(store):
    video = a_video(duration_s=10.0)
    reasons = ("first", "interval", "motion", "still", "still", "check", "dark", "dark")
    decisions = tuple(a_decision(video, float(at), reason) for at, reason in enumerate(reasons))
    keep(store, video, decisions=decisions, read_to_s=8.0)
    (row,) = store.coverage()
    assert (row.pictures, row.looked_at) == (8, 3)
    assert (row.looked_at_s, row.still_s, row.dark_s, row.unreadable_s) == (4.0, 2.0, 2.0, 2.0)
    assert row.unwatched_s == 0.0
    assert row.missable_s == 3.0, "from the picture at 2 s to the check at 5 s"


def test_a_video_that_was_not_watched_yet_is_covered_by_nothing(store):
    store.add_video(a_video(duration_s=10.0), 7, "run-1")
    (row,) = store.coverage()
    assert (row.pictures, row.looked_at_s, row.unreadable_s, row.missable_s) == (0, 0.0, 0.0, 0.0)
    assert row.unwatched_s == 10.0


def test_a_stretch_that_a_scan_gave_up_is_not_watched_yet(store):
    video = a_video(duration_s=10.0)
    store.add_video(video, 7, "run-1")
    decisions = tuple(a_decision(video, float(at), "motion") for at in range(4))
    span = Span(video=video, index=0, start_s=0.0, end_s=4.0)
    watched = Watched(span=span, decisions=decisions, appearances=(), mishaps=(), read_to_s=4.0, seconds={})
    store.keep_span(watched, 2, "settings-a", "run-1")
    (row,) = store.coverage()
    assert (row.looked_at_s, row.unreadable_s, row.unwatched_s) == (4.0, 0.0, 6.0)


# galleries ---------------------------------------------------------------------------------------


def test_a_gallery_is_in_order_of_video_start_and_id_and_holds_what_was_kept(store):
    videos = sorted((a_video(f"{name}.mp4") for name in "abc"), key=lambda video: video.id, reverse=True)
    kept = {}
    for at, video in enumerate(videos):
        late, early = an_appearance(video, 5, 6, direction=at), an_appearance(video, 1, 2, direction=at + 1)
        keep(store, video, late, early)
        kept |= {one.id: one for one in (late, early)}
    gallery = store.gallery(SPACE)
    assert list(zip(gallery.videos, gallery.starts, gallery.ids, strict=True)) == sorted(
        (one.video, one.start_s, one.id) for one in kept.values()
    )
    for row, one in enumerate(gallery.ids):
        appearance, embedding = kept[one], kept[one].embeddings[0]
        assert np.array_equal(gallery.vectors[row], embedding.vector)
        assert gallery.ends[row] == appearance.end_s
        assert gallery.qualities[row] == appearance.quality
        boxes = [(f.moment.seconds, f.box.left, f.box.top, f.box.right, f.box.bottom) for f in appearance.faces]
        assert gallery.boxes[row] == pytest.approx(np.array(boxes))


def test_a_gallery_holds_only_its_own_space(store):
    other = Space(name="toy", dimensions=3, fingerprint="fedcba9876543210")
    video = a_video()
    one, both = an_appearance(video, 1, 2), an_appearance(video, 3, 4)
    both = replace(both, embeddings=(*both.embeddings, an_embedding(space=other)))
    keep(store, video, one, both)
    assert store.spaces() == [SPACE, other]
    assert store.gallery(other).ids == (both.id,)
    assert store.gallery(other).vectors.shape == (1, 3)
    assert len(store.gallery(SPACE)) == 2


def test_who_is_near_whom_is_kept_until_it_is_replaced_or_forgotten(store):
    def near(mark, *evidence):
        pairs = len(evidence)
        return Neighbours(
            mark=mark,
            marks=np.array([3, 2**63 + 1], np.uint64),
            counts=np.array([pairs, 0]),
            columns=np.ones(pairs, np.int32),
            evidence=np.array(evidence, np.float32),
        )

    assert store.neighbours() is None
    store.forget_neighbours()
    for kept in (near("one", 1.5), near("other"), near("third", 2.5, -0.25)):
        store.keep_neighbours(kept)
        found = store.neighbours()
        assert found.mark == kept.mark
        for name in ("marks", "counts", "columns", "evidence"):
            assert np.array_equal(getattr(found, name), getattr(kept, name))
    store.forget_neighbours()
    assert store.neighbours() is None


def test_a_gallery_of_an_unknown_space_is_empty(store):
    gallery = store.gallery(SPACE)
    assert len(gallery) == 0
    assert gallery.vectors.shape == (0, SPACE.dimensions)


# another space -----------------------------------------------------------------------------------

NEWER = Space(name="toy", dimensions=3, fingerprint="fedcba9876543210")


def test_portraits_are_given_back_as_they_were_kept(store, reopen):
    video = a_video()
    kept = an_appearance(video)
    keep(store, video, kept)
    store = reopen()
    found = store.portraits(kept.id)
    assert [one.face.id for one in found] == [one.face.id for one in kept.portraits]
    for one, was in zip(found, kept.portraits, strict=True):
        assert one.jpeg == was.jpeg
        assert one.face.moment == was.face.moment
        assert one.face.box == was.face.box
        assert (one.face.quality, one.face.score, one.face.seen_by) == (
            was.face.quality,
            was.face.score,
            was.face.seen_by,
        )
        np.testing.assert_array_equal(one.landmarks, was.landmarks)
        np.testing.assert_array_equal(one.face.landmarks, was.face.landmarks)
    assert store.portraits("nobody") == []


def test_until_all_is_described_anew_an_archive_compares_in_the_old_space(store, reopen):
    video = a_video()
    one, other = an_appearance(video, 1, 2), an_appearance(video, 6, 7)
    keep(store, video, one, other)
    assert store.undescribed(SPACE) == []
    assert store.undescribed(NEWER) == [one.id, other.id]
    store.add_embeddings({one.id: an_embedding(space=NEWER)})
    store.add_embeddings({one.id: an_embedding(1, space=NEWER), "gone": an_embedding(space=NEWER)})
    store = reopen()
    assert store.undescribed(NEWER) == [other.id]
    assert store.spaces() == [SPACE, NEWER]
    np.testing.assert_array_equal(store.gallery(NEWER).vectors[0], an_embedding(space=NEWER).vector)


def test_there_and_back_there_is_one_space_the_one_that_was_changed_to(store, reopen):
    video = a_video()
    one = an_appearance(video)
    keep(store, video, one)
    store.add_embeddings({one.id: an_embedding(space=NEWER)})
    store.change_space(NEWER, {DIGEST: "settings-b", "settings-b": "settings-c"})
    store = reopen()
    assert store.spaces() == [NEWER]
    assert store.spans_done(video.id) == {0: "settings-b"}
    store.add_embeddings({one.id: an_embedding()})
    assert store.spaces() == [NEWER, SPACE]
    store.change_space(SPACE, {})
    assert store.spaces() == [SPACE]
    assert store.spans_done(video.id) == {0: "settings-b"}


def test_a_change_of_space_that_breaks_off_changes_nothing(store):
    video = a_video()
    one = an_appearance(video)
    keep(store, video, one)
    store.add_embeddings({one.id: an_embedding(space=NEWER)})
    before = facts(store)

    def break_off() -> None:
        with store.atomic():
            store.change_space(NEWER, {DIGEST: "settings-b"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert store.spaces() == [SPACE, NEWER]
    assert facts(store) == before


# who is who --------------------------------------------------------------------------------------


def test_ids_are_given_in_order_and_never_twice(store, reopen):
    assert store.new_person_ids(2, "run-1") == ["P-000001", "P-000002"]
    store.alias("P-000002", "P-000001", "run-1")
    assert reopen().new_person_ids(1, "run-2") == ["P-000003"]


def test_an_id_outlives_all_appearances_of_its_person(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, an_appearance(video))
    store.drop_spans(video.id)
    assert store.people() == []
    assert store.resolve(person) == person
    assert store.new_person_ids(1, "run-2") == ["P-000002"]


def test_aliases_are_followed_to_the_end(store):
    first, second, third = store.new_person_ids(3, "run-1")
    store.alias(third, second, "run-1")
    store.alias(second, first, "run-1")
    assert [store.resolve(one) for one in (first, second, third)] == [first] * 3
    assert store.aliases() == {second: first, third: first}


def test_nobody_becomes_an_alias_of_themselves(store):
    first, second = store.new_person_ids(2, "run-1")
    store.alias(second, first, "run-1")
    store.alias(first, second, "run-1")
    store.alias(first, first, "run-1")
    assert store.resolve(second) == store.resolve(first) == first


@pytest.mark.parametrize("unknown", ["P-000009", "P-1", "jane", "", "P-000001\n", "P-٠٠٠٠٠١"])
def test_an_id_that_was_never_given_is_an_archive_error(store, unknown):
    store.new_person_ids(1, "run-1")
    with pytest.raises(ArchiveError, match="There is no person"):
        store.resolve(unknown)


def test_memberships_logs_and_people_follow_aliases(store):
    video = a_video()
    one, other = an_appearance(video, 1, 2), an_appearance(video, 6, 7)
    keep(store, video, one, other)
    first, second = store.new_person_ids(2, "run-1")
    settle_on(store, first, one)
    settle_on(store, second, other)
    store.alias(second, first, "run-1")
    assert {row.person for row in store.memberships().values()} == {first}
    assert [row.person_id for row in store.log(second)] == [first, first]
    assert {row.person_id for row in store.observations()} == {first}
    (person,) = store.people()
    assert (person.id, person.appearances) == (first, (one.id, other.id))


def test_a_ruling_on_a_face_that_is_not_there_is_refused_with_all_that_came_with_it(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    (person,) = store.new_person_ids(1, "run-1")
    with pytest.raises(KeyError):
        settle_on(store, person, an_appearance(video), an_appearance(video, 7, 8))
    assert store.memberships() == {}


@pytest.mark.parametrize(("act", "status"), [(None, "proposed"), ("confirm", "confirmed"), ("reject", "rejected")])
def test_rulings_hold_for_the_faces_seen_when_a_video_is_watched_again(store, act, status):
    video = a_video()
    keep(store, video, an_appearance(video, left=100.0))
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, an_appearance(video, left=100.0))
    if act:
        store.act(an_act(act, person, seen=[an_appearance(video, left=100.0)]))
    store.drop_spans(video.id)
    near, far = an_appearance(video, left=120.0), an_appearance(video, left=400.0)
    keep(store, video, near, far, digest="settings-b")
    assert {one: (row.person, row.status) for one, row in store.memberships().items()} == {near.id: (person, status)}


def test_a_face_elsewhere_or_at_another_moment_is_not_the_one_that_was_ruled_on(store):
    video = a_video()
    keep(store, video, an_appearance(video, 1, 2, left=100.0))
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, an_appearance(video, 1, 2, left=100.0))
    store.drop_spans(video.id)
    keep(store, video, an_appearance(video, 1, 2, left=130.0), an_appearance(video, 3, 4, left=100.0))
    assert store.memberships() == {}, "80 px wide boxes 30 px apart overlap by less than half"


def test_of_rulings_that_are_carried_over_the_last_holds_but_a_reviewers_outranks_runs(store):
    video = a_video()
    reviewed, plain = an_appearance(video, 1, 2), an_appearance(video, 4, 5)
    keep(store, video, reviewed, plain)
    first, second, third = store.new_person_ids(3, "run-1")
    settle_on(store, first, reviewed)
    settle_on(store, third, plain)
    store.act(an_act("confirm", first, seen=[reviewed]))
    settle_on(store, second, reviewed, plain, by="run:2")
    store.drop_spans(video.id)
    keep(store, video, reviewed, plain)
    assert {one: row.person for one, row in store.memberships().items()} == {reviewed.id: first, plain.id: second}


def test_the_last_claim_is_the_name_and_what_was_said_of_the_one_who_stays_outranks_their_aliases(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    first, second = store.new_person_ids(2, "run-1")
    settle_on(store, first, an_appearance(video))
    store.act(an_act("name", first, name="Jane", source="passport"))
    store.act(an_act("name", second, name="Joan", source="passport"))
    claim = NameClaim(name="Jane", by="ann", source="passport", at=NOON)
    assert store.names() == {first: [claim], second: [replace(claim, name="Joan")]}
    store.act(an_act("merge", first, second))
    assert store.names() == {first: [replace(claim, name="Joan"), claim]}
    assert (store.people()[0].name, store.log()[0].name) == ("Jane", "Jane")
    store.act(an_act("name", first, name=None))
    assert (store.people()[0].name, store.log()[0].name) == (None, "")


# logs --------------------------------------------------------------------------------------------


def test_tracks_of_one_person_with_a_gap_under_two_seconds_are_one_appearance(store):
    video = a_video(duration_s=60.0)
    when = [(1, 2), (3.8, 5), (7, 8), (20, 30), (22, 23), (31, 32)]
    tracks = [an_appearance(video, start, end, left=10.0 * at) for at, (start, end) in enumerate(when)]
    keep(store, video, *tracks)
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, *tracks)
    assert [(row.start_s, row.end_s, row.appearance_id, row.tracks, row.faces) for row in store.log()] == [
        (1.0, 5.0, tracks[0].id, (tracks[0].id, tracks[1].id), 13),
        (7.0, 8.0, tracks[2].id, (tracks[2].id,), 6),
        (20.0, 32.0, tracks[3].id, tuple(one.id for one in tracks[3:]), 63),
    ]


def test_the_unidentified_are_never_joined_and_neither_are_two_people(store):
    video = a_video()
    nobody = [an_appearance(video, 1, 2, left=10.0), an_appearance(video, 2.2, 3, left=10.0)]
    people = [an_appearance(video, 1, 2, left=300.0), an_appearance(video, 2.2, 3, left=300.0)]
    keep(store, video, *nobody, *people)
    for one, person in zip(people, store.new_person_ids(2, "run-1"), strict=True):
        settle_on(store, person, one)
    settle_on(store, None, nobody[0], verdict="unsure")
    assert len(store.log()) == 4
    assert {row.appearance_id for row in store.log("")} == {one.id for one in nobody}


def test_a_joined_row_has_the_best_face_its_evidence_and_the_lowest_probability(store):
    video = a_video()
    good, poor = an_appearance(video, 1, 2, quality=0.9), an_appearance(video, 3, 4, quality=0.4)
    keep(store, video, poor, good)
    (person,) = store.new_person_ids(1, "run-1")
    given = [
        a_membership(good, person, probability=0.95, evidence="2/2 a,b"),
        a_membership(poor, person, probability=0.7, evidence="1/2 a"),
    ]
    store.rule([], given)
    store.act(an_act("confirm", person, seen=[poor]))
    (row,) = store.log()
    best = good.portraits[0].face
    assert (row.face, row.face_s, row.quality) == (best.id, best.moment.seconds, 0.9)
    assert row.box == (best.box.left, best.box.top, best.box.right, best.box.bottom)
    assert (row.probability, row.evidence, row.status) == (0.7, "2/2 a,b", "proposed")


def test_what_was_rejected_is_shown_as_such_and_never_joined(store):
    video = a_video()
    yes, no = an_appearance(video, 1, 2), an_appearance(video, 2.2, 3)
    keep(store, video, yes, no)
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, yes, no)
    store.act(an_act("reject", person, seen=[no]))
    assert [row.status for row in store.log(person)] == ["proposed", "rejected"]
    assert store.people()[0].appearances == (yes.id,)
    assert {row.person_id for row in store.observations() if row.track_id == no.id} == {""}


def test_the_log_is_in_order_of_video_then_start(store):
    b, a = a_video("b.mp4"), a_video("a.mp4")
    keep(store, b, an_appearance(b, 5, 6), an_appearance(b, 1, 2))
    keep(store, a, an_appearance(a, 3, 4))
    assert [(row.video, row.start_s) for row in store.log()] == [("a.mp4", 3.0), ("b.mp4", 1.0), ("b.mp4", 5.0)]


def test_the_time_of_an_appearance_is_the_clocks_plus_its_start(store):
    zone = a_video("zone.mp4", recorded_at=NOON.astimezone(timezone(timedelta(hours=2))))
    naive = a_video("naive.mp4", recorded_at=NOON.replace(tzinfo=None), clock="exif")
    none = a_video("none.mp4", recorded_at=None, clock="none")
    for video in (zone, naive, none):
        keep(store, video, an_appearance(video))
    rows = {row.video: (row.recorded_at, row.clock) for row in store.log()}
    assert rows["zone.mp4"] == ("2024-05-01T12:00:01.000Z", "quicktime")
    assert rows["naive.mp4"] == ("2024-05-01T12:00:01.000", "exif")
    assert rows["none.mp4"] == ("", "none")


def test_every_face_is_observed_in_order_of_video_and_time(store):
    b, a = a_video("b.mp4"), a_video("a.mp4")
    left, right = an_appearance(b, 1, 2, left=10.0), an_appearance(b, 1.2, 2, left=300.0)
    keep(store, b, left, right)
    keep(store, a, an_appearance(a))
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, right)
    rows = list(store.observations())
    assert [(row.video, row.time_s) for row in rows] == sorted((row.video, row.time_s) for row in rows)
    assert len(rows) == 6 + 6 + 5
    assert {row.track_id for row in rows if row.person_id == person} == {right.id}
    first = next(row for row in rows if row.track_id == left.id)
    assert (first.pts, first.frame, first.box, first.seen_by) == (1000, 30, (10.0, 50.0, 90.0, 150.0), "mtcnn")


def test_joined_tracks_share_an_appearance_id_in_observations(store):
    video = a_video()
    tracks = [an_appearance(video, 1, 2), an_appearance(video, 3, 4)]
    keep(store, video, *tracks)
    (person,) = store.new_person_ids(1, "run-1")
    settle_on(store, person, *tracks)
    rows = list(store.observations())
    assert {row.appearance_id for row in rows} == {tracks[0].id}
    assert {row.track_id for row in rows} == {one.id for one in tracks}


# mishaps and runs --------------------------------------------------------------------------------


def mishap(video: str, at_s: float | None = None, reason: str = "It is broken.") -> Mishap:
    return Mishap(video=video, moment_s=at_s, room="footage", reason=reason, remedy="Mend it.")


def test_mishaps_of_a_span_stand_until_the_video_is_watched_again(store):
    video = a_video()
    keep(store, video, mishaps=(mishap(video.name, 3.0),))
    assert store.mishaps() == [mishap(video.name, 3.0)]
    store.drop_spans(video.id)
    assert store.mishaps() == []
    keep(store, video)
    assert store.mishaps() == []


def test_what_kept_a_span_from_being_watched_stands_until_all_of_the_video_was(store):
    video = a_video()
    store.add_video(video, 7, "run-1")
    store.keep_mishap(video.id, mishap(video.name, 0.0))
    store.keep_span(a_watched(video, span=a_span(video, 1, 5.0)), 2, DIGEST, "run-1")
    assert store.mishaps() == [mishap(video.name, 0.0)]
    store.keep_span(a_watched(video, span=a_span(video, 0, 0.0, 5.0)), 2, DIGEST, "run-1")
    assert store.mishaps() == []


def test_a_file_that_could_not_be_read_stands_until_it_can(store):
    video = a_video()
    for run in ("run-1", "run-2"):
        store.begin_run(a_run(run))
        store.end_run(run, Diff(), [mishap(video.name), mishap("other.mp4")], {})
    assert store.mishaps() == [mishap(video.name), mishap("other.mp4")], "each once"
    store.add_video(video, 7, "run-3")
    assert store.mishaps() == [mishap("other.mp4")]


def test_a_run_comes_back_with_what_it_did(store, reopen):
    run = a_run(spaces=(SPACE,), settings={"pack": "builtin", "faces": {"detectors": ["mtcnn"]}})
    diff = Diff(
        new=("P-000003",),
        seen_again=("P-000001",),
        merged=(("P-000002", "P-000001"),),
        split=(("P-000001", "P-000004"),),
        bar=(4.5, 5.0),
    )
    store.begin_run(run)
    store.begin_run(run)
    assert store.runs()[0].ended is None
    store.end_run(run.id, diff, [mishap("x.mp4")], {"seconds": 1.5})
    (record,) = reopen().runs()
    assert (record.run, record.diff, record.mishaps) == (run, diff, (mishap("x.mp4"),))
    assert record.timings == {"seconds": 1.5}
    assert record.ended is not None


# all or nothing ----------------------------------------------------------------------------------


def test_all_of_atomic_happens_or_nothing(store):
    video = a_video()
    keep(store, video, an_appearance(video))
    before = facts(store)

    def fail() -> None:
        with store.atomic():
            settle_on(store, *store.new_person_ids(1, "run-1"), an_appearance(video))
            store.drop_spans(video.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert facts(store) == before
    assert store.new_person_ids(1, "run-1") == ["P-000001"], "nobody ever heard of the one before"


def test_inside_atomic_what_fails_is_undone_alone(store):
    def fail() -> None:
        with store.atomic():
            store.add_video(a_video("bad.mp4"), 7, "run-1")
            raise ZeroDivisionError

    with store.atomic():
        store.add_video(a_video("good.mp4"), 7, "run-1")
        with pytest.raises(ZeroDivisionError):
            fail()
    assert [video.name for video in store.videos()] == ["good.mp4"]


def test_everything_is_there_when_the_archive_is_opened_again(store, reopen):
    video = a_video()
    keep(store, video, an_appearance(video), mishaps=(mishap(video.name),))
    settle_on(store, *store.new_person_ids(1, "run-1"), an_appearance(video))
    before = facts(store)
    assert facts(reopen()) == before


def test_who_can_be_recognised_is_told_with_a_vector_each(store: Store) -> None:
    video = a_video()
    known, rejected, nobody = (
        an_appearance(video, left=left, direction=place) for place, left in enumerate((0, 200, 400))
    )
    keep(store, video, known, rejected, nobody)
    (person,) = store.new_person_ids(1, "run-1")
    store.rule([], [a_membership(known, person), a_membership(rejected, person)])
    store.act(an_act("reject", person, seen=[rejected]))
    references = store.references(SPACE)
    who = {one.decode(): place for one, place in zip(references.ids.tolist(), references.who.tolist(), strict=True)}
    assert references.people == (person,)
    assert who == {known.id: 0, rejected.id: -1, nobody.id: -1}
    row = references.ids.tolist().index(known.id.encode())
    assert float(references.vectors[row].astype(np.float32) @ known.embeddings[0].vector) == pytest.approx(1, abs=1e-3)
    assert references.qualities[row] == pytest.approx(known.quality)


def test_faces_of_some_appearances_come_by_time_with_their_boxes(store: Store) -> None:
    video = a_video()
    first, second = an_appearance(video, 3, 4), an_appearance(video, 1, 2, left=300.0)
    keep(store, video, first, second)
    found = store.faces_of([first.id, second.id])
    assert [at_s for at_s, _ in found] == sorted(face.moment.seconds for one in (first, second) for face in one.faces)
    assert found[0] == (1.0, (300.0, 50.0, 380.0, 150.0))
    assert store.faces_of([]) == []
