"""Shards on a real Slurm of several nodes on this machine, one of which dies in the middle; manifests by their form.

Skipped with a word where Debian's slurmd, slurmctld, slurm-client and munge, or python3-yaml, are not installed.
"""
import json
import pathlib
import subprocess
import sys
import time
import unittest

from shards_test import rows_of
from support import ASSAY, AssayTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "slurm"))
from cluster import Cluster, lacking  # noqa: E402

try:
    import yaml
except ImportError:
    yaml = None


class SubmitTest(AssayTest):
    def submit(self, *arguments, code=0, **options):
        done = subprocess.run([ASSAY, "submit", *map(str, arguments)], capture_output=True, text=True, check=False,
                              cwd=self.folder, timeout=300, **options)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def rows(self, count, work):
        return self.write("some samples; $(false).jsonl", [
            {"task_id": "Own/0", "model": "m", "solution": f"def largest(numbers):\n    y = {i}\n    return {work}\n"}
            for i in range(count)])


class WrittenTest(SubmitTest):
    """What needs no cluster."""

    def test_a_script_holds_every_argument_as_it_is(self):
        awkward = "it's; $(touch harm) `touch harm` \"x\" \\ *"
        shown = self.submit("slurm", "--shards", 3, "--dry-run", "--db", "all.db", "--sbatch=--partition=a b", "--",
                            "--dataset", self.dataset, "--samples", awkward, "--model", "-m").stdout
        script = shown[:shown.index("\n# Submitted by")]
        head = script[:script.index("# What follows")]
        told = subprocess.run(["bash", "-c", head + '\nprintf "%s\\n" "${run[@]}" "$shards" "$out" "$folder"'], capture_output=True,
                              text=True, check=True, cwd=self.folder).stdout.splitlines()
        self.assertEqual(told, ["--dataset", str(self.dataset), "--samples", awkward, "--model", "-m", "3",
                                str(self.folder / "all.db"), str(self.folder / "all.db.shards")])
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode, 0)
        self.assertIn("--array=1-3", shown)
        self.assertIn("'--partition=a b'", shown)
        self.assertIn("--dependency=afterany:SHARDS", shown)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["own.jsonl"])

    def test_what_assay_run_would_refuse_is_not_submitted(self):
        for arguments, word in ((("--dataset", "x", "--sample", "y"), "--sample"), (("--dataset", "x"), "--samples"),
                                (("--dataset", "x", "--samples", "y", "--shard", "1/2"), "--shards"),
                                (("--dataset", "x", "--samples", "y", "-j", "2"), "--cpus")):
            done = self.submit("slurm", "--shards", 2, "--", *arguments, code=2)
            self.assertIn(word, done.stderr)
            self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)

    def test_without_slurm_it_says_so(self):
        done = self.submit("slurm", "--shards", 2, "--", "--dataset", self.dataset, "--samples", "s", code=1, env={"PATH": "/nowhere"})
        self.assertIn("is not on PATH", done.stderr)

    @unittest.skipUnless(yaml, "skipped: python3-yaml is not installed")
    def test_a_manifest_has_kubernetes_form(self):
        text = self.submit("kubernetes", "--image", "registry.local/assay:1", "--claim", "data", "--shards", 5, "--cpus", 2,
                           "--", "--dataset", "/assay/d: e.jsonl", "--samples", "a'b #c.jsonl").stdout
        config, references, shard, merge = yaml.safe_load_all(text)
        self.assertEqual((config["apiVersion"], config["kind"]), ("v1", "ConfigMap"))
        script = config["data"]["job.sh"]
        self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode, 0)
        self.assertIn("/assay/d: e.jsonl", script)
        for job, part in ((references, "references"), (shard, "shard"), (merge, "merge")):
            self.assertEqual((job["apiVersion"], job["kind"], job["metadata"]["name"]), ("batch/v1", "Job", f"assay-{part}"))
            pod = job["spec"]["template"]["spec"]
            container = pod["containers"][0]
            self.assertEqual(container["command"], ["bash", "/script/job.sh", part])
            self.assertEqual(container["image"], "registry.local/assay:1")
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, {volume["name"] for volume in pod["volumes"]})
            self.assertEqual(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "data")
            self.assertEqual(pod["restartPolicy"], "Never")
        self.assertEqual((shard["spec"]["completionMode"], shard["spec"]["completions"]), ("Indexed", 5))
        self.assertTrue(merge["spec"]["suspend"])
        self.submit("kubernetes", "--image", "i", "--claim", "c", "--name", "Bad_Name", "--shards", 5, "--", "--dataset", "x",
                    "--samples", "y", code=2)

    def test_a_container_file_has_its_form(self):
        lines = [line for line in self.submit("container").stdout.replace("\\\n", " ").splitlines() if line and line[0] != "#"]
        words = [line.split()[0] for line in lines]
        self.assertTrue(set(words) <= {"FROM", "RUN", "COPY", "WORKDIR", "CMD"}, words)
        self.assertEqual((words[0], words.count("FROM"), words[-1]), ("FROM", 2, "CMD"))
        json.loads(lines[-1].partition(" ")[2])


