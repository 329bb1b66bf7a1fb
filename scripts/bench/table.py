#!/usr/bin/env python3
"""table.py RESULTS.tsv BASE LABEL [LIMIT]

CPU of LABEL next to BASE, scenario by scenario: medians over the rounds, the
ratio within each round first.  Exit code 1 when a request failed, a row is
missing or, with LIMIT, when a ratio is above it.
"""
import csv
import statistics
import sys

SIZES = {"small": "1 KB", "typical": "64 KB", "large": "1 MB",
         "conversation": "30 to 400 KB"}
KINDS = {
    "ns": ("request", "cpu_us_per_req"),
    "turns": ("turn", "cpu_us_per_req"),
    "split": ("stream, split writes", "cpu_us_per_event"),
    "burst": ("stream, one write", "cpu_us_per_event"),
    "paced": ("stream, paced", "cpu_us_per_event"),
}


def read(name):
    """{(kind, payload, conc): {label: {round: row}}} and the failed rows."""
    data, failed = {}, []
    with open(name, encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t"):
            key = (row["scenario"], row["payload"], int(row["conc"]))
            if not row.get("rss_max_mb"):
                failed.append(f"{row['label']} {key}: no figures")
                continue
            if int(row["err"]):
                failed.append(f"{row['label']} {key}: {row['err']} errors")
            data.setdefault(key, {}).setdefault(row["label"], {})[row["round"]] = row
    return data, failed


def median(rows, column):
    return statistics.median(float(r[column]) for r in rows.values())


def compare(base, other, column):
    """Medians of both and the median of the ratios of the same round."""
    ratios = [float(other[r][column]) / float(base[r][column])
              for r in other if r in base and float(base[r][column]) > 0]
    return (median(base, column), median(other, column),
            statistics.median(ratios) if ratios else float("nan"))


def main():
    name, base, label = sys.argv[1:4]
    limit = float(sys.argv[4]) if len(sys.argv) > 4 else None
    data, failed = read(name)
    line = "{:<28} {:>5} {:>12} {:>10} {:>7}   {:>10} {:>10}"
    print(line.format("CPU, us", "conns", base, label, "ratio",
                      "rps " + base, "rps " + label))
    for key, labels in data.items():
        kind, payload, conc = key
        if base not in labels or label not in labels:
            failed.append(f"{key}: one side is missing")
            continue
        what, column = KINDS[kind]
        b, o, ratio = compare(labels[base], labels[label], column)
        per = "event" if "event" in column else "request"
        title = f"{SIZES[payload]} {what}" if per == "request" else f"{what}, event"
        print(line.format(title, conc, f"{b:.2f}", f"{o:.2f}", f"{ratio:.2f}",
                          f"{median(labels[base], 'rps'):.0f}",
                          f"{median(labels[label], 'rps'):.0f}"))
        if limit and not ratio <= limit:
            failed.append(f"{title}: ratio {ratio:.2f} is above {limit:g}")
    for side in (base, label):
        rows = [r for s in data.values() for r in s.get(side, {}).values()]
        if rows:
            print(f"RSS of {side}: {min(float(r['rss_start_mb']) for r in rows):.1f} MB "
                  f"at first, {max(float(r['rss_max_mb']) for r in rows):.1f} MB at most")
    for f in failed:
        print("FAILED:", f)
    sys.exit(1 if failed or not data else 0)


main()
