-- Version 3 (2026-11-25): which verdicts are not needed. Frozen: what comes later is another file.
CREATE TABLE decided (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  PRIMARY KEY (program_id, suite_id, condition_id)
) STRICT, WITHOUT ROWID;
