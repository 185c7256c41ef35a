"""The documents' commands, run as a reader would: every `sh` block, in order, and what stands under it comes out.

In a document, a block fenced with `sh` is run by `bash -eu` in a folder of its own for the document, with `assay` in PATH and as
build/release/assay. The `text` block right behind it is what it prints, standard error included: `...` on a line of its own stands for any
lines, `…` for anything within a line. Comments before a block say what is otherwise:
    <!-- exit: 4 -->         its exit code
    <!-- needs: R:RSQLite --> skipped, in words, where the tool or its package is lacking
    <!-- not run: reason -->  never run; its commands and options must exist all the same
Every option that a command line of any document names is looked up in the command's --help.
"""
import functools
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ASSAY = os.path.abspath(os.environ["ASSAY"])
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = os.environ.get("ASSAY_DATA")
# Debian's tools first: its python3 is the one that has Debian's pandas.
PATH = f"/usr/bin:{os.environ['PATH']}"

# Lines that a folder without the repository or a network cannot run.
ELSEWHERE = re.compile(r"^(git clone|make|cmake|docker|podman|pip|apt|apt-get|curl|assay datasets fetch)\b", re.M)


def bring_samples(folder):
    """What the README's reader has: samples of HumanEval, here GPT-4's of 20 problems, that name no model."""
    with gzip.open(pathlib.Path(DATA) / "samples/humaneval-gpt-4-n1.jsonl.gz", "rt") as rows, \
         gzip.open(folder / "samples.jsonl.gz", "wt") as samples:
        for row, _ in zip(rows, range(20)):
            samples.write(json.dumps({key: value for key, value in json.loads(row).items() if key != "model"}) + "\n")


class Block:
    def __init__(self, place, commands, notes, printed):
        self.place, self.commands, self.notes, self.printed = place, commands, notes, printed

    def lacking(self):
        """Why the block is not run here, or None."""
        if "not run" in self.notes:
            return self.notes["not run"]
        elsewhere = ELSEWHERE.search(self.commands)
        if elsewhere:
            return f"`{elsewhere[1]}` needs the repository or a network"
        if "ASSAY_DATA" in self.commands and not DATA:
            return "ASSAY_DATA names no folder with the public benchmarks"
        for need in self.notes.get("needs", "").split():
            tool, _, package = need.partition(":")
            if not shutil.which("Rscript" if tool == "R" else tool, path=PATH):
                return f"{tool} is not installed"
            ask = {"R": ["Rscript", "-e", f"library({package})"], "python3": ["python3", "-c", f"import {package}"]}
            if package and subprocess.run(ask[tool], env={**os.environ, "PATH": PATH}, capture_output=True).returncode:
                return f"{tool} has no {package}"
        return None


