#!/usr/bin/env python3
"""What `assay generate` costs beside the server: 20 samples of each problem of HumanEval, from a server on this machine that takes
0.2 s for a reply; the same with a third of the replies going wrong:

  generate_bench.py ASSAY [--dataset humaneval]

Prints the summaries, with the least time that the server's own leaves."""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from generating_server import GeneratingServer  # noqa: E402

IN_FLIGHT, DELAY = 64, .2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assay")
    parser.add_argument("--dataset", default="humaneval")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for per_request, share in ((1, 0), (20, 0), (1, .33)):
            server = GeneratingServer(delay=DELAY, share=share, slow=0, rule=lambda prompt, seed: (f"{seed}" + "x" * 400, "stop"))
            file = pathlib.Path(folder) / f"{per_request}-{share}.jsonl"
            begun = time.monotonic()
            done = subprocess.run([options.assay, "generate", "--dataset", options.dataset, "--endpoint", server.url, "-n", "20",
                                   "--per-request", str(per_request), "--in-flight", str(IN_FLIGHT), "-o", file, "--quiet"],
                                  capture_output=True, text=True, check=True)
            took = time.monotonic() - begun
            given = server.given()
            print(f"{per_request} a request, {share:.0%} of the first attempts wrong: {took:.1f} s; at best "
                  f"{len(file.read_text().splitlines()) / per_request / IN_FLIGHT * DELAY:.1f}; answers given twice: "
                  f"{len(given) - len(set(given))}")
            print(done.stdout)
            server.close()


if __name__ == "__main__":
    main()
