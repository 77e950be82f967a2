"""The graph of who may be whom is that of the set of appearances: neither order nor tiles nor threads have a say."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossid.people import LEAST, exhaustive, nearest, similarity
from crossid.people.calibration import Calibration
from crossid.people.exhaustive import least_cosines, least_evidence
from crossid.people.lattice import COSINE, LENGTH, STEPS, rows_of
from crossid.people.nearest import FLOOR
from crossid.people.similarity import graph_of, log_odds, neighbours
from crossid.types import Gallery, Neighbours, Space

BAR = 4.5
READS = Calibration(
    pivot=0.5, cosine=20.0, cosine_quality=10.0, quality=-4.0, bias=2.0, member_slope=1.0, member_bias=0.0
)


def crowd(size: int, seed: int, *, people: int = 4, twins: int = 0, dimensions: int = 9) -> Gallery:
    """Appearances of a few people, some of them so often the same picture that values are equal."""
    dice = np.random.default_rng(seed)
    vectors = dice.normal(0, 1, (people, dimensions))[dice.integers(0, people, size)]
    vectors = vectors + dice.normal(0, 0.3, vectors.shape)
    qualities = dice.integers(1, 5, size) / 4
    vectors[:twins], qualities[:twins] = vectors[:1], qualities[:1]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return Gallery(
        space=Space(name="toy", dimensions=dimensions, fingerprint="0" * 16),
        ids=tuple(f"{int(number):016x}" for number in dice.permutation(size)),
        videos=("v",) * size,
        starts=np.arange(size, dtype=float),
        ends=np.arange(size, dtype=float),
        qualities=qualities,
        vectors=vectors,
        boxes=(np.zeros((1, 5), np.float32),) * size,
    )


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of five, and tiles of seven: what happens to a hundred thousand happens to a hundred."""
    monkeypatch.setattr(nearest, "MOST", 5)
    monkeypatch.setattr(nearest, "BLOCK", 11)
    monkeypatch.setattr(exhaustive, "TILE", 7)
    monkeypatch.setattr(exhaustive, "SLAB", 3)
    monkeypatch.setattr(exhaustive, "AT_ONCE", 9)
    monkeypatch.setattr(similarity, "PIECE", 13)


sizes = st.integers(0, 60)
seeds = st.integers(0, 2**20)


@settings(max_examples=25, deadline=None)
@given(size=sizes, seed=seeds, twins=st.integers(0, 30), tile=st.integers(1, 70), cores=st.integers(1, 5))
def test_neither_order_nor_tiles_nor_cores_matter(size: int, seed: int, twins: int, tile: int, cores: int) -> None:
    gallery = crowd(size, seed, twins=min(twins, size))
    straight = log_odds(gallery, READS, BAR).toarray()
    order = np.random.default_rng(seed).permutation(size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exhaustive, "TILE", tile)
        patch.setattr(exhaustive, "cores", lambda: cores)
        shuffled = log_odds(gallery.taken(order), READS, BAR).toarray()
    assert np.array_equal(straight[order][:, order], shuffled)
    assert np.array_equal(straight, straight.T)


@settings(max_examples=25, deadline=None)
@given(size=sizes, seed=seeds)
def test_a_pair_is_held_if_it_is_among_the_surest_of_either(size: int, seed: int) -> None:
    gallery = crowd(size, seed)
    rows = rows_of(gallery)
    vectors = rows.vectors.astype(np.float64)
    cosines = (vectors @ vectors.T).astype(np.float32) * COSINE
    evidence = READS.evidence(cosines, np.minimum.outer(rows.qualities, rows.qualities))
    np.fill_diagonal(evidence, -np.inf)
    fifth = np.sort(evidence, axis=1)[:, -5:][:, :1] if size > 5 else np.full((size, 1), -np.inf)
    held = ((evidence >= fifth) | (evidence >= fifth.T)) & (evidence - np.float32(BAR) > LEAST)
    assert np.array_equal(log_odds(gallery, READS, BAR).toarray() != 0, held & (evidence != np.float32(BAR)))


