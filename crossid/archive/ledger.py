"""The ledger: every act of a reviewer, each line sealed with the hash of the one before.

A line commits to its content by `sha256(salt + content)`. Content and salt can be erased for a
person's sake; nobody can then find out what was said by trying names, and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crossid import __version__
from crossid.archive.acts import Act, Entry
from crossid.archive.ids import id_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crossid.archive.database import Database
    from crossid.archive.deeds import Deed

FIRST = "0" * 64
"""What the first line names as the hash of the one before."""
SALT_BYTES = 32

ENTRIES = """
SELECT number, kind, "by", at, targets, commitment, previous, hash, content, stands,
       (SELECT count(DISTINCT face) FROM verdicts WHERE act = number AND track IS NULL)
FROM acts {which} ORDER BY number
"""

FOLLOWING = {
    "verdicts": (
        'SELECT act, face, video, pts, "left", top, "right", bottom, person, verdict FROM verdicts ORDER BY key'
    ),
    "merges": "SELECT act, gone, stays FROM merges ORDER BY act, gone",
    "names": "SELECT act, person, name, source, alias FROM names",
    "concerned": "SELECT act, person, holds FROM act_persons ORDER BY act, person",
}
"""What follows from acts and people are computed from; the ledger's words bear it out."""


UNEXPLAINED = """
SELECT number FROM acts WHERE content IS NULL AND NOT EXISTS (
    SELECT 1 FROM act_persons about JOIN act_persons gone ON gone.person = about.person
    JOIN acts forgetting ON forgetting.number = gone.act
    WHERE about.act = acts.number AND forgetting.kind = 'forget' AND forgetting.content IS NOT NULL
) ORDER BY number
"""


def next_number(database: Database) -> int:
    """The place of the next act in the ledger."""
    number: int = database.value("SELECT coalesce(max(number), 0) + 1 FROM acts")
    return number


def append(database: Database, number: int, act: Act, targets: Sequence[int], said: dict[str, Any]) -> None:
    """Add a line.

    Args:
        database: The archive's, in a transaction.
        number: As `next_number` says.
        act: What was done.
        targets: Acts that it undoes or redoes.
        said: Its content, as `content_of` has it.
    """
    content, salt = canonical(said), secrets.token_bytes(SALT_BYTES)
    previous = database.value("SELECT hash FROM acts WHERE number = ?", [number - 1]) or FIRST
    head = [number, act.kind, act.by, act.at.isoformat(), json.dumps(targets), commit(salt, content), previous]
    database.insert("acts", [*head, seal(head), content, salt, True])


def entries(database: Database, which: str = "", parameters: Sequence[Any] = ()) -> Iterator[Entry]:
    """Lines in order.

    Args:
        database: The archive's.
        which: SQL that chooses among `acts`.
        parameters: Its parameters.
    """
    for row in database.rows(ENTRIES.format(which=which), parameters):
        yield _entry(row)


def faults(database: Database) -> list[str]:
    """Read the whole ledger and say what does not fit, in sentences without capital or full stop; none if all fits."""
    found, previous, last = [], FIRST, 0
    rows = database.rows(
        'SELECT number, kind, "by", at, targets, commitment, previous, hash, content, salt FROM acts ORDER BY 1'
    )
    for *head, sealed, content, salt in rows:
        number, commitment, before = head[0], head[5], head[6]
        if number != last + 1:
            found.append(f"the ledger lacks what came before ruling {number}")
        if before != previous or seal(head) != sealed:
            found.append(f"ruling {number} of the ledger does not follow from the one before it")
        if (content is None) != (salt is None) or (content is not None and commit(salt, content) != commitment):
            found.append(f"ruling {number} of the ledger does not say what it said when it was made")
        previous, last = sealed, number
    if last < (database.value("SELECT seq FROM sqlite_sequence WHERE name = 'acts'") or 0):
        found.append(f"the ledger lacks what came after ruling {last}")
    found += [
        f"ruling {number} was erased, and it is about nobody who was forgotten"
        for (number,) in database.rows(UNEXPLAINED)
    ]
    return found + _unborne(database)


