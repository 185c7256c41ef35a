#!/usr/bin/env python3
"""GPT-4's votes in Game of 24, counted for harness/tasks/game24.cpp: game24_votes.py LOG.jsonl.gz [--check SOURCE]

LOG has a row for each partial solution in the published log of "Tree of Thoughts" (arXiv 2305.10601, puzzles 900 to
999), with its votes [sure, likely, impossible] and whether 24 could still be reached, or, at the last step, whether the
answer was right. Rows that came twice, and votes that could not be read, are left out. Prints the rows of the table
there; with --check it says whether they stand in SOURCE.
"""
import collections
import gzip
import json
import pathlib
import sys


def counted(path):
    steps = [collections.defaultdict(lambda: [0, 0]) for _ in range(4)]
    for line in gzip.open(path, "rt"):
        row = json.loads(line)
        if row["dup"] or not row["votes"] or row["step"] == 3 and row["error"] not in ("", "operand", "arith"):
            continue
        good = row["truth"] if row["step"] == 3 else row["reach"]
        steps[row["step"]][tuple(row["votes"])][bool(good)] += 1
    return steps


def main():
    out = []
    for step in counted(sys.argv[1]):
        rows = [f"{{{', '.join(map(str, votes + tuple(counts)))}}}" for votes, counts in sorted(step.items())]
        out.append("{" + ", ".join(rows) + "}")
    text = ",\n".join(out)
    if "--check" not in sys.argv:
        print(text)
        return 0
    source = pathlib.Path(sys.argv[sys.argv.index("--check") + 1]).read_text()
    strip = str.maketrans("", "", " \n")
    if text.translate(strip) in source.translate(strip):
        print("the table is the log's")
        return 0
    print("the table differs from the log's:\n" + text)
    return 1


if __name__ == "__main__":
    sys.exit(main())
