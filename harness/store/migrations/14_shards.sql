-- Version 14 (2026-11-27): runs that are shards, and what two databases say of one cell. Frozen: what comes
-- later is another file.
-- A run of an earlier version has no number of its own that another database lacks: what is known of it.
ALTER TABLE run ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE run SET identity = started || ' ' || id || ' ' || command || ' ' || machine || ' ' || options;
CREATE UNIQUE INDEX run_by_identity ON run (identity);

CREATE TABLE shard (
  run_id  INTEGER PRIMARY KEY REFERENCES run,
  number  INTEGER NOT NULL,
  shards  INTEGER NOT NULL,
  work    TEXT NOT NULL,
  samples INTEGER NOT NULL
) STRICT;

CREATE TABLE conflict (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','no_program','tampered')),
  run_id       INTEGER NOT NULL REFERENCES run,
  scope        TEXT NOT NULL,
  message      TEXT NOT NULL,
  PRIMARY KEY (program_id, suite_id, condition_id, status)
) STRICT, WITHOUT ROWID;
