"""`datasets fetch`, from a server of this test's own: the pinned file, a changed one, none."""
import functools
import gzip
import http.server
import pathlib
import threading
import unittest

from support import DATA, AssayTest

SERVED = {"HumanEval.jsonl.gz": "HumanEval.jsonl.gz", "HumanEvalPlus.jsonl.gz": "HumanEvalPlus-v0.1.10.jsonl.gz"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@unittest.skipUnless((DATA / "benchmarks" / "HumanEval.jsonl.gz").exists(), "skipped: no ../shared/data")
class Fetch(AssayTest):
    def setUp(self):
        super().setUp()
        self.served = self.folder / "served"
        self.served.mkdir()
        for name, source in SERVED.items():
            (self.served / name).write_bytes((DATA / "benchmarks" / source).read_bytes())
        handler = functools.partial(Quiet, directory=self.served)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.mirror = f"http://127.0.0.1:{server.server_port}"
        self.home = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin"}

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
        self.assertEqual([p for p in pathlib.Path(self.folder, ".local").rglob("*") if p.is_file()], [])

    def test_what_is_longer_than_the_known_file_is_given_up(self):
        # It was held whole in memory first: 3.6 GiB for a body of 1.5.
        path = self.served / "HumanEval.jsonl.gz"
        path.write_bytes(b"x" * (8 << 20))
        self.assertIn("it is longer than the", self.fetch(code=1).stderr)
        path.write_bytes(gzip.compress(bytes(64 << 20)))  # 64 KiB that unzip to 64 MiB
        self.assertIn("SHA-256", self.fetch(code=1).stderr)
        self.assertEqual([p for p in pathlib.Path(self.folder, ".local").rglob("*") if p.is_file()], [])

    def test_no_such_file_no_such_server_no_such_dataset(self):
        (self.served / "HumanEval.jsonl.gz").unlink()
        self.assertIn("answered 404", self.fetch(code=1).stderr)
        self.mirror = "http://127.0.0.1:9"
        self.assertIn("could not download http://127.0.0.1:9/HumanEval.jsonl.gz (", self.fetch(code=1).stderr)
        self.mirror = "ftp://x"
        self.assertIn("https://HOST/FOLDER", self.fetch(code=2).stderr)
        self.assertIn("can be fetched", self.assay("datasets", "fetch", "builtin", env=self.home, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
