-- assay's database, version 16. Facts only: every rate is derived (harness/stats). All tables STRICT.
-- The database's version is PRAGMA user_version; a newer one than the program knows is refused.

-- A benchmark, as the newest command that read it found it.
CREATE TABLE dataset (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,             -- hash or release of its files; run.dataset_version: what was judged
  note    TEXT NOT NULL DEFAULT ''   -- what must be said wherever its results are shown
) STRICT;

CREATE TABLE problem (
  id          INTEGER PRIMARY KEY,
  dataset_id  INTEGER NOT NULL REFERENCES dataset,
  task_id     TEXT NOT NULL,
  position    INTEGER NOT NULL,      -- the benchmark's own order
  entry_point TEXT NOT NULL,
  prompt      TEXT NOT NULL,
  reference   TEXT NOT NULL,         -- whole program
  UNIQUE (dataset_id, task_id)
) STRICT;

-- A suite of tests of one problem. Another text, reference or tolerance is another hash, another row.
CREATE TABLE suite (
  id         INTEGER PRIMARY KEY,
  problem_id INTEGER NOT NULL REFERENCES problem,
  name       TEXT NOT NULL,          -- 'official', 'base', 'plus', or a name of the user's own
  hash       TEXT NOT NULL,          -- 'imported' where foreign verdicts were taken as they are
  tests      INTEGER NOT NULL,       -- calls of the entry point; 1 for test code
  current    INTEGER NOT NULL DEFAULT 1, -- 1: the one the newest run of this dataset used
  UNIQUE (problem_id, name, hash)
) STRICT;

