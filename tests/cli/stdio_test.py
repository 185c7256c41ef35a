"""A benchmark of scripts, from its file to the page: weak public tests against strong hidden ones."""
import json
import unittest

from support import AssayTest

SUM = [{"input": "1 2\n", "output": "3\n"}]
HIDDEN = [{"input": "10 20\n", "output": "30\n"}, {"input": "-1 1\n", "output": ["0\n", "-0\n"]}]
RIGHT = "a, b = map(int, input().split())\nprint(a + b)\n"
CONSTANT = "print(3)\n"
APPS = {"task_id": "apps/0", "difficulty": "introductory", "prompt": "Add.", "public": SUM, "tests": HIDDEN}


def problem(**keys):
    return {"task_id": "Sum/0", "prompt": "Add two numbers.", "suites": {"public": SUM, "hidden": HIDDEN}, **keys}


class Stdio(AssayTest):
    def judge(self, rows, programs, *arguments, **options):
        self.dataset = self.write("scripts.jsonl", rows)
        return self.run_samples(self.samples(*programs), *arguments, **options)

    def test_public_is_the_proxy_and_both_are_gold(self):
        told = self.judge([problem()], [("Sum/0", RIGHT), ("Sum/0", CONSTANT), ("Sum/0", "print(4)\n")])
        row = told["rates"]["rows"][0]
        self.assertEqual((row["proxy"], row["gold"]), ("public", "public,hidden"))
        self.assertEqual((row["tp"], row["fp"], row["tn"], row["fn"]), (1, 1, 1, 0))
        self.assertEqual(self.query("SELECT suite, status FROM judged_sample ORDER BY sample_id, suite DESC"),
                         [("public", "pass"), ("hidden", "pass"), ("public", "pass"), ("hidden", "fail"),
                          ("public", "fail"), ("hidden", "decided")])

    def test_the_form_of_apps(self):
        told = self.judge([APPS], [("apps/0", RIGHT), ("apps/0", CONSTANT)])
        self.assertEqual([told["rates"]["rows"][0][key] for key in ("tp", "fp")], [1, 1])

    def test_programs_in_another_language_than_the_benchmarks_are_told(self):
        """C++ samples of a benchmark that names no language all failed as Python, and nothing said why."""
        self.judge([problem()], [("Sum/0", "int main() { return 0; }\n"), ("Sum/0", "#include <cstdio>\nint main() {}\n")])
        self.assertIn('in another language than the benchmark names', self.assay("rates").stdout)
        self.run_samples(self.samples(("Sum/0", RIGHT), model="m"))
        self.assertNotIn('in another language', self.assay("rates", "--model", "m").stdout)

    def test_a_wrong_output_is_shown_with_its_input(self):
        self.judge([problem()], [("Sum/0", CONSTANT)])
        shown = self.assay("show", "Sum/0").stdout
        for text in ("input     10 20", "expected  30", "actual    3"):
            self.assertIn(text, shown)

    def test_the_page_and_the_weak_tests_are_told(self):
        self.judge([problem()], [("Sum/0", RIGHT), ("Sum/0", CONSTANT)])
        page = self.folder / "page.html"
        self.assay("report", "-o", page)
        self.assertIn("10 20", page.read_text())
        weak = self.json("suite")
        self.assertIn("Sum/0", json.dumps(weak))

    def test_a_suite_that_nothing_passes_is_named(self):
        """Such a suite is too hard or wrong; three distinct programs are asked for before it is said."""
        wrong = problem(suites={"public": SUM, "hidden": [{"input": "1 2\n", "output": "4\n"}]})
        programs = [("Sum/0", RIGHT), ("Sum/0", CONSTANT), ("Sum/0", "print(1 + 2)\n")]
        self.judge([wrong], programs)
        unpassed = self.json("suite")["unpassed"]
        self.assertEqual([(one["task_id"], one["suite"], one["programs"], one["status"], one["so"]) for one in unpassed],
                         [("Sum/0", "hidden", 3, "fail", 3)])
        self.assertEqual(unpassed[0]["message"], "line 1: 3 in place of 4")
        self.assertIn("No program passes these suites", self.assay("suite").stdout)
        self.run_samples(self.samples(("Sum/0", "print(4)\n"), model="other"), "--full")
        self.assertEqual(self.json("suite")["unpassed"], [])

    def test_a_suite_of_scripts_is_checked(self):
        dataset = self.write("good.jsonl", [problem(reference=RIGHT)])
        self.assay("datasets", "check", dataset)
        weak = self.write("weak.jsonl", [problem(reference="print(3)\n", suites={"only": SUM * 2})])
        told = self.assay("datasets", "check", weak, code=1)
        self.assertIn("Sum/0", told.stdout + told.stderr)
        wrong = self.write("wrong.jsonl", [problem(reference=CONSTANT)])
        told = self.assay("datasets", "check", wrong, code=1)
        self.assertIn("the reference does not pass test 0: line 1: 3 in place of 30", told.stdout + told.stderr)

    def test_commands_for_functions_say_that_these_are_scripts(self):
        self.judge([problem()], [("Sum/0", RIGHT)])
        self.assertIn("Sum/0: it has no suite of inputs", self.assay("probe", "--dataset", "scripts").stdout)

    def test_bad_rows_are_told_by_file_line_and_key(self):
        for keys, sentence in (
                ({"suites": {"public": "x"}}, "neither a list of"),
                ({"suites": {"public": [{"input": 1, "output": "1"}]}}, "\"public\", test 0: \"input\" is no text"),
                ({"suites": {"public": [{"input": "1"}]}}, "the key \"output\" is missing"),
                ({"suites": {"public": []}}, "suite \"public\" has no test"),
                ({"compare": "fuzzy"}, "\"compare\" is none of"),
                ({"compare": "exact", "tolerance": 1e-6}, "leaves nothing to"),
                ({"sweets": {}}, "unknown key \"sweets\"")):
            dataset = self.write("bad.jsonl", [problem(**keys)])
            told = self.assay("run", "--dataset", dataset, "--samples", self.samples(("Sum/0", RIGHT)), code=1)
            self.assertIn(f"{dataset}:1: ", told.stderr)
            self.assertIn(sentence, told.stderr)


if __name__ == "__main__":
    unittest.main()