@settings(max_examples=10, deadline=None)
@given(size=sizes, seed=seeds)
def test_another_bar_needs_no_other_search(size: int, seed: int) -> None:
    gallery = crowd(size, seed)
    lists = neighbours(gallery, READS)
    for bar in (4.5, 5.0, 5.5, 6.0):
        assert np.array_equal(graph_of(lists, bar).toarray(), log_odds(gallery, READS, bar).toarray())
    assert all(lists.evidence >= FLOOR)
    assert all(lists.counts <= 5)


@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_a_product_on_the_lattice_is_exact_in_single_precision(seed: int) -> None:
    dice = np.random.default_rng(seed)
    vectors = dice.normal(0, 1, (40, 512)) * dice.choice([0.01, 1, 30], (1, 512))
    vectors[:5] = vectors[:1] + dice.normal(0, 1e-4, (5, 512))
    gallery = crowd(40, seed, dimensions=512)
    gallery.vectors[:] = vectors
    lattice = rows_of(gallery).vectors
    whole = np.rint(lattice.astype(np.float64) * STEPS).astype(np.int64)
    assert np.array_equal(whole / STEPS, lattice)
    assert np.array_equal(rows_of(gallery).full(np.arange(40)), lattice.astype(np.float32))
    exact = whole @ whole.T
    assert exact.max() < 2**24
    assert np.abs(np.sqrt(np.diag(exact)) - LENGTH).max() < STEPS - LENGTH
    single = lattice.astype(np.float32)
    for order in (np.arange(512), dice.permutation(512)):
        assert np.array_equal(single[:, order] @ single[:, order].T, exact / STEPS**2)


@settings(max_examples=60, deadline=None)
@given(
    data=st.tuples(*[st.floats(-30, 30)] * 5),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    asked=st.floats(-5, 20),
)
def test_no_pair_that_has_enough_evidence_is_dismissed(
    data: tuple[float, ...], ends: tuple[float, float], asked: float
) -> None:
    gain, more, slope, bias, pivot = data
    reads = Calibration(
        pivot=pivot / 30,
        cosine=abs(gain) + 1,
        cosine_quality=more,
        quality=slope,
        bias=bias,
        member_slope=1,
        member_bias=0,
    )
    low, high = (np.array([end], np.float32) for end in sorted(ends))
    least = least_cosines(reads, np.array([asked], np.float32), low, high)[0]
    qualities = np.linspace(low[0], high[0], 300)
    gains = reads.cosine + reads.cosine_quality * qualities**2
    needed = reads.pivot + (asked - bias - slope * qualities) / gains
    assert least <= needed[gains > 0].min(initial=np.inf) + 1e-6 * max(1, abs(least))


@settings(max_examples=60, deadline=None)
@given(
    data=st.tuples(*[st.floats(-30, 30)] * 5),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    cosine=st.floats(-1, 1),
)
def test_no_more_is_asked_of_a_list_than_pairs_have(
    data: tuple[float, ...], ends: tuple[float, float], cosine: float
) -> None:
    gain, more, slope, bias, pivot = data
    reads = replace(READS, pivot=pivot / 30, cosine=abs(gain) + 1, cosine_quality=more, quality=slope, bias=bias)
    low, high = (np.array([end], np.float32) for end in sorted(ends))
    least = least_evidence(reads, np.array([cosine], np.float32), low, high)[0]
    qualities = np.linspace(low[0], high[0], 300, dtype=np.float32)
    assert least <= reads.evidence(np.full(300, cosine, np.float32), qualities).min() + 1e-4


