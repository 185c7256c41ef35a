#!/usr/bin/env python3
"""A service under clients of every kind, while its jails and judged programs are killed:

  soak_service.py ASSAY [--requests 100000] [--clients 64] [--kill-every 0.2] [--seed 1]

Clients ask what is right, wrong, hostile, slow, malformed and too much, disconnect before, while and after asking, and trickle;
every 0.2 s a launcher, a warm interpreter or a judged program is killed with SIGKILL. Every answer is compared with the
one that is known. At the end: every question is answered or was left by its client, no reward is wrong (null is what a kill
may do), nothing waits, no process or descriptor is left over, and memory is as it was after half of them. Exits 1 at a
breach; prints one record."""
import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from service_support import Connection, Server, children, descendants, metric, quantile  # noqa: E402

TESTS = [{"input": "3 4\n", "output": "7"}, {"input": "1 1\n", "output": "2"}]
ADDS = "a, b = map(int, input().split())\nprint(%s)\n# %d\n"
#: what a program does, its reward, and its share
PROGRAMS = [("a + b", 1, 60), ("a * b", 0, 15), ("a // (b - 1)", 0, 5), ("os._exit(0)", 0, 2), ("a + b if a > 1 else 0", 0, 8)]
HOSTILE = ["import os\nos._exit(0)\n", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "(" * 5000,
           "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()\n", "print('x' * (64 << 20))\n",
           "import os\nwhile True: os.fork()\n"]
