// Every statement of the store under its name. Nothing else in the house holds SQL but schema.sql
// and the migrations. Columns are read by the names that they have here.
#pragma once

#include "harness/store/database.h"

namespace assay::store::sql {

// ---- the database itself

inline constexpr Sql kSchemaVersion = "PRAGMA user_version";
inline constexpr Sql kApplicationId = "PRAGMA application_id";
inline constexpr Sql kObjectCount = "SELECT count(*) AS objects FROM sqlite_schema";
inline constexpr Sql kFindObject = "SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE";
/// Changes when another connection has committed.
inline constexpr Sql kDataVersion = "PRAGMA data_version";

// ---- what is judged

inline constexpr Sql kPutDataset = R"sql(
  INSERT INTO dataset (name, version, note) VALUES (?, ?, ?)
  ON CONFLICT (name) DO UPDATE SET version = excluded.version, note = excluded.note
)sql";
inline constexpr Sql kFindDataset = "SELECT id FROM dataset WHERE name = ?";
inline constexpr Sql kDatasets = "SELECT id, name, version, note FROM dataset ORDER BY name";

inline constexpr Sql kPutProblem = R"sql(
  INSERT INTO problem (dataset_id, task_id, position, entry_point, prompt, reference)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (dataset_id, task_id) DO UPDATE SET
    position = excluded.position, entry_point = excluded.entry_point,
    prompt = excluded.prompt, reference = excluded.reference
)sql";
inline constexpr Sql kFindProblem = "SELECT id FROM problem WHERE dataset_id = ? AND task_id = ?";
inline constexpr Sql kTaskIds = R"sql(
  SELECT task_id FROM problem WHERE id IN (SELECT problem_id FROM sample)
  UNION SELECT task_id FROM imported_count
)sql";

inline constexpr Sql kPutSuite = R"sql(
  INSERT INTO suite (problem_id, name, hash, tests) VALUES (?, ?, ?, ?)
  ON CONFLICT (problem_id, name, hash) DO NOTHING
)sql";
/// ?1 problem, ?2 name, ?3 hash.
inline constexpr Sql kMakeSuiteCurrent = R"sql(
  UPDATE suite SET current = (hash = ?3)
  WHERE problem_id = ?1 AND name = ?2 AND hash <> 'imported' AND current <> (hash = ?3)
)sql";
inline constexpr Sql kFindSuite =
    "SELECT id FROM suite WHERE problem_id = ? AND name = ? AND hash = ?";
inline constexpr Sql kSuiteNames = "SELECT DISTINCT name FROM suite ORDER BY name";

inline constexpr Sql kPutModel =
    "INSERT INTO model (name) VALUES (?) ON CONFLICT (name) DO NOTHING";
inline constexpr Sql kFindModel = "SELECT id FROM model WHERE name = ?";
inline constexpr Sql kModelName = "SELECT name FROM model WHERE id = ?";

inline constexpr Sql kPutProgram = "INSERT INTO program (hash, text) VALUES (?, ?)";
inline constexpr Sql kFindProgram = "SELECT id FROM program WHERE hash = ?";
inline constexpr Sql kProgramText = "SELECT text FROM program WHERE id = ?";

inline constexpr Sql kPutSample = R"sql(
  INSERT INTO sample (id, problem_id, model_id, sample_id, program_id, given_hash, given, form, rules,
                      chosen)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kFindSample = R"sql(
  SELECT s.id AS id, s.given_hash AS given_hash, s.form AS form, s.rules AS rules,
         g.hash AS program_hash
  FROM sample s JOIN program g ON g.id = s.program_id
  WHERE s.model_id = ? AND s.problem_id = ? AND s.sample_id = ?
)sql";
inline constexpr Sql kLastSample = "SELECT max(id) AS id FROM sample";
/// The samples of one model and problem, in the order they came.
inline constexpr Sql kGivenSamples = R"sql(
  SELECT sample_id, given_hash FROM sample WHERE model_id = ? AND problem_id = ? ORDER BY id
)sql";
/// The highest of the ids that are whole numbers; null where there is none.
inline constexpr Sql kHighestSampleNumber = R"sql(
  SELECT max(CAST(sample_id AS INTEGER)) AS number FROM sample
  WHERE model_id = ? AND problem_id = ?
    AND sample_id NOT GLOB '*[^0-9]*' AND length(sample_id) BETWEEN 1 AND 18
)sql";

inline constexpr Sql kPutImportedCount = R"sql(
  INSERT INTO imported_count (dataset, model, task_id, n, tp, fp, fn) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (dataset, model, task_id) DO UPDATE SET
    n = excluded.n, tp = excluded.tp, fp = excluded.fp, fn = excluded.fn
)sql";
inline constexpr Sql kImportedCounts = R"sql(
  SELECT task_id, n, tp, fp, fn FROM imported_count
  WHERE dataset = ? AND model = ? ORDER BY task_id
)sql";
inline constexpr Sql kImportedModels = R"sql(
  SELECT DISTINCT dataset, model, 0 AS scores_only FROM imported_count
  UNION ALL SELECT DISTINCT dataset, model, 1 AS scores_only FROM imported_score i
  WHERE NOT EXISTS (
    SELECT 1 FROM run_model rm JOIN run r ON r.id = rm.run_id JOIN dataset d ON d.id = r.dataset_id
    JOIN model m ON m.id = rm.model_id
    WHERE d.name = i.dataset AND m.name = i.model)
)sql";

// ---- what a run writes

inline constexpr Sql kPutCondition = R"sql(
  INSERT INTO condition (hash, limits, comparison, interpreter, comparison_version)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (hash) DO NOTHING
)sql";
inline constexpr Sql kFindCondition = "SELECT id FROM condition WHERE hash = ?";

inline constexpr Sql kBeginRun = R"sql(
  INSERT INTO run (dataset_id, condition_id, started, level, command, options, machine,
                   dataset_version, identity)
  SELECT id, ?2, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?3, ?4, ?5, ?6, version,
         lower(hex(randomblob(16)))
  FROM dataset WHERE id = ?1
)sql";
inline constexpr Sql kEndRun =
    "UPDATE run SET ended = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?";
inline constexpr Sql kPutRunModel =
    "INSERT INTO run_model (run_id, model_id) VALUES (?, ?) ON CONFLICT DO NOTHING";

