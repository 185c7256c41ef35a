#!/usr/bin/env python3
"""Texts that want to hurt what reads them: each costs its own time only, and the text behind it is judged as ever."""
import pathlib
import re
import subprocess
import time
import unittest

from hostile_texts import HOSTILE, RIGHT
from support import AssayTest

PROMPT = 'def total(numbers):\n    """The doubled sum."""\n'
PROBLEM = {"task_id": "Own/0", "prompt": PROMPT, "entry_point": "total", "base": [[[1, 2]], [[7]]],
           "reference": RIGHT, "tests": "def check(candidate):\n    assert candidate([1, 2]) == 6\n"}
MEMORY_MIB = 300  # of assay itself; the samples are 30 MB of text
SECONDS_EACH = 15  # two readings and two verdicts, on a machine that others share


class Hostile(AssayTest):
    def peak_mib(self, *arguments):
        """What assay itself held at most; its jails have limits of their own."""
        peak, began = 0, time.monotonic()
        with subprocess.Popen(self.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while process.poll() is None:
                self.assertLess(time.monotonic() - began, SECONDS_EACH * len(HOSTILE))
                found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
                peak = max(peak, int(found[1]) >> 10 if found else 0)
                time.sleep(0.02)
            said = process.stderr.read().decode()
            # Rows that cannot be read are passed over, which is said and is exit code 3.
            self.assertEqual(process.returncode, 3 if "cannot be read" in said else 0, said)
        return peak

    def judge(self, key, honest, *options):
        rows = []
        for i, (name, text) in enumerate(HOSTILE.items()):
            rows.append({"task_id": "Own/0", "model": name, key: text})
            rows.append({"task_id": "Own/0", "model": "honest", key: honest.replace("#", f"# {i}")})
        dataset, samples = self.write("total.jsonl", [PROBLEM]), self.write("hostile.jsonl", rows)
        self.assertLess(self.peak_mib("run", "--dataset", dataset, "--samples", samples, "--suite", "base,official",
                                      "--limits", "load_cpu_s=1,suite_cpu_s=2",
                                      *options), MEMORY_MIB)
        said = self.query("SELECT model.name, status, rules, count(*) FROM sample JOIN model ON model.id = model_id "
                          "JOIN verdict USING (program_id) GROUP BY 1, 2, 3")
        honest_ones = {(status, rules): n for name, status, rules, n in said if name == "honest"}
        self.assertEqual(set(status for status, _ in honest_ones), {"pass"}, honest_ones)
        self.assertNotIn("not_read", str(honest_ones))
        self.assertEqual(sum(honest_ones.values()), 2 * len(HOSTILE))
        for name, status, rules, _ in said:
            if name != "honest":
                self.assertNotIn(status, ("missing",), name)
                if name != "the reader's own answer":  # it holds the right program, as data
                    self.assertNotEqual(status, "pass", name)
        return {name: rules.split() for name, _, rules, _ in said}

    def test_extract(self):
        honest = "Here it is. #\n```python\n" + RIGHT + "```\nDone."
        rules = self.judge("solution", honest, "--extract")
        for name in ("it acts when it is read", "it acts when it is decorated", "it shadows what it is checked by"):
            self.assertNotIn("not_read", rules[name])  # it was parsed, not executed

    def test_completions(self):
        self.judge("completion", "    return sum(2 * n for n in numbers)  #\n")


if __name__ == "__main__":
    unittest.main()
