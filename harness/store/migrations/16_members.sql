-- Version 16 (2026-11-27): the programs of a tally's groups. Frozen: what comes later is another file.
DELETE FROM tally;
ALTER TABLE tally ADD COLUMN members BLOB NOT NULL DEFAULT x'';
