PRAGMA application_id = 1634956153;
PRAGMA user_version = 2;
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
  version TEXT NOT NULL,             -- hash or release of its files
  note    TEXT NOT NULL DEFAULT ''   -- what must be said wherever its results are shown
) STRICT;
INSERT INTO "dataset" VALUES(1,'own','sha256:b21c712945ac6f84','');
CREATE TABLE expected (
  key       TEXT NOT NULL REFERENCES reference_run ON DELETE CASCADE,
  chunk     INTEGER NOT NULL,        -- ascending from 0
  count     INTEGER NOT NULL,        -- tests in this chunk
  raw_bytes INTEGER NOT NULL,        -- size of answers unpacked
  answers   BLOB NOT NULL,           -- zstd: per test u64 length (little-endian) + codec bytes
  PRIMARY KEY (key, chunk)
) STRICT, WITHOUT ROWID;
INSERT INTO "expected" VALUES('09a5b64f685120d501b67b9b9cb8c8f1d0b1f157c46044b457a0cc6541e709ad',0,3,30,X'28B52FFD201E85000030020069010E060300A0889682078005');
INSERT INTO "expected" VALUES('468444bc39e9646130fa0e75c25cf928b15e4b13af0994cb19ba94d2a68c5bcc',0,2,20,X'28B52FFD20146D000028020069040802002D050F000B');
INSERT INTO "expected" VALUES('b38cf99cc34fe7b8eeb1610332fef0de61412a6cc63c0f0d9ef1c7beca312be3',0,4,51,X'28B52FFD2033150100B0020069000B0673046162616209649A9999999999C93F040031B30119B7143C002C');
INSERT INTO "expected" VALUES('ebc9c6afb439e40208159c3e037eebc1a43930fc3b13b7395572e7d18e4ed952',0,2,20,X'28B52FFD20146D000028020069060A02002D050F000B');
CREATE TABLE failing (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  tests      BLOB NOT NULL
) STRICT;
INSERT INTO "failing" VALUES(3,X'780163040000020002');
INSERT INTO "failing" VALUES(5,X'780163060000040004');
INSERT INTO "failing" VALUES(7,X'7801E30300000F000F');
INSERT INTO "failing" VALUES(10,X'7801E30100000D000D');
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
INSERT INTO "model" VALUES(1,'m');
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
INSERT INTO "problem" VALUES(1,1,'Own/0',0,'largest','def largest(numbers):
','def largest(numbers):
    return max(numbers)
');
INSERT INTO "problem" VALUES(2,1,'Own/1',1,'double','def double(x):
','def double(x):
    return x * 2
');
CREATE TABLE program (
  id   INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,         -- SHA-256 of text
  text TEXT NOT NULL                 -- as executed: whole program
) STRICT;
INSERT INTO "program" VALUES(1,'9a1456fd0b67acb564696f53f9c56c4533adbe57f4bde06c5622852d279f9ffe','def largest(numbers):
    return sorted(numbers)[-1]
');
INSERT INTO "program" VALUES(2,'180ea08295e40063adc3b99b2b526b9729287d49d1129db9b1e6f4b7282ebc13','def largest(numbers):
    return max(numbers + [0])
');
INSERT INTO "program" VALUES(3,'9404b654a1d5e1739b5aaf3027b7fab314d6f510ae914d0d6e069ba14c330fa1','def double(x):
    return x + x
');
INSERT INTO "program" VALUES(4,'4b1f4e979dd9b539262474a5632f7d6f3814be591cc678e2c491fd032891339e','def double(x):
    return x * 3
');
INSERT INTO "program" VALUES(5,'f11e1c053ceb22bb04feee3f0c7640ddb4021162ea3d8a4bf812505d1b072dff','def double(x):
    return 2 * int(x)
');
CREATE TABLE reference_run (
  key             TEXT PRIMARY KEY,
  tests           INTEGER NOT NULL,
  memory_kib      INTEGER NOT NULL,  -- peak, above the warm interpreter
  reply_bytes_max INTEGER NOT NULL,  -- largest single answer, encoded
  lane            TEXT NOT NULL,     -- 'proxy' or 'in_process' (official), 'calls' (base, plus)
  trouble         TEXT NOT NULL,     -- why the suite cannot be judged; empty where it can
  cpu_s           TEXT NOT NULL      -- JSON array: the reference's CPU seconds per test
) STRICT, WITHOUT ROWID;
INSERT INTO "reference_run" VALUES('09a5b64f685120d501b67b9b9cb8c8f1d0b1f157c46044b457a0cc6541e709ad',3,8760,2,'calls','','[2.9473e-05,2.154e-06,1.532e-06]');
INSERT INTO "reference_run" VALUES('468444bc39e9646130fa0e75c25cf928b15e4b13af0994cb19ba94d2a68c5bcc',2,8780,2,'calls','','[1.5913e-05,1.533e-06]');
INSERT INTO "reference_run" VALUES('b38cf99cc34fe7b8eeb1610332fef0de61412a6cc63c0f0d9ef1c7beca312be3',4,8888,9,'calls','','[1.8066e-05,2.204e-06,9.073e-06,3.275e-06]');
INSERT INTO "reference_run" VALUES('ebc9c6afb439e40208159c3e037eebc1a43930fc3b13b7395572e7d18e4ed952',2,8760,2,'calls','','[2.4035e-05,8.283e-06]');
CREATE TABLE run (
  id           INTEGER PRIMARY KEY,
  dataset_id   INTEGER NOT NULL REFERENCES dataset,
  condition_id INTEGER NOT NULL REFERENCES condition,
  started      TEXT NOT NULL,        -- UTC, ISO 8601
  ended        TEXT,                 -- null: interrupted, or still going
  level        TEXT NOT NULL,        -- isolation: 'full', 'no-namespace', 'rlimits', 'none'
  command      TEXT NOT NULL,        -- the line that resumes it
  options      TEXT NOT NULL,        -- JSON
  machine      TEXT NOT NULL         -- JSON: assay's version, kernel, CPUs, memory
) STRICT;
INSERT INTO "run" VALUES(1,1,1,'2026-11-25T21:30:12Z','2026-11-25T21:30:13Z','full','assay run --dataset own.jsonl --samples m.jsonl --full','{"allow_weaker":false,"append":false,"comparison":"strict","cut_rule":"next-top-level-statement/1","dataset":"own.jsonl","depth":"full","extract":false,"jobs":0,"limits":[],"model":"","packages":[],"python":"/usr/bin/python3","samples":["m.jsonl"],"suites":[],"tasks":[]}','{"assay":"0.1.0"}');
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
  given      TEXT,                   -- the text as given, where something was cut from or put before it
  form       TEXT NOT NULL,          -- 'solution', 'completion', with '+cut', '+extract' where applied
  UNIQUE (model_id, problem_id, sample_id)
) STRICT;
INSERT INTO "sample" VALUES(1,1,1,'0',1,'9a1456fd0b67acb564696f53f9c56c4533adbe57f4bde06c5622852d279f9ffe',NULL,'solution');
INSERT INTO "sample" VALUES(2,1,1,'1',2,'180ea08295e40063adc3b99b2b526b9729287d49d1129db9b1e6f4b7282ebc13',NULL,'solution');
INSERT INTO "sample" VALUES(3,1,1,'2',1,'9a1456fd0b67acb564696f53f9c56c4533adbe57f4bde06c5622852d279f9ffe',NULL,'solution');
INSERT INTO "sample" VALUES(4,2,1,'0',3,'9404b654a1d5e1739b5aaf3027b7fab314d6f510ae914d0d6e069ba14c330fa1',NULL,'solution');
INSERT INTO "sample" VALUES(5,2,1,'1',4,'4b1f4e979dd9b539262474a5632f7d6f3814be591cc678e2c491fd032891339e',NULL,'solution');
INSERT INTO "sample" VALUES(6,2,1,'2',5,'f11e1c053ceb22bb04feee3f0c7640ddb4021162ea3d8a4bf812505d1b072dff',NULL,'solution');
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
INSERT INTO "style" VALUES(1,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,51,30,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(2,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,50,29,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(3,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,30,16,0,2,2,2,1,2,0,1,'');
INSERT INTO "style" VALUES(5,'Python 3.11.2, pycodestyle 2.10.0, mccabe 0.7.0',2,35,21,0,2,2,2,1,2,0,1,'');
CREATE TABLE suite (
  id         INTEGER PRIMARY KEY,
  problem_id INTEGER NOT NULL REFERENCES problem,
  name       TEXT NOT NULL,          -- 'official', 'base', 'plus', or a name of the user's own
  hash       TEXT NOT NULL,          -- 'imported' where foreign verdicts were taken as they are
  tests      INTEGER NOT NULL,       -- calls of the entry point; 1 for test code
  current    INTEGER NOT NULL DEFAULT 1, -- 1: the one the newest run of this dataset used
  UNIQUE (problem_id, name, hash)
) STRICT;
INSERT INTO "suite" VALUES(1,1,'base','44e1de610f33722d5000c40057d695150cdda25f36d5c828253d162dbf7fd4e2',2,1);
INSERT INTO "suite" VALUES(2,1,'plus','73bdc48d7260d596697e7a924d9e87b6712131f91e77593cf87b337816a1067a',3,1);
INSERT INTO "suite" VALUES(3,2,'base','275950b26f682a720df90eb0e680670a8e3e7fb6ff14e8e475bd07f4b13e1cdd',2,1);
INSERT INTO "suite" VALUES(4,2,'plus','823a7309fb4c1b0bdd2a8cfa58213ccb30ad8abc4f42724b7b8480f7de05db57',4,1);
CREATE TABLE verdict (
  id           INTEGER PRIMARY KEY,
  program_id   INTEGER NOT NULL REFERENCES program,
  suite_id     INTEGER NOT NULL REFERENCES suite,
  condition_id INTEGER NOT NULL REFERENCES condition,
  run_id       INTEGER NOT NULL REFERENCES run,
  status       TEXT NOT NULL CHECK (status IN ('pass','fail','error','timeout','memory','output',
                 'crash','syntax','no_entry_point','tampered','missing')),
  scope        TEXT NOT NULL CHECK (scope IN ('full','one_process','first_failure')),
                                     -- how far it was judged (harness/verify/judge.h)
  passed       INTEGER NOT NULL,     -- tests passed ...
  judged       INTEGER NOT NULL,     -- ... of tests judged; the rest was not run
  marginal     INTEGER NOT NULL DEFAULT 0, -- within 20% of a limit
  forgeable    INTEGER NOT NULL DEFAULT 0, -- judged in its own process
  cpu_ms       REAL NOT NULL,
  wall_ms      REAL NOT NULL,
  memory_kib   INTEGER NOT NULL,     -- peak, the warm interpreter included
  message      TEXT NOT NULL DEFAULT '', -- exception, signal, or what went wrong
  UNIQUE (program_id, suite_id, condition_id)
) STRICT;
INSERT INTO "verdict" VALUES(1,1,1,1,1,'pass','full',2,2,0,0,1.23499999999999987565e+00,19.802971,8888,'');
INSERT INTO "verdict" VALUES(2,2,1,1,1,'pass','full',2,2,0,0,1.106,32.070645,8780,'');
INSERT INTO "verdict" VALUES(3,2,2,1,1,'fail','full',2,3,0,0,1.174,11.450803,8780,'');
INSERT INTO "verdict" VALUES(4,1,2,1,1,'pass','full',3,3,0,0,1.204,36.244595,8888,'');
INSERT INTO "verdict" VALUES(5,4,3,1,1,'fail','full',0,2,0,0,1.106,2.655569,8760,'');
INSERT INTO "verdict" VALUES(6,3,3,1,1,'pass','full',2,2,0,0,0.968,16.418742,8780,'');
INSERT INTO "verdict" VALUES(7,4,4,1,1,'fail','full',1,4,0,0,1.038,7.94959999999999933351e+00,8888,'');
INSERT INTO "verdict" VALUES(8,3,4,1,1,'pass','full',4,4,0,0,9.81000000000000094146e-01,7.90936100000000053e+00,8780,'');
INSERT INTO "verdict" VALUES(9,5,3,1,1,'pass','full',2,2,0,0,9.52000000000000068389e-01,12.723621,8760,'');
INSERT INTO "verdict" VALUES(10,5,4,1,1,'error','full',2,4,0,0,1.048,1.10607440000000014637e+01,9400,'ValueError: invalid literal for int() with base 10: ''ab''');
CREATE TABLE witness (
  verdict_id INTEGER PRIMARY KEY REFERENCES verdict ON DELETE CASCADE,
  test       INTEGER NOT NULL,       -- index in the suite; -1 where no single input failed
  input      TEXT NOT NULL,
  expected   TEXT NOT NULL,
  actual     TEXT NOT NULL
) STRICT;
INSERT INTO "witness" VALUES(3,0,'([-1, -2],)','-1','0');
INSERT INTO "witness" VALUES(5,0,'(1,)','2','3');
INSERT INTO "witness" VALUES(7,1,'(-3,)','-6','-9');
INSERT INTO "witness" VALUES(10,2,'(''ab'',)','''abab''','ValueError: invalid literal for int() with base 10: ''ab''');
CREATE INDEX sample_by_problem ON sample (problem_id, model_id);
CREATE INDEX sample_by_program ON sample (program_id);
COMMIT;