inline constexpr Sql kDropVerdict =
    "DELETE FROM verdict WHERE program_id = ? AND suite_id = ? AND condition_id = ?";
inline constexpr Sql kPutVerdict = R"sql(
  INSERT INTO verdict (program_id, suite_id, condition_id, run_id, status, scope, passed, judged,
                       marginal, forgeable, cpu_ms, wall_ms, memory_kib, message, limits_hash)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
/// Of a cell: program, suite, condition.
inline constexpr Sql kDropMissing = R"sql(
  DELETE FROM verdict
  WHERE program_id = ? AND suite_id = ? AND condition_id = ? AND status = 'missing'
)sql";
inline constexpr Sql kStatusOf =
    "SELECT status FROM verdict WHERE program_id = ? AND suite_id = ? AND condition_id = ?";
inline constexpr Sql kPutDecided = R"sql(
  INSERT INTO decided (program_id, suite_id, condition_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kDropDecided =
    "DELETE FROM decided WHERE program_id = ? AND suite_id = ? AND condition_id = ?";
inline constexpr Sql kPutWitness =
    "INSERT INTO witness (verdict_id, test, input, expected, actual) VALUES (?, ?, ?, ?, ?)";
inline constexpr Sql kPutFailing = "INSERT INTO failing (verdict_id, tests) VALUES (?, ?)";

inline constexpr Sql kPutSlowVerdict = R"sql(
  INSERT OR REPLACE INTO slow_verdict (program_id, suite_id, condition_id, times, status, cpu_ms)
  VALUES (?, ?, ?, ?, ?, ?)
)sql";

inline constexpr Sql kPutRaisedLimits = R"sql(
  INSERT INTO raised_limits (suite_id, condition_id, hash, limits) VALUES (?, ?, ?, ?)
  ON CONFLICT (suite_id, condition_id) DO UPDATE SET hash = excluded.hash, limits = excluded.limits
  WHERE hash <> excluded.hash
)sql";
inline constexpr Sql kDropRaisedLimits =
    "DELETE FROM raised_limits WHERE suite_id = ? AND condition_id = ?";

/// What two runs at a time find out about one reference, the first of them keeps.
inline constexpr Sql kPutReferenceRun = R"sql(
  INSERT INTO reference_run (key, tests, memory_kib, reply_bytes_max, lane, trouble, cpu_s,
                             cpu_factor, memory_mib_min, reply_mib_min, doubt)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (key) DO NOTHING
)sql";
inline constexpr Sql kFindReferenceRun = R"sql(
  SELECT tests, memory_kib, reply_bytes_max, lane, trouble, cpu_s, cpu_factor, memory_mib_min,
         reply_mib_min, doubt
  FROM reference_run WHERE key = ?
)sql";
inline constexpr Sql kPutDoubt = "UPDATE reference_run SET doubt = ?2 WHERE key = ?1";
inline constexpr Sql kFindDoubt =
    "SELECT doubt FROM reference_run WHERE key = ? AND coalesce(doubt, '') <> ''";
/// ?1 dataset.
inline constexpr Sql kJudgingSuites = R"sql(
  SELECT p.task_id AS task_id, s.name AS suite, s.hash AS hash
  FROM current_suite s JOIN problem p ON p.id = s.problem_id
  WHERE p.dataset_id = ? AND NOT s.imported ORDER BY p.position, s.id
)sql";
inline constexpr Sql kPutExpected =
    "INSERT INTO expected (key, chunk, count, raw_bytes, answers) VALUES (?, ?, ?, ?, ?)";
inline constexpr Sql kFindExpected =
    "SELECT count, raw_bytes, answers FROM expected WHERE key = ? ORDER BY chunk";

inline constexpr Sql kPutAssertion = R"sql(
  INSERT INTO assertion (suite_id, test, text, weight) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (suite_id, test) DO UPDATE SET weight = ?4
)sql";
inline constexpr Sql kRetireAssertions = R"sql(
  UPDATE suite SET current = 0
  WHERE name = ?2 AND problem_id IN (SELECT id FROM problem WHERE dataset_id = ?1)
    AND EXISTS (SELECT 1 FROM assertion a WHERE a.suite_id = suite.id)
)sql";
inline constexpr Sql kFindOtherSuite = R"sql(
  SELECT 1 FROM suite u
  WHERE u.name = ?1 AND NOT EXISTS (SELECT 1 FROM assertion a WHERE a.suite_id = u.id) LIMIT 1
)sql";
/// ?1 dataset, ?2 the suite's name.
inline constexpr Sql kAssertions = R"sql(
  SELECT p.task_id AS task_id, u.hash AS hash, a.text AS text, a.weight AS weight
  FROM problem p
  JOIN current_suite u ON u.problem_id = p.id
  JOIN assertion a ON a.suite_id = u.id
  WHERE p.dataset_id = ?1 AND u.name = ?2
  ORDER BY p.position, a.test
)sql";

// ---- shards, and what one database knows into another: what names rows in every database, in the
// order in which the statement behind takes it

inline constexpr Sql kPutShard = R"sql(
  INSERT INTO shard (run_id, number, shards, work, samples) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (run_id) DO NOTHING
)sql";
inline constexpr Sql kShards = R"sql(
  SELECT d.name AS dataset, r.condition_id AS condition_id, s.work AS work, s.shards AS shards,
         s.number AS number, max(s.samples) AS samples, max(r.ended IS NOT NULL) AS ended
  FROM shard s JOIN run r ON r.id = s.run_id JOIN dataset d ON d.id = r.dataset_id
  GROUP BY d.name, r.condition_id, s.work, s.shards, s.number
  ORDER BY dataset, condition_id, work, shards, number
)sql";

/// The condition of each model's newest run; ?1 dataset, ?2 model (both empty: of all).
inline constexpr Sql kNewestConditions = R"sql(
  SELECT d.name AS dataset, m.name AS model, c.hash AS hash, c.limits AS limits,
         c.comparison AS comparison, c.interpreter AS interpreter,
         c.comparison_version AS comparison_version
  FROM run_model rm JOIN run r ON r.id = rm.run_id JOIN dataset d ON d.id = r.dataset_id
  JOIN model m ON m.id = rm.model_id JOIN condition c ON c.id = r.condition_id
  WHERE (?1 = '' OR (d.name = ?1 AND m.name = ?2))
    AND r.id = (SELECT max(o.id) FROM run_model om JOIN run o ON o.id = om.run_id
                WHERE om.model_id = rm.model_id AND o.dataset_id = r.dataset_id)
)sql";
inline constexpr Sql kReadDatasets = "SELECT name, version, note FROM dataset ORDER BY id";
inline constexpr Sql kMergeDataset =
    "INSERT INTO dataset (name, version, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
