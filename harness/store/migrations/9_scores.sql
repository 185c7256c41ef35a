-- Version 9 (2026-11-26): verifiers that score samples, and scores with a truth of their own. Frozen: what
-- comes later is another file.
CREATE TABLE verifier (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE score (
  verifier_id INTEGER NOT NULL REFERENCES verifier,
  sample_id   INTEGER NOT NULL REFERENCES sample,
  value       REAL,
  PRIMARY KEY (verifier_id, sample_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE imported_score (
  dataset   TEXT NOT NULL,
  model     TEXT NOT NULL,
  verifier  TEXT NOT NULL,
  task_id   TEXT NOT NULL,
  sample_id TEXT NOT NULL,
  value     REAL,
  correct   INTEGER NOT NULL,
  PRIMARY KEY (dataset, model, verifier, task_id, sample_id)
) STRICT, WITHOUT ROWID;