-- The tests of a suite of assertions that a model wrote (`assay tests`). Nobody vouches for them: such
-- a suite decides no truth unless it is asked for. A newer file of the same texts replaces weights.
CREATE TABLE assertion (
  suite_id INTEGER NOT NULL REFERENCES suite,
  test     INTEGER NOT NULL,         -- its number in the suite
  text     TEXT NOT NULL,
  weight   REAL NOT NULL,            -- above 0
  PRIMARY KEY (suite_id, test)
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Program texts by content: a text that came many times is stored and executed once.
CREATE TABLE program (
  id   INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,         -- SHA-256 of text
  text TEXT NOT NULL                 -- as executed: whole program
) STRICT;

-- Identity: dataset (through problem), model, task_id (problem), sample_id.
CREATE TABLE sample (
  id         INTEGER PRIMARY KEY,    -- ascending in the order the samples came
  problem_id INTEGER NOT NULL REFERENCES problem,
  model_id   INTEGER NOT NULL REFERENCES model,
  sample_id  TEXT NOT NULL,          -- given, or the occurrence number "0", "1", ...
  program_id INTEGER NOT NULL REFERENCES program,
  given_hash TEXT NOT NULL,          -- SHA-256 of the text as given
  given      TEXT,                   -- the text as given, where the program is another
  form       TEXT NOT NULL,          -- 'solution', 'completion', with '+extract' where read as chat text
  rules      TEXT NOT NULL DEFAULT '', -- what made the program of the text (harness/samples/intake.h):
                                     -- names with a blank between two; empty: nothing had to be done
  chosen     TEXT NOT NULL DEFAULT '', -- of chat text: which part, in words
  UNIQUE (model_id, problem_id, sample_id)
) STRICT;
CREATE INDEX sample_by_model ON sample (model_id, problem_id, program_id);

-- What a model was asked (assay generate): a text that each problem's prompt was put into.
CREATE TABLE template (
  hash   TEXT PRIMARY KEY NOT NULL,  -- over both texts
  text   TEXT NOT NULL,              -- with {prompt} where the problem's stood
  system TEXT NOT NULL               -- the message that a chat began with; empty: none
) STRICT, WITHOUT ROWID;

-- How a sample was drawn, as far as its row says so.
CREATE TABLE generation (
  sample_id     INTEGER PRIMARY KEY REFERENCES sample,
  finish_reason TEXT NOT NULL,       -- as the server said it; 'length': cut; empty: not told
  temperature   REAL,
  top_p         REAL,
  seed          INTEGER,             -- of its request
  template      TEXT NOT NULL        -- template.hash; empty: not told
) STRICT;

-- The distinct programs of a model on a problem: a rate counts each of them once, so many times.
CREATE VIEW model_program AS
SELECT model_id, problem_id, program_id, count(*) AS samples, min(id) AS first
FROM sample GROUP BY model_id, problem_id, program_id;

-- The suites whose verdicts count. Imported verdicts hang on suites of their own.
CREATE VIEW current_suite AS
SELECT id, problem_id, name, hash, tests, hash = 'imported' AS imported
FROM suite WHERE current = 1;

-- How verdicts were made: whatever may change a verdict. Verdicts of different conditions never mix.
-- Where a reference needs more than the limits here, raised_limits belongs to it too.
CREATE TABLE condition (
  id          INTEGER PRIMARY KEY,
  hash        TEXT NOT NULL UNIQUE,  -- over what is below
  limits      TEXT NOT NULL,         -- JSON
  comparison  TEXT NOT NULL,         -- 'strict', 'evalplus', 'imported'
  interpreter TEXT NOT NULL,         -- "3.11.2 <hash of its standard library>"
  comparison_version INTEGER NOT NULL DEFAULT 0 -- 0: imported, or made by version 5 or before
) STRICT;

-- One command that judged: its options, seed, machine and versions as JSON.
CREATE TABLE run (
  id           INTEGER PRIMARY KEY,
  dataset_id   INTEGER NOT NULL REFERENCES dataset,
  condition_id INTEGER NOT NULL REFERENCES condition,
  started      TEXT NOT NULL,        -- UTC, ISO 8601
  ended        TEXT,                 -- null: interrupted, or still going
  level        TEXT NOT NULL,        -- isolation: 'full', 'no-namespace', 'rlimits', 'none'
  command      TEXT NOT NULL,        -- the line that resumes it
  options      TEXT NOT NULL,        -- JSON
  machine      TEXT NOT NULL,        -- JSON: assay's version, kernel, CPUs, memory
  dataset_version TEXT NOT NULL DEFAULT '', -- hash or release of the files judged; empty: not known
  identity     TEXT NOT NULL DEFAULT '' -- drawn at its start: the same run in two databases has the same
) STRICT;
CREATE UNIQUE INDEX run_by_identity ON run (identity);

-- A run that judged one shard of its samples (`run --shard`). Shards belong together where `work`,
-- `shards`, the dataset and the condition are the same; one has ended where one of its runs has.
CREATE TABLE shard (
  run_id  INTEGER PRIMARY KEY REFERENCES run,
  number  INTEGER NOT NULL,          -- from 1
  shards  INTEGER NOT NULL,
  work    TEXT NOT NULL,             -- SHA-256 of what all shards have in common: samples, suites, depth
  samples INTEGER NOT NULL           -- of all shards
) STRICT;

-- Whose samples a run was about. A model's rates are read under the condition of its newest run.
CREATE TABLE run_model (
  run_id   INTEGER NOT NULL REFERENCES run,
  model_id INTEGER NOT NULL REFERENCES model,
  PRIMARY KEY (run_id, model_id)
) STRICT, WITHOUT ROWID;

-- One program judged by one suite under one condition; all samples with that program share it.
CREATE TABLE verdict (
  id           INTEGER PRIMARY KEY,
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  run_id       INTEGER NOT NULL REFERENCES run,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','no_program','tampered','missing')),
  scope        TEXT NOT NULL CHECK (scope IN ('full','one_process','first_failure')),
                                     -- how far it was judged (harness/verify/verifier.h)
  passed       INTEGER NOT NULL,     -- tests passed ...
  judged       INTEGER NOT NULL,     -- ... of tests judged; the rest was not run
  marginal     INTEGER NOT NULL DEFAULT 0, -- within 20% of a limit
  forgeable    INTEGER NOT NULL DEFAULT 0, -- judged in its own process
  cpu_ms       REAL NOT NULL,
  wall_ms      REAL NOT NULL,
  memory_kib   INTEGER NOT NULL,     -- peak, the warm interpreter included
  message      TEXT NOT NULL DEFAULT '', -- exception, signal, or what went wrong
  limits_hash  TEXT,                 -- of the raised limits it was made under; '': the condition's own;
                                     -- null: made by version 3 or before, under those of this database
  UNIQUE (program_id, suite_id, condition_id)
) STRICT;

-- The limits of a suite's programs where its reference needs more than the condition gives: they follow
-- from times that were measured once, on one machine (reference_run). Two machines have the same
-- limits where the hashes are the same, and only then their verdicts may be laid together. A suite
-- without a row has the condition's limits as they are.
CREATE TABLE raised_limits (
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  hash         TEXT NOT NULL,        -- SHA-256 of limits
  limits       TEXT NOT NULL,        -- JSON: only those that are raised; "test_cpu_s" by test
  PRIMARY KEY (suite_id, condition_id)
) STRICT, WITHOUT ROWID;

-- The verdicts that count: under the limits that their suite has now.
CREATE VIEW counted_verdict AS
SELECT * FROM verdict
WHERE limits_hash IS NULL
   OR limits_hash = coalesce((SELECT raised_limits.hash FROM raised_limits
                              WHERE raised_limits.suite_id = verdict.suite_id
                                AND raised_limits.condition_id = verdict.condition_id), '');

-- A program that a gold suite rejects is not judged by the suites after it. Here a run has come to
-- that: there is no verdict, and no rate waits for one. A later verdict (`run --full`) takes its place.
CREATE TABLE decided (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  PRIMARY KEY (program_id, suite_id, condition_id)
) STRICT, WITHOUT ROWID;

-- A program that some suite accepts and others reject only for the time it takes, judged by these once
-- more with so many `times` the time (run --only-slow). It changes no verdict: a pass here says that
-- the program is only slow.
CREATE TABLE slow_verdict (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  times        REAL NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','no_program','tampered')),
  cpu_ms       REAL NOT NULL,        -- up to the first failing test
  PRIMARY KEY (program_id, suite_id, condition_id)
) STRICT, WITHOUT ROWID;

-- What other databases said of a cell (`assay merge`): the verdict that counts has another status, and
-- was made by an earlier run or judged further. One row a status, chosen in the same way.
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

-- The first failing input of a verdict: what was given, expected and returned, as repr() prints it,
-- cut at 64 KiB each.
CREATE TABLE witness (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  test       INTEGER NOT NULL,       -- index in the suite; -1 where no single input failed
  input      TEXT NOT NULL,
  expected   TEXT NOT NULL,
  actual     TEXT NOT NULL
) STRICT;

-- What the verdicts of a model's samples of a problem come to, under one condition: rates are read from here, since millions of
-- verdicts take long. Derived, so it may be deleted at any time; what is not here is read from the verdicts (harness/store/tally.h).
-- Written at the end of a command that judges or takes in. The triggers delete what a change makes untrue.
CREATE TABLE tally (
  problem_id   INTEGER NOT NULL REFERENCES problem,
  model_id     INTEGER NOT NULL REFERENCES model,
  condition_id INTEGER NOT NULL REFERENCES condition,
  content      TEXT NOT NULL,        -- JSON
  members      BLOB NOT NULL DEFAULT x'', -- the programs of its groups: numbers as harness/store/tally.cpp packs them
  PRIMARY KEY (problem_id, model_id, condition_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tally_sample_insert AFTER INSERT ON sample BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id AND model_id = NEW.model_id;
END;
CREATE TRIGGER tally_sample_delete AFTER DELETE ON sample BEGIN
  DELETE FROM tally WHERE problem_id = OLD.problem_id AND model_id = OLD.model_id;
END;
CREATE TRIGGER tally_sample_update AFTER UPDATE ON sample BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id AND model_id = NEW.model_id;
  DELETE FROM tally WHERE problem_id = OLD.problem_id AND model_id = OLD.model_id;
END;
CREATE TRIGGER tally_verdict_insert AFTER INSERT ON verdict BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
END;
CREATE TRIGGER tally_verdict_delete AFTER DELETE ON verdict BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
CREATE TRIGGER tally_verdict_update AFTER UPDATE ON verdict BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
CREATE TRIGGER tally_decided_insert AFTER INSERT ON decided BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
END;
CREATE TRIGGER tally_decided_delete AFTER DELETE ON decided BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
CREATE TRIGGER tally_decided_update AFTER UPDATE ON decided BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
CREATE TRIGGER tally_suite_insert AFTER INSERT ON suite BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id;
END;
CREATE TRIGGER tally_suite_delete AFTER DELETE ON suite BEGIN
  DELETE FROM tally WHERE problem_id = OLD.problem_id;
END;
CREATE TRIGGER tally_suite_update AFTER UPDATE ON suite BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id;
  DELETE FROM tally WHERE problem_id = OLD.problem_id;
END;
CREATE TRIGGER tally_raised_limits_insert AFTER INSERT ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id);
END;
CREATE TRIGGER tally_raised_limits_delete AFTER DELETE ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id);
END;
CREATE TRIGGER tally_raised_limits_update AFTER UPDATE ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id);
END;
CREATE TRIGGER tally_generation_insert AFTER INSERT ON generation BEGIN
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = NEW.sample_id);
END;
CREATE TRIGGER tally_generation_delete AFTER DELETE ON generation BEGIN
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = OLD.sample_id);
END;
CREATE TRIGGER tally_generation_update AFTER UPDATE ON generation BEGIN
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = NEW.sample_id);
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = OLD.sample_id);
END;

