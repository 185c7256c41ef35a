"""What the service's bench and soak share: a server of their own, and HTTP with little cost (asyncio, kept connections)."""
import asyncio
import json
import os
import pathlib
import subprocess


class Server:
    def __init__(self, assay, *arguments):
        self.process = subprocess.Popen([assay, "serve", "--port", "0", "--quiet", *map(str, arguments)],
                                        stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def cpu_s(self):
        """Of the server and all that it started and that has ended or runs."""
        ticks = 0
        for pid in [self.pid, *descendants(self.pid)]:
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += sum(map(int, fields[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_mib(self):
        return int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)


def children(pid):
    try:
        return [int(word) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                for word in (task / "children").read_text().split()]
    except OSError:
        return []


def descendants(pid):
    found, left = [], [pid]
    while left:
        below = children(left.pop())
        found += below
        left += below
    return found


class Connection:
    """One client: a connection that is kept, and made anew where it was closed."""

    def __init__(self, port):
        self.port, self.reader, self.writer = port, None, None

    async def open(self):
        if self.writer is None or self.writer.is_closing() or self.reader.at_eof():
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26)

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.writer = None

    @staticmethod
    def head(method, path, size):
        return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n".encode()

    async def ask(self, path, record=None, body=None):
        """(status, what the body says). `record` or `body` is posted."""
        if record is not None:
            body = json.dumps(record).encode()
        await self.open()
        self.writer.write(self.head("GET" if body is None else "POST", path, len(body or b"")) + (body or b""))
        return await self.answer()

    async def answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        status = int(head[0].split()[1])
        said = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head[1:] if ":" in line}
        body = await self.reader.readexactly(int(said.get("content-length", 0)))
        if said.get("connection", "").lower() == "close":
            self.close()
        return status, json.loads(body) if said.get("content-type") == "application/json" else body.decode()


def metric(text, name):
    return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " "))


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