def test_cores_that_share_the_tiles_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of tiles, most of them full of equals: several cores fill the lists, which come out the same."""
    gallery = crowd(200, 2, people=3, twins=100)
    lists = []
    for number in (1, 2, 7):
        monkeypatch.setattr(exhaustive, "cores", lambda number=number: number)
        lists.append(neighbours(gallery, READS))
    assert same(lists[0], lists[1])
    assert same(lists[0], lists[2])


def test_what_stops_one_core_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exhaustive, "cores", lambda: 3)
    heard = []

    def hear(done: int, of: int) -> None:
        heard.append((done, of))
        if done > 20:
            raise MemoryError

    with pytest.raises(MemoryError):
        neighbours(crowd(300, 2), READS, progress=hear)
    assert {of for _, of in heard} == {43 * 44 // 2}
    assert len(heard) < 40


@pytest.mark.slow
def test_a_hundred_thousand_identical_lists_stay_bounded() -> None:
    """Here a thousand, in lists of five: nobody's list grows, and all of them are full."""
    gallery = crowd(1000, 1, twins=1000)
    lists = neighbours(gallery, READS)
    assert set(lists.counts.tolist()) == {5}
    assert len(lists.columns) == 5000
    assert log_odds(gallery, READS, BAR).nnz <= 2 * 5000


def test_whoever_has_no_vector_or_quality_is_like_nobody() -> None:
    gallery = crowd(12, 3, people=1)
    gallery.vectors[0], gallery.vectors[1], gallery.vectors[2], gallery.qualities[3] = np.nan, 0, np.inf, np.nan
    graph = log_odds(gallery, READS, BAR).toarray()
    assert not graph[:4].any()
    assert graph[4:, 4:].any()


def test_one_or_nobody_is_no_difficulty() -> None:
    for size in (0, 1):
        assert log_odds(crowd(size, 1), READS, BAR).shape == (size, size)


def same(one: Neighbours, other: Neighbours) -> bool:
    return one.mark == other.mark and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("marks", "counts", "columns", "evidence")
    )


@settings(max_examples=40, deadline=None)
@given(size=sizes, seed=seeds, twins=st.integers(0, 30), data=st.data())
def test_lists_that_are_kept_between_runs_are_those_of_one_search(
    size: int, seed: int, twins: int, data: st.DataObject
) -> None:
    """Whatever comes and goes from run to run, and in whatever order."""
    whole, kept = crowd(size, seed, twins=min(twins, size)), None
    everybody = list(range(size))
    for _ in range(data.draw(st.integers(1, 4))):
        there = data.draw(st.lists(st.sampled_from(everybody), unique=True) if everybody else st.just([]))
        now = whole.taken(np.array(there, int))
        kept = neighbours(now, READS, kept)
        assert same(kept, neighbours(now, READS))


def test_when_nobody_came_or_went_nothing_is_compared() -> None:
    gallery = crowd(30, 5)
    kept = neighbours(gallery, READS)
    assert neighbours(gallery, READS, kept) is kept


def test_whoever_changed_is_compared_anew() -> None:
    gallery = crowd(30, 5)
    kept = neighbours(gallery, READS)
    gallery.vectors[3], gallery.qualities[4] = -gallery.vectors[3], 0.9
    assert same(neighbours(gallery, READS, kept), neighbours(gallery, READS))


@pytest.mark.parametrize("what", ["calibration", "space"])
def test_lists_of_another_calibration_or_space_are_made_anew(what: str) -> None:
    gallery = crowd(30, 5)
    reads = replace(READS, bias=3.0) if what == "calibration" else READS
    elsewhere = gallery if what == "calibration" else replace(gallery, space=replace(gallery.space, name="other"))
    assert same(neighbours(gallery, READS, neighbours(elsewhere, reads)), neighbours(gallery, READS))


@settings(max_examples=15, deadline=None)
@given(seed=seeds, data=st.data())
def test_what_is_ruled_to_be_no_face_keeps_nobody_out_of_a_list(seed: int, data: st.DataObject) -> None:
    """Whatever is ruled from run to run, faces have the neighbours that they have among faces."""
    gallery, kept = crowd(30, seed, people=2, twins=20), None
    for _ in range(3):
        faceless = data.draw(st.frozensets(st.sampled_from(gallery.ids)))
        kept = neighbours(gallery, READS, kept, faceless)
        faces = np.array([row for row, one in enumerate(gallery.ids) if one not in faceless], int)
        alone = np.zeros((30, 30))
        alone[np.ix_(faces, faces)] = log_odds(gallery.taken(faces), READS, BAR).toarray()
        assert np.array_equal(graph_of(kept, BAR).toarray(), alone)
        assert same(kept, neighbours(gallery, READS, None, faceless))
