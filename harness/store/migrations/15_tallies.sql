-- Version 15 (2026-11-27): what verdicts come to, kept until something changes. Frozen: what comes later is
-- another file.
CREATE TABLE tally (
  problem_id   INTEGER NOT NULL REFERENCES problem,
  model_id     INTEGER NOT NULL REFERENCES model,
  condition_id INTEGER NOT NULL REFERENCES condition,
  content      TEXT NOT NULL,        -- JSON
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
END;
CREATE TRIGGER tally_suite_insert AFTER INSERT ON suite BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id;
END;
CREATE TRIGGER tally_suite_delete AFTER DELETE ON suite BEGIN
  DELETE FROM tally WHERE problem_id = OLD.problem_id;
END;
CREATE TRIGGER tally_suite_update AFTER UPDATE ON suite BEGIN
  DELETE FROM tally WHERE problem_id = NEW.problem_id;
END;
CREATE TRIGGER tally_raised_limits_insert AFTER INSERT ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id);
END;
CREATE TRIGGER tally_raised_limits_delete AFTER DELETE ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = OLD.suite_id);
END;
CREATE TRIGGER tally_raised_limits_update AFTER UPDATE ON raised_limits BEGIN
  DELETE FROM tally WHERE problem_id = (SELECT u.problem_id FROM suite u WHERE u.id = NEW.suite_id);
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
END;
