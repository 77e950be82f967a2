"""The tables of format 1. Times are pts × time base; boxes are pixels of the upright full frame.

`path` and `name` of footage are TEXT, or BLOB where the bytes of a file's name are no text.
Statements are separated by blank lines.
"""

SCHEMA = """
CREATE TABLE archive (key TEXT PRIMARY KEY, value TEXT NOT NULL)

CREATE TABLE runs (
    id TEXT PRIMARY KEY, started TEXT NOT NULL, version TEXT NOT NULL, settings_digest TEXT NOT NULL,
    spaces TEXT NOT NULL, settings TEXT NOT NULL, ended TEXT, diff TEXT, mishaps TEXT, timings TEXT
)

CREATE TABLE videos (
    id TEXT PRIMARY KEY, path NOT NULL, name NOT NULL, kind TEXT NOT NULL, size_bytes INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, duration_s REAL NOT NULL, rate TEXT NOT NULL, codec TEXT NOT NULL,
    recorded_at TEXT, clock TEXT NOT NULL, device TEXT, latitude REAL, longitude REAL, altitude REAL,
    tags TEXT NOT NULL, run TEXT NOT NULL
)

-- Everywhere a video was found, copies included.
CREATE TABLE places (
    path PRIMARY KEY, video TEXT NOT NULL REFERENCES videos (id), name NOT NULL,
    size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL, run TEXT NOT NULL
)

CREATE INDEX places_of_video ON places (video)

CREATE TABLE spans (
    video TEXT NOT NULL REFERENCES videos (id), number INTEGER NOT NULL, span_count INTEGER NOT NULL,
    start_s REAL NOT NULL, end_s REAL, read_to_s REAL NOT NULL, settings_digest TEXT NOT NULL, run TEXT NOT NULL,
    pictures INTEGER NOT NULL, looked_at INTEGER NOT NULL, looked_at_s REAL NOT NULL, still_s REAL NOT NULL,
    dark_s REAL NOT NULL, missable_s REAL NOT NULL, seconds TEXT NOT NULL,
    PRIMARY KEY (video, number)
)

-- Why each picture was looked at or not: columns packed as in decisions.py.
CREATE TABLE decisions (
    video TEXT NOT NULL, span INTEGER NOT NULL, time_base TEXT NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY (video, span), FOREIGN KEY (video, span) REFERENCES spans (video, number) ON DELETE CASCADE
)

-- One row for each track, which is also an appearance of one track.
CREATE TABLE tracks (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, video TEXT NOT NULL, span INTEGER NOT NULL,
    start_s REAL NOT NULL, end_s REAL NOT NULL, base_numerator INTEGER NOT NULL, base_denominator INTEGER NOT NULL,
    faces INTEGER NOT NULL, quality REAL NOT NULL, best_pts INTEGER NOT NULL,
    FOREIGN KEY (video, span) REFERENCES spans (video, number) ON DELETE CASCADE
)

CREATE INDEX tracks_in_order ON tracks (video, start_s, id)

CREATE INDEX tracks_of_span ON tracks (video, span)

CREATE TABLE faces (
    track INTEGER NOT NULL REFERENCES tracks (key) ON DELETE CASCADE, pts INTEGER NOT NULL, id TEXT NOT NULL,
    number INTEGER NOT NULL, "left" REAL NOT NULL, top REAL NOT NULL, "right" REAL NOT NULL, bottom REAL NOT NULL,
    landmarks BLOB NOT NULL, score REAL NOT NULL, quality REAL NOT NULL, seen_by TEXT NOT NULL,
    PRIMARY KEY (track, pts)
) WITHOUT ROWID

CREATE UNIQUE INDEX faces_by_id ON faces (id)

CREATE TABLE crops (
    face TEXT NOT NULL PRIMARY KEY, track INTEGER NOT NULL REFERENCES tracks (key) ON DELETE CASCADE,
    rank INTEGER NOT NULL, landmarks BLOB NOT NULL, portrait BLOB NOT NULL
)

CREATE INDEX crops_of_track ON crops (track, rank)

CREATE TABLE spaces (
    key INTEGER PRIMARY KEY, name TEXT NOT NULL, dimensions INTEGER NOT NULL, fingerprint TEXT NOT NULL,
    UNIQUE (name, dimensions, fingerprint)
)

CREATE TABLE embeddings (
    space INTEGER NOT NULL REFERENCES spaces (key), track INTEGER NOT NULL REFERENCES tracks (key) ON DELETE CASCADE,
    vector BLOB NOT NULL, views BLOB NOT NULL, weights BLOB NOT NULL,
    PRIMARY KEY (space, track)
)

CREATE INDEX embeddings_of_track ON embeddings (track)

-- AUTOINCREMENT: a number is never given twice, whatever becomes of its row.
CREATE TABLE persons (
    number INTEGER PRIMARY KEY AUTOINCREMENT, created_by TEXT NOT NULL,
    alias_of INTEGER REFERENCES persons (number), aliased_by TEXT
)

CREATE TABLE names (
    number INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER NOT NULL REFERENCES persons (number),
    name TEXT, "by" TEXT NOT NULL, source TEXT NOT NULL, at TEXT NOT NULL
)

-- Pinned to video, pts and box, so that a ruling outlives the faces of one detector.
CREATE TABLE rulings (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, face TEXT NOT NULL,
    video TEXT NOT NULL REFERENCES videos (id), pts INTEGER NOT NULL,
    "left" REAL NOT NULL, top REAL NOT NULL, "right" REAL NOT NULL, bottom REAL NOT NULL,
    person INTEGER REFERENCES persons (number), verdict TEXT NOT NULL, probability REAL, evidence TEXT NOT NULL,
    "by" TEXT NOT NULL, at TEXT NOT NULL, why TEXT NOT NULL
)

CREATE INDEX rulings_of_video ON rulings (video, pts)

CREATE TRIGGER rulings_are_never_changed BEFORE UPDATE ON rulings
BEGIN SELECT raise(ABORT, 'a ruling is never changed, only followed'); END

-- Who is who as the rulings say when read in order.
CREATE TABLE memberships (
    track INTEGER PRIMARY KEY REFERENCES tracks (key) ON DELETE CASCADE, person INTEGER REFERENCES persons (number),
    probability REAL, evidence TEXT NOT NULL, status TEXT NOT NULL
)

CREATE INDEX memberships_of_person ON memberships (person)

-- What went wrong and still stands: about a span, a video, or (both NULL) a file that never became one.
CREATE TABLE mishaps (
    about NOT NULL, video TEXT REFERENCES videos (id), span INTEGER, moment_s REAL, room TEXT NOT NULL,
    reason TEXT NOT NULL, remedy TEXT NOT NULL,
    FOREIGN KEY (video, span) REFERENCES spans (video, number) ON DELETE CASCADE
)

CREATE UNIQUE INDEX mishaps_once ON mishaps (about, ifnull(moment_s, -1), room, reason)

CREATE INDEX mishaps_of_span ON mishaps (video, span)

CREATE TABLE painted (
    path TEXT PRIMARY KEY, source TEXT NOT NULL, sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL
) WITHOUT ROWID
"""
