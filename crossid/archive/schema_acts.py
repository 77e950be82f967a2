"""The tables of format 2: what reviewers did, beside what runs say. Statements are separated by blank lines.

`memberships` is what follows from `proposals` (the runs' last word) and the acts that stand.
"""

ACTS_SCHEMA = """
-- The ledger. `hash` covers all that stands before it. To `content` and `salt` `commitment` commits: these two can be
-- erased, and the chain still holds. `targets` are the acts that it undoes or redoes; `stands`: nothing undid it.
CREATE TABLE acts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, "by" TEXT NOT NULL, at TEXT NOT NULL,
    targets TEXT NOT NULL, commitment TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    content TEXT, salt BLOB, stands INTEGER NOT NULL DEFAULT 1
)

CREATE INDEX acts_undone ON acts (number) WHERE NOT stands

CREATE TRIGGER acts_are_never_changed BEFORE UPDATE OF number, kind, "by", at, targets, commitment, previous, hash
ON acts BEGIN SELECT raise(ABORT, 'an act is never changed, only followed'); END

CREATE TRIGGER acts_are_only_erased BEFORE UPDATE OF content, salt ON acts
WHEN new.content IS NOT NULL OR new.salt IS NOT NULL
BEGIN SELECT raise(ABORT, 'the content of an act is never changed, only erased'); END

CREATE TRIGGER acts_are_never_removed BEFORE DELETE ON acts
BEGIN SELECT raise(ABORT, 'an act is never removed, only followed'); END

-- Whom an act concerns. Whoever is held by one keeps all appearances proposed for them before it.
CREATE TABLE act_persons (
    person INTEGER NOT NULL REFERENCES persons (number), act INTEGER NOT NULL REFERENCES acts (number),
    holds INTEGER NOT NULL, PRIMARY KEY (person, act)
) WITHOUT ROWID

CREATE INDEX act_persons_of_act ON act_persons (act)

-- What an act says of one appearance, pinned as rulings are; `track` is where that face is seen now, NULL if it is not.
CREATE TABLE verdicts (
    key INTEGER PRIMARY KEY, act INTEGER NOT NULL REFERENCES acts (number), face TEXT NOT NULL,
    video TEXT NOT NULL REFERENCES videos (id), pts INTEGER NOT NULL,
    "left" REAL NOT NULL, top REAL NOT NULL, "right" REAL NOT NULL, bottom REAL NOT NULL,
    person INTEGER REFERENCES persons (number), verdict TEXT NOT NULL,
    track INTEGER REFERENCES tracks (key) ON DELETE SET NULL
)

CREATE INDEX verdicts_of_act ON verdicts (act)

CREATE INDEX verdicts_of_track ON verdicts (track, act)

CREATE INDEX verdicts_of_person ON verdicts (person) WHERE verdict IN ('different', 'allowed')

CREATE INDEX verdicts_unseen ON verdicts (video) WHERE track IS NULL

CREATE TABLE merges (
    act INTEGER NOT NULL REFERENCES acts (number), gone INTEGER NOT NULL REFERENCES persons (number),
    stays INTEGER NOT NULL REFERENCES persons (number), PRIMARY KEY (act, gone)
) WITHOUT ROWID

CREATE INDEX merges_of_gone ON merges (gone)

-- Who a person resolves to: NULL means themselves. Follows from `alias_of` (runs) and the merges that stand.
ALTER TABLE persons ADD COLUMN root INTEGER REFERENCES persons (number)

CREATE INDEX persons_by_root ON persons (root) WHERE root IS NOT NULL

DROP TABLE names

CREATE TABLE names (
    act INTEGER PRIMARY KEY REFERENCES acts (number), person INTEGER NOT NULL REFERENCES persons (number),
    name TEXT, source TEXT NOT NULL, alias INTEGER NOT NULL
)

CREATE INDEX names_of_person ON names (person)

-- The number of the last act when a run decided: what was decided before an act that holds the person is settled.
ALTER TABLE rulings ADD COLUMN since INTEGER NOT NULL DEFAULT 0

CREATE TABLE proposals (
    track INTEGER PRIMARY KEY REFERENCES tracks (key) ON DELETE CASCADE, person INTEGER REFERENCES persons (number),
    probability REAL, evidence TEXT NOT NULL, since INTEGER NOT NULL
)

INSERT INTO proposals SELECT track, person, probability, evidence, 0 FROM memberships

CREATE TABLE questions (
    number INTEGER PRIMARY KEY, run TEXT NOT NULL, kind TEXT NOT NULL, people TEXT NOT NULL, appearances TEXT NOT NULL,
    probability REAL NOT NULL, settles INTEGER NOT NULL, why TEXT NOT NULL
)
"""
