-- Version 17 (2026-11-28): an update drops the tallies of where a row was as well. Frozen: what comes later is another file.
DROP TRIGGER tally_sample_update;
CREATE TRIGGER tally_sample_update AFTER UPDATE ON sample BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id AND model_id = NEW.model_id;
  DELETE FROM tally WHERE problem_id = OLD.problem_id AND model_id = OLD.model_id;
END;
DROP TRIGGER tally_verdict_update;
CREATE TRIGGER tally_verdict_update AFTER UPDATE ON verdict BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
DROP TRIGGER tally_decided_update;
CREATE TRIGGER tally_decided_update AFTER UPDATE ON decided BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = NEW.program_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id)
    AND EXISTS (SELECT 1 FROM sample s WHERE s.model_id = tally.model_id
                AND s.problem_id = tally.problem_id AND s.program_id = OLD.program_id);
END;
DROP TRIGGER tally_suite_update;
CREATE TRIGGER tally_suite_update AFTER UPDATE ON suite BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id;
  DELETE FROM tally WHERE problem_id = OLD.problem_id;
END;
DROP TRIGGER tally_raised_limits_update;
CREATE TRIGGER tally_raised_limits_update AFTER UPDATE ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id);
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id);
END;
DROP TRIGGER tally_generation_update;
CREATE TRIGGER tally_generation_update AFTER UPDATE ON generation BEGIN
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = NEW.sample_id);
  DELETE FROM tally WHERE (problem_id, model_id) IN
    (SELECT s.problem_id, s.model_id FROM sample s WHERE s.id = OLD.sample_id);
END;
