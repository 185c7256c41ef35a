"""Result files of other harnesses, each in its form: taken in as verdicts, by `import results`."""
import gzip
import json
import unittest

from support import PROBLEMS, RIGHT, AssayTest

WRONG = "def largest(numbers):\n    return numbers[0]\n"


def jsonl(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def human_eval(*more):
    """Unknown keys, a time-out, and a text that a Python process wrote."""
    return jsonl({"task_id": "Own/0", "completion": "    return max(numbers)\n", "result": "passed", "passed": True,
                  "completion_id": 3, "unknown": {"deep": [1, 2]}},
                 {"task_id": "Own/0", "completion": "    return numbers[0]\n", "result": "failed: 1 != 3", "passed": False},
                 {"task_id": "Own/1", "completion": "    while True: pass\n", "result": "timed out", "passed": False},
                 *more)


def lm_eval(passed, answers, task="Own/0", **more):
    return {"doc_id": 0, "doc": {"task_id": task, "prompt": "def f", "test": "x"}, "target": "t",
            "arguments": {"gen_args_0": {"arg_0": "p", "arg_1": {}}}, "resps": [["raw"]],
            "filtered_resps": [answers], "filter": "create_test", "metrics": ["pass@1"], "pass@1": passed,
            "doc_hash": "h", **more}


def inspect(status="success", *more):
    def sample(task, epoch, value, text, **keys):
        return {"id": task, "epoch": epoch, "input": "write it", "target": "t", "messages": [],
                "output": {"choices": [{"message": {"role": "assistant", "content": text}}]},
                "scores": {"verify": {"value": value, "answer": text, "explanation": "it ran"}}, **keys}
    return json.dumps({"version": 2, "status": status, "eval": {"task": "t", "model": "vendor/m-1"}, "plan": {},
                       "results": {}, "stats": {},
                       "samples": [sample("Own/0", 1, "C", RIGHT["Own/0"]), sample("Own/0", 2, "I", WRONG),
                                   sample("Own/1", 1, 0, "x = 1\n"),
                                   sample("Own/1", 2, "C", "y = 1\n", error={"message": "sandbox died"}), *more]})


def live_code_bench(*more):
    failed = json.dumps({"output": "4", "inputs": "2", "expected": "5", "error_code": -2,
                         "error_message": "Wrong Answer"})
    return json.dumps([
        {"question_title": "A", "question_content": "Add.", "question_id": "abc_a", "code_list": ["print(5)", "print(4)"],
         "output_list": ["", ""], "graded_list": [True, False], "pass@1": 0.5,
         "metadata": [json.dumps({"execution time": 0.25}), failed]},
        {"question_id": "abc_b", "code_list": ["a", "b", "c"], "graded_list": [False, False, False],
         "metadata": [{"error_code": -3}, json.dumps({"error_code": -4}), json.dumps({"error_code": -5})]}, *more])


def multipl_e(name, *results):
    tests = "def check(candidate):\n    assert True\ncheck(f)\n"
    return json.dumps({"name": name, "language": "py", "prompt": "def f():\n", "tests": tests, "temperature": 0.2,
                       "results": [{"program": text + "\n" + tests, "stdout": "", "stderr": "Traceback", "timestamp": 1,
                                    "exit_code": 0 if status == "OK" else 1, "status": status}
                                   for text, status in results]})


def big_code_bench(status="fail"):
    return json.dumps({"date": "2025-01-01", "eval": {
        "BigCodeBench/0": [{"task_id": "BigCodeBench/0", "solution": "a = 1\n", "status": "pass", "details": {}},
                           {"task_id": "BigCodeBench/0", "solution": "a = 2\n", "status": status,
                            "details": {"test_case_1": "AssertionError: 2 != 1"}}],
        "BigCodeBench/1": [{"task_id": "BigCodeBench/1", "solution": "b = 1\n", "status": "timeout", "details": {}}]}})


class Results(AssayTest):
    def take(self, text, *arguments, name="file.json", dataset=None, model="m"):
        path = self.folder / name
        path.write_text(text)
        options = ["--model", model] if model else []
        return self.json("import", "results", path, "--dataset", dataset or self.dataset, *options, *arguments)

    def statuses_of(self):
        return self.query("SELECT task_id, sample_id, suite, status FROM judged_sample ORDER BY 1, 2, 3")

    def test_human_eval(self):
        record = self.take(human_eval())
        self.assertEqual((record["samples"], record["verdicts"], record["suite"]), (3, 3, "official"))
        self.assertEqual(self.statuses_of(),
                         [("Own/0", "0", "official", "pass"), ("Own/0", "1", "official", "fail"),
                          ("Own/1", "0", "official", "timeout")])
        row = self.json("rates")["rows"][0]
        self.assertEqual((row["accuracy"], row["comparison"], row["fdr"]), (0.25, "imported", None))
        program = self.query("SELECT program, message FROM judged_sample WHERE status = 'fail'")
        self.assertEqual(program, [(PROBLEMS[0]["prompt"] + "    return numbers[0]\n", "failed: 1 != 3")])
        self.assay("limits")
        self.assay("report", "-o", self.folder / "r.html")
        self.assay("show", "Own/0")

    def test_two_suites_give_false_positives(self):
        self.take(human_eval(), "--suite", "base")
        weaker = human_eval().replace('"failed: 1 != 3", "passed": false', '"passed", "passed": true')
        self.assertNotEqual(weaker, human_eval())
        self.take(weaker, "--suite", "weak")
        row = self.json("rates", "--proxy", "weak", "--gold", "base")["rows"][0]
        self.assertEqual([row[key] for key in ("tp", "fp", "fn", "tn")], [1, 1, 0, 1])

    def test_lm_eval_s_logs_of_mbpp(self):
        """MBPP's bare numbers were taken for problems of HumanEval."""
        row = lm_eval(1.0, [RIGHT["Own/0"]], 0)
        row["doc"] = {"task_id": 0, "text": "x", "test_list": ["assert f(1)"]}
        self.refused(jsonl(row), "has no problem Mbpp/0", name="x.jsonl")

    def test_lm_eval(self):
        rows = [lm_eval(1.0, [RIGHT["Own/0"]]), lm_eval(0.0, ["x = 1\n", "x = 2\n"], "Own/1"),
                lm_eval(0.0, [RIGHT["Own/0"]], filter="another")]
        self.take(jsonl(*rows), name="samples_humaneval_2025.jsonl")
        self.assertEqual([row[3] for row in self.statuses_of()], ["pass", "fail", "fail"])
        for row, needle in ((lm_eval(0.5, ["a", "b"]), 'x.jsonl:2: "pass@1" is 0.5 of 2 answers'),
                            ({**lm_eval(1, ["a"]), "filtered_resps": 3}, ':2: "filtered_resps" is not a list'),
                            ({key: value for key, value in lm_eval(1, ["a"]).items() if key != "pass@1"},
                             ":2: it has no verdict"), (lm_eval(1, ["a"], "T/9"), ":2: dataset own has no problem T/9")):
            self.refused(jsonl(rows[0], row), needle, name="x.jsonl")

    def test_the_header_of_an_inspect_log_is_no_result_of_bigcodebench(self):
        # Without its samples a log was taken for BigCodeBench's, and refused for a missing "solution".
        log = json.loads(inspect())
        del log["samples"]
        path = self.folder / "header.json"
        path.write_text(json.dumps(log), encoding="utf-8")
        done = self.assay("import", "results", path, "--dataset", self.dataset, "--model", "m", code=1)
        self.assertIn("this is the log's header alone", done.stderr)
        self.assertFalse(self.db.exists())

    def test_inspect(self):
        record = self.take(inspect(), model=None)
        self.assertEqual((record["models"], record["samples"], record["not_judged"]), (["vendor/m-1"], 4, 1))
        self.assertEqual(self.statuses_of(),
                         [("Own/0", "0", "official", "pass"), ("Own/0", "1", "official", "fail"),
                          ("Own/1", "0", "official", "fail"), ("Own/1", "1", "official", None)])
        self.refused(inspect("started"), '"status" is "started", not "success"')
        self.refused(inspect("success", {"id": "Own/0", "epoch": 3, "scores": {"a": {"value": "C"}, "b": {"value": "I"}}}),
                     "samples[4]: \"scores\" has more than one score, such as a and b")
        self.refused(inspect("success", {"id": "Own/0", "epoch": 3, "scores": {"a": {"value": 0.5}}}), "and so no verdict")

    def test_live_code_bench(self):
        record = self.take(live_code_bench(), name="m_codegeneration_output_eval_all.json", dataset="lcb")
        self.assertEqual((record["samples"], record["verdicts"], record["not_judged"]), (5, 4, 1))
        self.assertEqual([row[3] for row in self.statuses_of()], ["pass", "fail", "timeout", "error", None])
        self.assertEqual(self.query("SELECT input, expected, actual FROM judged_sample WHERE status = 'fail'"),
                         [("2", "5", "4")])
        self.assertEqual(self.query("SELECT wall_ms FROM judged_sample WHERE status = 'pass'"), [(250.0,)])
        self.assertEqual(self.json("rates")["rows"][0]["samples"], 4)
        self.assay("report", "-o", self.folder / "r.html")
        self.refused(live_code_bench({"question_id": "c", "code_list": ["a"], "graded_list": []}),
                     'row 3: "code_list" has 1 programs and "graded_list" 0 verdicts', dataset="lcb")

    def test_multipl_e(self):
        folder = self.folder / "out"
        folder.mkdir()
        for name, results in (("HumanEval_0_has_close_elements", [("def f():\n    pass", "OK"), ("x", "Timeout")]),
                              ("mbpp_2_similar", [("y", "Exception"), ("(", "SyntaxError")])):
            (folder / f"{name}.results.json.gz").write_bytes(gzip.compress(multipl_e(name, *results).encode()))
        self.json("import", "results", folder, "--dataset", "multipl-e", "--model", "m")
        self.assertEqual([row[::3] for row in self.statuses_of()],
                         [("HumanEval/0", "pass"), ("HumanEval/0", "timeout"), ("Mbpp/2", "error"), ("Mbpp/2", "syntax")])
        self.assertEqual(self.query("SELECT program FROM judged_sample WHERE status = 'pass'"), [("def f():\n    pass\n",)])
        self.refused(multipl_e("HumanEval_1_x", ("a", "")), 'a result has no "status"', dataset="multipl-e")

    def test_big_code_bench(self):
        self.take(big_code_bench(), name="m_eval_results.json", dataset="bigcodebench")
        self.assertEqual([row[3] for row in self.statuses_of()], ["pass", "fail", "timeout"])
        self.assertEqual(self.query("SELECT message FROM judged_sample WHERE status = 'fail'"),
                         [("test_case_1: AssertionError: 2 != 1",)])
        self.refused(json.dumps({"eval": {"Own/0": [{"solution": "x", "base_status": "pass", "plus_status": "fail"}]}}),
                     "is EvalPlus's result", dataset="bigcodebench")
        self.refused(big_code_bench().replace("BigCodeBench/0", "", 1), "name is empty", dataset="bigcodebench")
        self.refused(big_code_bench("odd"), 'eval["BigCodeBench/0"][1]: "status" is "odd"', dataset="bigcodebench")

    def refused(self, text, needle, name="x.json", dataset=None, model="new", code=1):
        """One sentence with file and place, and nothing of the file is stored."""
        path = self.folder / name
        path.write_text(text)
        before = self.query("SELECT count(*) FROM sample") if self.db.exists() else None
        done = self.assay("import", "results", path, "--dataset", dataset or self.dataset, "--model", model, code=code)
        self.assertIn(needle, done.stderr)
        self.assertIn(name, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        if before:
            self.assertEqual(self.query("SELECT count(*) FROM sample"), before)

    def test_broken_lines_are_named(self):
        for row, needle in (('{"task_id": "Own/0", "completion": \n', "x.jsonl:4: "),
                            (jsonl({"task_id": "Own/0", "completion": "x"}), ':4: the key "passed" is missing'),
                            (jsonl({"task_id": "Own/0", "completion": "x", "passed": "yes"}), ':4: "passed" is neither'),
                            (jsonl({"task_id": "T/9", "completion": "x", "passed": True}), ":4: dataset own has no problem T/9"),
                            (jsonl({"completion": "x", "passed": True}), ':4: the key "task_id" is missing')):
            self.refused(human_eval() + row, needle, name="x.jsonl")
        self.refused(human_eval(), "x.jsonl:1: its \"completion\" goes behind a prompt", name="x.jsonl", dataset="nowhere")
        self.refused(jsonl({"a": 1}), "is of no form that is known by its keys", name="x.jsonl")
        self.refused('{"eval": {"Own/0": 3}}', 'eval["Own/0"]: malformed JSON at byte 1: an array is expected')
        self.refused('{"eval": [], "samples": []}', '"status" is ""')
        self.refused('{"eval": 3}', "x.json: eval: malformed JSON")

    def test_one_text_has_one_verdict(self):
        """Of one text another harness may say two things, since it judges every sample anew."""
        row = {"task_id": "Own/1", "completion": "    return x * 2\n", "result": "passed", "passed": True}
        late = {**row, "result": "timed out", "passed": False}
        self.assertEqual(self.take(jsonl(row, late))["disagree"], 1)
        self.assertEqual([entry[3] for entry in self.statuses_of()], ["pass", "pass"])

    def test_what_a_run_measured_is_not_replaced(self):
        """An import of the same dataset and model was the newest "run", and the measured rates were gone."""
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        before = self.json("rates")["rows"]
        self.refused(human_eval(), "`assay run` measured", name="x.jsonl", model="m")
        self.assertEqual(self.json("rates")["rows"], before)
        self.take(human_eval(), model="another")

    def test_a_stored_verdict_stays(self):
        """A second file of the same texts wrote its verdicts over the first one's, and said nothing."""
        row = {"task_id": "Own/0", "solution": "x = 1\n", "passed": True}
        self.assertEqual(self.take(jsonl(row))["differ_from_stored"], 0)
        self.assertEqual(self.take(jsonl(row))["differ_from_stored"], 0)
        other = jsonl({**row, "passed": False})
        self.assertEqual(self.take(other, model="n")["differ_from_stored"], 1)
        self.assertEqual([entry[3] for entry in self.statuses_of()], ["pass", "pass"])
        said = self.assay("import", "results", self.folder / "file.json", "--dataset", self.dataset, "--model", "o").stderr
        self.assertIn("1 programs have another verdict than an earlier import stored; the stored one stays", said)

    def test_nothing_is_taken_in_twice(self):
        """A file named twice, or beside its .gz, doubled every sample; an epoch given twice was one sample, counted twice."""
        path = self.folder / "x.jsonl"
        path.write_text(human_eval())
        (self.folder / "x.jsonl.gz").write_bytes(gzip.compress(human_eval().encode()))
        (self.folder / "link").symlink_to(path)
        for other in (path, self.folder / "x.jsonl.gz", self.folder / "link"):
            done = self.assay("import", "results", path, other, "--dataset", self.dataset, "--model", "m", code=2)
            self.assertIn("are one file", done.stderr)
        log = json.loads(inspect())
        log["samples"].append(log["samples"][0])
        self.refused(json.dumps(log), "samples[4]: sample 0 of Own/0 comes twice")

    def test_a_suite_has_no_name_that_proxy_would_misread(self):
        """`--suite 'judge>=4'` was stored, and no --proxy could name it."""
        self.take(human_eval())
        self.assay("import", "scores", self.write("s.jsonl", [
            {"model": "m", "task_id": "Own/0", "sample_id": "0", "score": 3}]), "--dataset", "own", "--verifier", "judge")
        for name in ("a,b", "judge>=4", "a|b", "a+b", "", "judge"):
            done = self.assay("import", "results", self.folder / "file.json", "--dataset", self.dataset, "--model", "n",
                              "--suite", name, code=2)
            self.assertIn("--suite", done.stderr)
        self.assertEqual(self.query("SELECT DISTINCT suite FROM judged_sample WHERE suite <> 'official'"), [])

    def test_a_benchmark_that_was_judged_here_is_not_written_over(self):
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"])))
        done = self.assay("import", "results", self.write("r.jsonl", [json.loads(jsonl(
            {"task_id": "Own/0", "solution": "x", "passed": True}))]), "--dataset", "own", "--model", "n", code=2)
        self.assertIn("has a benchmark of that name", done.stderr)
        self.assertEqual(self.query("SELECT count(*) FROM problem WHERE reference = ''"), [(0,)])


if __name__ == "__main__":
    unittest.main()
