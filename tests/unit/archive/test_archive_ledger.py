"""The ledger of reviewers' acts: nothing in it can be changed, added or taken away without showing."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from builders import an_act, fill
from crossid.archive.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUARDS = ("acts_are_never_changed", "acts_are_only_erased", "acts_are_never_removed")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A person was named, two were merged, and the name was taken back."""
    store = SqliteStore.open(tmp_path, create=True)
    fill(store)
    store.act(an_act("name", "P-000001", name="Ann", why="asked her"))
    store.act(an_act("merge", "P-000001", "P-000002"))
    store.act(an_act("undo", acts=(1,)))
    store.act(an_act("confirm", "P-000001"))
    yield store
    store.close()


def tamper(store: SqliteStore, sql: str) -> list[str]:
    """What the ledger says after somebody got around its guards."""
    for guard in GUARDS:
        store.database.execute(f"DROP TRIGGER {guard}")
    store.database.execute("PRAGMA foreign_keys = OFF")
    store.database.execute(sql)
    return store.check_ledger()


def test_a_ledger_that_nobody_touched_holds(store):
    assert store.check_ledger() == []


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("UPDATE acts SET \"by\" = 'eve' WHERE number = 2", "ruling 2 of the ledger does not follow"),
        ("UPDATE acts SET at = '2020-01-01T00:00:00+00:00' WHERE number = 2", "ruling 2 of the ledger does not follow"),
        ("UPDATE acts SET kind = 'split' WHERE number = 2", "ruling 2 of the ledger does not follow"),
        ("UPDATE acts SET targets = '[2]' WHERE number = 3", "ruling 3 of the ledger does not follow"),
        ("UPDATE acts SET hash = upper(hash) WHERE number = 4", "ruling 4 of the ledger does not follow"),
        (
            "UPDATE acts SET content = replace(content, 'Ann', 'Eve') WHERE number = 1",
            "ruling 1 of the ledger does not say",
        ),
        ("UPDATE acts SET content = NULL WHERE number = 1", "ruling 1 of the ledger does not say"),
        ("UPDATE acts SET salt = NULL WHERE number = 1", "ruling 1 of the ledger does not say"),
        ("DELETE FROM acts WHERE number = 1", "lacks what came before ruling 2"),
        ("DELETE FROM acts WHERE number = 3", "lacks what came before ruling 4"),
        ("DELETE FROM acts WHERE number = 4", "lacks what came after ruling 3"),
        ("UPDATE acts SET stands = 0 WHERE number = 2", "which rulings were undone is not what the ledger says"),
        ("UPDATE acts SET stands = 1 WHERE number = 1", "which rulings were undone is not what the ledger says"),
        ("UPDATE names SET name = 'Eve'", "what follows from ruling 1"),
        ("DELETE FROM merges", "what follows from ruling 2"),
        ("UPDATE verdicts SET person = 2 WHERE act = 4", "what follows from ruling 4"),
        ("DELETE FROM verdicts WHERE key = (SELECT max(key) FROM verdicts)", "what follows from ruling 4"),
        ("UPDATE act_persons SET holds = 0 WHERE act = 2", "what follows from ruling 2"),
    ],
)
def test_what_was_tampered_with_is_found(store, sql, says):
    assert any(says in fault for fault in tamper(store, sql))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE acts SET kind = 'merge' WHERE number = 1",
        "UPDATE acts SET content = '{}' WHERE number = 1",
        "UPDATE acts SET salt = x'00' WHERE number = 1",
        "DELETE FROM acts WHERE number = 4",
    ],
)
def test_the_database_refuses_to_change_an_act(store, sql):
    with pytest.raises(sqlite3.IntegrityError, match=r"only followed|only erased"):
        store.database.execute(sql)


def test_content_and_salt_can_be_erased_and_the_chain_holds(store):
    store.database.execute("UPDATE acts SET content = NULL, salt = NULL WHERE number IN (1, 4)")
    unexplained = [f"ruling {number} was erased, and it is about nobody who was forgotten" for number in (1, 4)]
    assert store.check_ledger() == unexplained
    erased = store.ledger()[0]
    assert (erased.act, erased.kind, erased.by, erased.stands) == (None, "name", "ann", False)
    store.act(an_act("note", "P-000001", why="still there"))
    assert store.check_ledger() == unexplained


def test_a_name_cannot_be_guessed_from_what_is_left_of_it(store):
    """Two lines that say the same commit to it differently: each has a salt of its own."""
    store.act(an_act("name", "P-000001", name="Ann"))
    store.act(an_act("undo"))
    store.act(an_act("name", "P-000001", name="Ann"))
    *_, one, _, other = store.ledger()
    assert one.commitment != other.commitment
