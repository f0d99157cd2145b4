"""Runs commands, measures each whole, and compares two in turn.

Run as a program it is what starts the command that is measured: a process that is small itself, because
Linux counts the memory of whoever starts a program into that program's peak.
"""

import os
import subprocess
import sys
import time

if __name__ == "__main__":
    report, command = sys.argv[1], sys.argv[2:]
    begun = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, used = os.wait4(process, 0)
    ended = time.monotonic()
    with open(report, "w") as file:
        file.write(f"{ended - begun} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
    sys.exit(os.waitstatus_to_exitcode(status))

import pathlib
import statistics

from report import table

LONGEST = 300


class Measured:
    """What one run took: seconds, processor seconds of all its processes, MiB of the largest.

    `certificates` is mounted over the system's, where this command alone sees it.
    """

    def __init__(self, command, folder, environment=None, within=None, certificates=None):
        report = pathlib.Path(folder) / "measured"
        # What another run has left to be written to the disk is not this one's work.
        os.sync()
        system = [
            "unshare", "--mount", "--map-root-user", "sh", "-c",
            "mount --bind \"$0\" /etc/ssl/certs && exec \"$@\"", certificates] if certificates else []
        result = subprocess.run(
            [*system, sys.executable, "-IS", __file__, report, *command], capture_output=True,
            text=True, cwd=within, timeout=LONGEST,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **(environment or {})})
        if result.returncode != 0:
            raise SystemExit(
                f"{command} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}")
        self.output = result.stdout
        self.seconds, self.processor, self.memory = map(float, report.read_text().split())


class Comparison:
    """One command beside another: runs A B B A after a warm-up."""

    def __init__(self, title, what, ours, theirs, aim, note=""):
        self.title, self.what, self.aim, self.note = title, what, aim, note
        # Each side: its name, and a function that makes one run ready and returns it measured.
        self.sides = {"A": ours, "B": theirs}
        self.runs = {"A": [], "B": []}

    def measure(self, pairs):
        for side in "AB":
            self.sides[side][1]()
        for _ in range((pairs + 1) // 2):
            for side in "ABBA":
                self.runs[side].append(self.sides[side][1]())
        return self

    def all(self, side, figure):
        return [getattr(run, figure) for run in self.runs[side]]

    @property
    def ratios(self):
        return [a.seconds / b.seconds for a, b in zip(self.runs["A"], self.runs["B"])]

    def lines(self):
        names = {side: self.sides[side][0] for side in "AB"}
        ratio = statistics.median(self.ratios)
        met = "met" if ratio <= self.aim[1] else "**missed**"
        cost = {side: statistics.median(self.all(side, "processor")) * 1000 for side in "AB"}
        memory = {side: max(self.all(side, "memory")) for side in "AB"}
        return [
            f"{self.title}, {len(self.ratios)} pairs. {self.what}".rstrip(), "",
            *table("ms", [
                (names[side], [seconds * 1000 for seconds in self.all(side, "seconds")], 1)
                for side in "AB"] + [("ratio", self.ratios, 3)]),
            "",
            f"Aim: at most {self.aim[0]} ×: {met}. Processor time: {cost['A']:,.0f} ms, "
            f"{names['B']} {cost['B']:,.0f} ms (ratio {cost['A'] / cost['B']:.3f}). Peak memory: "
            f"{memory['A']:.0f} MiB, {names['B']} {memory['B']:.0f} MiB. {self.note}".rstrip(),
            "",
        ]
