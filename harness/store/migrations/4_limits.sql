-- Version 4 (2026-11-25): the limits that a reference's needs raise are stored and belong to the
-- condition; a run keeps the version of the benchmark that it judged; indices and views for counting
-- per program instead of per sample. Frozen: what comes later is another file.

-- Of earlier runs only the newest of a benchmark is known to have judged the version stored.
ALTER TABLE run ADD COLUMN dataset_version TEXT NOT NULL DEFAULT '';
UPDATE run SET dataset_version = (SELECT version FROM dataset WHERE dataset.id = run.dataset_id)
WHERE id IN (SELECT max(id) FROM run GROUP BY dataset_id);

-- As earlier versions derived them at every start.
ALTER TABLE reference_run ADD COLUMN cpu_factor REAL NOT NULL DEFAULT 0;
ALTER TABLE reference_run ADD COLUMN memory_mib_min INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reference_run ADD COLUMN reply_mib_min INTEGER NOT NULL DEFAULT 0;
UPDATE reference_run SET cpu_factor = 4, memory_mib_min = 2 * memory_kib / 1024,
                         reply_mib_min = (2 * reply_bytes_max >> 20) + 1;

ALTER TABLE verdict ADD COLUMN limits_hash TEXT;
CREATE TABLE raised_limits (
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  hash         TEXT NOT NULL,
  limits       TEXT NOT NULL,
  PRIMARY KEY (suite_id, condition_id)
) STRICT, WITHOUT ROWID;

DROP INDEX sample_by_problem;
DROP INDEX sample_by_program;
CREATE INDEX sample_by_model ON sample (model_id, problem_id, program_id);

CREATE VIEW model_program AS
SELECT model_id, problem_id, program_id, count(*) AS samples, min(id) AS first
FROM sample GROUP BY model_id, problem_id, program_id;

CREATE VIEW current_suite AS
SELECT id, problem_id, name, hash, tests, hash = 'imported' AS imported
FROM suite WHERE current = 1;

CREATE VIEW counted_verdict AS
SELECT * FROM verdict
WHERE limits_hash IS NULL
   OR limits_hash = coalesce((SELECT raised_limits.hash FROM raised_limits
                              WHERE raised_limits.suite_id = verdict.suite_id
                                AND raised_limits.condition_id = verdict.condition_id), '');
