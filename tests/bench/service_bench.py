#!/usr/bin/env python3
"""Throughput and latency of `assay serve` against a process per request (`/usr/bin/python3 FILE`) on the same programs:

  ASSAY_DATA=... service_bench.py ASSAY [--seconds 6] [--in-flight 1,16,256,1000]

trivial: a program that adds two numbers, by POST /run_code; HumanEval: real programs of CodeGen (n = 100) by `official`, the
benchmark's own test code, by POST /judge, the rival's file being the program, the tests and their call; and by `base`. verl:
its client's exchange, ten tests a program and a request for each, 64 at a time, beside one question with all ten. Every program has
another comment at its end, so that no answer comes from memory. The rival runs as many processes at a time as the machine has
CPUs; the clients are coroutines of this process, whose CPU time is given. Prints a record a line."""
import argparse
import asyncio
import gzip
import itertools
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from service_support import Connection, Server, quantile  # noqa: E402

DATA = pathlib.Path(os.environ.get("ASSAY_DATA", "."))
TRIVIAL = "a, b = map(int, input().split())\nprint(a + b)\n"


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def human_eval(count):
    """(question without its text, program, whole file) of real programs; each once, those that end."""
    problems = {row["task_id"]: row for row in rows(DATA / "benchmarks/HumanEval.jsonl.gz")}
    samples = rows(DATA / "samples/humaneval-codegen-16b-mono-t0.8-n100.jsonl.gz")
    random.Random(1).shuffle(samples)
    found = []
    for sample in samples:
        problem = problems[sample["task_id"]]
        program = problem["prompt"] + sample["completion"]
        if any(word in program for word in ("while ", "sleep", "input(")):
            continue
        found.append((sample["task_id"], program, f"{program}\n{problem['test']}\ncheck({problem['entry_point']})\n"))
        if len(found) == count:
            break
    return found


class Load:
    """`clients` coroutines that ask one question after the other for some seconds."""

    def __init__(self, seconds, clients):
        self.until, self.clients = time.monotonic() + seconds, clients
        self.latencies, self.answers = [], []

    async def run(self, ask):
        async def client(number):
            while time.monotonic() < self.until:
                began = time.monotonic()
                self.answers.append(await ask(number))
                self.latencies.append(time.monotonic() - began)
        began = time.monotonic()
        await asyncio.gather(*(client(i) for i in range(self.clients)))
        self.seconds = time.monotonic() - began
        return self

    def record(self, what, **more):
        return {"what": what, "in_flight": self.clients, "requests": len(self.answers),
                "per_second": round(len(self.answers) / self.seconds, 1),
                "median_ms": round(1e3 * quantile(self.latencies, .5), 2),
                "p99_ms": round(1e3 * quantile(self.latencies, .99), 2), "load": round(os.getloadavg()[0], 1)} | more


