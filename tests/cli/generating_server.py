"""An OpenAI-compatible server of whole answers, for tests: what it writes depends on the prompt and the seed alone, and it
misbehaves on purpose by a seeded plan. It counts each answer that it has given whole."""
import json
import ssl
import subprocess
import threading
import time

from endpoint_server import Handler, Http, draw

BAD = ["429", "429 wait", "500", "502", "503", "slow", "cut", "no json", "no choices", "fewer", "more", "doubled", "two of one",
       "no finish", "order"]


def self_signed(folder):
    """Paths of a certificate for 127.0.0.1 and of its key."""
    cert, secret = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", secret, "-out", cert], check=True, capture_output=True)
    return cert, secret


def answer(prompt, seed, rule):
    """Text and finish_reason."""
    return rule(prompt, seed) if rule else (f"answer to {prompt[:20]!r} by {seed}", "stop")


class GeneratingServer:
    """`share`: of the attempts that go wrong. `n_max`: choices that it gives, whatever it is asked for; `n_refused`: it says so by
    an error. `rule(prompt, seed)`: text and finish_reason, or a whole choice. `refuses`: fields that it does not take. `tls`: a
    folder for its certificate, which nobody knows."""

    def __init__(self, share=0, seed=1, n_max=None, n_refused=False, wait=.05, slow=3, delay=0, rule=None, refuses=(), key=None,
                 usage=True, tls=None, error=None):
        self.share, self.seed, self.n_max, self.n_refused, self.wait, self.slow = share, seed, n_max, n_refused, wait, slow
        self.delay, self.rule, self.refuses, self.key, self.usage, self.error = delay, rule, refuses, key, usage, error
        self.log, self.seen, self.bad, self.keys = [], {}, {}, []
        self.lock = threading.Lock()
        self.http = Http(("127.0.0.1", 0), type("Generating", (Generating,), {"server_of_test": self}))
        self.scheme = "http"
        if tls:
            self.scheme, context = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self_signed(tls))
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.http.server_address[1]}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def fate(self, body, n):
        with self.lock:
            attempt = self.seen[body] = self.seen.get(body, 0) + 1
        if attempt > 4 or draw("bad", self.seed, body, attempt) >= self.share:
            return None
        fates = [fate for fate in BAD if n > 1 or fate not in ("fewer", "order")]
        fate = fates[int(draw("fate", self.seed, body, attempt) * len(fates))]
        with self.lock:
            self.bad[fate] = self.bad.get(fate, 0) + 1
        return fate

    def given(self):
        """The questions that were answered whole, each as often as it was."""
        return [question for entry in self.log for question in entry["good"]]


def questions(request):
    """What a request asks for, choice by choice: the prompt and the seed of each."""
    prompt = request["prompt"] if "prompt" in request else json.dumps(request["messages"])
    return [(prompt, request.get("seed", 0) + i) for i in range(request.get("n", 1))]


class Generating(Handler):
    """Of `server_of_test`."""

    def do_GET(self):
        if self.path == "/v1/models":
            return self.answer(200, {"data": [{"id": "writer"}]})
        return self.answer(404, {"detail": "Not Found"})

    def do_POST(self):
        server = self.server_of_test
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        request = json.loads(body)
        with server.lock:
            server.keys.append(self.headers.get("Authorization"))
        entry = {"request": request, "path": self.path, "at": time.monotonic(), "good": [], "fate": None}
        with server.lock:
            server.log.append(entry)
        if server.key and self.headers.get("Authorization") != "Bearer " + server.key:
            return self.answer(401, {"error": {"message": f"no such key: {self.headers.get('Authorization')}"}})
        if server.error:
            told = server.error(request, len(server.log))
            if told:
                return self.answer(*told)
        for field in server.refuses:
            if field in request:
                return self.answer(400, {"error": {"message": f"Unsupported parameter: '{field}' is not supported."}})
        if request["model"] != "writer":
            return self.answer(404, {"error": {"message": f"The model `{request['model']}` does not exist."}})
        n = request.get("n", 1)
        if server.n_refused and n > server.n_max:
            return self.answer(400, {"error": {"message": "n is too large"}})
        fate = entry["fate"] = server.fate(body, n)
        if server.delay:
            time.sleep(server.delay)
        if fate in ("500", "502", "503"):
            return self.answer(int(fate), b"<h1>overloaded</h1>")
        if fate == "429":
            return self.answer(429, {"error": {"message": "slow down"}})
        if fate == "429 wait":
            return self.answer(429, {"error": {"message": "slow down"}}, [("Retry-After", server.wait)])
        choices, asked = [], questions(request)[:server.n_max]
        for i, (prompt, seed) in enumerate(asked):
            made = answer(prompt, seed, server.rule)
            if not isinstance(made, dict):
                text, finish = made
                made = {"finish_reason": finish}
                made.update({"text": text} if "prompt" in request else {"message": {"role": "assistant", "content": text}})
            choices.append({"index": i, **made})
        self.send(server, request, entry, fate, choices, asked)

    def send(self, server, request, entry, fate, choices, asked):
        good = set(asked)
        other = {"text": "other", "message": {"content": "other"}}
        if fate == "slow":
            time.sleep(server.slow)
        if fate == "no json":
            return self.answer(200, json.dumps({"choices": choices})[:-9].encode())
        if fate == "no choices":
            return self.answer(200, {"object": "error", "message": "something"})
        if fate == "fewer":
            choices, good = choices[1:], good - {asked[0]}
        if fate == "more":
            choices = choices + [dict(choices[0], index=len(choices) + 7), "rubbish"]
        if fate == "doubled":
            choices = [choices[0]] + choices
        if fate == "two of one":
            choices, good = choices + [dict(choices[0], **other)], good - {asked[0]}
        if fate == "no finish":
            choices, good = [dict(choices[0], finish_reason=None)] + choices[1:], good - {asked[0]}
        if fate == "order":
            choices = choices[::-1]
        if fate not in ("slow", "cut"):
            entry["good"] = sorted(good)
        body = {"model": "writer-2026", "choices": choices}
        if server.usage:
            body["usage"] = {"prompt_tokens": 7, "completion_tokens": 10 * len(choices)}
        return self.answer(200, body, cut=fate == "cut")
