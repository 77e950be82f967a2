"""Reviewers' rulings, for every front door: open the archive, act, paint what changed, say what happened."""

from __future__ import annotations

from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crossid import archive
from crossid.archive import ArchiveSettings
from crossid.archive.acts import Act
from crossid.archive.naming import visible
from crossid.errors import ArchiveError, RulingError
from crossid.pipeline.clashing import clashes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from crossid.archive import Store
    from crossid.archive.acts import Acted, ActKind, Entry, Shift
    from crossid.pipeline.clashing import Clash
    from crossid.types import LogRow, NameClaim, Question

MOST_TOLD = 20
"""Rulings that depend on one that is undone, and are told one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody stands: `name` "" without one, `also` their other names; appearances as logs count them."""

    name: str
    appearances: int
    confirmed: int
    videos: int
    ignored: bool
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody whom a ruling touches; None: there is nobody of this id before, or after.

    `into`: the id that this one resolves to afterwards, "" if it is its own.
    """

    person: str
    before: Look | None
    after: Look | None
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What a ruling did or, with `dry_run`, would do.

    `number`: its place in the ledger, by which it can be undone. `created`: ids that it gives.
    `changes`: everybody whom it touches, by id. `shifts`: what becomes of each single appearance.
    `depends`: numbers of later rulings that stand on what is undone, in order; `depending`: the
    first `MOST_TOLD` of them. `outranks`: numbers of earlier rulings that stand and say otherwise of the
    same people or appearances, and count less from now on; `outranked`: the first of these. `clashes`:
    moments at which somebody is, by this ruling, in two places of one picture. `targets`: numbers of the
    rulings that it undoes or redoes. `why`: what the reviewer wrote, the text of a note among it.
    """

    number: int
    kind: ActKind
    dry_run: bool
    created: tuple[str, ...]
    changes: tuple[Change, ...]
    shifts: tuple[Shift, ...]
    depends: tuple[int, ...]
    depending: tuple[Entry, ...]
    outranks: tuple[int, ...]
    outranked: tuple[Entry, ...]
    clashes: tuple[Clash, ...]
    targets: tuple[int, ...]
    why: str


def review(
    folder: Path, act: Act, *, dry_run: bool = False, exact: bool = False, settings: ArchiveSettings | None = None
) -> Ruled:
    """Do what a reviewer says.

    Args:
        folder: The archive.
        act: What they say. Appearances are named as logs do: the id stands for all tracks that were joined.
        dry_run: Say what would happen, to the last id, and leave everything as it is.
        exact: Appearances are single tracks, as runs name them when they ask.
        settings: Where things are kept.

    Raises:
        RulingError: it makes no sense as things stand.
        ArchiveError: there is no such archive, person or appearance, or somebody else is writing.
    """
    with closing(archive.open_archive(folder, settings or ArchiveSettings(), write=True)) as store:
        ruled = review_in(store, act, dry_run=dry_run, exact=exact)
        if not dry_run:
            archive.paint(store, reviewed=True)
    return ruled


def review_in(store: Store, act: Act, *, dry_run: bool = False, exact: bool = False) -> Ruled:
    """The same in an archive that is open for writing already; painting is left to the caller."""
    act = _cleaned(act)
    if not exact:
        act = _told_apart(store, act)
    with undone_if(store, dry_run):
        with undone_if(store, True):  # who will be touched is known once it was tried
            touched = store.act(act).people
        before = _looks(store, touched)
        acted = store.act(act)
        return _ruled(store, acted, before, why=act.why, dry_run=dry_run)


def answer(
    folder: Path, question: Question, *, yes: bool, by: str, at: datetime, why: str = "", dry_run: bool = False
) -> Ruled:
    """Do what follows from a reviewer's answer to what a run asked."""
    return review(folder, act_for(question, yes=yes, by=by, at=at, why=why), dry_run=dry_run, exact=True)


def act_for(question: Question, *, yes: bool, by: str, at: datetime, why: str = "") -> Act:
    """What a reviewer does who answers a question.

    Two who are one are merged, and told apart for good if they are not; a person who is two is
    split, and confirmed if they are one; an appearance is confirmed or rejected.
    """
    kinds: dict[str, tuple[ActKind, ActKind]] = {
        "same": ("merge", "reject"),
        "mixed": ("split", "confirm"),
        "member": ("confirm", "reject"),
    }
    kind = kinds[question.kind][0 if yes else 1]
    named = question.kind == "member" or kind == "split"
    return Act(
        kind=kind,
        by=by,
        at=at,
        why=why,
        people=question.people,
        appearances=question.appearances if named else (),
    )


