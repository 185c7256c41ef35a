#!/usr/bin/env python3
"""Are right programs found again in chat answers? (`make chat-answers`, or chat_answers.py ASSAY [COUNT [SEED]])

Takes right programs from real HumanEval samples (Codex n = 20 and GPT-4, right by base and plus), puts each into one of
the forms in which models answer (cli/chat_forms.py), half of them as `completion` and half as `solution`, and judges the
answers with --extract. Prints by form how many are judged right and by which rules, and every right program that is lost.
Exits 1 if one is lost.
"""
import collections
import contextlib
import gzip
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "cli"))
from chat_forms import CHAT, Answer  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("ASSAY_DATA", ROOT.parent / "shared" / "data"))
FILES = ("samples/humaneval-codex-davinci-002-n20.jsonl.gz", "samples/humaneval-gpt-4-n1.jsonl.gz")


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def assay(program, *arguments):
    subprocess.run([program, *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "ASSAY_DATA": str(DATA)})


def query(database, sql):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


def right_programs(program, folder):
    """(task_id, whole program) of distinct right samples."""
    database = folder / "right.db"
    assay(program, "run", "--dataset", "humaneval", "--samples", *(DATA / file for file in FILES), "--db", database)
    return query(database, """
        SELECT DISTINCT task_id, text FROM sample JOIN problem ON problem.id = problem_id
        JOIN program ON program.id = program_id
        WHERE program_id IN (SELECT program_id FROM verdict JOIN suite ON suite.id = suite_id
                             WHERE name = 'plus' AND status = 'pass') ORDER BY task_id, text""")


def answer_of(problem, text):
    """The parts of a whole program that begins with its prompt; None for another."""
    prompt, name = problem["prompt"], problem["entry_point"]
    body = text.removeprefix(prompt)
    if body == text or not body.startswith("    ") or any(line[:1].strip() for line in body.split("\n")):
        return None
    return Answer(text, text[text.rindex(f"def {name}("):], body, name, prompt)


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    draw = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    problems = {row["task_id"]: row for row in read(DATA / "benchmarks/HumanEval.jsonl.gz")}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        answers = [(task, answer) for task, text in right_programs(program, folder)
                   if (answer := answer_of(problems[task], text))]
        forms, rows = list(CHAT), []
        for i in range(count):
            task, answer = draw.choice(answers)
            form = forms[i % len(forms)]
            key = "solution" if (i // len(forms)) % 2 == 0 else "completion"
            rows.append({"task_id": task, key: CHAT[form][0](answer), "model": f"{form} ({key})", "sample_id": str(i)})
        (folder / "chat.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        database = folder / "chat.db"
        assay(program, "run", "--dataset", "humaneval", "--samples", folder / "chat.jsonl", "--extract", "--db", database,
              "--suite", "base,plus")
        found = query(database, """
            SELECT model.name, rules, task_id, program.text, given,
                   group_concat(suite.name || ' ' || status || ' ' || message, '; '), min(status = 'pass')
            FROM sample JOIN model ON model.id = model_id JOIN program ON program.id = program_id
            JOIN problem ON problem.id = sample.problem_id JOIN verdict USING (program_id)
            JOIN suite ON suite.id = suite_id GROUP BY sample.id ORDER BY sample.id""")
    by_form, by_rule, lost = collections.defaultdict(list), collections.Counter(), []
    for model, rules, task, text, given, verdicts, is_right in found:
        by_form[model.rsplit(" (", 1)[0]].append((is_right, rules))
        by_rule.update(rules.split() or ["as it is"])
        if not is_right:
            lost.append(f"{model}, {task}: {verdicts}\n--- answer\n{given}\n--- program\n{text}")
    for form, judged in by_form.items():
        rules = collections.Counter(rules or "as it is" for _, rules in judged).most_common(3)
        print(f"{sum(right for right, _ in judged):4} of {len(judged):4}  {form}: "
              + ", ".join(f"{rule} {n}" for rule, n in rules))
    print("by rule: " + ", ".join(f"{rule} {n} ({n / len(found):.1%})" for rule, n in by_rule.most_common()))
    print(f"{len(found)} answers in {len(by_form)} forms; right programs lost: {len(lost)}")
    for text in lost[:20]:
        print("=" * 20, text)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