-- Which tests a program failed, of those judged: a bitmap, least significant bit first, deflated.
CREATE TABLE failing (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  tests      BLOB NOT NULL
) STRICT;

-- One execution of a reference on a suite's inputs, per content hash of reference + inputs +
-- interpreter: its needs, and the least limits of the programs, decided from them there and then.
CREATE TABLE reference_run (
  key             TEXT PRIMARY KEY,
  tests           INTEGER NOT NULL,
  memory_kib      INTEGER NOT NULL,  -- peak, the warm interpreter included
  reply_bytes_max INTEGER NOT NULL,  -- largest single answer, encoded
  lane            TEXT NOT NULL,     -- 'proxy' or 'in_process' (official), 'calls' (base, plus)
  trouble         TEXT NOT NULL,     -- why the suite cannot be judged; empty where it can
  cpu_s           TEXT NOT NULL,     -- JSON array: the reference's CPU seconds per test
  cpu_factor      REAL NOT NULL DEFAULT 0,    -- a test, and the suite, gets at least so many times that
  memory_mib_min  INTEGER NOT NULL DEFAULT 0,
  reply_mib_min   INTEGER NOT NULL DEFAULT 0,
  doubt           TEXT               -- why the suite is not to be trusted though the reference passes it;
                                     -- empty: not seen; null: not looked for (version 5 or before)
) STRICT, WITHOUT ROWID;

