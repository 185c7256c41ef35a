"""`datasets fetch`, from a server of this test's own: the pinned file, a changed one, none; and one that misbehaves."""
import gzip
import http.server
import pathlib
import signal
import ssl
import subprocess
import threading
import time
import unittest

from endpoint_server import Http
from generating_server import self_signed

from support import DATA, AssayTest

SERVED = {"HumanEval.jsonl.gz": "HumanEval.jsonl.gz", "HumanEvalPlus.jsonl.gz": "HumanEvalPlus-v0.1.10.jsonl.gz"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    """`log`: path and fate of each request. `fates`: what becomes of a file's first requests, one after the other."""
    log, fates = [], {}

    def log_message(self, *_):
        pass

    def say(self, status, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        name = self.path.rsplit("/", maxsplit=1)[-1]
        fates = self.fates.get(name, [])
        fate = fates.pop(0) if fates else "good"
        self.log.append((name, fate, time.monotonic()))
        if fate in ("500", "503"):
            return self.say(int(fate))
        if fate == "429":
            return self.say(429, ("Retry-After", "0.4"))
        if fate == "moved":
            return self.say(302, ("Location", f"http://{self.headers['Host']}/{name}"))
        if fate == "silent":
            self.close_connection = True
            return None
        if fate == "slow":
            time.sleep(1)
        if fate == "cut":
            data = (pathlib.Path(self.directory) / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[:len(data) // 2])
            self.close_connection = True
            return None
        return super().do_GET()


@unittest.skipUnless((DATA / "benchmarks" / "HumanEval.jsonl.gz").exists(), "skipped: no ../shared/data")
class Fetch(AssayTest):
    def setUp(self):
        super().setUp()
        self.served = self.folder / "served"
        self.served.mkdir()
        for name, source in SERVED.items():
            (self.served / name).write_bytes((DATA / "benchmarks" / source).read_bytes())
        self.log, self.fates = [], {}
        self.mirror = f"http://127.0.0.1:{self.serve().server_port}"
        self.home = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin"}

    def serve(self, context=None):
        def handler(*arguments):
            return type("Served", (Quiet,), {"log": self.log, "fates": self.fates})(*arguments, directory=self.served)
        server = Http(("127.0.0.1", 0), handler)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def files(self):
        return [path for path in pathlib.Path(self.folder, ".local").rglob("*") if path.is_file()]

    def fetch(self, **options):
        return self.assay("datasets", "fetch", "humaneval", "--mirror", self.mirror, env=self.home, **options)

    def test_fetched_once_then_found(self):
        self.assertEqual(self.fetch().stdout.count("fetched:"), 2)
        self.assertEqual(self.fetch().stdout.count("was here:"), 2)
        self.assay("datasets", "check", "humaneval", env=self.home)
        self.assertIn("164 problems", self.assay("datasets", "show", "humaneval", env=self.home).stdout)

    def test_a_changed_file_is_refused_and_leaves_nothing(self):
        path = self.served / "HumanEval.jsonl.gz"
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"\n"))
        self.assertIn("SHA-256", self.fetch(code=1).stderr)
        self.assertEqual(self.files(), [])

    def test_what_is_longer_than_the_known_file_is_given_up(self):
        # It was held whole in memory first: 3.6 GiB for a body of 1.5.
        path = self.served / "HumanEval.jsonl.gz"
        path.write_bytes(b"x" * (8 << 20))
        self.assertIn("it is longer than the", self.fetch(code=1).stderr)
        path.write_bytes(gzip.compress(bytes(64 << 20)))  # 64 KiB that unzip to 64 MiB
        self.assertIn("SHA-256", self.fetch(code=1).stderr)
        self.assertEqual(self.files(), [])

    def test_a_server_that_misbehaves_is_asked_until_it_gives_the_files(self):
        self.fates.update({"HumanEval.jsonl.gz": ["429", "cut", "500", "slow"],
                           "HumanEvalPlus.jsonl.gz": ["silent", "503", "cut", "moved"]})
        self.assertEqual(self.fetch().stdout.count("fetched:"), 2)
        self.assertEqual([fate for name, fate, _ in self.log if name == "HumanEval.jsonl.gz"], ["429", "cut", "500", "slow"])
        self.assertEqual([fate for name, fate, _ in self.log if name == "HumanEvalPlus.jsonl.gz"],
                         ["silent", "503", "cut", "moved", "good"])
        self.assertGreater(self.log[1][2] - self.log[0][2], .4)  # the patience that was asked for
        self.assay("datasets", "check", "humaneval", env=self.home)
        before = len(self.log)
        self.fetch()
        self.assertEqual(len(self.log), before)

    def test_what_is_there_is_not_fetched_again_after_a_failure_or_a_kill(self):
        self.fates["HumanEvalPlus.jsonl.gz"] = ["500"] * 6
        said = self.fetch(code=1).stderr
        self.assertIn("the server answered 500 (after 6 attempts)", said)
        self.assertEqual(len(self.files()), 1)
        self.fates["HumanEvalPlus.jsonl.gz"] = ["429"] * 99
        for end in (signal.SIGKILL, signal.SIGINT):
            before = len(self.log)
            with subprocess.Popen(self.command("datasets", "fetch", "humaneval", "--mirror", self.mirror), env=self.home,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                while len(self.log) == before:
                    time.sleep(.01)
                process.send_signal(end)
            self.assertEqual(process.returncode, 130 if end == signal.SIGINT else -end)
        self.fates.clear()
        self.assertEqual(self.fetch().stdout.count("was here:"), 1)
        self.assertEqual([name for name, fate, _ in self.log if fate == "good"], list(SERVED))

    def test_a_certificate_that_nobody_knows(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self_signed(self.folder))
        self.mirror = f"https://127.0.0.1:{self.serve(context).server_port}"
        self.assertIn("SSL_CERT_FILE", self.fetch(code=1).stderr)
        self.assertEqual((self.log, self.files()), ([], []))
        self.home["SSL_CERT_FILE"] = str(self.folder / "cert.pem")
        self.assertEqual(self.fetch().stdout.count("fetched:"), 2)

    def test_no_such_file_no_such_server_no_such_dataset(self):
        (self.served / "HumanEval.jsonl.gz").unlink()
        self.assertIn("answered 404", self.fetch(code=1).stderr)
        self.mirror = "http://127.0.0.1:9"
        self.assertIn("could not download http://127.0.0.1:9/HumanEval.jsonl.gz: ", self.fetch(code=1).stderr)
        self.mirror = "ftp://x"
        self.assertIn("https://HOST/FOLDER", self.fetch(code=2).stderr)
        self.assertIn("can be fetched", self.assay("datasets", "fetch", "builtin", env=self.home, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
