-- Version 8 (2026-11-26): what trainings came to, and how their models answered. Frozen: what comes later is
-- another file.
CREATE TABLE training (
  id       INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  method   TEXT NOT NULL,
  task     TEXT NOT NULL,
  seed     INTEGER NOT NULL,
  options  TEXT NOT NULL,
  record   TEXT NOT NULL,
  ended    TEXT NOT NULL
) STRICT;
CREATE TABLE training_answer (
  training_id    INTEGER NOT NULL REFERENCES training ON DELETE CASCADE,
  who            TEXT NOT NULL,
  task           TEXT NOT NULL,
  task_id        TEXT NOT NULL,
  difficulty     INTEGER NOT NULL,
  answers        INTEGER NOT NULL,
  tokens         INTEGER NOT NULL,
  right          INTEGER NOT NULL,
  right_chain    INTEGER NOT NULL,
  accepted       INTEGER,
  accepted_wrong INTEGER,
  PRIMARY KEY (training_id, who, task, task_id)
) STRICT, WITHOUT ROWID;
