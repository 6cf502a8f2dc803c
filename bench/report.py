"""Medians, spreads and ratios of what run.py measured, as Markdown."""
import argparse
import json
import pathlib
import statistics

import workloads


def spread(values):
    """Largest minus smallest, by the median: 0.2 is 20 %."""
    return (max(values) - min(values)) / statistics.median(values) if any(values) else 0.0


def median(values):
    return statistics.median(values) if values else None


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def optional(value, form):
    return format(value, form) if value else ""


def row(name, cell, best):
    """One server's line in the table of one workload."""
    if "values" not in cell:
        return f"| {name} | failed | | | | | {cell['error']} |"
    value = median(cell["values"])
    notes = "; ".join(sorted({note for note in cell.get("notes", []) if note}))
    columns = [
        name,
        number(value),
        f"{value / best:.2f}" if best else "",
        f"{spread(cell['values']) * 100:.0f}%",
        optional(median(cell.get("cpu_us")), ",.1f"),
        optional(median(cell.get("p99")), ".2f"),
        notes,
    ]
    return "| " + " | ".join(columns) + " |"


def table(results, order, chosen):
    """One table a workload, the best server first."""
    lines = []
    for workload in chosen:
        cells = {n: results[workload.name][n] for n in order
                 if n in results.get(workload.name, {})}
        if not cells:
            continue
        peers = [median(c["values"]) for c in cells.values() if c["peer"] and "values" in c]
        best = (max if workload.higher else min)(peers) if peers else None
        lines += [
            "", f"### {workload.name}: {workload.about}", "",
            f"| server | {workload.unit} (median) | ratio to best peer | spread "
            "| server CPU us/op | p99 ms | note |",
            "|---|---:|---:|---:|---:|---:|---|",
        ]

        def rank(item):
            if "values" not in item[1]:
                return (True, 0)
            value = median(item[1]["values"])
            return (False, -value if workload.higher else value)
        lines += [row(name, cell, best) for name, cell in sorted(cells.items(), key=rank)]
    return "\n".join(lines)


def against(references, results, order, chosen):
    """One line a workload: the median of the first reference that ran it, and every other server's
    ratio to it.

    A ratio above 1 is better than the reference; for memory, where less is better, it is
    turned over. In brackets: the spread of that server's rounds.
    """
    ran = [n for n in order if any(n in results[w] for w in results)]
    lines = ["", f"### ratios to {' or '.join(references)} "
             "(above 1 is better; in brackets the spread)", "",
             "| workload | to | " + " | ".join(ran) + " |",
             "|---|---:" + "|---:" * len(ran) + "|"]
    for workload in chosen:
        cells = results.get(workload.name, {})
        base = next((n for n in references if median(cells.get(n, {}).get("values"))), None)
        if not base:
            continue
        of = median(cells[base]["values"])
        line = f"| {workload.name} | {base} {number(of)} {workload.unit} |"
        for name in ran:
            value = median(cells.get(name, {}).get("values"))
            if not value:
                line += " - |"
                continue
            ratio = value / of if workload.higher else of / value
            line += f" {ratio:.2f} ({spread(cells[name]['values']) * 100:.0f}%) |"
        lines.append(line)
    return "\n".join(lines)


def main():
    """Print one table of ratios from the files that run.py wrote."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("--against", required=True, metavar="NAME,...")
    p.add_argument("file", nargs="+")
    a = p.parse_args()
    results = {}
    for file in a.file:
        results.update(json.loads(pathlib.Path(file).read_text())["results"])
    order = list(dict.fromkeys(name for cells in results.values() for name in cells))
    print(against(a.against.split(","), results, order, workloads.WORKLOADS))


if __name__ == "__main__":
    main()
