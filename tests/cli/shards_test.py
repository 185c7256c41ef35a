"""Shards: a run in parts laid together is the run as a whole; what is lost, doubled or contradicts itself is told."""
import json
import signal
import sqlite3
import subprocess
import time

from support import ASSAY, AssayTest, descendants, wait_until_gone
import unittest

BODIES = ("return max(numbers)", "return min(numbers)", "raise ValueError(len(numbers))", "return numbers[0]",
          "return sorted(numbers)[-1]")
CONTENT = """
  SELECT m.name, p.task_id, s.sample_id, s.id, g.text, u.name, v.status, v.scope, v.passed, v.judged, v.limits_hash, w.test,
         w.actual, x.suite_id IS NOT NULL
  FROM sample s JOIN model m ON m.id = s.model_id JOIN problem p ON p.id = s.problem_id JOIN program g ON g.id = s.program_id
  JOIN suite u ON u.problem_id = p.id LEFT JOIN verdict v ON v.program_id = g.id AND v.suite_id = u.id
  LEFT JOIN witness w ON w.verdict_id = v.id LEFT JOIN decided x ON x.program_id = g.id AND x.suite_id = u.id
  ORDER BY s.id, u.name"""


def rows_of(path, sql=CONTENT):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


class ShardsTest(AssayTest):
    def many(self, count=60, model="m"):
        """Programs of which every fifth comes twice, right and wrong in several ways."""
        texts = [f"def largest(numbers):\n    x = {i - i % 5 if i % 5 == 1 else i}\n    {BODIES[i % 5 if i % 5 != 1 else 0]}\n"
                 for i in range(count)]
        texts.append("def double(x):\n    return x + x\n")
        rows = [{"task_id": "Own/1" if "double" in text else "Own/0", "model": model, "solution": text} for text in texts]
        return self.write("many.jsonl", rows)

    def shard(self, samples, number, of, *arguments, code=0, **options):
        path = self.folder / f"shard-{number}.db"
        self.assay("run", "--dataset", self.dataset, "--samples", samples, "--shard", f"{number}/{of}", "--db", path,
                   *arguments, code=code, **options)
        return path

    def merge(self, out, *paths, code=0, options=()):
        done = subprocess.run([ASSAY, "merge", out, *paths, "--json", *options], capture_output=True, text=True, check=False,
                              timeout=120)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout) if code in (0, 3) else done.stderr

    def test_shards_laid_together_are_the_run_as_a_whole(self):
        samples = self.many()
        self.assay("run", "--dataset", self.dataset, "--samples", samples)
        references = self.folder / "references.db"
        told = json.loads(self.assay("run", "--dataset", self.dataset, "--references-only", "--json", "--db", references).stdout)
        self.assertEqual((told["run"]["references"], told["run"]["references_run"]), (4, 4))
        shards = [self.shard(samples, number, 4, "--references", references) for number in (1, 2, 3, 4)]
        programs = [set(row[0] for row in rows_of(path, "SELECT hash FROM program")) for path in shards]
        self.assertTrue(all(programs), "a shard is empty")
        self.assertEqual(sum(map(len, programs)), len(set().union(*programs)), "a program is in two shards")
        for path in shards:
            self.assertEqual(rows_of(path, "SELECT count(*) FROM expected"), [(0,)], "a shard has references of its own")
        for order in (shards, shards[::-1]):
            out = self.folder / f"out-{order[0].stem}.db"
            told = self.merge(out, references, *order)
            self.assertTrue(told["complete"])
            self.assertEqual(told["shards"][0]["ended"], [1, 2, 3, 4])
            self.assertEqual(told["samples"], {"added": 61, "known": 0})
            self.assertEqual(rows_of(out), rows_of(self.db))
            rates = json.loads(self.assay("rates", "--json", "--db", out).stdout)["rows"]
            whole = self.json("rates")["rows"]
            self.assertNotEqual(rates[0].pop("run"), whole[0].pop("run"))
            self.assertEqual(rates, whole)
            again = self.merge(out, *order)
            self.assertEqual((again["samples"]["added"], again["verdicts"]["added"], again["runs"]), (0, 0, 0))
            self.assertEqual(rows_of(out), rows_of(self.db))
            done = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--db", out, "--json")
            self.assertEqual(json.loads(done.stdout)["run"]["judged"], 0, "the whole has nothing left to judge")

    def test_the_number_of_a_shard_comes_from_the_cluster(self):
        samples = self.many()
        for variable, value in (("SLURM_ARRAY_TASK_ID", "2"), ("JOB_COMPLETION_INDEX", "1")):
            path = self.folder / f"{variable}.db"
            self.assay("run", "--dataset", self.dataset, "--samples", samples, "--shard", "auto/3", "--db", path,
                       env={variable: value, "PATH": "/usr/bin:/bin"})
            self.assertEqual(rows_of(path, "SELECT number, shards, samples FROM shard"), [(2, 3, 61)])
        for bad, word in (("0/3", "I/N"), ("4/3", "I/N"), ("2", "I/N"), ("auto/3", "SLURM_ARRAY_TASK_ID"), ("x/3", "I/N")):
            done = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--shard", bad, code=2)
            self.assertIn(word, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        for extra in (("--append",), ("--references-only",)):
            self.assay("run", "--dataset", self.dataset, "--samples", samples, "--shard", "1/2", *extra, code=2)
        self.assay("run", "--dataset", self.dataset, code=2)

    def test_a_killed_shard_is_named_and_goes_on(self):
        samples = self.write("slow.jsonl", [
            {"task_id": "Own/0", "model": "m", "solution": f"def largest(numbers):\n    y = {i}\n    return sorted(numbers * 60000)[-1]\n"}
            for i in range(160)])
        one = self.shard(samples, 1, 2)
        two = self.folder / "shard-2.db"
        command = self.command("run", "--dataset", self.dataset, "--samples", samples, "--shard", "2/2", "--db", two, "-j", "1")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            time.sleep(0.1)
            try:
                if rows_of(two, "SELECT count(*) FROM verdict")[0][0] > 3:
                    break
            except sqlite3.OperationalError:
                pass
        below = descendants(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertFalse(wait_until_gone(below))
        out = self.folder / "out.db"
        told = self.merge(out, one, two, code=3)
        self.assertEqual((told["shards"][0]["ended"], told["shards"][0]["unended"]), ([1], [2]))
        self.assertGreater(told["samples"]["added"], 80)
        text = self.assay("merge", out, one, two, code=3).stdout
        self.assertIn("begun and not ended: 2", text)
        self.shard(samples, 2, 2)
        told = self.merge(out, two)
        self.assertEqual(told["shards"][0]["ended"], [1, 2])
        self.assertEqual(rows_of(out, "SELECT count(*) FROM sample"), [(160,)])
        self.assertEqual(rows_of(out, "SELECT status, count(*) FROM verdict v JOIN suite u ON u.id = suite_id WHERE u.name = 'base'"
                                      " GROUP BY 1"), [("pass", 160)])

    def test_a_shard_that_lacks_is_told(self):
        samples = self.many()
        three = self.shard(samples, 3, 4)
        told = self.merge(self.folder / "out.db", three, code=3)
        self.assertEqual((told["shards"][0]["ended"], told["shards"][0]["absent"]), ([3], [1, 2, 4]))
        # A shard of other samples is of another work.
        other = self.write("other.jsonl", [{"task_id": "Own/1", "model": "m2", "solution": "def double(x):\n    return x\n"}])
        self.assertEqual(len(self.merge(self.folder / "out.db", self.shard(other, 1, 4), code=3)["shards"]), 2)

    def test_shards_of_which_none_is_there_are_told(self):
        """Where all shards had failed, what was merged called itself complete."""
        references = self.folder / "references.db"
        self.assay("run", "--dataset", self.dataset, "--references-only", "--db", references)
        self.assertFalse(self.merge(self.folder / "none.db", references, code=3, options=("--shards", "4"))["complete"])
        one = self.shard(self.many(), 1, 1)
        self.assertTrue(self.merge(self.folder / "one.db", one, options=("--shards", "1"))["complete"])
        self.assertFalse(self.merge(self.folder / "two.db", one, code=3, options=("--shards", "2"))["complete"])

    def test_verdicts_that_contradict_each_other_are_kept_and_told(self):
        samples = self.samples(("Own/1", "def double(x):\n    return x + x\n"))
        self.run_samples(samples)
        copy = self.folder / "copy.db"
        copy.write_bytes(self.db.read_bytes())
        connection = sqlite3.connect(copy)
        connection.execute("UPDATE run SET identity = 'another', started = '2020-01-01T00:00:00Z'")
        connection.execute("UPDATE verdict SET status = 'timeout' WHERE suite_id IN (SELECT id FROM suite WHERE name = 'plus')")
        connection.commit()
        connection.close()
        found = []
        for order in ((self.db, copy), (copy, self.db)):
            out = self.folder / f"out-{order[0].stem}.db"
            told = self.merge(out, *order)
            self.assertEqual([(one["suite"], one["counts"], one["other"]) for one in told["conflicts"]], [("plus", "timeout", "pass")])
            self.assertIn("timeout counts, pass was said", self.assay("merge", out, copy).stdout)
            found.append((rows_of(out), rows_of(out, "SELECT status, message, scope FROM conflict")))
        self.assertEqual(found[0], found[1])

    def test_other_limits_are_refused_or_laid_beside(self):
        samples = self.many(20)
        one = self.shard(samples, 1, 2)
        two = self.shard(samples, 2, 2, "--limits", "test_cpu_s=3")
        out = self.folder / "out.db"
        message = self.merge(out, one, two, code=1)
        self.assertIn("other conditions", message)
        self.assertIn("--beside", message)
        self.assertEqual(len(message.strip().splitlines()), 1, message)
        self.assertFalse(out.exists(), "nothing is merged, and no empty database is left")
        told = self.merge(out, one, two, options=("--beside",), code=3)
        self.assertEqual([work["ended"] for work in told["shards"]], [[1], [2]])
        self.assertEqual(rows_of(out, "SELECT count(DISTINCT condition_id) FROM verdict"), [(2,)])
        before = rows_of(out)
        self.assertIn("other conditions", self.merge(out, one, code=1))
        self.assertEqual(rows_of(out), before)

    def test_what_cannot_be_merged_is_named(self):
        one = self.shard(self.many(20), 1, 2)
        self.assertIn("itself", self.merge(one, one, code=2))
        self.assertIn("no database", self.merge(self.folder / "out.db", one, self.folder / "absent.db", code=1))
        self.assertFalse((self.folder / "out.db").exists())
        changed = self.samples(("Own/0", "def largest(numbers):\n    return 1\n"), name="changed.jsonl")
        self.run_samples(changed)
        other = self.folder / "other.db"
        self.db.rename(other)
        self.run_samples(self.samples(("Own/0", "def largest(numbers):\n    return 2\n")))
        self.assertIn("sample 0 of Own/0 by m is another text", self.merge(self.db, other, code=1))

    def test_a_merge_that_is_killed_leaves_what_was_there(self):
        samples = self.many(400)
        shards = [self.shard(samples, number, 2) for number in (1, 2)]
        out = self.folder / "out.db"
        self.merge(out, shards[0], code=3)
        whole = self.folder / "whole.db"
        self.merge(whole, *shards)
        began = time.monotonic()
        self.merge(self.folder / "timed.db", *shards)
        takes = time.monotonic() - began
        states = {json.dumps(rows_of(out)): "before", json.dumps(rows_of(whole)): "behind"}
        for part in range(8):
            process = subprocess.Popen([ASSAY, "merge", out, *shards], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(takes * part / 8)
            process.kill()
            process.wait()
            self.assertIn(json.dumps(rows_of(out)), states)
        self.merge(out, *shards)
        self.assertEqual(states[json.dumps(rows_of(out))], "behind")


if __name__ == "__main__":
    unittest.main()
