"""100,000 rulings in one archive: how long one more, its undo, the log and the painting after it take.

    python -m benchmarks rulings [RULINGS] [TRACKS] [FOLDER]
    python -m benchmarks rulings ARCHIVE     measures one that was made before, and changes it

The rulings are of all kinds, most of them small, as a reviewer's are: a person has some ten appearances, people
are merged in pairs, a tenth of it is undone. Portraits are 24 px. Every act that is measured goes through the
library call that the command line uses.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crossid.archive import ArchiveSettings, open_archive, paint
from crossid.errors import RulingError
from crossid.pipeline.reviewing import review
from tests.builders import NOON, a_membership, a_ruling, a_run, a_video, a_watched, an_act, an_appearance

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossid.archive import Store
    from crossid.archive.acts import Act

SETTINGS = ArchiveSettings()
PER_VIDEO = 50
PER_PERSON = 5


def fill(store: Store, tracks: int) -> list[str]:
    """Videos of 50 tracks; every fifth track is the same person's."""
    store.begin_run(a_run())
    people = store.new_person_ids(tracks // PER_PERSON, "run-1")
    with store.atomic():
        for number in range(tracks // PER_VIDEO):
            video = a_video(f"video-{number}.mp4", duration_s=1000.0)
            seen = [an_appearance(video, 5.0 * at, 5.0 * at + 1, direction=at) for at in range(PER_VIDEO)]
            store.add_video(video, 7, "run-1")
            store.keep_span(a_watched(video, *seen), 1, "settings", "run-1")
            who = [(one, people[(number * PER_VIDEO + at) % len(people)]) for at, one in enumerate(seen)]
            store.rule([a_ruling(*pair) for pair in who], [a_membership(*pair) for pair in who])
    return people


def an_idea(people: list[str], tracks: list[str], chance: random.Random, number: int) -> Act:
    """What a reviewer might do next."""
    place = chance.randrange(len(people))
    person, other = people[place], people[place ^ 1]  # pairs, and not everybody in the end
    kind = chance.choices(
        ["name", "confirm", "move", "reject", "not-a-face", "merge", "undo", "note", "ignore"],
        [20, 20, 25, 10, 3, 2, 10, 5, 5],
    )[0]
    at = NOON + timedelta(seconds=number)
    some = (chance.choice(tracks),)
    given: dict[str, Act] = {
        "name": an_act("name", person, name=f"Name {number}", source="benchmark"),
        "confirm": an_act("confirm", person),
        "move": an_act("move", person, appearances=some),
        "reject": an_act("reject", person, appearances=some),
        "not-a-face": an_act("not-a-face", appearances=some),
        "merge": an_act("merge", person, other),
        "undo": an_act("undo", acts=(chance.randrange(1, number + 1),)),
        "note": an_act("note", person, why="benchmark"),
        "ignore": an_act("ignore", person),
    }
    return replace(given[kind], at=at)


def rule(store: Store, people: list[str], rulings: int) -> None:
    """Do what makes sense of as many ideas as it takes."""
    chance = random.Random(7)
    tracks = sorted(store.memberships())
    done, number = 0, 0
    while done < rulings:
        with store.atomic():
            for _ in range(1000):
                number += 1
                try:
                    store.act(an_idea(people, tracks, chance, max(1, done)))
                except RulingError:
                    continue
                done += 1
                if done == rulings:
                    return
        print(f"\r{done:,} rulings", end="", file=sys.stderr)


def timed(what: str, act: Callable[[], object], times: int = 5) -> None:
    """Median of some tries: seconds of the clock, and of computing, which others on the machine change less."""
    tries = []
    for _ in range(times):
        began, computed = time.perf_counter(), time.process_time()
        act()
        tries.append((time.perf_counter() - began, time.process_time() - computed))
    clock, computing = (sorted(column)[times // 2] for column in zip(*tries, strict=True))
    print(f"{what:40} {clock:7.3f} s, computing {computing:7.3f} s", flush=True)


def looking(folder: Path, ask: Callable[[Store], object]) -> Callable[[], object]:
    """Something that is asked of an archive that is opened for it."""

    def asked() -> object:
        with closing(open_archive(folder, SETTINGS)) as store:
            return ask(store)

    return asked


def main(words: list[str]) -> None:
    """Fill, rule, measure."""
    if words and Path(words[0]).is_dir():
        with closing(open_archive(Path(words[0]), SETTINGS)) as store:
            people = [person.id for person in store.people()]
        measure(Path(words[0]), people)
        return
    rulings, tracks, where = [*words, *["100000", "5000", ""][len(words) :]]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(where or scratch) / "archive"
        with closing(open_archive(folder, SETTINGS, write=True, create=True)) as store:
            began = time.perf_counter()
            people = fill(store, int(tracks))
            rule(store, people, int(rulings))
            print(f"\nmade in {time.perf_counter() - began:.0f} s", file=sys.stderr)
            paint(store)
        measure(folder, people)


def measure(folder: Path, people: list[str]) -> None:
    """Everything a reviewer waits for, archive opened and folders painted."""
    database = (folder / "crossid.db").stat().st_size / 1e6
    print(f"database {database:.0f} MB, {len(list((folder / 'people').iterdir())):,} people")
    with closing(open_archive(folder, SETTINGS)) as store:
        old = iter([one.number for one in store.ledger() if one.stands and one.kind not in {"undo", "redo"}])
        there = iter([person.id for person in store.people()])
    names = iter(range(1000))
    timed("name: act and paint", lambda: review(folder, an_act("name", people[0], name=f"N{next(names)}")))
    timed("undo the last: act and paint", lambda: review(folder, an_act("undo")))
    timed("dry run of an old undo", lambda: review(folder, an_act("undo", acts=(next(old),)), dry_run=True))
    timed("undo an old one: act and paint", lambda: review(folder, an_act("undo", acts=(next(old),))))
    timed("redo: act and paint", lambda: review(folder, an_act("redo")))
    timed("merge: act and paint", lambda: review(folder, an_act("merge", next(there), next(there))))
    timed("log, last 50", looking(folder, lambda store: store.ledger(last=50)))
    timed("log of a person", looking(folder, lambda store: store.ledger(people[1])))
    timed("log, all", looking(folder, lambda store: store.ledger()))
    timed("what binds a run", looking(folder, lambda store: store.reviewed()))
    timed("check the ledger", looking(folder, lambda store: store.check_ledger()))

    def repaint() -> None:
        with closing(open_archive(folder, SETTINGS, write=True)) as store:
            store.act(an_act("note", people[0], why=f"paint {next(names)}"))
            paint(store, reviewed=True)

    def paint_everything() -> None:
        with closing(open_archive(folder, SETTINGS, write=True)) as store:
            paint(store)

    timed("paint what one ruling changed", repaint)
    timed("paint everything anew, nothing changed", paint_everything)
