PRAGMA application_id = 1634956153;
PRAGMA user_version = 5;
BEGIN TRANSACTION;
CREATE TABLE condition (
  id          INTEGER PRIMARY KEY,
  hash        TEXT NOT NULL UNIQUE,  -- over the three below
  limits      TEXT NOT NULL,         -- JSON
  comparison  TEXT NOT NULL,         -- 'strict', 'evalplus', 'imported'
  interpreter TEXT NOT NULL          -- "3.11.2 <hash of its standard library>"
) STRICT;
INSERT INTO "condition" VALUES(1,'c740b1323656ae97cf0f447f634284dbaf7dba4c0d98efe363d4a1a9915ff359','{"load_cpu_s":5.0,"memory_mib":1024,"reply_mib":16,"suite_cpu_s":60.0,"test_cpu_s":1.0,"wall_factor":10.0,"wall_s_min":5.0}','strict','3.11.2 bcead45d5943e3eb');
CREATE TABLE dataset (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,             -- hash or release of its files; run.dataset_version: what was judged
  note    TEXT NOT NULL DEFAULT ''   -- what must be said wherever its results are shown
) STRICT;
INSERT INTO "dataset" VALUES(1,'own','sha256:1a82a9d90e5aec24','');
CREATE TABLE decided (
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  PRIMARY KEY (program_id, suite_id, condition_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "decided" VALUES(5,4,1);
CREATE TABLE expected (
  key       TEXT NOT NULL REFERENCES reference_run ON DELETE CASCADE,
  chunk     INTEGER NOT NULL,        -- ascending from 0
  count     INTEGER NOT NULL,        -- tests in this chunk
  raw_bytes INTEGER NOT NULL,        -- size of answers unpacked
  answers   BLOB NOT NULL,           -- zstd: per test u64 length (little-endian) + codec bytes
  PRIMARY KEY (key, chunk)
) STRICT, WITHOUT ROWID;
INSERT INTO "expected" VALUES('16a202d251e0ad785632934a4f5238ccbfe0d3b1d0c5d6e967f1b2a3474c94df',0,2,20,X'28B52FFD20146D000028020069040802002D050F000B');
INSERT INTO "expected" VALUES('1e49914fe2cae25607e99304c206882d06e34bef67fbe640c0a55d96ca766659',0,4,51,X'28B52FFD2033150100B0020069000B0673046162616209640000000000001440040031B30119B7143C002C');
INSERT INTO "expected" VALUES('b07e6ea62222931fe900cb3c8a726b535bab6f9768001f80f83f075048bc8138',0,2,20,X'28B52FFD20146D000028020069040602002D050F000B');
INSERT INTO "expected" VALUES('b9381e953ca30d7898032cc35950a3d6c31928dbfdb38c648984a9058f6dc73f',0,3,30,X'28B52FFD201E85000030020069040A000300A0889682078005');
CREATE TABLE failing (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  tests      BLOB NOT NULL
) STRICT;
INSERT INTO "failing" VALUES(4,X'780163060000040004');
INSERT INTO "failing" VALUES(7,X'780163030000070007');
INSERT INTO "failing" VALUES(9,X'780163060000040004');
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
INSERT INTO "imported_count" VALUES('paper','published','P/0',10,5,2,0);
INSERT INTO "imported_count" VALUES('paper','published','P/1',10,0,3,0);
CREATE TABLE model (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO "model" VALUES(1,'small');
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
INSERT INTO "problem" VALUES(1,1,'Own/0',0,'largest','','def largest(numbers):
    return max(numbers)
');
INSERT INTO "problem" VALUES(2,1,'Own/1',1,'double','','def double(x):
    return 2 * x
');
CREATE TABLE program (
  id   INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,         -- SHA-256 of text
  text TEXT NOT NULL                 -- as executed: whole program
) STRICT;
INSERT INTO "program" VALUES(1,'95b25d8844b7d13b1dbbfac8bf73ec34fe3130467feaef82d289560873214031','def largest(numbers):
    return max(numbers)
');
INSERT INTO "program" VALUES(2,'6ecfde0fcaa5dd01455646b12afb4dfa2218f8a3abfa7be6126d494a874f5edb','def largest(numbers):
    return numbers[-1]
');
INSERT INTO "program" VALUES(3,'0992f2f8cc75665f6907a881df9b42e292cff1e392bc7679e2f4cbd325a698d9','def double(x):
    return 2 * x
');
INSERT INTO "program" VALUES(4,'a101f2d2306a0bf73956d90bce187c56e403e144b06c4034bfe8b7c78a99da6e','def double(x):
    return abs(x) + abs(x)
');
INSERT INTO "program" VALUES(5,'aef83ca97b3c87ecd30ce1c74ba8519fe2e21eecfbd6d0f60ab334f5de1d5c38','def double(x):
    return x
');
CREATE TABLE raised_limits (
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  hash         TEXT NOT NULL,        -- SHA-256 of limits
  limits       TEXT NOT NULL,        -- JSON: only those that are raised; "test_cpu_s" by test
  PRIMARY KEY (suite_id, condition_id)
) STRICT, WITHOUT ROWID;
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
  reply_mib_min   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO "reference_run" VALUES('16a202d251e0ad785632934a4f5238ccbfe0d3b1d0c5d6e967f1b2a3474c94df',2,10008,2,'calls','','[0.0,0.0]',4.0,19,1);
INSERT INTO "reference_run" VALUES('1e49914fe2cae25607e99304c206882d06e34bef67fbe640c0a55d96ca766659',4,10272,9,'calls','','[0.0,0.0,0.0,0.0]',4.0,20,1);
INSERT INTO "reference_run" VALUES('b07e6ea62222931fe900cb3c8a726b535bab6f9768001f80f83f075048bc8138',2,10008,2,'calls','','[0.0,0.0]',4.0,19,1);
INSERT INTO "reference_run" VALUES('b9381e953ca30d7898032cc35950a3d6c31928dbfdb38c648984a9058f6dc73f',3,10144,2,'calls','','[0.0,0.0,0.0]',4.0,19,1);
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
  dataset_version TEXT NOT NULL DEFAULT '' -- hash or release of the files judged; empty: not known
) STRICT;
INSERT INTO "run" VALUES(1,1,1,'2026-11-26T04:38:13Z','2026-11-26T04:38:15Z','full','assay run --dataset own.jsonl --samples s.jsonl','{"allow_weaker":false,"append":false,"comparison":"strict","dataset":"own.jsonl","depth":"decided","intake_rules":"intake/1","jobs":0,"limits":[],"model":"","packages":[],"python":"/usr/bin/python3","reading":"repaired","samples":["s.jsonl"],"strict_input":false,"suites":[],"tasks":[]}','{"assay":"0.1.0"}','sha256:1a82a9d90e5aec24');
CREATE TABLE run_model (
  run_id   INTEGER NOT NULL REFERENCES run,
  model_id INTEGER NOT NULL REFERENCES model,
  PRIMARY KEY (run_id, model_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "run_model" VALUES(1,1);
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
INSERT INTO "sample" VALUES(1,1,1,'0',1,'95b25d8844b7d13b1dbbfac8bf73ec34fe3130467feaef82d289560873214031',NULL,'solution','','');
INSERT INTO "sample" VALUES(2,1,1,'1',2,'6ecfde0fcaa5dd01455646b12afb4dfa2218f8a3abfa7be6126d494a874f5edb',NULL,'solution','','');
INSERT INTO "sample" VALUES(3,1,1,'2',1,'95b25d8844b7d13b1dbbfac8bf73ec34fe3130467feaef82d289560873214031',NULL,'solution','','');
INSERT INTO "sample" VALUES(4,2,1,'0',3,'0992f2f8cc75665f6907a881df9b42e292cff1e392bc7679e2f4cbd325a698d9',NULL,'solution','','');
INSERT INTO "sample" VALUES(5,2,1,'1',4,'a101f2d2306a0bf73956d90bce187c56e403e144b06c4034bfe8b7c78a99da6e',NULL,'solution','','');
INSERT INTO "sample" VALUES(6,2,1,'2',5,'aef83ca97b3c87ecd30ce1c74ba8519fe2e21eecfbd6d0f60ab334f5de1d5c38',NULL,'solution','','');
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
INSERT INTO "style" VALUES(1,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,44,23,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(2,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,43,22,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(3,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,30,16,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(4,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,40,26,0,2,2,2,1,2,0,1,'');
CREATE TABLE suite (
  id         INTEGER PRIMARY KEY,
  problem_id INTEGER NOT NULL REFERENCES problem,
  name       TEXT NOT NULL,          -- 'official', 'base', 'plus', or a name of the user's own
  hash       TEXT NOT NULL,          -- 'imported' where foreign verdicts were taken as they are
  tests      INTEGER NOT NULL,       -- calls of the entry point; 1 for test code
  current    INTEGER NOT NULL DEFAULT 1, -- 1: the one the newest run of this dataset used
  UNIQUE (problem_id, name, hash)
) STRICT;
INSERT INTO "suite" VALUES(1,1,'base','c9f067f1295ee5464e3d602d8774966877bcd8c26e8ee34f473c377d13b0d028',2,1);
INSERT INTO "suite" VALUES(2,1,'plus','55bd8971e45b62b521579e4694aae10d4c34801691b64f12c368c7a965aec089',3,1);
INSERT INTO "suite" VALUES(3,2,'base','e1fc7ace68e34f4918cfaea63af8b4bb6c4080b4d55c8f745a4386a2194f20b3',2,1);
INSERT INTO "suite" VALUES(4,2,'plus','95c758e26306b00663429611dbbc2f9326ca10afb93296446919b3b2f494599a',4,1);
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
INSERT INTO "verdict" VALUES(1,2,1,1,1,'pass','one_process',2,2,0,0,1.25,6.05986800000000069843e+00,10004,'','');
INSERT INTO "verdict" VALUES(2,1,1,1,1,'pass','one_process',2,2,0,0,1.34399999999999986144e+00,12.776239,10008,'','');
INSERT INTO "verdict" VALUES(3,1,2,1,1,'pass','full',3,3,0,0,1.467,3.204713,10008,'','');
INSERT INTO "verdict" VALUES(4,2,2,1,1,'fail','full',1,3,0,0,1.632,10.299306,10004,'','');
INSERT INTO "verdict" VALUES(5,4,3,1,1,'pass','one_process',2,2,0,0,1.213,5.799081,10132,'','');
INSERT INTO "verdict" VALUES(6,3,3,1,1,'pass','one_process',2,2,0,0,1.43000000000000015987e+00,6.10836,10008,'','');
INSERT INTO "verdict" VALUES(7,4,4,1,1,'fail','full',2,4,0,0,1.446,19.828359,10260,'','');
INSERT INTO "verdict" VALUES(8,3,4,1,1,'pass','full',4,4,0,0,1.99199999999999977084e+00,33.850966,10136,'','');
INSERT INTO "verdict" VALUES(9,5,3,1,1,'fail','one_process',0,2,0,0,1.36199999999999987743e+00,2.59253610000000023205e+01,10004,'','');
CREATE TABLE witness (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  test       INTEGER NOT NULL,       -- index in the suite; -1 where no single input failed
  input      TEXT NOT NULL,
  expected   TEXT NOT NULL,
  actual     TEXT NOT NULL
) STRICT;
INSERT INTO "witness" VALUES(4,0,'([2, 1],)','2','1');
INSERT INTO "witness" VALUES(7,1,'(-3,)','-6','6');
INSERT INTO "witness" VALUES(9,0,'(1,)','2','1');
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
COMMIT;