-- What it answered (base, plus): all judging compares with these.
CREATE TABLE expected (
  key       TEXT NOT NULL REFERENCES reference_run ON DELETE CASCADE,
  chunk     INTEGER NOT NULL,        -- ascending from 0
  count     INTEGER NOT NULL,        -- tests in this chunk
  raw_bytes INTEGER NOT NULL,        -- size of answers unpacked
  answers   BLOB NOT NULL,           -- zstd: per test u64 length (little-endian) + codec bytes
  PRIMARY KEY (key, chunk)
) STRICT, WITHOUT ROWID;

-- Published or foreign results without programs: `import counts`.
CREATE TABLE imported_count (
  dataset TEXT NOT NULL,
  model   TEXT NOT NULL,
  task_id TEXT NOT NULL,
  n       INTEGER NOT NULL,
  tp      INTEGER NOT NULL,
  fp      INTEGER NOT NULL,
  fn      INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (dataset, model, task_id)
) STRICT, WITHOUT ROWID;

-- What scores samples: a judge, a reward model. What accepts is a score and a threshold (store/scores.h).
CREATE TABLE verifier (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Of samples, not of programs: a verifier that draws lots may score the same text in two ways.
CREATE TABLE score (
  verifier_id INTEGER NOT NULL REFERENCES verifier,
  sample_id   INTEGER NOT NULL REFERENCES sample,
  value       REAL,                  -- null: it was asked and has not judged
  PRIMARY KEY (verifier_id, sample_id)
) STRICT, WITHOUT ROWID;

-- Scores of samples that are not here, with their truth: `import scores` where rows have `correct`.
CREATE TABLE imported_score (
  dataset   TEXT NOT NULL,
  model     TEXT NOT NULL,
  verifier  TEXT NOT NULL,
  task_id   TEXT NOT NULL,
  sample_id TEXT NOT NULL,
  value     REAL,                    -- null: not judged
  correct   INTEGER NOT NULL,        -- 1: right
  PRIMARY KEY (dataset, model, verifier, task_id, sample_id)
) STRICT, WITHOUT ROWID;

-- How a program's text is written, once per distinct program that passed a suite (store/style.h).
-- Where a figure is null, `reason` says why.
CREATE TABLE style (
  program_id       INTEGER PRIMARY KEY REFERENCES program,
  measured_by      TEXT NOT NULL,    -- interpreter and libraries, with their versions
  lines            INTEGER,          -- that are not blank
  characters       INTEGER,          -- in them
  line_longest     INTEGER,
  comment_lines    INTEGER,
  names            INTEGER,          -- distinct, that it defines
  names_snake      INTEGER,
  names_camel      INTEGER,
  functions        INTEGER,
  function_longest INTEGER,          -- lines
  findings         INTEGER,          -- of pycodestyle
  complexity       INTEGER,          -- cyclomatic, of its most complex function (mccabe)
  reason           TEXT NOT NULL DEFAULT ''
) STRICT;

-- Strategies of search tried on a task, by what decides their answers.
CREATE TABLE search (
  id       INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,     -- SHA-256 of all that an answer rests on; files by their content
  task     TEXT NOT NULL,            -- the next three as they were named
  policy   TEXT NOT NULL,
  verifier TEXT NOT NULL,
  options  TEXT NOT NULL,            -- JSON
  began    TEXT NOT NULL             -- UTC
) STRICT;

-- What a strategy answered with a budget of n generations; the replicate tells repetitions apart.
CREATE TABLE search_answer (
  search_id   INTEGER NOT NULL REFERENCES search ON DELETE CASCADE,
  task_id     TEXT NOT NULL,
  strategy    TEXT NOT NULL,
  n           INTEGER NOT NULL,
  replicate   INTEGER NOT NULL,
  answer      TEXT,                  -- null: it abstained
  truth       REAL NOT NULL,         -- the chance that it is right; 0 where it abstained
  spent       INTEGER NOT NULL,      -- 1: a cap ended it
  accepted    INTEGER,               -- by the verifier; null: not judged
  generations INTEGER NOT NULL,
  tokens      INTEGER NOT NULL,      -- made
  tokens_read INTEGER NOT NULL,      -- had every prefix to be read anew
  calls       INTEGER NOT NULL,      -- of the verifier
  log_z       REAL,
  trace       TEXT NOT NULL,         -- JSON: effective_size and ancestors, by step
  PRIMARY KEY (search_id, task_id, strategy, n, replicate)
) STRICT, WITHOUT ROWID;

-- Plain samples, by which the verifier is measured.
CREATE TABLE search_sample (
  search_id INTEGER NOT NULL REFERENCES search ON DELETE CASCADE,
  task_id   TEXT NOT NULL,
  number    INTEGER NOT NULL,
  truth     REAL NOT NULL,
  scores    TEXT NOT NULL,           -- JSON: the verifier's after each step; null: not judged
  PRIMARY KEY (search_id, task_id, number)
) STRICT, WITHOUT ROWID;

-- What `assay train` came to; the same training replaces its row.
CREATE TABLE training (
  id       INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,     -- SHA-256 of method, task, seed and options; files by their content
  method   TEXT NOT NULL,
  task     TEXT NOT NULL,
  seed     INTEGER NOT NULL,
  options  TEXT NOT NULL,            -- JSON: the others, as they were given or are by default
  record   TEXT NOT NULL,            -- JSON: what `assay train --json` prints
  ended    TEXT NOT NULL             -- UTC
) STRICT;

-- How a trained model answered a problem that it did not learn from, and how the model before did.
CREATE TABLE training_answer (
  training_id    INTEGER NOT NULL REFERENCES training ON DELETE CASCADE,
  who            TEXT NOT NULL,      -- 'trained', 'base', or 'base terse': told how to think
  task           TEXT NOT NULL,      -- training.task, or one that nothing was learned from
  task_id        TEXT NOT NULL,
  difficulty     INTEGER NOT NULL,
  answers        INTEGER NOT NULL,   -- what follows counts these
  tokens         INTEGER NOT NULL,   -- of the thoughts
  right          INTEGER NOT NULL,
  right_chain    INTEGER NOT NULL,   -- right in every step
  accepted       INTEGER,            -- by the filter that it learned under; null: there is none
  accepted_wrong INTEGER,            -- of these: not right in every step
  PRIMARY KEY (training_id, who, task, task_id)
) STRICT, WITHOUT ROWID;

-- For questions of your own: one row for each sample and suite of its problem, with the verdict that
-- `rates` counts: under the condition of the model's newest run. status is null where nothing was judged,
-- and 'decided' where a gold suite has spared it (table decided).
--   SELECT model, count(*) FROM judged_sample WHERE suite = 'base' AND status = 'timeout' GROUP BY model;
CREATE VIEW judged_sample AS
SELECT s.id AS id, d.name AS dataset, m.name AS model, p.task_id AS task_id,
       s.sample_id AS sample_id, u.name AS suite,
       coalesce(v.status, CASE WHEN x.suite_id IS NOT NULL THEN 'decided' END) AS status,
       v.passed AS passed, v.judged AS judged, u.tests AS tests, v.marginal AS marginal,
       v.cpu_ms AS cpu_ms, v.wall_ms AS wall_ms, v.memory_kib AS memory_kib, v.message AS message,
       w.input AS input, w.expected AS expected, w.actual AS actual,
       (SELECT g.text FROM program g WHERE g.id = s.program_id) AS program
FROM sample s
JOIN problem p ON p.id = s.problem_id
JOIN dataset d ON d.id = p.dataset_id
JOIN model m ON m.id = s.model_id
JOIN (SELECT any_run.dataset_id, rm.model_id, max(any_run.id) AS run_id
      FROM run_model rm JOIN run any_run ON any_run.id = rm.run_id
      GROUP BY any_run.dataset_id, rm.model_id) newest
  ON newest.dataset_id = p.dataset_id AND newest.model_id = s.model_id
JOIN run r ON r.id = newest.run_id
JOIN condition c ON c.id = r.condition_id
JOIN current_suite u ON u.problem_id = p.id AND u.imported = (c.comparison = 'imported')
LEFT JOIN counted_verdict v
  ON v.program_id = s.program_id AND v.suite_id = u.id AND v.condition_id = c.id
LEFT JOIN decided x
  ON x.program_id = s.program_id AND x.suite_id = u.id AND x.condition_id = c.id
LEFT JOIN witness w ON w.verdict_id = v.id;

-- Samples that `base` accepts and another suite rejects (official aside, which is another form of base),
-- each once, with the verdict and the witness of the first suite that does. Other suites: judged_sample
-- joined with itself, as here.
--   SELECT task_id, count(*) FROM false_positive GROUP BY task_id ORDER BY count(*) DESC;
CREATE VIEW false_positive AS
SELECT wrong.id AS id, wrong.dataset AS dataset, wrong.model AS model, wrong.task_id AS task_id,
       wrong.sample_id AS sample_id, min(wrong.suite) AS caught_by, wrong.status AS status,
       wrong.message AS message, wrong.input AS input, wrong.expected AS expected,
       wrong.actual AS actual, wrong.program AS program
FROM judged_sample accepted
JOIN judged_sample wrong ON wrong.id = accepted.id
WHERE accepted.suite = 'base' AND accepted.status = 'pass'
  AND wrong.suite NOT IN ('base', 'official')
  AND wrong.status NOT IN ('pass', 'missing', 'decided')
GROUP BY wrong.id;