inline constexpr Sql kReadProblems = R"sql(
  SELECT d.name, p.task_id, p.position, p.entry_point, p.prompt, p.reference
  FROM problem p JOIN dataset d ON d.id = p.dataset_id ORDER BY p.id
)sql";
inline constexpr Sql kMergeProblem = R"sql(
  INSERT INTO problem (dataset_id, task_id, position, entry_point, prompt, reference)
  SELECT id, ?2, ?3, ?4, ?5, ?6 FROM dataset WHERE name = ?1 ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadSuites = R"sql(
  SELECT d.name AS dataset, p.task_id AS task_id, u.name AS suite, u.hash AS hash, u.tests AS tests,
         u.current AS current
  FROM suite u JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  ORDER BY u.id
)sql";
/// Another suite that is current under this name; ?1 to ?4 as kReadSuites has them.
inline constexpr Sql kFindCurrentSuite = R"sql(
  SELECT 1 FROM suite u JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  WHERE d.name = ?1 AND p.task_id = ?2 AND u.name = ?3 AND u.hash <> ?4 AND u.current = 1
    AND u.hash <> 'imported' AND ?4 <> 'imported'
)sql";
inline constexpr Sql kMergeSuite = R"sql(
  INSERT INTO suite (problem_id, name, hash, tests, current)
  SELECT p.id, ?3, ?4, ?5, ?6 FROM problem p JOIN dataset d ON d.id = p.dataset_id
  WHERE d.name = ?1 AND p.task_id = ?2 ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadAssertions = R"sql(
  SELECT d.name, p.task_id, u.name, u.hash, a.test, a.text, a.weight
  FROM assertion a JOIN suite u ON u.id = a.suite_id JOIN problem p ON p.id = u.problem_id
  JOIN dataset d ON d.id = p.dataset_id
)sql";
inline constexpr Sql kMergeAssertion = R"sql(
  INSERT INTO assertion (suite_id, test, text, weight)
  SELECT u.id, ?5, ?6, ?7
  FROM suite u JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  WHERE d.name = ?1 AND p.task_id = ?2 AND u.name = ?3 AND u.hash = ?4 ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadModels = "SELECT name FROM model ORDER BY id";
inline constexpr Sql kReadPrograms = "SELECT hash, text FROM program ORDER BY id";
inline constexpr Sql kMergeProgram =
    "INSERT INTO program (hash, text) VALUES (?, ?) ON CONFLICT DO NOTHING";
/// ?1: whether with the ids that they have.
inline constexpr Sql kReadSamples = R"sql(
  SELECT CASE WHEN ?1 THEN s.id END AS id, d.name AS dataset, p.task_id AS task_id,
         m.name AS model, s.sample_id AS sample_id, g.hash AS program_hash, s.given_hash AS given_hash,
         s.given AS given, s.form AS form, s.rules AS rules, s.chosen AS chosen
  FROM sample s JOIN problem p ON p.id = s.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN model m ON m.id = s.model_id JOIN program g ON g.id = s.program_id ORDER BY s.id
)sql";
/// ?2 dataset, ?3 task_id, ?4 model, ?5 sample_id, as in kReadSamples.
inline constexpr Sql kFindMerged = R"sql(
  SELECT g.hash AS program_hash, s.given_hash AS given_hash
  FROM sample s JOIN program g ON g.id = s.program_id
  WHERE s.sample_id = ?5 AND s.model_id = (SELECT id FROM model WHERE name = ?4)
    AND s.problem_id = (SELECT p.id FROM problem p JOIN dataset d ON d.id = p.dataset_id
                        WHERE d.name = ?2 AND p.task_id = ?3)
)sql";
/// ?1 the id that it had: it keeps that where it is free.
inline constexpr Sql kMergeSample = R"sql(
  INSERT INTO sample (id, problem_id, model_id, sample_id, program_id, given_hash, given, form, rules,
                      chosen)
  SELECT CASE WHEN EXISTS (SELECT 1 FROM sample s WHERE s.id = ?1) THEN NULL ELSE ?1 END, p.id,
         (SELECT id FROM model WHERE name = ?4), ?5, (SELECT id FROM program WHERE hash = ?6),
         ?7, ?8, ?9, ?10, ?11
  FROM problem p JOIN dataset d ON d.id = p.dataset_id WHERE d.name = ?2 AND p.task_id = ?3
)sql";
inline constexpr Sql kReadConditions =
    "SELECT hash, limits, comparison, interpreter, comparison_version FROM condition ORDER BY id";
inline constexpr Sql kReadRuns = R"sql(
  SELECT r.identity, d.name, c.hash, r.started, r.ended, r.level, r.command, r.options, r.machine,
         r.dataset_version
  FROM run r JOIN dataset d ON d.id = r.dataset_id JOIN condition c ON c.id = r.condition_id
  ORDER BY r.id
)sql";
inline constexpr Sql kMergeRun = R"sql(
  INSERT INTO run (identity, dataset_id, condition_id, started, ended, level, command, options, machine,
                   dataset_version)
  SELECT ?1, d.id, (SELECT id FROM condition WHERE hash = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10
  FROM dataset d WHERE d.name = ?2
  ON CONFLICT (identity) DO UPDATE SET ended = coalesce(ended, excluded.ended)
)sql";
inline constexpr Sql kCountRuns = "SELECT count(*) AS n FROM run";
inline constexpr Sql kReadRunModels = R"sql(
  SELECT r.identity, m.name FROM run_model rm JOIN run r ON r.id = rm.run_id
  JOIN model m ON m.id = rm.model_id
)sql";
inline constexpr Sql kMergeRunModel = R"sql(
  INSERT INTO run_model (run_id, model_id)
  SELECT r.id, m.id FROM run r JOIN model m WHERE r.identity = ?1 AND m.name = ?2
  ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kCountShards = "SELECT count(*) AS n FROM shard";
