-- Version 5 (2026-11-26): which rules made a program of what a model wrote, and which part of it was
-- chosen; a status for answers that hold no program. Frozen: what comes later is another file.
ALTER TABLE sample ADD COLUMN rules TEXT NOT NULL DEFAULT '';
ALTER TABLE sample ADD COLUMN chosen TEXT NOT NULL DEFAULT '';
UPDATE sample SET rules = 'cut', form = replace(form, '+cut', '') WHERE form LIKE '%+cut%';

-- A CHECK can only be changed with its table; what refers to the table goes along.
DROP VIEW counted_verdict;
CREATE TABLE new_verdict (
  id           INTEGER PRIMARY KEY,
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  run_id       INTEGER NOT NULL REFERENCES run,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','no_program','tampered','missing')),
  scope        TEXT NOT NULL CHECK (scope IN ('full','one_process','first_failure')),
  passed       INTEGER NOT NULL,
  judged       INTEGER NOT NULL,
  marginal     INTEGER NOT NULL DEFAULT 0,
  forgeable    INTEGER NOT NULL DEFAULT 0,
  cpu_ms       REAL NOT NULL,
  wall_ms      REAL NOT NULL,
  memory_kib   INTEGER NOT NULL,
  message      TEXT NOT NULL DEFAULT '',
  limits_hash  TEXT,
  UNIQUE (program_id, suite_id, condition_id)
) STRICT;
CREATE TABLE new_witness (
  verdict_id INTEGER PRIMARY KEY REFERENCES new_verdict ON DELETE CASCADE,
  test       INTEGER NOT NULL,
  input      TEXT NOT NULL,
  expected   TEXT NOT NULL,
  actual     TEXT NOT NULL
) STRICT;
CREATE TABLE new_failing (
  verdict_id INTEGER PRIMARY KEY REFERENCES new_verdict ON DELETE CASCADE,
  tests      BLOB NOT NULL
) STRICT;
INSERT INTO new_verdict (id, program_id, suite_id, condition_id, run_id, status, scope, passed, judged,
                         marginal, forgeable, cpu_ms, wall_ms, memory_kib, message, limits_hash)
SELECT id, program_id, suite_id, condition_id, run_id, status, scope, passed, judged,
       marginal, forgeable, cpu_ms, wall_ms, memory_kib, message, limits_hash FROM verdict;
INSERT INTO new_witness (verdict_id, test, input, expected, actual)
SELECT verdict_id, test, input, expected, actual FROM witness;
INSERT INTO new_failing (verdict_id, tests) SELECT verdict_id, tests FROM failing;
DROP TABLE witness;
DROP TABLE failing;
DROP TABLE verdict;
ALTER TABLE new_verdict RENAME TO verdict;
ALTER TABLE new_witness RENAME TO witness;
ALTER TABLE new_failing RENAME TO failing;
CREATE VIEW counted_verdict AS
SELECT * FROM verdict
WHERE limits_hash IS NULL
   OR limits_hash = coalesce((SELECT raised_limits.hash FROM raised_limits
                              WHERE raised_limits.suite_id = verdict.suite_id
                                AND raised_limits.condition_id = verdict.condition_id), '');
