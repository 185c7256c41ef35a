"""Benchmarks whose tests are text around a program: HumanEval-X's in Go with testify, MultiPL-E's in Java with javatuples."""
import os
import subprocess
import unittest

from support import ASSAY, AssayTest

GO = {"task_id": "Go/0", "prompt": "import (\n    \"strings\"\n)\n\n// Longest of the strings.\nfunc Longest(words []string) string {\n",
      "import": "import (\n    \"strings\"\n)\n", "docstring": "// Longest of the strings.\n", "declaration": "func Longest(words []string) string {\n",
      "canonical_solution": "    longest := \"\"\n    for _, word := range words {\n        if len(word) > len(longest) {\n"
                            "            longest = word\n        }\n    }\n    return strings.TrimSpace(longest)\n}\n",
      "test_setup": "package main\n\nimport (\n    \"testing\"\n    \"github.com/stretchr/testify/assert\"\n)\n",
      "test": "func TestLongest(t *testing.T) {\n    assert := assert.New(t)\n    assert.Equal(\"abc\", Longest([]string{\"ab\", \"abc\"}))\n"
              "    assert.Equal(\"\", Longest(nil))\n}\n",
      "example_test": "func TestLongest(t *testing.T) {\n    assert := assert.New(t)\n    assert.Equal(\"\", Longest(nil))\n}\n"}
CPP = {"name": "HumanEval_0_next", "language": "cpp", "stop_tokens": ["\n}"],
       "prompt": "#include<assert.h>\n#include<bits/stdc++.h>\n// The next number.\nlong next(long a) {\n",
       "tests": "}\nint main() {\n    auto candidate = next;\n    assert(candidate((1)) == (2));\n    assert(candidate((7)) == (8));\n}\n"}
JAVA = {"name": "HumanEval_0_largest", "language": "java", "stop_tokens": ["\n    }\n"],
        "prompt": "import java.util.*;\nimport org.javatuples.*;\nclass Problem {\n    public static Pair<Long, Long> twice(long a) {\n",
        "tests": "    }\n    public static void main(String[] args) {\n    assert(twice(2l).equals((Pair.with(2l, 4l))));\n    }\n\n}\n"}


class Languages(AssayTest):
    def statuses(self, row, completions, *options):
        samples = self.write("s.jsonl", [{"task_id": row.get("task_id", row.get("name")), "completion": text} for text in completions])
        self.json("run", "--dataset", self.write("d.jsonl", [row]), "--samples", samples, *options)
        return [[v["status"] for v in entry["verdicts"]] for entry in self.json("show")["programs"]]

    def test_go_with_testify(self):
        """Its imports are those that it uses: the first uses no strings, the second sorts, the third is wrong, the fourth no Go."""
        returns = "    return \"\"\n}\n"
        body = GO["canonical_solution"]
        told = self.statuses(GO, [body.replace("strings.TrimSpace(longest)", "longest"),
                                  "    words = append([]string{\"\"}, words...)\n    sort.Slice(words, func(i, j int) bool { return len(words[i]) > "
                                  "len(words[j]) })\n    return words[0]\n}\n", returns, "    return 1\n}\n"],
                             "--suite", "example", "test", "--full")
        self.assertEqual(sorted(map(tuple, told)), [("pass", "fail"), ("pass", "pass"), ("pass", "pass"), ("syntax", "syntax")])

    def test_testify_needs_no_root(self):
        """It was asked for with a cache at /nonexistent, which root alone could make, and left behind."""
        self.folder.chmod(0o777)
        environment = {**os.environ, "TMPDIR": str(self.folder), "HOME": str(self.folder)}
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        told = subprocess.run([ASSAY, "doctor", "--quick"], env=environment, capture_output=True, text=True, check=True, **user).stdout
        self.assertRegex(told, r"go: go[\d.]+, testify \d")
        self.assertEqual(list(self.folder.glob("assay-go*")), [])

    def test_cpp_without_a_value_is_no_pass(self):
        """A body without a return is undefined, and -O2 took the assertions behind it for unreachable: 26 of 3,220 samples passed so."""
        told = self.statuses(CPP, ["    // TODO\n", "    return a + 1;\n", "    return a;\n", "    while (true) {}\n", "    if (a > 5) return a + 1;\n",
                                   "    long next = a + 1;\n"])  # the last leaves its sum where a value would be
        self.assertEqual(sorted(map(tuple, told)), [("crash",), ("crash",), ("crash",), ("fail",), ("pass",), ("timeout",)])

    def test_java_with_javatuples(self):
        told = self.statuses(JAVA, ["        return Pair.with(a, 2 * a);\n", "        return Pair.with(a, a);\n"])
        self.assertEqual(sorted(map(tuple, told)), [("fail",), ("pass",)])

    def test_a_function_that_is_closed_already(self):
        """MultiPL-E's C++ tests begin with the function's last brace: right programs that had it were `syntax`."""
        row = {"name": "mbpp_0_next", "language": "cpp", "stop_tokens": ["\n}"], "prompt": "long next_of(long n) {\n",
               "tests": "}\n#include <cassert>\nint main() {\n    assert(next_of(2) == 3);\n}\n"}
        told = self.statuses(row, ["    return n + 1;\n", "    return n + 1;\n}\nint main() { return 0; }\n", "    return n;\n}\n"])
        self.assertEqual(sorted(map(tuple, told)), [("fail",), ("pass",)])  # the two right ones are one program
        again = ["run", "--dataset", self.folder / "d.jsonl", "--samples", self.folder / "s.jsonl"]
        self.assertEqual(self.json(*again, "--model", "repaired")["run"]["rules"], {"left_open": 2})
        self.assertEqual(self.json(*again, "--model", "as it came", "--as-is")["run"]["rules"], {})


if __name__ == "__main__":
    unittest.main()
