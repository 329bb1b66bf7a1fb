#!/usr/bin/env python3
"""Instructions that each conversion costs, against those recorded.

cost.py BUILD [--write] [--functions] [WORD …]

Runs BUILD/cost/cost under callgrind and compares its rows with counts.txt:
exit code 1 when a row costs over 3 % more than recorded.  Counts of another
compiler, C library or processor's reader are printed, not compared.
--write records them.  --functions prints where the instructions go.  Words
take the rows that hold them, as "64K anthropic chat".
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MOST = 1.03
HERE = os.path.dirname(os.path.abspath(__file__))
RECORD = os.path.join(HERE, "counts.txt")
SHOWN = 14


def run(build, word, where):
    payload = os.path.join(build, "cost", "payload")
    subprocess.run([sys.executable, os.path.join(
        HERE, "../../scripts/bench/payload.py"), payload],
        check=True, stdout=subprocess.DEVNULL)
    bodies = [f"{name}={payload}/{file}.json" for name, file in (
        ("1K", "small"), ("64K", "typical"), ("1M", "large"),
        ("before", "typical-before"), ("next64K", "typical"),
        ("before", "large-before"), ("next1M", "large"),
        ("stream", "small-stream"))]
    # callgrind counts each byte of "rep movsb": copies shall be by registers
    env = dict(os.environ, GLIBC_TUNABLES="glibc.cpu."
               f"x86_rep_movsb_threshold={1 << 30}:glibc.cpu."
               f"x86_rep_stosb_threshold={1 << 30}:glibc.cpu."
               f"x86_non_temporal_threshold={1 << 30}")
    if word:
        env["COST_ROWS"] = word
    out = subprocess.run(
        ["valgrind", "--tool=callgrind", "-q", "--toggle-collect=cost_measured",
         "--dump-after=cost_measured", "--dump-instr=no",
         "--compress-strings=no",
         f"--callgrind-out-file={where}/out", f"{build}/cost/cost", *bodies],
        check=True, stdout=subprocess.PIPE, text=True, env=env).stdout
    lines = out.splitlines()
    return lines[0], lines[1:]


def total(path):
    with open(path, errors="replace") as f:
        for line in f:
            if line.startswith(("totals:", "summary:")):
                return int(line.split()[1])
    sys.exit(f"cost.py: no count in {path}")


def functions(path):
    out = subprocess.run(["callgrind_annotate", "--auto=no", path],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        m = re.match(r" *([\d,]+) \(([ \d.]+)%\) +\S*?:(\S+)", line)
        if m and "PROGRAM" not in line:
            yield m.group(1), m.group(2).strip(), m.group(3)


def recorded():
    rows, head = {}, ""
    if os.path.exists(RECORD):
        with open(RECORD) as f:
            for line in f:
                if line.startswith("# "):
                    head = line.rstrip("\n")
                elif "\t" in line:
                    name, n = line.rstrip("\n").split("\t")
                    rows[name] = int(n)
    return head, rows


def main():
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    flags = {a for a in sys.argv[1:] if a.startswith("--")}
    if not shutil.which("valgrind"):
        print("# no valgrind: instructions are not counted")
        return 0

    build, word = args[0], " ".join(args[1:])

    with tempfile.TemporaryDirectory() as where:
        head, names = run(build, word, where)
        counts = {n: total(f"{where}/out.{i + 1}") for i, n in enumerate(names)}
        was_head, was = recorded()
        same = head == was_head
        bad = 0
        for i, (name, n) in enumerate(counts.items()):
            ratio = n / was[name] if same and name in was else 1
            over = ratio > MOST
            bad += over
            print(f"{'not ok' if over else 'ok    '} {name:<32} {n:>10}"
                  f"{f' {ratio:6.3f}' if same and name in was else ''}")
            if "--functions" in flags:
                for count, share, function in list(
                        functions(f"{where}/out.{i + 1}"))[:SHOWN]:
                    print(f"         {count:>12} {share:>6} %  {function}")

    if "--write" in flags:
        with open(RECORD, "w") as f:
            f.write(head + "\n")
            f.writelines(f"{name}\t{n}\n" for name, n in counts.items())
        return 0

    if not same:
        print(f"# counts of {head[2:]!r} aren't compared: those recorded "
              f"are of {was_head[2:]!r}")
        return 0

    gone = [n for n in was if n not in counts] if not word else []
    for name in gone:
        print(f"not ok {name}: recorded, not measured")
    print(f"# {len(counts)} rows, {bad + len(gone)} above what is recorded "
          f"by over {MOST - 1:.0%}")
    return 1 if bad or gone else 0


sys.exit(main())
