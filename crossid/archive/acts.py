"""What reviewers do, as it goes into the ledger and as it comes out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from crossid.types import Membership

ActKind = Literal[
    "name",
    "merge",
    "split",
    "move",
    "confirm",
    "reject",
    "not-a-face",
    "ignore",
    "unignore",
    "note",
    "undo",
    "redo",
    "forget",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a reviewer wants done; ids of people may be aliases, appearances are ids of tracks.

    ===========  ======================================================================================
    kind         what it says of `people`, `appearances`, …
    ===========  ======================================================================================
    name         the person is called `name` (None: not any more), says `source`; `alias`: among others
    merge        all of the people are the first
    split        the appearances, some of the person's, are somebody else: a new person
    move         the appearances are the person, or a new one if no person is named
    confirm      the appearances, or all that the person has, are rightly theirs
    reject       the appearances are not the first person, for good; neither are the other people
    not-a-face   the appearances show no face
    ignore       nobody need look for the people, or the appearances, any more
    unignore     they need after all
    note         `why` is worth knowing of the people and appearances
    forget       what there was of the people was erased, for good; see `Store.forget`
    undo, redo   the rulings whose numbers are `acts`, without any the last one, stand no more, or again
    ===========  ======================================================================================
    """

    kind: ActKind
    by: str
    at: datetime
    why: str = ""
    people: tuple[str, ...] = ()
    appearances: tuple[str, ...] = ()
    name: str | None = None
    source: str = ""
    alias: bool = False
    acts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger.

    `act` is None when its content was erased for somebody's sake; the rest stays, so that the chain
    still holds. `stands`: it was not undone. `created`: ids that it gave. `spaces` and `version`:
    the models and the program whose picture the reviewer saw. `unseen`: so many of its appearances
    have not been found again since their video was last watched. Hashes are hexadecimal SHA-256.
    """

    number: int
    kind: ActKind
    by: str
    at: datetime
    act: Act | None
    stands: bool
    created: tuple[str, ...]
    spaces: tuple[str, ...]
    version: str
    unseen: int
    commitment: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An appearance that is somebody else now, or on other grounds; None: nobody ever judged it."""

    appearance: str
    before: Membership | None
    after: Membership | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What an act did.

    `number` is its place in the ledger, `created` the ids that it gave, `people` everybody whose
    picture it changes, by id, those who are somebody else's alias by now included. `depends`: later
    rulings that stand on what was undone. `outranks`: earlier rulings that stand and say otherwise of
    the same people or appearances. `targets`: what an undo or redo is about.
    """

    number: int
    kind: ActKind
    created: tuple[str, ...]
    people: tuple[str, ...]
    shifts: tuple[Shift, ...]
    depends: tuple[int, ...] = ()
    outranks: tuple[int, ...] = ()
    targets: tuple[int, ...] = ()
