#!/usr/bin/env python3
"""Makes problems.jsonl.gz and samples.jsonl.gz, the built-in benchmark, from the problem files.

    python3 datasets/builtin/make.py            writes both files
    python3 datasets/builtin/make.py --check    checks the problems, and that both files are as made

Made with Python 3.11: ast.unparse of another version may set brackets or quotes differently, so the
samples are compared on that version only.
"""

import argparse
import gzip
import json
import sys

sys.dont_write_bytecode = True  # the check leaves no trace in the source tree

from collect import HERE, faults, problem_rows, read_problems
from stand_ins import sample_rows

MADE_WITH = (3, 11)


def as_text(rows):
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def write(path, text):
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.encode())


def is_as_made(path, text):
    """Compares what is inside: another zlib may pack the same text into other bytes."""
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return file.read() == text
    except (OSError, EOFError) as error:
        print(error, file=sys.stderr)
        return False


def main():
    parser = argparse.ArgumentParser(description="Makes the built-in benchmark.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if anything is wrong")
    check = parser.parse_args().check
    problems = read_problems()
    wrong = [sentence for problem in problems for sentence in faults(problem)]
    files = {HERE / "problems.jsonl.gz": problem_rows, HERE / "samples.jsonl.gz": sample_rows}
    if sys.version_info[:2] != MADE_WITH:
        if not check:
            parser.error("make it with Python %d.%d, as the files in the repository are" % MADE_WITH)
        print("samples.jsonl.gz: not compared, this is not Python %d.%d" % MADE_WITH)
        del files[HERE / "samples.jsonl.gz"]
    for path, rows in files.items():
        text = as_text(rows(problems))
        if not check:
            write(path, text)
        elif not is_as_made(path, text):
            wrong.append(f"{path.name} is not what make.py makes: run python3 datasets/builtin/make.py")
        print(f"{path.name}: {text.count(chr(10))} rows, {len(text.encode())} bytes unpacked")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
