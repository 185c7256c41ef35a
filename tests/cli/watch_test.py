"""--watch: the report over HTTP while a run goes on, for this machine alone, gone when the run ends."""
import http.client
import pathlib
import re
import signal
import socket
import subprocess
import time
import unittest

from support import RIGHT, AssayTest

SLOW = "def double(x):\n    for i in range(3_000_000): pass\n    return x + x\n"


class Watch(AssayTest):
    def start(self, port="0", programs=300):
        """A run long enough to be watched: (process, port)."""
        samples = self.samples(*[("Own/1", f"{SLOW}# {i}\n") for i in range(programs)])
        command = self.command("run", "--dataset", self.dataset, "--samples", samples, "-j", "1", "--watch", port)
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        line = run.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        self.assertTrue(found, line)
        return run, int(found.group(1))

    def get(self, port, path="/", host=None, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{port}")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def test_the_page_of_a_run_and_the_next_one(self):
        run, port = self.start()
        status, headers, page = self.get(port)
        self.assertEqual(status, 200)
        self.assertIn("text/html", headers["Content-Type"])
        self.assertEqual(headers["X-Frame-Options"], "DENY")
        self.assertIn("default-src 'none'", page)
        self.assertIn("connect-src 'self'", page)
        self.assertIn("<h1>", page)
        status = 204  # nothing new within the time a question may take, on a busy machine
        while status == 204:
            status, _, later = self.get(port, "/next?seen=1")
        self.assertEqual(status, 200)
        self.assertRegex(later, r"The run goes on: \d+ of \d+ done")
        self.assertNotEqual(page, later)
        run.send_signal(signal.SIGINT)
        self.assertEqual(run.wait(60), 130)
        with self.assertRaises(OSError):
            self.get(port)

    def test_who_waits_gets_the_last_page(self):
        run, port = self.start(programs=40)
        seen, page = 0, ""
        while "No program" not in page and run.poll() is None:
            try:
                status, _, body = self.get(port, f"/next?seen={seen}")
            except OSError:
                break
            if status == 200:
                page, seen = body, seen + 1
        self.assertEqual(run.wait(60), 0)
        self.assertNotIn("The run goes on", page)
        self.assertNotIn("The run begins", page)
        self.assertIn("40", page)

    def test_a_name_that_points_here_is_not_served(self):
        """DNS rebinding: a foreign site's own name, resolved to 127.0.0.1, must learn nothing."""
        _, port = self.start()
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}", f"127.0.0.1.evil.example:{port}", ""):
            for path in ("/", "/next?seen=0", "/elsewhere"):
                status, _, body = self.get(port, path, host=host or " ")
                self.assertIn(status, (400, 403), f"{host} {path}")
                self.assertNotIn("<h1>", body)
        self.assertEqual(self.get(port, "/elsewhere")[0], 404)
        self.assertEqual(self.get(port, host=f"localhost:{port}")[0], 200)
        self.assertEqual(self.get(port, method="POST")[0], 405)

    def test_only_this_machine_can_ask(self):
        _, port = self.start()
        table = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
        ours = [address for address in listening if int(address.split(":")[1], 16) == port]
        self.assertEqual([address.split(":")[0] for address in ours], ["0100007F"])

    def test_a_taken_port_is_said_before_anything_runs(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            samples = self.samples(("Own/0", RIGHT["Own/0"]))
            done = self.assay("run", "--dataset", self.dataset, "--samples", samples, "--watch", port, code=1)
        self.assertIn(f"--watch {port}: the port is taken", done.stderr)

    def test_clients_that_trickle_or_wait_do_not_hold_the_end(self):
        """40 connections that sent a header line every 2 s kept a finished run up for as long as they stayed, and 64
        that waited for a page kept the next reader from the first for 27 s."""
        run, port = self.start(programs=20)
        host = f"Host: 127.0.0.1:{port}\r\n"
        sockets = []
        for number in range(104):
            client = socket.create_connection(("127.0.0.1", port), timeout=5)
            self.addCleanup(client.close)
            head = f"GET /next?seen=999999 HTTP/1.1\r\n{host}"
            client.sendall((head if number < 40 else head + "\r\n").encode())
            sockets.append(client)
        began = time.monotonic()
        self.assertEqual(self.get(port)[0], 200)
        self.assertLess(time.monotonic() - began, 20)
        began = time.monotonic()
        while run.poll() is None and time.monotonic() - began < 100:
            for client in sockets[:40]:
                try:
                    client.sendall(b"X: a\r\n")
                except OSError:
                    pass
            time.sleep(0.5)
        self.assertEqual(run.poll(), 0)

    def test_a_large_body_is_not_held_in_memory(self):
        """A POST of 1.5 GiB was: 12 -> 1,514 MiB."""
        run, port = self.start()
        client = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.addCleanup(client.close)
        client.sendall(f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {1500 << 20}\r\n\r\n".encode())
        with self.assertRaises(OSError):
            for _ in range(1500):
                client.sendall(bytes(1 << 20))
        status = pathlib.Path(f"/proc/{run.pid}/status").read_text(encoding="ascii")
        self.assertLess(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)), 200 << 10)

    def test_nobody_looking_costs_nothing(self):
        samples = self.samples(("Own/0", RIGHT["Own/0"]))
        began = time.monotonic()
        self.assay("run", "--dataset", self.dataset, "--samples", samples, "--watch", "0")
        self.assertLess(time.monotonic() - began, 10)


if __name__ == "__main__":
    unittest.main()
