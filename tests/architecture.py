#!/usr/bin/env python3
"""The include graph against the table of rooms in ARCHITECTURE.md. Exits 1 and names each breach."""
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


def room_of(path, table):
    return next((room for room in table if path.startswith(room + "/")), None)


def main():
    table = rooms()
    assert len(table) == 12, f"the table of rooms has {len(table)} rows"
    breaches = []
    files = 0
    for path in sorted(ROOT.glob("**/*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in (".h", ".cpp", ".c") or not room_of(name, table):
            continue
        files += 1
        room = room_of(name, table)
        for include in re.findall(r'^#include ["<]([^">]+)[">]', path.read_text(), re.M):
            if include == "sqlite3.h" and room != "harness/store":
                breaches.append(f"{name} includes sqlite3.h; only harness/store may")
            if include.startswith(("torch/", "ATen/")) and (
                    room != "harness/simulator" or path.suffix != ".cpp"):
                breaches.append(f"{name} includes {include}; only harness/simulator's .cpp may")
            target = room_of(include, table)
            allowed = table[room]
            if target and target != room and allowed is not None and not (
                    {target, include} & allowed):
                breaches.append(f"{name} includes {include}; {room} may not")
    print("\n".join(breaches) or f"{files} files keep to the table of rooms")
    return 1 if breaches or files < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
