"""A server that is compatible with OpenAI's as far as drawing texts goes, for tests: it adds numbers line by line, by a rule that
depends on the prompt and the seed alone, or writes programs so (`programmer`), and misbehaves on purpose by a seeded plan."""
import hashlib
import http.server
import json
import random
import re
import socket
import threading
import time

PROBLEM = re.compile(r"Add ([0-9 ]+)\.\n")


def problems(count, seed=1):
    """Rows for FILE.jsonl."""
    dice = random.Random(seed)
    rows = []
    for i in range(count):
        numbers = [dice.randrange(10, 99) for _ in range(dice.randrange(3, 6))]
        rows.append({"task_id": f"add/{i}", "prompt": f"Add {' '.join(map(str, numbers))}.\n", "answer": str(sum(numbers))})
    return rows


def draw(*key):
    """A number from 0 to 1 that depends on the key alone."""
    digest = hashlib.sha256(repr(key).encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2 ** 56


def adder(prompt, seed, greedy):
    """The line behind a text, and whether the model ends the text there; None where the text is no problem of its own."""
    if not PROBLEM.search(prompt):
        return None
    numbers = [int(word) for word in PROBLEM.search(prompt).group(1).split()]
    lines = [line for line in prompt[PROBLEM.search(prompt).end():].split("\n") if line]
    if lines and lines[-1].startswith("####"):
        return "", True
    if not greedy and draw("blank", prompt, seed) < .03:
        return "", False
    total = int(lines[-1][2:]) if lines else numbers[0]
    if len(lines) >= len(numbers) - 1:
        return f"#### {total}", True
    error = 0 if greedy else (draw("error", prompt, seed) < .15) - (draw("error less", prompt, seed) < .1)
    return f"= {total + numbers[len(lines) + 1] + error}", False


def programmer(bodies, errs=.25):
    """As a rule: writes the body that belongs to a prompt, line by line, where a line that returns may go wrong. Behind the body
    it goes on for ever, as models do that were trained on files."""
    def next_line(prompt, seed, greedy):
        start = next((start for start in bodies if prompt.startswith(start)), None)
        if start is None:
            return None
        body, at = bodies[start].rstrip("\n").split("\n"), prompt[len(start):].count("\n")
        if at >= len(body):
            return "print('and more')", False
        wrong = not greedy and "return" in body[at] and draw("error", prompt, seed) < errs
        return body[at].split("return")[0] + "return None" if wrong else body[at], False
    return next_line


def continued(rule, prompt, seed, greedy, stop, tokens_max):
    """Text, finish_reason, stop_reason and the words that are its tokens."""
    text, tokens = "", []
    if rule(prompt, seed, greedy) is None:  # a probe
        return "lie", "stop", None, ["lie"]
    while True:
        line, ended = rule(prompt + text, seed, greedy)
        for word in re.findall(r" *[^ ]+", line) + ([] if ended else ["\n"]):
            if len(tokens) == tokens_max:
                return text, "length", None, tokens
            tokens.append(word)
            if word == stop:
                return text, "stop", stop, tokens
            text += word
        if ended:
            return text, "stop", None, tokens + ["<end>"]


BAD = ["429", "429 wait", "500", "502", "503", "slow", "cut", "no json", "fewer", "more", "doubled", "two of one", "null",
       "order"]


class Http(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256  # more would wait for a second

    def handle_error(self, *_):  # a client that was killed
        pass


class Server:
    """`share`: of the attempts that go wrong. `kind`: vllm (tells its stops), openai (does not), chat (no completions; goes on
    from an assistant's message), answers (does not). `rule`: what it writes. `log`: one entry per request to draw texts."""

    def __init__(self, share=0, seed=1, kind="vllm", n_max=None, wait=.05, slow=5, delay=0, score=None, refuses=None,
                 rule=adder):
        self.share, self.seed, self.kind, self.n_max, self.wait, self.slow = share, seed, kind, n_max, wait, slow
        self.delay, self.score, self.refuses, self.rule = delay, score, refuses, rule
        self.log, self.scored, self.seen, self.bad = [], [], {}, {}
        self.flying = self.flying_most = 0
        self.lock = threading.Lock()
        handler = type("Handler", (Handler,), {"server_of_test": self})
        self.http = Http(("127.0.0.1", 0), handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def fate(self, body, n):
        """What goes wrong with this attempt; nothing after five of the same, so that patience is rewarded."""
        with self.lock:
            attempt = self.seen[body] = self.seen.get(body, 0) + 1
        if attempt > 5 or draw("bad", self.seed, body, attempt) >= self.share:
            return None
        fates = [fate for fate in BAD if n > 1 or fate not in ("fewer", "order")]
        fate = fates[int(draw("fate", self.seed, body, attempt) * len(fates))]
        with self.lock:
            self.bad[fate] = self.bad.get(fate, 0) + 1
        return fate

    def choices(self, request, chat):
        """As a server that behaves would give them."""
        n = request.get("n", 1)
        if self.n_max:
            n = min(n, self.n_max)
        if chat:
            messages = request["messages"]
            prompt = messages[0]["content"]
            if len(messages) > 1 and request.get("continue_final_message") and self.kind == "chat":
                prompt += messages[1]["content"]
            elif len(messages) > 1:
                prompt = "something new"
        else:
            prompt = request["prompt"]
        stop = (request.get("stop") or [None])[0]
        out = []
        for i in range(n):
            text, finish, reason, tokens = continued(self.rule, prompt, request.get("seed", 0) + i, request["temperature"] == 0,
                                                     stop, request["max_tokens"])
            if prompt == "something new":
                text = "alpha"
            choice = {"index": i, "finish_reason": finish}
            choice.update({"message": {"role": "assistant", "content": text}} if chat else {"text": text})
            if self.kind == "vllm":
                choice["stop_reason"] = reason
            if not chat and "logprobs" in request and self.kind == "vllm":
                choice["logprobs"] = {"tokens": tokens, "token_logprobs": [-.1] * len(tokens)}
            out.append((choice, len(tokens)))
        return [choice for choice, _ in out], sum(tokens for _, tokens in out)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_test = None

    def log_message(self, *_):
        pass

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def answer(self, status, body, headers=(), cut=False):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Content-Type: application/json"]
        head += [f"{name}: {value}" for name, value in headers]
        data = "\r\n".join(head).encode() + b"\r\n\r\n" + (data[:len(data) // 2] if cut else data)
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            pass
        if cut:
            self.close_connection = True

    def do_GET(self):
        if self.path == "/v1/models":
            return self.answer(200, {"data": [{"id": "adder"}]})
        return self.answer(404, {"detail": "Not Found"})

    def do_POST(self):
        server = self.server_of_test
        with server.lock:
            server.flying += 1
            server.flying_most = max(server.flying_most, server.flying)
        try:
            self.post(server, self.rfile.read(int(self.headers["Content-Length"])).decode())
        finally:
            with server.lock:
                server.flying -= 1

    def post(self, server, body):
        request = json.loads(body)
        if server.refuses and self.headers.get("Authorization") != "Bearer " + server.refuses:
            return self.answer(401, {"error": {"message": f"no such key: {self.headers.get('Authorization')}"}})
        if server.score and self.path == "/score-hook":
            with server.lock:
                server.scored.append(request)
            return self.answer(*server.score(request))
        chat = self.path == "/v1/chat/completions"
        if not chat and (self.path != "/v1/completions" or server.kind in ("chat", "answers")):
            return self.answer(404, {"detail": "Not Found"})
        if request["model"] != "adder":
            return self.answer(404, {"error": {"message": f"The model `{request['model']}` does not exist."}})
        n = request.get("n", 1)
        fate = server.fate(body, n)
        entry = {"request": request, "at": time.monotonic(), "fate": fate, "good": []}
        with server.lock:
            server.log.append(entry)
        if server.delay:
            time.sleep(server.delay)
        if fate in ("500", "502", "503"):
            return self.answer(int(fate), {"error": {"message": "overloaded"}})
        if fate == "429":
            return self.answer(429, {"error": {"message": "slow down"}})
        if fate == "429 wait":
            return self.answer(429, {"error": {"message": "slow down"}}, [("Retry-After", server.wait)])
        choices, tokens = server.choices(request, chat)
        if fate == "slow":
            time.sleep(server.slow)
        if fate == "no json":
            return self.answer(200, json.dumps({"choices": choices})[:-9].encode())
        if fate == "fewer":
            choices = choices[1:]
        good = [choice["index"] for choice in choices]
        if fate == "more":
            choices = choices + [dict(choices[0], index=len(choices) + 7), "rubbish"]
        if fate == "doubled":
            choices = [choices[0]] + choices
        if fate == "two of one":
            choices = choices + [dict(choices[0], **({"message": {"content": "other"}} if chat else {"text": "other"}))]
            good = good[1:]
        if fate == "null":
            choices = [dict(choices[0], **({"message": {"content": None}} if chat else {"text": None}))] + choices[1:]
            good = good[1:]
        if fate == "order":
            choices = choices[::-1]
        if fate not in ("slow", "cut") and time.monotonic() - entry["at"] < 1:  # later, the client may have gone
            entry["good"] = good
        return self.answer(200, {"choices": choices, "usage": {"completion_tokens": tokens}}, cut=fate == "cut")