@unittest.skipIf(lacking(), f"skipped: Slurm cannot run here, for lack of {', '.join(lacking())}")
class SlurmTest(SubmitTest):
    def setUp(self):
        super().setUp()
        self.cluster = Cluster(3)
        self.cluster.__enter__()
        self.addCleanup(self.cluster.stop)

    def run_on_slurm(self, samples, *arguments, shards=6, code=0, wait=True):
        done = self.submit("slurm", "--shards", shards, "--db", "all.db", "--save-every", 5, "--json", *(["--wait"] if wait else []),
                           *arguments, "--", "--dataset", self.dataset, "--samples", samples, code=code, env=self.cluster.environment)
        return json.loads(done.stdout)

    def state(self, number):
        try:
            return json.loads((self.folder / f"all.db.shards/shard-{number}.json").read_text())
        except FileNotFoundError:
            return {"state": ""}

    def wait_until(self, holds, seconds, what):
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"{what} after {seconds} s; "
                            + "\n".join(f"{log}: {log.read_text()[-500:]}" for log in self.folder.glob("all.db.shards/*.log")))
            time.sleep(0.2)

    def test_a_node_dies_and_the_whole_is_the_unsharded_run(self):
        samples = self.rows(240, "sorted(numbers * 90000)[-1]")
        self.run_samples(samples)
        process = subprocess.Popen(
            [ASSAY, "submit", "slurm", "--shards", "6", "--db", "all.db", "--save-every", "5", "--json", "--wait", "--",
             "--dataset", str(self.dataset), "--samples", str(samples)],
            cwd=self.folder, env=self.cluster.environment, stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.wait_until(lambda: any(self.state(n)["state"] == "running" and self.state(n)["node"] == "n2" for n in range(1, 7)),
                        60, "no shard runs on n2")
        self.assertGreater(self.cluster.kill_node("n2"), 0)
        told = json.loads(process.communicate(timeout=240)[0])
        self.assertEqual((process.returncode, told["ended"], told["lost"]), (0, [1, 2, 3, 4, 5, 6], []), told)
        self.assertTrue(told["merge"]["complete"])
        self.assertEqual(told["merge"]["conflicts"], [])
        states = [self.state(number) for number in range(1, 7)]
        self.assertTrue(any(one["restarts"] > 0 or len(told["submitted"]) > 1 for one in states), states)
        self.assertEqual(rows_of(self.folder / "all.db"), rows_of(self.db))
        left = sorted(path.name for path in (self.folder / "all.db.shards").iterdir() if path.name.startswith("."))
        self.assertEqual(left, [], "no part of a file is left")

    def test_shards_that_are_lost_are_submitted_alone(self):
        samples = self.rows(30, "max(numbers)")
        told = self.run_on_slurm(samples, shards=4)
        self.assertEqual([one["shards"] for one in told["submitted"]], [[1, 2, 3, 4]])
        again = self.run_on_slurm(samples, shards=4)
        self.assertEqual(again["submitted"], [], "nothing is lost")
        for number in (2, 3):
            (self.folder / f"all.db.shards/shard-{number}.json").unlink()
        again = self.run_on_slurm(samples, shards=4)
        self.assertEqual([one["shards"] for one in again["submitted"]], [[2, 3]])
        self.assertTrue(again["merge"]["complete"])
        self.assertEqual(rows_of(self.folder / "all.db", "SELECT count(*) FROM sample"), [(30,)])
        done = self.submit("slurm", "--shards", 5, "--db", "all.db", "--", "--dataset", self.dataset, "--samples", samples, code=1,
                           env=self.cluster.environment)
        self.assertIn("another folder", done.stderr)

    def test_a_shard_that_fails_every_time_is_named(self):
        samples = self.write("bad.jsonl", [{"task_id": "Nobody/0", "solution": "x"}])
        done = self.submit("slurm", "--shards", 2, "--db", "all.db", "--wait", "--tries", 2, "--", "--dataset", self.dataset,
                           "--samples", samples, code=3, env=self.cluster.environment)
        self.assertIn("lost: 1-2", done.stdout)
        self.assertIn("shards 1-2 are submitted", done.stderr)
        self.assertEqual(self.state(1)["state"], "failed")
        self.assertIn("Nobody/0", (self.folder / "all.db.shards/shard-1.log").read_text())


if __name__ == "__main__":
    unittest.main()