inline constexpr Sql kReadShards = R"sql(
  SELECT r.identity, s.number, s.shards, s.work, s.samples
  FROM shard s JOIN run r ON r.id = s.run_id
)sql";
inline constexpr Sql kMergeShard = R"sql(
  INSERT INTO shard (run_id, number, shards, work, samples)
  SELECT id, ?2, ?3, ?4, ?5 FROM run WHERE identity = ?1 ON CONFLICT DO NOTHING
)sql";
/// Verdicts, and behind them what is in conflict with them (evidence and costs are the verdicts').
inline constexpr Sql kReadVerdicts = R"sql(
  SELECT g.hash AS program, d.name AS dataset, p.task_id AS task_id, u.name AS suite,
         u.hash AS suite_hash, c.hash AS condition, r.identity AS run, r.started AS started,
         v.status AS status, v.scope AS scope, v.message AS message, v.limits_hash AS limits_hash,
         v.passed AS passed, v.judged AS judged, v.marginal AS marginal, v.forgeable AS forgeable,
         v.cpu_ms AS cpu_ms, v.wall_ms AS wall_ms, v.memory_kib AS memory_kib, w.test AS test,
         w.input AS input, w.expected AS expected, w.actual AS actual, f.tests AS failing,
         l.hash AS raised_hash, l.limits AS raised_limits
  FROM verdict v JOIN program g ON g.id = v.program_id JOIN suite u ON u.id = v.suite_id
  JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN condition c ON c.id = v.condition_id JOIN run r ON r.id = v.run_id
  LEFT JOIN raised_limits l ON l.suite_id = v.suite_id AND l.condition_id = v.condition_id
  LEFT JOIN witness w ON w.verdict_id = v.id LEFT JOIN failing f ON f.verdict_id = v.id
  ORDER BY v.id
)sql";
inline constexpr Sql kReadConflicts = R"sql(
  SELECT g.hash AS program, d.name AS dataset, p.task_id AS task_id, u.name AS suite,
         u.hash AS suite_hash, c.hash AS condition, r.identity AS run, r.started AS started,
         x.status AS status, x.scope AS scope, x.message AS message
  FROM conflict x JOIN program g ON g.id = x.program_id JOIN suite u ON u.id = x.suite_id
  JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN condition c ON c.id = x.condition_id JOIN run r ON r.id = x.run_id
)sql";
/// The limits that suites have judged under, raised or not (''), by condition.
inline constexpr Sql kJudgedLimits = R"sql(
  SELECT DISTINCT v.suite_id AS suite_id, v.condition_id AS condition_id,
         coalesce(l.hash, '') AS hash
  FROM verdict v
  LEFT JOIN raised_limits l ON l.suite_id = v.suite_id AND l.condition_id = v.condition_id
  WHERE v.status <> 'missing' AND v.limits_hash IS NOT NULL
)sql";
/// The ids here of what the first seven columns of these two name.
inline constexpr Sql kFindCell = R"sql(
  SELECT (SELECT id FROM program WHERE hash = ?1) AS program_id, u.id AS suite_id,
         (SELECT id FROM condition WHERE hash = ?6) AS condition_id,
         (SELECT id FROM run WHERE identity = ?7) AS run_id
  FROM suite u JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  WHERE d.name = ?2 AND p.task_id = ?3 AND u.name = ?4 AND u.hash = ?5
)sql";
/// Of a cell: program, suite, condition.
inline constexpr Sql kFindVerdict = R"sql(
  SELECT v.status AS status, v.scope AS scope, v.message AS message, v.limits_hash AS limits_hash,
         r.identity AS run, r.started AS started, v.run_id AS run_id
  FROM verdict v JOIN run r ON r.id = v.run_id
  WHERE v.program_id = ? AND v.suite_id = ? AND v.condition_id = ?
)sql";
inline constexpr Sql kFindDecided =
    "SELECT 1 FROM decided WHERE program_id = ? AND suite_id = ? AND condition_id = ?";
/// Of a cell, and a status.
inline constexpr Sql kFindConflict = R"sql(
  SELECT x.scope AS scope, r.identity AS run, r.started AS started
  FROM conflict x JOIN run r ON r.id = x.run_id
  WHERE x.program_id = ? AND x.suite_id = ? AND x.condition_id = ? AND x.status = ?
)sql";
inline constexpr Sql kPutConflict = R"sql(
  INSERT OR REPLACE INTO conflict (program_id, suite_id, condition_id, status, run_id, scope, message)
  VALUES (?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kDropConflict = R"sql(
  DELETE FROM conflict WHERE program_id = ? AND suite_id = ? AND condition_id = ? AND status = ?
)sql";
/// Every cell in conflict, by the first of its samples.
inline constexpr Sql kConflicts = R"sql(
  SELECT d.name AS dataset, p.task_id AS task_id, u.name AS suite, m.name AS model,
         s.sample_id AS sample_id, x.samples AS samples, v.status AS counts, x.status AS other,
         x.message AS message, r.started AS started
  FROM (SELECT c.*, min(s.id) AS first, count(s.id) AS samples
        FROM conflict c JOIN suite u ON u.id = c.suite_id
        JOIN sample s ON s.program_id = c.program_id AND s.problem_id = u.problem_id
        GROUP BY c.program_id, c.suite_id, c.condition_id, c.status) x
  JOIN sample s ON s.id = x.first JOIN model m ON m.id = s.model_id
  JOIN suite u ON u.id = x.suite_id JOIN problem p ON p.id = u.problem_id
  JOIN dataset d ON d.id = p.dataset_id JOIN run r ON r.id = x.run_id
  JOIN verdict v ON v.program_id = x.program_id AND v.suite_id = x.suite_id
    AND v.condition_id = x.condition_id
  ORDER BY d.name, p.position, s.id, u.id, x.status
)sql";
inline constexpr Sql kReadDecided = R"sql(
  SELECT g.hash AS program, d.name AS dataset, p.task_id AS task_id, u.name AS suite,
         u.hash AS suite_hash, c.hash AS condition, '' AS run
  FROM decided x JOIN program g ON g.id = x.program_id JOIN suite u ON u.id = x.suite_id
  JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN condition c ON c.id = x.condition_id
)sql";
inline constexpr Sql kReadSlowVerdicts = R"sql(
  SELECT g.hash, d.name, p.task_id, u.name, u.hash, c.hash, x.times, x.status, x.cpu_ms
  FROM slow_verdict x JOIN program g ON g.id = x.program_id JOIN suite u ON u.id = x.suite_id
  JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN condition c ON c.id = x.condition_id
)sql";
inline constexpr Sql kMergeSlowVerdict = R"sql(
  INSERT INTO slow_verdict (program_id, suite_id, condition_id, times, status, cpu_ms)
  SELECT g.id, u.id, c.id, ?7, ?8, ?9
  FROM suite u JOIN problem p ON p.id = u.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN program g JOIN condition c
  WHERE d.name = ?2 AND p.task_id = ?3 AND u.name = ?4 AND u.hash = ?5 AND g.hash = ?1 AND c.hash = ?6
  ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadReferenceKeys = "SELECT key FROM reference_run ORDER BY key";
