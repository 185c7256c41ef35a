#!/usr/bin/env python3
"""Reports of several kinds and a page that links them (`make gallery`).

gallery.py ASSAY FOLDER [NAME ...]: makes each report (or those named) by the commands that the page shows, in FOLDER/NAME. Those on
public benchmarks need ASSAY_DATA. Databases stay, so that a second call judges only what is new.
"""
import html
import os
import pathlib
import shlex
import subprocess
import sys

# Name, what it shows, commands in its folder ({data} is $ASSAY_DATA). Those that build a database end with its report.
REPORTS = (
    ("demo", "The built-in benchmark: six stand-ins of rising strength, every chart", ("demo -o . --db assay.db --quiet",)),
    ("search", "Search on Game of 24: best-of, beams and particles under a verifier that errs",
     ("search --task game24 --verifier votes+calibrated --strategy best-of,beam,particle --n 1,4,16 --problems 20 --db assay.db --quiet",
      "report --db assay.db -o report.html --quiet")),
    ("training", "A small model that learns a posterior from rewards",
     ("train gflownet --task symbols --dim 32 --hidden 64 --steps 1500 --db assay.db -o symbols.gpt --quiet",
      "report --db assay.db -o report.html --quiet")),
    ("humaneval", "HumanEval+: GPT-4, and Codex with 20 samples of the first 20 problems",
     ("run --dataset humaneval --samples {data}/samples/humaneval-gpt-4-n1.jsonl.gz --quiet",
      "run --dataset humaneval --samples {data}/samples/humaneval-codex-davinci-002-n20.jsonl.gz --task "
      + " ".join(f"HumanEval/{i}" for i in range(20)) + " --quiet",
      "report -o report.html --quiet")),
    ("mbpp", "MBPP+: GPT-4, and which of its references are disputed",
     ("run --dataset mbpp --samples {data}/samples/mbpp-gpt-4-n1.jsonl.gz {data}/samples/mbpp-llmdebugger-seeds-n1.jsonl.gz --quiet",
      "report -o report.html --quiet")),
    ("apps", "Competition problems of standard input and output: the examples of the text against hidden tests",
     ("run --dataset {data}/benchmarks/apps-stdin-49-problems.jsonl.gz --samples {data}/samples/apps-stdin-49-samples.jsonl.gz"
      " --suite public hidden --full --quiet", "report --proxy public --gold hidden -o report.html --quiet")),
)

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Reports of assay</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em}}pre{{overflow:auto;font-size:13px;
background:#8881;padding:.6em}}@media(prefers-color-scheme:dark){{body{{background:#111;color:#ddd}}a{{color:#8bf}}}}</style>
<h1>Reports of assay</h1>
{}
</html>
"""


def make(assay, folder, commands, data):
    """Runs the commands in the folder; what they are, as a reader would type them."""
    folder.mkdir(parents=True, exist_ok=True)
    for command in commands:
        words = shlex.split(command.format(data=data))
        done = subprocess.run([assay, *words], cwd=folder, stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 3):  # 3: done, though some samples could not be judged
            sys.exit(f"gallery: assay {' '.join(words)} ended with {done.returncode}")
    return "\n".join("assay " + command.format(data="$ASSAY_DATA") for command in commands)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    assay, gallery = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    known = [name for name, _, _ in REPORTS]
    for name in sys.argv[3:]:
        if name not in known:
            sys.exit(f"gallery: there is no report {name}; there are {', '.join(known)}")
    data, entries = os.environ.get("ASSAY_DATA"), []
    for name, title, commands in REPORTS:
        if sys.argv[3:] and name not in sys.argv[3:]:
            continue
        if not data and any("{data}" in command for command in commands):
            print(f"gallery: {name} is left out, since ASSAY_DATA names no folder with the public benchmarks and samples")
            continue
        if commands[0].startswith("train") and not (assay.parent / "libassay_torch.so").exists():
            print(f"gallery: {name} is left out, since this build has no libtorch")
            continue
        print(f"gallery: {name} ...", flush=True)
        shown = make(assay, gallery / name, commands, data)
        entries.append(f'<h2><a href="{name}/report.html">{html.escape(title)}</a></h2>\n<pre>{html.escape(shown)}</pre>')
    (gallery / "index.html").write_text(PAGE.format("\n".join(entries)), encoding="utf-8")
    print(f"gallery: {len(entries)} reports, {gallery / 'index.html'}")


if __name__ == "__main__":
    main()
