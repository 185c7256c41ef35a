-- Version 11 (2026-11-26): wrong passes by time, given more of it. Frozen: what comes later is another file.
CREATE TABLE slow_verdict (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  times        REAL NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','no_program','tampered')),
  cpu_ms       REAL NOT NULL,
  PRIMARY KEY (program_id, suite_id, condition_id)
) STRICT, WITHOUT ROWID;