inline constexpr Sql kReadStyles = R"sql(
  SELECT g.hash, x.measured_by, x.lines, x.characters, x.line_longest, x.comment_lines, x.names,
         x.names_snake, x.names_camel, x.functions, x.function_longest, x.findings, x.complexity,
         x.reason
  FROM style x JOIN program g ON g.id = x.program_id
)sql";
inline constexpr Sql kMergeStyle = R"sql(
  INSERT INTO style (program_id, measured_by, lines, characters, line_longest, comment_lines, names,
                     names_snake, names_camel, functions, function_longest, findings, complexity, reason)
  SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14 FROM program WHERE hash = ?1
  ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadImportedCounts =
    "SELECT dataset, model, task_id, n, tp, fp, fn FROM imported_count";
inline constexpr Sql kMergeImportedCount = R"sql(
  INSERT INTO imported_count (dataset, model, task_id, n, tp, fp, fn) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadVerifiers = "SELECT name FROM verifier ORDER BY id";
inline constexpr Sql kMergeVerifier =
    "INSERT INTO verifier (name) VALUES (?) ON CONFLICT DO NOTHING";
inline constexpr Sql kReadScores = R"sql(
  SELECT f.name, d.name, p.task_id, m.name, s.sample_id, x.value
  FROM score x JOIN verifier f ON f.id = x.verifier_id JOIN sample s ON s.id = x.sample_id
  JOIN problem p ON p.id = s.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN model m ON m.id = s.model_id
)sql";
inline constexpr Sql kMergeScore = R"sql(
  INSERT INTO score (verifier_id, sample_id, value)
  SELECT (SELECT id FROM verifier WHERE name = ?1), s.id, ?6
  FROM problem p JOIN dataset d ON d.id = p.dataset_id JOIN model m
  JOIN sample s ON s.problem_id = p.id AND s.model_id = m.id
  WHERE d.name = ?2 AND p.task_id = ?3 AND m.name = ?4 AND s.sample_id = ?5 ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadTemplates = "SELECT hash, text, system FROM template";
inline constexpr Sql kReadGenerations = R"sql(
  SELECT x.finish_reason, d.name, p.task_id, m.name, s.sample_id, x.temperature, x.top_p, x.seed, x.template
  FROM generation x JOIN sample s ON s.id = x.sample_id
  JOIN problem p ON p.id = s.problem_id JOIN dataset d ON d.id = p.dataset_id
  JOIN model m ON m.id = s.model_id
)sql";
inline constexpr Sql kMergeGeneration = R"sql(
  INSERT INTO generation (sample_id, finish_reason, temperature, top_p, seed, template)
  SELECT s.id, ?1, ?6, ?7, ?8, ?9
  FROM problem p JOIN dataset d ON d.id = p.dataset_id JOIN model m
  JOIN sample s ON s.problem_id = p.id AND s.model_id = m.id
  WHERE d.name = ?2 AND p.task_id = ?3 AND m.name = ?4 AND s.sample_id = ?5 ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kReadImportedScores = R"sql(
  SELECT dataset, model, verifier, task_id, sample_id, value, correct FROM imported_score
)sql";
inline constexpr Sql kMergeImportedScore = R"sql(
  INSERT INTO imported_score (dataset, model, verifier, task_id, sample_id, value, correct)
  VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
)sql";
inline constexpr Sql kCountMissing =
    "SELECT count(*) AS n FROM counted_verdict WHERE status = 'missing'";
inline constexpr Sql kCountUnmerged =
    "SELECT (SELECT count(*) FROM search) + (SELECT count(*) FROM training) AS n";

// ---- what is read

/// ?1 suite, ?2 condition, ?3 problem, ?4 models as a JSON array.
inline constexpr Sql kCells = R"sql(
  SELECT s.program_id AS program_id, count(*) AS samples, v.status AS status, v.scope AS scope,
         v.judged AS judged, u.tests AS tests,
         EXISTS (SELECT 1 FROM decided x WHERE x.program_id = s.program_id AND x.suite_id = ?1
                 AND x.condition_id = ?2) AS decided
  FROM sample s
  JOIN suite u ON u.id = ?1
  LEFT JOIN counted_verdict v
    ON v.program_id = s.program_id AND v.suite_id = ?1 AND v.condition_id = ?2
  WHERE s.problem_id = ?3 AND s.model_id IN (SELECT value FROM json_each(?4))
  GROUP BY s.program_id ORDER BY s.program_id
)sql";

/// ?1 problem, ?2 program, ?3 models as a JSON array.
inline constexpr Sql kSampleNames = R"sql(
  SELECT m.name AS model, s.sample_id AS sample_id
  FROM sample s JOIN model m ON m.id = s.model_id
  WHERE s.problem_id = ?1 AND s.program_id = ?2
    AND s.model_id IN (SELECT value FROM json_each(?3))
  ORDER BY s.id
)sql";