MALFORMED = [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"code": 5}', b'{"code": "", "tests": {}}', b"null", b'{"a": 1e999}']
ENTRY = {"entry_point": "f", "tests": "assert f(2) == 4\nassert f(-1) == -2\n"}


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.server = Server(options.assay, "--dataset", "builtin", "--body-mib", 4, "--queue", 256,
                             "--remember", options.remember)
        self.seen = collections.Counter()
        self.kills = collections.Counter()
        self.breaches = []
        self.latencies = []
        self.left = options.requests
        self.memory = []

    def breach(self, what):
        self.breaches.append(what)

    # ---- one request of each kind; each returns the name under which it is counted

    def question(self):
        """A question and the reward that it must get."""
        number = self.random.randrange(10 ** 9) if self.random.random() < 0.8 else self.random.randrange(50)
        if self.random.random() < 0.2:
            right = self.random.random() < 0.7
            return ENTRY | {"code": f"def f(x): return x * {2 if right else 3}\n# {number}\n"}, int(right)
        body, reward, _ = self.random.choices(PROGRAMS, [share for *_, share in PROGRAMS])[0]
        return {"code": "import os\n" + ADDS % (body, number), "tests": TESTS, "id": number}, reward

    def check(self, answer, reward, question):
        if answer.get("reward") != reward and not (answer.get("reward") is None and answer.get("status") == "missing"):
            self.breach(f"{question} got {answer}")
        return "not judged" if answer.get("reward") is None else "judged"

    async def one(self, client):
        question, reward = self.question()
        began = time.monotonic()
        status, answer = await client.ask("/judge", question)
        if status == 429:
            return "queue full"
        if status != 200:
            self.breach(f"{status} {answer}")
            return "wrong status"
        self.latencies.append(time.monotonic() - began)
        return self.check(answer, reward, question)

    async def many(self, client):
        asked = [self.question() for _ in range(8)]
        status, answers = await client.ask("/judge", [question for question, _ in asked])
        if status == 429:
            return "queue full"
        for answer, (question, reward) in zip(answers, asked, strict=True):
            self.seen["in lists, " + self.check(answer, reward, question)] += 1
        return "lists"

    async def run_code(self, client):
        number = self.random.randrange(10 ** 9)
        status, answer = await client.ask("/run_code", {"code": "print(int(input()) * 2)", "language": "python", "stdin": f"{number}\n"})
        if status == 504:
            return "queue full"
        if answer["status"] == "SandboxError":
            return "run_code, not run"
        if answer["run_result"]["stdout"] != f"{number * 2}\n":
            self.breach(f"run_code of {number}: {answer}")
        return "run_code"

    async def hostile(self, client):
        code = self.random.choice(HOSTILE) + f"# {self.random.randrange(10 ** 9)}\n"
        status, answer = await client.ask("/judge", {"code": code, "tests": TESTS})
        if status == 429:
            return "queue full"
        if answer.get("reward") == 1:
            self.breach(f"{code[:40]} passed")
        return "hostile"

    async def malformed(self, client):
        status, _ = await client.ask("/judge", body=self.random.choice(MALFORMED))
        if status != 400:
            self.breach(f"a malformed body got {status}")
        return "malformed"

    async def too_long(self, client):
        await client.open()
        client.writer.write(client.head("POST", "/judge", 5 << 20) + b"x" * 1000)
        status, _ = await client.answer()
        if status != 413:
            self.breach(f"a body that is too long got {status}")
        return "too long"

    async def leaves(self, client):
        """Disconnects within the body, or as soon as it is sent."""
        question, _ = self.question()
        body = json.dumps([question] * self.random.choice([1, 4])).encode()
        await client.open()
        sent = self.random.choice([len(body), len(body) // 2, 0])
        client.writer.write(client.head("POST", "/judge", len(body)) + body[:sent])
        await client.writer.drain()
        await asyncio.sleep(self.random.choice([0, 0.001, 0.01]))
        client.close()
        return "left"

    KINDS = [("one", 72), ("many", 2), ("run_code", 8), ("hostile", 1), ("malformed", 7), ("too_long", 2), ("leaves", 8)]

    async def client(self):
        connection = Connection(self.server.port)
        while self.left > 0:
            self.left -= 1
            kind = self.random.choices([name for name, _ in self.KINDS], [share for _, share in self.KINDS])[0]
            try:
                name = await getattr(self, kind)(connection)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.breach(f"{kind}: {error!r}")
                connection.close()
                name = "lost"
            self.seen[name] += 1
            if name == "queue full":
                await asyncio.sleep(0.05)
        connection.close()

    # ---- beside the clients

    async def kill(self):
        while True:
            await asyncio.sleep(self.options.kill_every)
            depth = self.random.choice([0, 1, 2, 2])  # launcher, warm interpreter, program
            found = children(self.server.pid)
            for _ in range(depth):
                found = [child for pid in found for child in children(pid)]
            if found:
                try:
                    os.kill(self.random.choice(found), signal.SIGKILL)
                except ProcessLookupError:
                    continue
                self.kills[("launcher", "interpreter", "program")[depth]] += 1

    async def watch(self):
        while True:
            self.memory.append((self.options.requests - self.left, self.server.resident_mib(), self.server.descriptors()))
            await asyncio.sleep(1)

    async def run(self):
        began = time.monotonic()
        beside = [asyncio.create_task(self.watch())]
        if self.options.kill_every > 0:
            beside.append(asyncio.create_task(self.kill()))
        await asyncio.gather(*(self.client() for _ in range(self.options.clients)))
        seconds = time.monotonic() - began
        for task in beside:
            task.cancel()
        await self.settle()
        return self.record(seconds)

    async def settle(self):
        """What clients left is done or cancelled; then nothing may be left over."""
        connection = Connection(self.server.port)
        for _ in range(300):
            _, text = await connection.ask("/metrics")
            busy = metric(text, "assay_queue_depth") + metric(text, "assay_in_flight") + metric(text, "assay_alone_depth")
            if busy == 0 and metric(text, "assay_connections") == 1:
                break
            await asyncio.sleep(0.1)
        else:
            self.breach(f"something is still under way:\n{text}")
        self.metrics = text
        status, health = await connection.ask("/healthz")
        if status != 200:
            self.breach(f"not healthy: {health}")
        connection.close()

    def memory_after(self, share):
        return next((mib for done, mib, _ in self.memory if done >= share * self.options.requests), self.memory[-1][1])

    def record(self, seconds):
        early = self.memory_after(self.options.warm_share)
        descriptors = self.server.descriptors()
        processes = len(descendants(self.server.pid))
        jails = metric(self.metrics, "assay_workers")
        if descriptors > 40 + 12 * jails:
            self.breach(f"{descriptors} descriptors are open")
        if processes > 12 * jails:
            self.breach(f"{processes} processes are there")
        last = self.server.resident_mib()
        if last > early + self.options.memory_mib:
            self.breach(f"memory grew from {early:.0f} to {last:.0f} MiB")
        below = descendants(self.server.pid)
        if self.server.stop() != 0:
            self.breach("the server did not end with 0")
        survivors = [pid for pid in below if pathlib.Path(f"/proc/{pid}").exists()]
        if survivors:
            self.breach(f"processes outlive the server: {survivors}")
        return {"requests": self.options.requests, "seconds": round(seconds, 1), "per_second": round(self.options.requests / seconds, 1),
                "seen": dict(sorted(self.seen.items())), "kills": dict(self.kills),
                "judged_again": metric(self.metrics, "assay_judged_again_total"),
                "restarts": metric(self.metrics, "assay_worker_restarts_total"),
                "latency_ms": {"median": round(1e3 * quantile(self.latencies, .5), 1), "p99": round(1e3 * quantile(self.latencies, .99), 1)},
                "memory_mib_by_tenths": [round(self.memory_after(tenth / 10), 1) for tenth in range(1, 11)],
                "descriptors": descriptors, "processes": processes, "load": os.getloadavg()[0], "breaches": len(self.breaches)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--kill-every", type=float, default=0.2, help="seconds; 0: nothing is killed")
    parser.add_argument("--memory-mib", type=float, default=32, help="so much more than when it was warm is flat")
    parser.add_argument("--warm-share", type=float, default=0.5, help="of the requests; by then all that is remembered is there")
    parser.add_argument("--remember", type=int, default=4096, help="answers: memory grows until so many are kept")
    parser.add_argument("--seed", type=int, default=1)
    soak = Soak(parser.parse_args())
    print(json.dumps(asyncio.run(soak.run())))
    for breach in soak.breaches[:20]:
        print("breach:", breach[:500], file=sys.stderr)
    return 1 if soak.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