def own_cpu_s():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Bench:
    def __init__(self, options):
        self.options = options
        self.numbers = itertools.count()
        self.slots = asyncio.Semaphore(os.cpu_count())
        self.folder = tempfile.mkdtemp(prefix="assay-bench-")

    def server(self, *arguments):
        return Server(self.options.assay, "--queue", 8192, *arguments)

    async def service(self, what, clients, server, path, make):
        connections = [Connection(server.port) for _ in range(clients)]

        async def ask(number):
            return await connections[number].ask(path, make(next(self.numbers)))
        cpu, ours = server.cpu_s(), own_cpu_s()
        load = await Load(self.options.seconds, clients).run(ask)
        assert {status for status, _ in load.answers} == {200}, load.answers[-1]
        done = len(load.answers)
        passed = sum(a.get("reward") == 1 or a.get("status") == "Success" for _, a in load.answers)
        for connection in connections:
            connection.close()
        print(json.dumps(load.record(what, cpu_ms=round(1e3 * (server.cpu_s() - cpu) / done, 2), passed=round(passed / done, 3),
                                     client_cpu_ms=round(1e3 * (own_cpu_s() - ours) / done, 2))), flush=True)

    async def rival(self, what, clients, make):
        async def ask(_):
            text, stdin = make(next(self.numbers))
            async with self.slots:
                path = pathlib.Path(self.folder, f"{next(self.numbers)}.py")
                path.write_text(text, encoding="utf-8")
                process = await asyncio.create_subprocess_exec(
                    "/usr/bin/python3", path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:
                    await asyncio.wait_for(process.communicate(stdin), 10)
                except asyncio.TimeoutError:
                    process.kill()
                    await process.wait()
                path.unlink()
                return process.returncode
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        load = await Load(self.options.seconds, clients).run(ask)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        passed = sum(code == 0 for code in load.answers)
        print(json.dumps(load.record(what, cpu_ms=round(1e3 * cpu / len(load.answers), 2),
                                     passed=round(passed / len(load.answers), 3))), flush=True)

    async def verl(self, server, programs=40, tests=10):
        """As sandbox_fusion/utils.py asks, and as one question."""
        pairs = [(f"{i} {i * i}\n", f"{i + i * i}\n") for i in range(tests)]
        gate = asyncio.Semaphore(64)
        pool = [Connection(server.port) for _ in range(64)]

        async def one(code, stdin, expected):
            async with gate:
                connection = pool.pop()
                try:
                    _, answer = await connection.ask("/run_code", {
                        "code": code, "stdin": stdin, "language": "python", "compile_timeout": 10, "run_timeout": 10,
                        "memory_limit_MB": 1024, "files": {}, "fetch_files": []})
                finally:
                    pool.append(connection)
                return answer["run_result"]["stdout"].rstrip("\n") == expected.rstrip("\n")
        began = time.monotonic()
        codes = [f"{TRIVIAL}# {next(self.numbers)}\n" for _ in range(programs)]
        right = await asyncio.gather(*(one(code, *pair) for code in codes for pair in pairs))
        assert all(right)
        apart = time.monotonic() - began
        began = time.monotonic()
        questions = [{"code": f"{TRIVIAL}# {next(self.numbers)}\n", "tests": [{"input": i, "output": o} for i, o in pairs]}
                     for _ in range(programs)]
        _, answers = await pool[0].ask("/judge", questions)
        assert all(answer["reward"] == 1 for answer in answers)
        together = time.monotonic() - began
        print(json.dumps({"what": "verl", "programs": programs, "tests": tests, "requests a test, 64 at a time, s": round(apart, 2),
                          "programs_per_second": round(programs / apart, 1), "one question a program, s": round(together, 2),
                          "load": round(os.getloadavg()[0], 1)}), flush=True)

    async def run(self):
        server = self.server()
        for clients in self.options.in_flight:
            await self.service("trivial, /run_code", clients, server, "/run_code", lambda n: {
                "code": f"{TRIVIAL}# {n}\n", "language": "python", "stdin": "3 4\n"})
            await self.rival("trivial, python3 FILE", clients, lambda n: (f"{TRIVIAL}# {n}\n", b"3 4\n"))
        await self.verl(server)
        server.stop()
        programs = human_eval(2000)
        server = self.server("--dataset", "humaneval")
        warm = Connection(server.port)  # references run once, before the clock
        for suite in ("official", "base"):
            await warm.ask("/judge", [{"task_id": task, "solution": text, "suite": suite}
                                      for task, text in {task: text for task, text, _ in programs}.items()])
        warm.close()
        for clients in self.options.in_flight:
            for suite in ("official", "base"):
                await self.service(f"HumanEval by {suite}, /judge", clients, server, "/judge", lambda n, suite=suite: {
                    "task_id": programs[n % len(programs)][0], "solution": f"{programs[n % len(programs)][1]}\n# {n}\n",
                    "suite": suite})
            await self.rival("HumanEval by official, python3 FILE", clients,
                             lambda n: (f"{programs[n % len(programs)][2]}\n# {n}\n", b""))
        server.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("assay")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--in-flight", type=lambda text: list(map(int, text.split(","))), default=[1, 16, 256, 1000])
    asyncio.run(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
