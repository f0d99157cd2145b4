"""What the benchmarks share: how figures are summed up and how they get into docs/benchmarks.md."""

import os
import pathlib
import platform
import statistics
import time

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def machine():
    """When and where it was measured, and what else the machine did."""
    return (
        f"{time.strftime('%Y-%m-%d')}: {os.cpu_count()} processors, Linux {platform.release()}, "
        f"load average {os.getloadavg()[0]:.1f} at the end")


def figures(values):
    quartiles = statistics.quantiles(values, n=4)
    return {
        "median": statistics.median(values), "min": min(values), "q1": quartiles[0],
        "q3": quartiles[2]}


def table(unit, rows):
    """A table in Markdown; a row is its name, the values, and how many digits they are told with."""
    lines = [
        f"| {unit} | median | minimum | first quartile | third quartile |",
        "|---|---|---|---|---|",
    ]
    for name, values, digits in rows:
        told = figures(values)
        cells = " | ".join(f"{told[n]:,.{digits}f}" for n in ("median", "min", "q1", "q3"))
        lines.append(f"| {name} | {cells} |")
    return lines


def write(text):
    """Puts the section in place of the one before, or at the end."""
    before = DOCUMENT.read_text()
    heading = text.split("\n", 1)[0]
    start = before.find(heading + "\n")
    if start < 0:
        DOCUMENT.write_text(before.rstrip("\n") + "\n\n" + text)
        return
    end = before.find("\n## ", start + 1)
    after = before[end:] if end >= 0 else ""
    DOCUMENT.write_text(before[:start] + text + after)
