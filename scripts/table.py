#!/usr/bin/env python3
"""The conversion table of the README, made by converting.

  table.py            print it
  table.py --write    put it into README.md between the two marks
  table.py --check    fail if README.md differs from it
  table.py --silent   list what is dropped without a word (notes, 400)

CONVERT names the converter, default build/ccproxy-convert (make convert).
The rows are in t/cases/fields.toml.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONVERT = os.environ.get("CONVERT", TOP + "/build/ccproxy-convert")
README = TOP + "/README.md"
BEGIN = "<!-- table: made by scripts/table.py -->\n"
END = "<!-- end of table -->\n"

PROTOCOLS = ["anthropic", "chat", "responses", "gemini", "ollama"]
TITLES = ["Anthropic", "Chat", "Responses", "Gemini", "Ollama"]
LETTER = dict(zip(PROTOCOLS, "ACRGO"))


def convert(source, target, request):
    run = subprocess.run([CONVERT, "--from", source, "--to", target],
                         input=json.dumps(request).encode(),
                         capture_output=True, timeout=60)
    said = run.stderr.decode(errors="replace").strip().splitlines()

    if run.returncode == 1:
        return None, [line.removeprefix("refused: ") for line in said]
    if run.returncode != 0:
        sys.exit(f"{CONVERT} --from {source} --to {target}: {said}")

    doc = json.loads(run.stdout, parse_int=str, parse_float=str,
                     parse_constant=str)
    return doc, [line.removeprefix("note: ") for line in said]


def leaves(value, path=""):
    """(path, text) of every leaf; elements of arrays share a path."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for member in value:
            yield from leaves(member, path + "[]")
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        yield path, text


def holds(text, marks):
    """Whether the text is a mark, or has a distinctive one in it."""
    for mark in marks:
        if text == mark:
            return True
        if re.search("MARK|TUFS|TVFS|NQVJ|mark_", mark) and mark in text:
            return True
    return False


def short(path, below):
    return path.split("." + below)[0] if below else path


def changes(doc, base, ignore):
    """Members that differ from the base request, as "path: value"."""
    old = list(leaves(base))
    out = []

    for leaf in leaves(doc):
        if leaf in old:
            old.remove(leaf)
        elif not any(leaf[0].startswith(i) for i in ignore):
            path, text = leaf
            if len(text) > 40:
                text = text[:37] + "…"
            out.append(f"`{path}`: `{text}`")

    if not out and not any(p.startswith(i) for p, _ in old for i in ignore):
        out = [f"without `{path}`" for path, _ in old]

    return list(dict.fromkeys(out))[:4]


def cell(row, base, source, target):
    """What becomes of the row's concept on this way; and if nothing said."""
    request = base[source] | json.loads(row[source])
    was, was_said = convert(source, target, base[source])
    doc, said = convert(source, target, request)

    if doc is None:
        return "400: " + said[0], False

    said = [s for s in said if s not in was_said]
    marks = row.get("mark", [])
    marks = [marks] if isinstance(marks, str) else marks
    below = row.get("below")

    if marks:
        old = list(leaves(was))
        found = [short(path, below) for path, text in leaves(doc)
                 if holds(text, marks) and (path, text) not in old]
        found = [f"`{path}`" for path in dict.fromkeys(found)]
    else:
        found = changes(doc, was, row.get("ignore", []))

    if found:
        return ", ".join(found), False
    if said:
        return "dropped: " + said[0], False

    why = row.get("why", {})
    reason = why.get(target, why.get("all"))

    if reason:
        return "dropped: " + reason, False

    return "dropped", True


def merged(cells):
    """One text for the sources that agree, else one for each of them."""
    texts = {}
    for source, text in cells:
        texts.setdefault(text, []).append(LETTER[source])
    if len(texts) == 1:
        return next(iter(texts))
    return "<br>".join("".join(who) + ": " + text
                       for text, who in texts.items())


def escape(text):
    return text.replace("|", "\\|").replace("\n", " ")


def build():
    with open(TOP + "/t/cases/fields.toml", "rb") as f:
        spec = tomllib.load(f)

    bases = {name: {p: json.loads(t) for p, t in b.items()}
             for name, b in spec["base"].items()}
    plain = bases["plain"]
    lines = ["| concept | " + " | ".join(f"to {t}" for t in TITLES) + " |",
             "|" + "---|" * 6]
    silent = []
    jobs = []

    for row in spec["row"]:
        extra = bases.get(row.get("base", "plain"), {})
        base = {p: plain[p] | extra.get(p, {}) for p in PROTOCOLS}
        for target in PROTOCOLS:
            for source in PROTOCOLS:
                if source != target and source in row:
                    jobs.append((row, base, source, target))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda job: cell(*job), jobs))

    table = {}
    for (row, _, source, target), (text, quiet) in zip(jobs, results):
        table.setdefault((row["name"], target), []).append((source, text))
        if quiet:
            silent.append(f"{source} to {target}: {row['name']}")

    for row in spec["row"]:
        cells = []
        for target in PROTOCOLS:
            cells_of = table.get((row["name"], target))
            cells.append(escape(merged(cells_of)) if cells_of else "as it came")
        lines.append(f"| {row['name']} | " + " | ".join(cells) + " |")

    return "\n".join(lines) + "\n", silent


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    text, silent = build()

    if mode == "--silent":
        print("\n".join(silent))
        sys.exit(1 if silent else 0)
    if mode == "":
        sys.stdout.write(text)
        return

    with open(README, encoding="utf-8") as f:
        readme = f.read()
    head, begin, rest = readme.partition(BEGIN)
    old, end, tail = rest.partition(END)

    if not begin or not end:
        sys.exit("README.md has no marks for the table")

    if mode == "--write":
        with open(README, "w", encoding="utf-8") as f:
            f.write(head + BEGIN + "\n" + text + "\n" + END + tail)
    elif mode == "--check":
        if old.strip() != text.strip():
            sys.exit("the conversion table of README.md is not what the code "
                     "does: run scripts/table.py --write")
        if silent:
            sys.exit("dropped without a word:\n" + "\n".join(silent))
        print("table: README.md agrees with the code")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
