-- Version 13 (2026-11-27): how samples were drawn from a model. Frozen: what comes later is another file.
CREATE TABLE template (
  hash   TEXT PRIMARY KEY NOT NULL,
  text   TEXT NOT NULL,
  system TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE generation (
  sample_id     INTEGER PRIMARY KEY REFERENCES sample,
  finish_reason TEXT NOT NULL,
  temperature   REAL,
  top_p         REAL,
  seed          INTEGER,
  template      TEXT NOT NULL
) STRICT;
