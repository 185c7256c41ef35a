-- Version 12 (2026-11-26): suites of assertions that a model wrote. Frozen: what comes later is another file.
CREATE TABLE assertion (
  suite_id INTEGER NOT NULL REFERENCES suite,
  test     INTEGER NOT NULL,
  text     TEXT NOT NULL,
  weight   REAL NOT NULL,
  PRIMARY KEY (suite_id, test)
) STRICT, WITHOUT ROWID;
