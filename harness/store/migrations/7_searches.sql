-- Version 7 (2026-11-26): what strategies of search answered, and the plain samples by which a verifier
-- is measured. Frozen: what comes later is another file.
CREATE TABLE search (
  id       INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  task     TEXT NOT NULL,
  policy   TEXT NOT NULL,
  verifier TEXT NOT NULL,
  options  TEXT NOT NULL,
  began    TEXT NOT NULL
) STRICT;
CREATE TABLE search_answer (
  search_id   INTEGER NOT NULL REFERENCES search ON DELETE CASCADE,
  task_id     TEXT NOT NULL,
  strategy    TEXT NOT NULL,
  n           INTEGER NOT NULL,
  replicate   INTEGER NOT NULL,
  answer      TEXT,
  truth       REAL NOT NULL,
  spent       INTEGER NOT NULL,
  accepted    INTEGER,
  generations INTEGER NOT NULL,
  tokens      INTEGER NOT NULL,
  tokens_read INTEGER NOT NULL,
  calls       INTEGER NOT NULL,
  log_z       REAL,
  trace       TEXT NOT NULL,
  PRIMARY KEY (search_id, task_id, strategy, n, replicate)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_sample (
  search_id INTEGER NOT NULL REFERENCES search ON DELETE CASCADE,
  task_id   TEXT NOT NULL,
  number    INTEGER NOT NULL,
  truth     REAL NOT NULL,
  scores    TEXT NOT NULL,
  PRIMARY KEY (search_id, task_id, number)
) STRICT, WITHOUT ROWID;