def blocks(name):
    """A document's blocks of commands: fenced with sh, or indented and beginning with a command."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found, notes, at = [], {}, 0
    while at < len(lines):
        line, start = lines[at], at + 1
        note = re.fullmatch(r"<!-- (exit|needs|not run): (.*) -->", line)
        if note:
            notes[note[1]] = note[2]
        elif re.match(r"```", line):
            kind, end = line[3:].strip(), lines.index("```", at + 1)
            body = "\n".join(lines[at + 1:end])
            if kind == "sh":
                found.append(Block(f"{name}:{start}", body, notes, None))
            elif kind == "text" and found and "```" == lines[at - 1]:
                found[-1].printed = body
            notes, at = {}, end
        elif line.startswith("    ") and at and not lines[at - 1].strip():
            end = at
            while end < len(lines) and lines[end].startswith("    "):
                end += 1
            body = "\n".join(text[4:] for text in lines[at:end])
            if re.match(r"(assay|build/release/assay|export|git|sqlite3|make) ", body):
                found.append(Block(f"{name}:{start}", body, notes, None))
            notes, at = {}, end - 1
        elif line.strip():
            notes = {}
        at += 1
    return found


def pattern(printed):
    """What the output must match, from beginning to end."""
    parts = [r"\A"]
    for line in printed.splitlines():
        parts.append(r"(?:.*\n)*?" if line == "..." else
                     ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n")
    return "".join(parts) + r"\s*\Z"


@functools.cache
def options_of(words):
    """The long options that --help of a command names, or None where there is no such command."""
    done = subprocess.run([ASSAY, *words, "--help"], capture_output=True, text=True)
    return set(re.findall(r"--[a-z][a-z-]*", done.stdout)) if done.returncode == 0 else None


class Documents(unittest.TestCase):
    def run_documents(self, *names):
        """All blocks, in one folder."""
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            (folder / "build/release").mkdir(parents=True)
            (folder / "build/release/assay").symlink_to(ASSAY)
            if DATA and "README.md" in names:
                bring_samples(folder)
            environment = {**os.environ, "PATH": f"{folder}/build/release:{PATH}"}
            for block in (block for name in names for block in blocks(name)):
                why = block.lacking()
                if not DATA and "sqlite3 assay.db" in block.commands and not (folder / "assay.db").exists():
                    why = "the block that makes assay.db was not"
                if why:
                    print(f"{block.place}: not run, since {why}", flush=True)
                    continue
                with self.subTest(block.place):
                    commands = re.sub(r"^export ASSAY_DATA=.*$", "", block.commands, flags=re.M)
                    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=environment, text=True,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
                    self.assertEqual(done.returncode, int(block.notes.get("exit", 0)), done.stdout)
                    if block.printed is not None:
                        self.assertRegex(done.stdout + "\n", re.compile(pattern(block.printed)),
                                         "the document shows\n" + block.printed)

    def test_the_tutorial_and_the_recipes_that_go_on_in_its_folder(self):
        self.run_documents("docs/tutorial.md", "docs/recipes.md")

    def test_the_readme(self):
        self.run_documents("README.md")

    def test_the_gallery_links_reports_that_are_there(self):
        with tempfile.TemporaryDirectory() as place:
            gallery = [sys.executable, ROOT / "reports/gallery.py", ASSAY, place]
            subprocess.run([*gallery, "search"], check=True, stdout=subprocess.DEVNULL)
            page = (pathlib.Path(place) / "index.html").read_text(encoding="utf-8")
            link, = re.findall('href="([^"]+)"', page)
            self.assertIn("<html", (pathlib.Path(place) / link).read_text(encoding="utf-8"))
            self.assertIn("assay search --task game24", page)
            unknown = subprocess.run([*gallery, "pictures"], capture_output=True, text=True)
            self.assertEqual(unknown.returncode, 1)
            self.assertIn("there is no report pictures; there are demo, search", unknown.stderr)

    def test_every_option_in_the_documents_exists(self):
        """A command's option that a document names and the program does not know."""
        looked_up = 0
        for path in sorted([ROOT / "README.md", ROOT / "datasets/README.md", *ROOT.glob("docs/*.md")]):
            text = path.read_text(encoding="utf-8")
            code = re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.M | re.S) + re.findall(r"`(assay [^`]+)`", text)
            code += re.findall(r"^    ((?:build/release/)?assay (?:.*\\\n)*.*)$", text, re.M)
            for line in "\n".join(code).replace("\\\n", " ").splitlines():
                for command in re.findall(r"(?:^|[ /(])assay ((?:[^|;&]|\|=)*)", line):
                    words = re.match(r"(?:[a-z]+ ?){0,3}", command)[0].split()
                    known = None
                    while words and known is None:
                        known = options_of(tuple(words))
                        words = words[:-1]
                    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", command) if known else ():
                        looked_up += 1
                        with self.subTest(path.name, line=line):
                            self.assertIn(option, known)
        self.assertGreater(looked_up, 100)

    def test_every_link_leads_to_a_file(self):
        for path in sorted([*ROOT.glob("*.md"), ROOT / "datasets/README.md", ROOT / "sandbox/README.md", *ROOT.glob("docs/*.md")]):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                with self.subTest(path.name, target=target):
                    self.assertTrue((path.parent / target).exists())


if __name__ == "__main__":
    unittest.main()
