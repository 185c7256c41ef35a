"""`assay serve`: real requests over real sockets, honest clients and others, and the clients of docs/service.md."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from support import ASSAY, RIGHT, AssayTest

ADDS_ONE = "print(int(input()) + 1)"
ONE_TEST = [{"input": "1\n", "output": "2"}]
SLEEPS = "import time\ntime.sleep(60)\n"
DOCS = (pathlib.Path(__file__).resolve().parents[2] / "docs/service.md").read_text()


def block(name):
    return re.search(rf"^```python {name}\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE).group(1)


class ServeTest(AssayTest):
    def serve(self, *arguments, environment=None):
        """Starts a server that ends with the test; self.url is where it is."""
        self.server = subprocess.Popen(
            [ASSAY, "serve", "--port", "0", "--quiet", *map(str, arguments)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=os.environ | (environment or {}))
        self.addCleanup(self.end)
        self.url = self.server.stdout.readline().strip()
        self.port = int(self.url.rsplit(":", 1)[1])
        return self.server

    def end(self):
        if self.server.poll() is None:
            self.server.kill()
        self.server.communicate()

    def stop(self, within=20):
        self.server.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(within), 0)

    def ask(self, path, body=None, headers=None, method=None):
        """(status, record, headers) of a request."""
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, text, said = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            status, text, said = error.code, error.read(), error.headers
        return status, json.loads(text) if said["Content-Type"] == "application/json" else text.decode(), said

    def metric(self, name):
        text = self.ask("/metrics")[1]
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))

    def until(self, holds, within=10):
        end = time.time() + within
        while not holds():
            self.assertLess(time.time(), end, "it does not come to hold")
            time.sleep(0.02)

    def raw(self, data=b""):
        one = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.addCleanup(one.close)
        one.sendall(data)
        return one

    # ---- what is served

    def test_judge(self):
        self.serve("--dataset", self.dataset)
        status, answer, _ = self.ask("/judge", {"id": "x", "task_id": "Own/0", "solution": RIGHT["Own/0"]})
        self.assertEqual((status, answer["id"], answer["status"], answer["reward"]), (200, "x", "pass", 1))
        status, answers, _ = self.ask("/judge", [
            {"id": i, "code": f"print({i})", "tests": [{"input": "", "output": "3"}]} for i in range(20)] + [
            {"id": "bad", "code": 5, "tests": ONE_TEST}, "no object"])
        self.assertEqual(status, 200)
        self.assertEqual([a.get("reward") for a in answers], [int(i == 3) for i in range(20)] + [None, None])
        self.assertEqual(answers[20], {"id": "bad", "error": '"code" is not a string'})
        self.assertIn("error", answers[21])
        self.assertEqual(self.ask("/judge", [])[1], [])
        for body in (b"", b"no json", b"5", b"\xff", b"[" * 100000):
            status, answer, _ = self.ask("/judge", body)
            self.assertEqual((status, list(answer)), (400, ["error"]), body[:10])
        self.assertEqual(self.ask("/judge")[0], 405)
        self.assertEqual(self.ask("/healthz", b"")[0], 405)
        self.assertEqual(self.ask("/nothing")[0], 404)

    def run_code(self, code, **keys):
        status, answer, _ = self.ask("/run_code", {"code": code, "language": "python"} | keys)
        self.assertEqual(status, 200)
        self.assertEqual(set(answer), {"status", "message", "compile_result", "run_result", "executor_pod_name", "files"})
        return answer

    def test_run_code(self):
        self.serve()
        good = self.run_code("print(input() * 2)", stdin="ab\n", compile_timeout=10, run_timeout=10, memory_limit_MB=1024,
                             files={}, fetch_files=[], args=[])
        self.assertEqual(good["status"], "Success")
        self.assertEqual({k: good["run_result"][k] for k in ("status", "return_code", "stdout", "stderr")},
                         {"status": "Finished", "return_code": 0, "stdout": "abab\n", "stderr": ""})
        for code, expected in [("raise ValueError('no')", 1), ("import sys; sys.exit(3)", 1), ("(", 1),
                               ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -9)]:
            bad = self.run_code("print(1)\n" * (code != "(") + code)
            self.assertEqual((bad["status"], bad["run_result"]["status"]), ("Failed", "Finished"), code)
            self.assertNotEqual(bad["run_result"]["return_code"], 0, code)
        self.assertIn("ValueError: no", self.run_code("raise ValueError('no')")["run_result"]["stderr"])
        late = self.run_code("print(1, flush=True)\nwhile True: pass", run_timeout=0.5)
        self.assertEqual((late["status"], late["run_result"]["status"]), ("Failed", "TimeLimitExceeded"))
        asleep = self.run_code(SLEEPS, run_timeout=0.5)
        self.assertEqual((asleep["status"], asleep["run_result"]["status"]), ("Failed", "TimeLimitExceeded"))
        self.assertNotEqual(self.run_code("x = ' ' * (200 << 20)", memory_limit_MB=64)["status"], "Success")
        for keys, word in [({"language": "cobol"}, "cobol"), ({"files": {"a": "YQ=="}}, "files"),
                           ({"args": ["-v"]}, "args"), ({"fetch_files": ["a"]}, "fetch_files")]:
            refused = self.run_code("print(1)", **keys)
            self.assertEqual((refused["status"], refused["run_result"]), ("SandboxError", None))
            self.assertIn(word, refused["message"])
        for keys in ({"run_timeout": 0}, {"run_timeout": 1e9}, {"memory_limit_MB": "much"}, {"stdin": 5}):
            self.assertEqual(self.ask("/run_code", {"code": "", "language": "python"} | keys)[0], 400, keys)

    @unittest.skipUnless(shutil.which("g++"), "no g++")
    def test_run_code_of_a_compiled_language(self):
        self.serve()
        good = self.run_code("#include <cstdio>\nint main() { puts(\"hi\"); }\n", language="cpp")
        self.assertEqual((good["status"], good["run_result"]["stdout"]), ("Success", "hi\n"))
        bad = self.run_code("int main({", language="cpp")
        self.assertEqual((bad["status"], bad["run_result"], bad["compile_result"]["return_code"]), ("Failed", None, 1))
        self.assertIn("main", bad["compile_result"]["stderr"])

    def test_submit(self):
        self.serve("--dataset", self.dataset)
        text = "Sure:\n```python\n" + RIGHT["Own/0"] + "```\n"
        submission = {"dataset": "own", "id": 0, "completion": text, "config": {"language": "python", "run_timeout": 20}}
        status, answer, _ = self.ask("/submit", submission)
        self.assertEqual((status, answer["id"], answer["accepted"], answer["extracted_code"]), (200, 0, True, RIGHT["Own/0"]))
        self.assertEqual([t["passed"] for t in answer["tests"]], [True, True])
        answer = self.ask("/submit", submission | {"id": "Own/1"})[1]
        self.assertEqual((answer["accepted"], answer["extra"]["status"]), (False, "no_entry_point"))
        answer = self.ask("/submit", submission | {"completion": "I do not know."})[1]
        self.assertEqual((answer["accepted"], answer["extra"]["reward"]), (False, 0))
        self.assertEqual(self.ask("/submit", submission | {"id": 7})[0], 400)
        self.assertEqual(self.ask("/submit", submission | {"config": {"provided_data": {"a": 1}}})[0], 400)

    def test_what_cannot_be_judged_is_no_verdict(self):
        wrong = {"task_id": "Bad/0", "prompt": "", "entry_point": "f", "reference": "def f(x): return x\n",
                 "tests": "assert f(1) == 2\n"}
        self.serve("--dataset", self.write("bad.jsonl", [wrong]))
        answer = self.ask("/judge", {"task_id": "Bad/0", "code": "def f(x): return x + 1\n"})[1]
        self.assertEqual((answer["status"], answer["reward"]), ("missing", None))
        status, answer, _ = self.ask("/submit", {"dataset": "bad", "id": 0, "completion": "def f(x): return x\n"})
        self.assertEqual((status, list(answer)), (503, ["error"]))

    def test_metrics_and_health(self):
        self.serve()
        self.assertEqual(self.ask("/healthz")[1]["status"], "ready")
        for i in range(3):
            self.ask("/judge", {"code": f"print({i % 2})", "tests": [{"input": "", "output": "1"}]})
        self.ask("/judge", b"x")
        self.assertEqual(self.metric('assay_requests_total{route="/judge",code="200"}'), 3)
        self.assertEqual(self.metric('assay_requests_total{route="/judge",code="400"}'), 1)
        self.assertEqual(self.metric('assay_verdicts_total{status="pass"}'), 1)
        self.assertEqual(self.metric('assay_verdicts_total{status="fail"}'), 2)
        self.assertEqual(self.metric("assay_remembered_total"), 1)
        self.assertEqual(self.metric("assay_judging_seconds_count"), 2)
        self.assertEqual(self.metric("assay_queue_depth"), 0)
        text = self.ask("/metrics")[1]
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) assay_\w+ .+|assay_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? \S+)$')

    # ---- who may ask

    def test_only_this_machine_without_a_token(self):
        self.serve()
        self.assertEqual(self.ask("/healthz", headers={"Host": "evil.example"})[0], 403)
        self.assertEqual(self.ask("/judge", {}, headers={"Origin": "http://evil.example"})[0], 403)
        refused = self.assay("serve", "--host", "0.0.0.0", "--port", "0", code=2)
        self.assertIn("without a token", refused.stderr)
        self.assertIn("numeric", self.assay("serve", "--host", "localhost", "--port", "0", code=2).stderr)
        taken = self.assay("serve", "--port", str(self.port), code=1)
        self.assertIn("cannot be listened on", taken.stderr)

    def test_with_a_token(self):
        token = "a-token-of-some-length"
        self.serve("--host", "0.0.0.0", environment={"ASSAY_TOKEN": token})
        self.url = f"http://127.0.0.1:{self.port}"
        question = {"code": ADDS_ONE, "tests": ONE_TEST}
        for given in (None, "", token[:-1], token + "x", token.upper()):
            headers = {} if given is None else {"Authorization": f"Bearer {given}"}
            status, _, said = self.ask("/judge", question, headers)
            self.assertEqual((status, said["WWW-Authenticate"]), (401, "Bearer"), given)
        self.assertEqual(self.ask("/metrics")[0], 401)
        self.assertEqual(self.ask("/healthz")[0], 200)
        self.assertEqual(self.ask("/judge", question, {"Authorization": f"Bearer {token}"})[1]["reward"], 1)
        short = self.folder / "token"
        short.write_text("short\n")
        self.assertIn("shorter", self.assay("serve", "--token-file", short, code=2).stderr)

    # ---- what clients may cost

    def test_sizes(self):
        self.serve("--body-mib", 1)
        status, answer, _ = self.ask("/judge", {"code": "#" * (2 << 20), "tests": ONE_TEST})
        self.assertEqual(status, 413, answer)
        one = self.raw(b"POST /judge HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        with self.assertRaises(OSError):  # answered, and the rest is not wanted
            for _ in range(64):
                one.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            while one.recv(4096):
                pass
            raise OSError
        one = self.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 100_000)
        self.assertIn(b" 431 ", one.recv(4096))
        self.assertIn(b" 400 ", self.raw(b"nonsense\r\n\r\n").recv(4096))
        self.assertEqual(self.ask("/judge", {"code": ADDS_ONE, "tests": ONE_TEST})[1]["reward"], 1)

    def test_slow_and_idle_clients_hold_nobody_up(self):
        self.serve("--connections", 100)
        idle = [self.raw() for _ in range(60)]
        trickling = [self.raw(b"POST /judge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{") for _ in range(39)]
        began = time.time()
        for i in range(10):
            self.assertEqual(self.ask("/judge", {"code": ADDS_ONE + f"\n#{i}", "tests": ONE_TEST})[1]["reward"], 1)
        self.assertLess(time.time() - began, 5)
        more = [self.raw() for _ in range(150)]
        self.assertEqual(self.ask("/healthz")[0], 200)
        self.assertLessEqual(self.metric("assay_connections"), 100)
        self.assertLessEqual(len(os.listdir(f"/proc/{self.server.pid}/task")), 12)
        del idle, trickling, more

    def test_a_full_queue_is_said(self):
        self.serve("--queue", 3, "-j", 1)
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            first = pool.submit(self.ask, "/judge", {"code": SLEEPS, "tests": ONE_TEST})
            self.until(lambda: self.metric("assay_in_flight") == 1)
            waiting = pool.submit(self.ask, "/judge", [{"code": f"print({i})", "tests": ONE_TEST} for i in range(3)])
            self.until(lambda: self.metric("assay_queue_depth") == 3)
            status, answer, said = self.ask("/judge", {"code": "print(2)", "tests": ONE_TEST + ONE_TEST})
            self.assertEqual((status, list(answer), said["Retry-After"]), (429, ["error"], "1"))
            status, _, said = self.ask("/run_code", {"code": "print(2)", "language": "python"})
            self.assertEqual((status, said["Retry-After"]), (504, "1"))
            self.assertEqual([a["reward"] for a in waiting.result()[1]], [0, 0, 1])
            self.assertEqual(first.result()[1]["status"], "timeout")

    def test_who_leaves_has_what_waits_cancelled(self):
        self.serve("-j", 1)
        leaving = self.raw()
        body = json.dumps([{"code": SLEEPS + f"#{i}", "tests": ONE_TEST} for i in range(5)]).encode()
        leaving.sendall(b"POST /judge HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self.until(lambda: self.metric("assay_queue_depth") == 4)
        leaving.close()
        self.until(lambda: self.metric("assay_queue_depth") == 0)
        self.assertEqual(self.metric('assay_verdicts_total{status="cancelled"}'), 4)
        self.assertEqual(self.metric('assay_requests_total{route="/judge",code="499"}'), 1)

    def test_an_answer_that_takes_too_long(self):
        self.serve("--answer-within", 1, "-j", 1)
        status, answer, _ = self.ask("/judge", {"code": SLEEPS, "tests": ONE_TEST})
        self.assertEqual((status, list(answer)), (504, ["error"]))

    def test_one_connection_for_many_requests(self):
        self.serve()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for i in range(50):
            connection.request("POST", "/judge", json.dumps({"code": f"print({i})", "tests": ONE_TEST}))
            answer = json.loads(connection.getresponse().read())
            self.assertEqual(answer["reward"], int(i == 2))
        connection.close()

    # ---- the end

    def test_a_graceful_stop(self):
        self.serve("-j", 1)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self.ask, "/judge", {"code": f"import time\ntime.sleep(1)\nprint({i})", "tests": ONE_TEST})
                     for i in range(3)]
            self.until(lambda: self.metric("assay_in_flight") + self.metric("assay_queue_depth") == 3)
            self.server.send_signal(signal.SIGTERM)
            self.until(lambda: self.ask("/healthz")[0] == 503)
            status, _, said = self.ask("/judge", {"code": ADDS_ONE, "tests": ONE_TEST})
            self.assertEqual((status, said["Retry-After"]), (503, "1"))
            self.assertEqual([one.result()[1]["reward"] for one in asked], [0, 0, 1])
        self.assertEqual(self.server.wait(20), 0)

    def test_a_stop_with_a_bound(self):
        self.serve("-j", 1, "--grace", 0.5)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(self.ask, "/judge", {"code": SLEEPS + f"#{i}", "tests": ONE_TEST}) for i in range(3)]
            self.until(lambda: self.metric("assay_queue_depth") == 2)
            self.stop(within=8)
            self.assertEqual({(one.result()[1]["status"], one.result()[1]["reward"]) for one in asked}, {("cancelled", None)})

    # ---- the verifier's own error

    def test_the_verifiers_own_error(self):
        weak = "def double(x):\n    return {1: 2, 2: 4}.get(x, 0)\n"
        self.run_samples(self.samples(("Own/0", RIGHT["Own/0"]), ("Own/0", "def largest(n):\n    return 3\n"), ("Own/1", weak),
                                      ("Own/1", RIGHT["Own/1"]), ("Own/1", "def double(x):\n    return x\n")))
        rates = self.json("rates", "--proxy", "base")["rows"][0]
        self.serve("--dataset", self.dataset, "--database", self.db)
        known = {tuple(one["suites"]): one for one in self.ask("/verifier")[1]["verifiers"]}
        base = known[("base",)]
        for key in ("tp", "fp", "fn", "tn", "fdr", "fpr", "samples", "problems"):
            self.assertEqual(base[key], rates[key], key)
        self.assertEqual(base["fdr_interval"], rates["intervals"]["fdr"])
        self.assertEqual(base["by_model"]["m"]["fdr"], rates["fdr"])
        self.assertEqual((base["fp"], base["gold"]), (1, ["base", "plus"]))
        self.assertIsNone(known[("base", "plus")]["fdr"])
        self.assertIn("unknown", known[("official",)])
        ask = {"suite": "base", "task_id": "Own/1", "code": weak}
        answer = self.ask("/judge", ask | {"with_error": True})[1]
        self.assertEqual((answer["reward"], answer["weak"], answer["wrong_passes_known"], answer["verifier"]),
                         (1, True, 1, base))
        self.assertNotIn("verifier", self.ask("/judge", ask)[1])
        self.assertNotIn("weak", self.ask("/judge", ask | {"task_id": "Own/0", "code": RIGHT["Own/0"]})[1])
        self.assertNotIn("weak", self.ask("/judge", ask | {"code": "def double(x):\n    return 7\n"})[1])
        lines = self.assay("judge", "--dataset", self.dataset, "--database", self.db,
                           "--with-error", input=json.dumps(ask) + "\n")
        self.assertEqual(json.loads(lines.stdout)["verifier"], base)
        self.assertRegex(lines.stderr, r"own by base: 33.3% of 3 stored passes are wrong \(.* to .*%\)")
        self.assertIn("--database", self.assay("judge", "--with-error", code=2).stderr)

    # ---- docs/service.md

    def test_the_clients_of_the_document(self):
        self.serve("--dataset", self.dataset)
        names = {"URL": self.url}
        for name in ("client", "trl", "verl"):
            exec(compile(block(name), name, "exec"), names)  # pylint: disable=exec-used
        self.assertEqual([a["reward"] for a in names["judge"]([{"code": ADDS_ONE, "tests": ONE_TEST}], self.url)], [1])
        self.assertEqual(block("client").count("\n"), 10)
        right = "```python\n" + RIGHT["Own/0"] + "```"
        texts = [right, "```python\ndef largest(n):\n    return 0\n```", right]
        for completions in (texts, [[{"role": "assistant", "content": text}] for text in texts]):
            rewards = names["unit_test_reward"](completions=completions, task_id=["Own/0", "Own/0", "Own/9"], prompts=[""] * 3)
            self.assertEqual(rewards, [1.0, 0.0, None])
        truth = json.dumps({"inputs": ["1\n", "5\n"], "outputs": ["2\n", "6"]})
        score = names["compute_score"]
        self.assertEqual(score("apps", f"First\n```python\nx\n```\nthen\n```python\n{ADDS_ONE}\n```", truth), 1.0)
        self.assertEqual(score("apps", "```python\nprint(2)\n```", truth), 0.0)
        self.assertEqual(score("apps", "no block", truth), 0.0)
        with self.assertRaises(RuntimeError):
            score("apps", f"```python\n{ADDS_ONE}\n```", {"inputs": [], "outputs": []})

    def test_the_exchange_of_verls_own_client(self):
        # verl's sandbox_fusion/utils.py: one request a test, standard output compared but for line ends behind it.
        self.serve()

        def passes(code, stdin, expected):
            answer = self.run_code(code, stdin=stdin, compile_timeout=10, run_timeout=10, memory_limit_MB=1024, files={},
                                   fetch_files=[])
            result = answer["run_result"]
            if answer["status"] == "Success" and result["status"] == "Finished":
                return result["stdout"].rstrip("\n") == expected.rstrip("\n")
            self.assertEqual(answer["status"], "Failed")
            return False

        tests = [(f"{i}\n", f"{i + 1}\n") for i in range(20)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for code, wanted in [(ADDS_ONE, [True] * 20), ("print(int(input()) + 1 if int(input()) else 0)", [False] * 20),
                                 ("x = int(input())\nprint(x + (x < 10))", [i < 10 for i in range(20)])]:
                self.assertEqual(list(pool.map(lambda test, code=code: passes(code, *test), tests)), wanted)


if __name__ == "__main__":
    unittest.main()