inline constexpr Sql kJudgedModels = R"sql(
  SELECT d.id AS dataset_id, m.id AS model_id, d.name AS dataset, m.name AS model,
         r.id AS run_id, r.condition_id AS condition_id, c.comparison AS comparison,
         c.interpreter AS interpreter, c.limits AS limits, r.level AS level, r.command AS command,
         r.options AS options, r.machine AS machine, r.started AS started,
         r.dataset_version AS dataset_version
  FROM (SELECT any_run.dataset_id, rm.model_id, max(any_run.id) AS run_id
        FROM run_model rm JOIN run any_run ON any_run.id = rm.run_id
        GROUP BY any_run.dataset_id, rm.model_id) newest
  JOIN run r ON r.id = newest.run_id
  JOIN dataset d ON d.id = r.dataset_id
  JOIN model m ON m.id = newest.model_id
  JOIN condition c ON c.id = r.condition_id
  ORDER BY d.name, m.name
)sql";

/// A model's distinct programs with the statuses by every suite that counts. ?1 model, ?2 dataset,
/// ?3 whether the verdicts were imported, ?4 condition: so in all that follow.
inline constexpr Sql kStatuses = R"sql(
  SELECT p.task_id AS task_id, m.program_id AS program_id, u.name AS suite, v.status AS status,
         v.forgeable AS forgeable,
         EXISTS (SELECT 1 FROM decided x WHERE x.program_id = m.program_id AND x.suite_id = u.id
                 AND x.condition_id = ?4) AS decided
  FROM model_program m
  JOIN problem p ON p.id = m.problem_id
  LEFT JOIN current_suite u ON u.problem_id = m.problem_id AND u.imported = ?3
  LEFT JOIN counted_verdict v
    ON v.program_id = m.program_id AND v.suite_id = u.id AND v.condition_id = ?4
  WHERE m.model_id = ?1 AND p.dataset_id = ?2
  ORDER BY p.task_id, m.program_id
)sql";

inline constexpr Sql kJudgedOtherwise = R"sql(
  SELECT coalesce(sum(m.samples), 0) AS samples
  FROM model_program m JOIN problem p ON p.id = m.problem_id
  WHERE m.model_id = ?1 AND p.dataset_id = ?2
    AND EXISTS (SELECT 1 FROM current_suite u JOIN verdict v
                  ON v.program_id = m.program_id AND v.suite_id = u.id AND v.condition_id <> ?4
                WHERE u.problem_id = m.problem_id AND u.imported = ?3)
    AND NOT EXISTS (SELECT 1 FROM current_suite u JOIN counted_verdict v
                      ON v.program_id = m.program_id AND v.suite_id = u.id AND v.condition_id = ?4
                    WHERE u.problem_id = m.problem_id AND u.imported = ?3)
)sql";
/// CROSS JOIN keeps the order: from a problem's samples to their verdicts, by indices.
inline constexpr Sql kSuitesOfModel = R"sql(
  SELECT u.name AS name, min(u.id) AS first
  FROM problem p
  JOIN current_suite u ON u.problem_id = p.id AND u.imported = ?3
  WHERE p.dataset_id = ?2
    AND NOT EXISTS (SELECT 1 FROM assertion a WHERE a.suite_id = u.id)
    AND EXISTS (
      SELECT 1 FROM sample s
      CROSS JOIN counted_verdict v
        ON v.program_id = s.program_id AND v.suite_id = u.id AND v.condition_id = ?4
      WHERE s.model_id = ?1 AND s.problem_id = p.id
      UNION ALL
      SELECT 1 FROM sample s
      CROSS JOIN decided x
        ON x.program_id = s.program_id AND x.suite_id = u.id AND x.condition_id = ?4
      WHERE s.model_id = ?1 AND s.problem_id = p.id)
  GROUP BY u.name
  ORDER BY CASE u.name WHEN 'official' THEN 0 WHEN 'base' THEN 1 WHEN 'plus' THEN 2 ELSE 3 END,
           first
)sql";

/// ?5 task_id, empty for all; ?6, ?7, ?8: whether texts, witnesses, failing tests are wanted.
inline constexpr Sql kPrograms = R"sql(
  SELECT p.id AS problem_id, p.task_id AS task_id, p.entry_point AS entry_point,
         m.program_id AS program_id, m.samples AS samples,
         CASE WHEN ?6 THEN (SELECT g.text FROM program g WHERE g.id = m.program_id) END AS text,
         u.name AS suite, u.hash AS suite_hash, u.tests AS tests, v.id AS verdict_id,
         v.status AS status, v.scope AS scope, v.passed AS passed, v.judged AS judged,
         v.marginal AS marginal, v.forgeable AS forgeable, v.cpu_ms AS cpu_ms,
         v.wall_ms AS wall_ms, v.memory_kib AS memory_kib, v.message AS message,
         w.test AS test, w.input AS input, w.expected AS expected, w.actual AS actual,
         CASE WHEN ?8 THEN (SELECT f.tests FROM failing f WHERE f.verdict_id = v.id) END AS failing,
         v.id IS NULL AND EXISTS (
           SELECT 1 FROM decided x WHERE x.program_id = m.program_id AND x.suite_id = u.id
           AND x.condition_id = ?4) AS decided
  FROM model_program m
  JOIN problem p ON p.id = m.problem_id
  LEFT JOIN current_suite u ON u.problem_id = m.problem_id AND u.imported = ?3
  LEFT JOIN counted_verdict v
    ON v.program_id = m.program_id AND v.suite_id = u.id AND v.condition_id = ?4
  LEFT JOIN witness w ON ?7 AND w.verdict_id = v.id
  WHERE m.model_id = ?1 AND p.dataset_id = ?2 AND (?5 = '' OR p.task_id = ?5)
  ORDER BY p.position, m.first, u.name
)sql";

// ---- tallies (harness/store/tally.h)