def canonical(content: Any) -> str:
    """JSON in one form only: sorted keys, no spaces, plain ASCII."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def commit(salt: bytes, content: str) -> str:
    """What a line says of its content."""
    return hashlib.sha256(salt + content.encode()).hexdigest()


def seal(head: Sequence[Any]) -> str:
    """The hash of a line: of number, kind, by, at, targets, commitment and the hash of the line before."""
    return hashlib.sha256(canonical(list(head)).encode()).hexdigest()


def content_of(database: Database, act: Act, deed: Deed, pins: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    """What a line says, and commits to.

    Args:
        database: The archive's.
        act: What was done.
        deed: What follows from it.
        pins: (face, video, pts, left, top, right, bottom) of each verdict of the deed.
    """
    spaces = database.rows(
        "SELECT name, dimensions, fingerprint FROM spaces "
        "WHERE EXISTS (SELECT 1 FROM embeddings WHERE space = spaces.key) ORDER BY key"
    )
    called = [] if deed.called is None else [(deed.called, act.name, act.source, int(act.alias))]
    return {
        "why": act.why,
        "people": act.people,
        "appearances": act.appearances,
        "name": act.name,
        "source": act.source,
        "alias": act.alias,
        "created": [id_of(number) for number in deed.created],
        "follows": {
            "verdicts": [(*pin, *said) for pin, (_, *said) in zip(pins, deed.verdicts, strict=True)],
            "merges": sorted(deed.merges),
            "names": called,
            "concerned": sorted((person, int(holds)) for person, holds in deed.concerned.items()),
        },
        "spaces": ["/".join(map(str, space)) for space in spaces],
        "version": __version__,
    }


def _entry(row: tuple[Any, ...]) -> Entry:
    number, kind, by, at, targets, commitment, previous, sealed, content, stands, unseen = row
    said = json.loads(content) if content else None
    when = datetime.fromisoformat(at)
    return Entry(
        number=number,
        kind=kind,
        by=by,
        at=when,
        act=None if said is None else _act(kind, by, when, said, json.loads(targets)),
        stands=bool(stands),
        created=tuple(said["created"]) if said else (),
        spaces=tuple(said["spaces"]) if said else (),
        version=said["version"] if said else "",
        unseen=unseen,
        commitment=commitment,
        previous=previous,
        hash=sealed,
    )


def _act(kind: Any, by: str, at: datetime, said: dict[str, Any], targets: list[int]) -> Act:
    return Act(
        kind=kind,
        by=by,
        at=at,
        why=said["why"],
        people=tuple(said["people"]),
        appearances=tuple(said["appearances"]),
        name=said["name"],
        source=said["source"],
        alias=said["alias"],
        acts=tuple(targets),
    )


def _unborne(database: Database) -> list[str]:
    """Rows that people are computed from and that the ledger's words do not bear out."""
    found, undone = [], dict[int, bool]()
    kept = {name: _by_act(database.rows(sql)) for name, sql in FOLLOWING.items()}
    for number, kind, targets, content in database.rows("SELECT number, kind, targets, content FROM acts ORDER BY 1"):
        undone.update((one, kind == "undo") for one in json.loads(targets))
        if content is None:
            continue
        follows = json.loads(content)["follows"]
        if any(kept[name].get(number, []) != follows[name] for name in FOLLOWING):
            found.append(f"what follows from ruling {number} is not what the ledger says")
    wrong = {number for (number,) in database.rows("SELECT number FROM acts WHERE NOT stands")}
    if wrong != {number for number, gone in undone.items() if gone}:
        found.append("which rulings were undone is not what the ledger says")
    return found


def _by_act(rows: Iterator[tuple[Any, ...]]) -> dict[int, list[list[Any]]]:
    """The rest of each row, by its first cell."""
    found: dict[int, list[list[Any]]] = {}
    for act, *rest in rows:
        found.setdefault(act, []).append(rest)
    return found