class _NotMeantError(Exception):
    """Takes back what was only tried."""


@contextmanager
def undone_if(store: Store, undone: bool) -> Iterator[None]:
    """A transaction that is taken back in the end if `undone`: what it would do is known, and nothing is done."""
    with suppress(_NotMeantError), store.atomic():
        yield
        _take_back(undone)


def _take_back(undone: bool) -> None:
    if undone:
        raise _NotMeantError


def _cleaned(act: Act) -> Act:
    """Names and texts on one line, in composed form, without what cannot be seen or is no text."""
    for text in (act.by, act.name or "", act.source, act.why):
        try:
            text.encode()
        except UnicodeEncodeError:
            raise RulingError(f"{text[:80]!a} is no text.", remedy="Write it in UTF-8.") from None
    name = None if act.name is None else visible(act.name).strip()
    return replace(act, by=visible(act.by).strip(), name=name, source=visible(act.source).strip(), why=act.why.strip())


def _told_apart(store: Store, act: Act) -> Act:
    """Ids of appearances as logs show them become those of all tracks that were joined."""
    tracks = [track for one in act.appearances for track in _tracks(store, one)]
    return replace(act, appearances=tuple(dict.fromkeys(tracks)))


def _tracks(store: Store, appearance: str) -> Sequence[str]:
    try:
        person = store.sighting(appearance).person_id
    except KeyError:
        raise ArchiveError(
            f"There is no appearance {appearance[:80]!r} in this archive.",
            remedy="crossid show PERSON --json lists appearances with their ids.",
        ) from None
    joined = {row.appearance_id: row.tracks for row in store.log(person)} if person else {}
    return joined.get(appearance, (appearance,))


def _looks(store: Store, people: Iterable[str]) -> dict[str, Look]:
    """How people stand who are themselves, and not somebody else's alias."""
    people = [person for person in people if _resolved(store, person) == person]
    looks, ignored, claims = {}, store.ignored(people), store.names(people)
    for person in people:
        looks[person] = _look(store.log(person), claims.get(person, ()), ignored=person in ignored)
    return looks


def _resolved(store: Store, person: str) -> str:
    """Whom an id stands for, "" for one that is not given yet."""
    try:
        return store.resolve(person)
    except ArchiveError:
        return ""


def _look(rows: Sequence[LogRow], claims: Sequence[NameClaim], *, ignored: bool) -> Look:
    standing = [row for row in rows if row.status != "rejected"]
    return Look(
        name=next((one.name or "" for one in reversed(claims) if not one.alias), ""),
        appearances=len(standing),
        confirmed=sum(row.status == "confirmed" for row in standing),
        videos=len({row.video_sha256 for row in standing}),
        ignored=ignored,
        also=tuple(dict.fromkeys(one.name for one in claims if one.alias and one.name)),
    )


def _ruled(store: Store, acted: Acted, before: Mapping[str, Look], *, why: str, dry_run: bool) -> Ruled:
    after = _looks(store, acted.people)
    return Ruled(
        number=acted.number,
        kind=acted.kind,
        dry_run=dry_run,
        created=acted.created,
        changes=tuple(
            Change(person=one, before=before.get(one), after=after.get(one), into=_into(store, one))
            for one in acted.people
        ),
        shifts=acted.shifts,
        depends=acted.depends,
        depending=_told(store, acted.depends),
        outranks=acted.outranks,
        outranked=_told(store, acted.outranks),
        clashes=clashes(store, acted.shifts),
        targets=acted.targets,
        why=why,
    )


def _told(store: Store, numbers: Sequence[int]) -> tuple[Entry, ...]:
    """The first of some rulings, as the ledger has them."""
    return tuple(store.ledger(numbers=numbers[:MOST_TOLD])) if numbers else ()


def _into(store: Store, person: str) -> str:
    found = _resolved(store, person)
    return "" if found == person else found


def proposed_split(store: Store, person: str) -> Question:
    """The last run's question whether a person is two.

    Raises:
        RulingError: it did not ask.
    """
    found = store.resolve(person)
    for question in store.questions():
        if question.kind == "mixed" and question.people == (found,):
            return question
    raise RulingError(
        f"The last scan did not propose to split {found}.", remedy=f"Name appearances: crossid show {found}."
    )
