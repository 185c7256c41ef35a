-- Version 2 (2026-11-22): code style. Frozen: what comes later is another file.
-- How a program's text is written, once per distinct program that passed a suite (store/style.h).
-- A null has its reason.
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