/// The problems of a dataset, each with the tally of ?1 model, ?2 condition; ?3 dataset, ?4 whether with its members.
/// `held`: it is of samples.
inline constexpr Sql kTallies = R"sql(
  SELECT p.id AS problem_id, p.task_id AS task_id, p.entry_point AS entry_point,
         t.content AS content, CASE WHEN ?4 THEN t.members END AS members,
         EXISTS (SELECT 1 FROM sample s WHERE s.model_id = ?1 AND s.problem_id = p.id) AS held
  FROM problem p
  LEFT JOIN tally t ON t.problem_id = p.id AND t.model_id = ?1 AND t.condition_id = ?2
  WHERE p.dataset_id = ?3 ORDER BY p.position, p.id
)sql";
/// The problems of ?3 dataset of which ?1 model has samples and no tally under ?2 condition.
inline constexpr Sql kNotTallied = R"sql(
  SELECT p.id AS problem_id, p.task_id AS task_id FROM problem p
  WHERE p.dataset_id = ?3
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = ?1 AND s.problem_id = p.id)
    AND NOT EXISTS (SELECT 1 FROM tally t WHERE t.problem_id = p.id AND t.model_id = ?1
                    AND t.condition_id = ?2)
)sql";
inline constexpr Sql kPutTally = R"sql(
  INSERT OR REPLACE INTO tally (problem_id, model_id, condition_id, content, members)
  VALUES (?, ?, ?, ?, ?)
)sql";
/// The distinct programs of ?1 model's samples of ?2 problem with what every suite says of each; ?3 whether
/// the verdicts were imported, ?4 condition, ?5 the finish reason of a cut sample, ?6 whether with witnesses.
inline constexpr Sql kProgramsToTally = R"sql(
  SELECT m.program_id AS program_id, m.samples AS samples, m.cut AS cut, u.name AS suite,
         u.tests AS tests, v.status AS status, v.passed AS passed, v.judged AS judged,
         v.forgeable AS forgeable, v.message AS message,
         (SELECT f.tests FROM failing f WHERE f.verdict_id = v.id) AS failing, w.test AS test,
         w.actual AS actual,
         v.id IS NULL AND EXISTS (
           SELECT 1 FROM decided x WHERE x.program_id = m.program_id AND x.suite_id = u.id
           AND x.condition_id = ?4) AS decided
  FROM (SELECT s.program_id AS program_id, count(*) AS samples,
               sum(EXISTS (SELECT 1 FROM generation n WHERE n.sample_id = s.id
                           AND n.finish_reason = ?5)) AS cut
        FROM sample s WHERE s.model_id = ?1 AND s.problem_id = ?2 GROUP BY s.program_id) m
  LEFT JOIN current_suite u ON u.problem_id = ?2 AND u.imported = ?3
  LEFT JOIN counted_verdict v
    ON v.program_id = m.program_id AND v.suite_id = u.id AND v.condition_id = ?4
  LEFT JOIN witness w ON ?6 AND w.verdict_id = v.id
  ORDER BY m.program_id, u.name
)sql";
/// The current suites of ?1 dataset; ?2 whether those of imported verdicts.
inline constexpr Sql kSuiteHashes = R"sql(
  SELECT u.problem_id AS problem_id, u.name AS suite, u.hash AS hash
  FROM current_suite u JOIN problem p ON p.id = u.problem_id
  WHERE p.dataset_id = ?1 AND u.imported = ?2
)sql";
/// ?1 problem, ?2 program, ?3 imported, ?4 condition, ?5 the suite's name.
inline constexpr Sql kShownProgram = R"sql(
  SELECT g.text AS text, u.name AS suite, u.hash AS suite_hash, u.tests AS tests, v.id AS verdict_id,
         v.status AS status, v.scope AS scope, v.passed AS passed, v.judged AS judged,
         v.marginal AS marginal, v.forgeable AS forgeable, v.cpu_ms AS cpu_ms,
         v.wall_ms AS wall_ms, v.memory_kib AS memory_kib, v.message AS message,
         w.test AS test, w.input AS input, w.expected AS expected, w.actual AS actual,
         NULL AS failing
  FROM program g
  JOIN current_suite u ON u.problem_id = ?1 AND u.imported = ?3 AND u.name = ?5
  JOIN counted_verdict v
    ON v.program_id = g.id AND v.suite_id = u.id AND v.condition_id = ?4
  LEFT JOIN witness w ON w.verdict_id = v.id
  WHERE g.id = ?2
)sql";
/// ?1 model, ?2 problem: so in the next.
inline constexpr Sql kRules = R"sql(
  SELECT rules, count(*) AS samples FROM sample
  WHERE model_id = ?1 AND problem_id = ?2 AND rules <> '' GROUP BY rules
)sql";
inline constexpr Sql kFinishes = R"sql(
  SELECT n.finish_reason AS finish_reason, count(*) AS samples
  FROM sample s JOIN generation n ON n.sample_id = s.id
  WHERE s.model_id = ?1 AND s.problem_id = ?2 AND n.finish_reason <> '' GROUP BY n.finish_reason
)sql";

/// The first that is told of a sample stands.
inline constexpr Sql kPutGeneration = R"sql(
  INSERT INTO generation (sample_id, finish_reason, temperature, top_p, seed, template)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sample_id) DO NOTHING
)sql";
inline constexpr Sql kPutTemplate = R"sql(
  INSERT INTO template (hash, text, system) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING
)sql";
/// ?1 condition.
inline constexpr Sql kSlowVerdicts = R"sql(
  SELECT u.problem_id AS problem_id, w.program_id AS program_id, u.name AS suite,
         w.status AS status
  FROM slow_verdict w JOIN current_suite u ON u.id = w.suite_id
  WHERE w.condition_id = ?
)sql";

inline constexpr Sql kSamplesOfProgram = R"sql(
  SELECT sample_id, form, rules, chosen FROM sample
  WHERE model_id = ? AND problem_id = ? AND program_id = ? ORDER BY id
)sql";

inline constexpr Sql kSamples = R"sql(
  SELECT p.task_id AS task_id, s.sample_id AS sample_id, g.text AS text, s.form AS form,
         s.rules AS rules,
         s.program_id AS program_id
  FROM sample s
  JOIN problem p ON p.id = s.problem_id
  JOIN program g ON g.id = s.program_id
  WHERE s.model_id = ? AND p.dataset_id = ?
  ORDER BY p.position, s.id
)sql";

// ---- scores

inline constexpr Sql kPutVerifier =
    "INSERT INTO verifier (name) VALUES (?) ON CONFLICT (name) DO NOTHING";
inline constexpr Sql kFindVerifier = "SELECT id FROM verifier WHERE name = ?";
inline constexpr Sql kVerifierNames = R"sql(
  SELECT name FROM verifier UNION SELECT verifier AS name FROM imported_score ORDER BY name
)sql";
inline constexpr Sql kDropScores = R"sql(
  DELETE FROM score WHERE verifier_id = ?1 AND sample_id IN (
    SELECT s.id FROM sample s JOIN problem p ON p.id = s.problem_id
    WHERE s.model_id = ?2 AND p.dataset_id = ?3)
)sql";
inline constexpr Sql kPutScore =
    "INSERT OR REPLACE INTO score (verifier_id, sample_id, value) VALUES (?, ?, ?)";
