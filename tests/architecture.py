#!/usr/bin/env python3
"""The include graph against the table of rooms in ARCHITECTURE.md, and every way out of the program against the one door
to it. Exits 1 and names each breach."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def rooms():
    """room -> what it may include, from the table's first and third columns; None: everything."""
    table = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        match = re.match(r"\| ((?:harness/)?[a-z]+) \|[^|]*\|([^|]*)\|", line)
        if match and match.group(1) != "room":
            allowed = match.group(2).strip()
            table[match.group(1)] = None if allowed == "everything" else set(
                filter(None, (word.strip() for word in allowed.split(","))))
    return table


# Standard output and standard error are written by harness/cli/output.cpp alone, where texts of others are made harmless;
# an invariant that breaks prints its own text and aborts. A word in quotes is a key of a file, and no stream.
DOOR = {"harness/cli/output.cpp", "harness/base/error.cpp"}
OTHER_WAYS_OUT = re.compile(
    r"fmt::print|(?<![\w.:>])v?print(?:ln)?\s*\(|std::(?:cout|cerr|clog)|\b(?:std)(?:out|err)\b(?!\\?\x22)|\b(?:f?puts|putchar|v?f?printf|fwrite|perror|psignal)\s*\("
    r"|\b(?:STDOUT|STDERR)_FILENO\b(?!\))|\bd?write\s*\(\s*[12]\s*,")
# The strict form throws where a text is not UTF-8; output.h has the one that does not.
STRICT_DUMP = re.compile(r"\.dump\((?![^;]*error_handler_t::replace)")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def ways_out(name, text):
    """What of a source prints past the door."""
    if name in DOOR or name.startswith("sandbox/runtime/") or name == "sandbox/jail/launcher.cpp":  # within the jail
        return []
    code = COMMENT.sub("", text)
    found = [f"{name} has {match.group(0)!r}; all output goes through harness/cli/output.h"
             for match in OTHER_WAYS_OUT.finditer(code)]
    if name.startswith("harness/cli/"):
        found += [f"{name} has a strict .dump(); json_text() and print_json() take any bytes"
                  for _ in STRICT_DUMP.finditer(code)]
    return found


def room_of(path, table):
    return next((room for room in table if path.startswith(room + "/")), None)


def main():
    table = rooms()
    assert len(table) == 20, f"the table of rooms has {len(table)} rows"
    breaches = []
    files = 0
    for path in sorted(ROOT.glob("**/*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in (".h", ".cpp", ".c") or not room_of(name, table):
            continue
        files += 1
        room = room_of(name, table)
        text = path.read_text()
        breaches += ways_out(name, text)
        for include in re.findall(r'^#include ["<]([^">]+)[">]', text, re.M):
            if include == "sqlite3.h" and room != "harness/store":
                breaches.append(f"{name} includes sqlite3.h; only harness/store may")
            if include.startswith("boost/beast") and room != "harness/service":
                breaches.append(f"{name} includes {include}; only harness/service may")
            if include.startswith("curl/") and room != "harness/endpoint":
                breaches.append(f"{name} includes {include}; only harness/endpoint may")
            if include.startswith(("torch/", "ATen/")) and (
                    room not in ("harness/simulator", "harness/models") or path.suffix != ".cpp"):
                breaches.append(f"{name} includes {include}; only the .cpp of harness/simulator and harness/models may")
            target = room_of(include, table)
            allowed = table[room]
            if target and target != room and allowed is not None and not (
                    {target, include} & allowed):
                breaches.append(f"{name} includes {include}; {room} may not")
    print("\n".join(breaches) or f"{files} files keep to the table of rooms and to the one door")
    return 1 if breaches or files < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
