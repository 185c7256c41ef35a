-- Version 6 (2026-11-26): what is doubted of a suite is kept with its reference, and the version of the
-- comparison belongs to the condition: verdicts by an older one are made again. Frozen: what comes
-- later is another file.
ALTER TABLE condition ADD COLUMN comparison_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reference_run ADD COLUMN doubt TEXT;