inline constexpr Sql kPutImportedScore = R"sql(
  INSERT OR REPLACE INTO imported_score
    (dataset, model, verifier, task_id, sample_id, value, correct)
  VALUES (?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kIdentities = R"sql(
  SELECT p.task_id AS task_id, s.sample_id AS sample_id, s.id AS id
  FROM problem p CROSS JOIN sample s ON s.problem_id = p.id
  WHERE p.dataset_id = (SELECT id FROM dataset WHERE name = ?1)
    AND s.model_id = (SELECT id FROM model WHERE name = ?2)
)sql";
inline constexpr Sql kModelsWithSamples = R"sql(
  SELECT m.name AS name FROM model m
  WHERE EXISTS (SELECT 1 FROM problem p CROSS JOIN sample s
                  ON s.problem_id = p.id AND s.model_id = m.id
                WHERE p.dataset_id = (SELECT id FROM dataset WHERE name = ?1))
  ORDER BY m.name
)sql";
/// ?1 model, ?2 dataset, ?3 the verifier's name.
inline constexpr Sql kScores = R"sql(
  SELECT p.task_id AS task_id, s.sample_id AS sample_id, s.program_id AS program_id,
         c.value AS value, c.sample_id IS NOT NULL AS asked, NULL AS correct
  FROM problem p
  CROSS JOIN sample s ON s.problem_id = p.id AND s.model_id = ?1
  LEFT JOIN score c
    ON c.sample_id = s.id AND c.verifier_id = (SELECT id FROM verifier WHERE name = ?3)
  WHERE p.dataset_id = ?2
  ORDER BY p.task_id, s.id
)sql";
/// ?1 dataset, ?2 model, ?3 verifier, all by name. Of several verifiers the truth must be the same.
inline constexpr Sql kImportedScores = R"sql(
  SELECT task_id, sample_id, 0 AS program_id, value, 1 AS asked, correct
  FROM imported_score WHERE dataset = ?1 AND model = ?2 AND verifier = ?3
  ORDER BY task_id, sample_id
)sql";

/// What other verifiers' files say of the samples. ?1 dataset, ?2 model, ?3 the verifier's name.
inline constexpr Sql kImportedTruths = R"sql(
  SELECT task_id, sample_id, verifier, correct FROM imported_score
  WHERE dataset = ?1 AND model = ?2 AND verifier <> ?3
)sql";

// ---- code style

/// ?1 model, ?2 dataset, ?3 what would measure now.
inline constexpr Sql kProgramsWithoutStyle = R"sql(
  SELECT m.program_id AS program_id
  FROM model_program m
  JOIN problem p ON p.id = m.problem_id
  WHERE m.model_id = ?1 AND p.dataset_id = ?2
    AND EXISTS (SELECT 1 FROM verdict v WHERE v.program_id = m.program_id AND v.status = 'pass')
    AND NOT EXISTS (SELECT 1 FROM style t WHERE t.program_id = m.program_id
                    AND (t.reason = '' OR t.measured_by = ?3))
)sql";
/// The numbers stand in the order of store::style_fields().
inline constexpr Sql kPutStyle = R"sql(
  INSERT OR REPLACE INTO style
    (program_id, measured_by, lines, characters, line_longest, comment_lines, names, names_snake,
     names_camel, functions, function_longest, findings, complexity, reason)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kFindStyle = R"sql(
  SELECT lines, characters, line_longest, comment_lines, names, names_snake, names_camel, functions,
         function_longest, findings, complexity, reason
  FROM style WHERE program_id = ?
)sql";
inline constexpr Sql kStyles = R"sql(
  SELECT program_id, lines, characters, line_longest, comment_lines, names, names_snake,
         names_camel, functions, function_longest, findings, complexity, reason
  FROM style
)sql";

// ---- searches

inline constexpr Sql kPutSearch = R"sql(
  INSERT INTO search (identity, task, policy, verifier, options, began)
  VALUES (?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
  ON CONFLICT (identity) DO NOTHING
)sql";
inline constexpr Sql kFindSearch = "SELECT id FROM search WHERE identity = ?";
inline constexpr Sql kSearches =
    "SELECT id, identity, task, policy, verifier, options, began FROM search ORDER BY id";
inline constexpr Sql kPutSearchAnswer = R"sql(
  INSERT OR REPLACE INTO search_answer
    (search_id, task_id, strategy, n, replicate, answer, truth, spent, accepted, generations, tokens,
     tokens_read, calls, log_z, trace)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kSearchAnswers = R"sql(
  SELECT task_id, strategy, n, replicate, answer, truth, spent, accepted, generations, tokens,
         tokens_read, calls, log_z, trace
  FROM search_answer WHERE search_id = ? ORDER BY task_id, strategy, n, replicate
)sql";
inline constexpr Sql kPutSearchSample = R"sql(
  INSERT OR REPLACE INTO search_sample (search_id, task_id, number, truth, scores)
  VALUES (?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kSearchSamples = R"sql(
  SELECT task_id, number, truth, scores FROM search_sample WHERE search_id = ?
  ORDER BY task_id, number
)sql";

// ---- trainings

inline constexpr Sql kForgetTraining = "DELETE FROM training WHERE identity = ?";
inline constexpr Sql kPutTraining = R"sql(
  INSERT INTO training (identity, method, task, seed, options, record, ended)
  VALUES (?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
)sql";
inline constexpr Sql kTrainings =
    "SELECT id, identity, method, task, seed, options, record FROM training ORDER BY id";
inline constexpr Sql kPutTrainingAnswer = R"sql(
  INSERT INTO training_answer
    (training_id, who, task, task_id, difficulty, answers, tokens, right, right_chain, accepted,
     accepted_wrong)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
)sql";
inline constexpr Sql kTrainingAnswers = R"sql(
  SELECT who, task, task_id, difficulty, answers, tokens, right, right_chain, accepted, accepted_wrong
  FROM training_answer WHERE training_id = ? ORDER BY who, task, task_id
)sql";

}  // namespace assay::store::sql
