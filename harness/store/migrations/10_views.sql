-- Version 10 (2026-11-26): what is stored as people ask for it. Frozen: what comes later is another file.
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
