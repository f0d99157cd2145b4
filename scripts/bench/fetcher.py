"""Measures `pkg download-pro` beside curl and tar, beside npm, and on a slow line.

A and B run interleaved, A B B A, after a warm-up. Written for Linux.
"""

import argparse
import pathlib
import shutil
import subprocess
import tempfile

import fetched
from commands import Comparison
from report import machine, write
from servers import stop_all

MEMORY = 48
ALL = ("F1", "F2", "F3", "F4", "F5", "F6", "F7")


def version(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0].strip()


class Bench:
    """Makes what is measured when it is first asked for."""

    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.shop = arguments, folder, None

    @property
    def forty(self):
        if not self.shop:
            self.shop = fetched.Forty(self.arguments.programs, self.folder / "forty")
        return self.shop

    def compare(self, *words):
        return Comparison(*words).measure(self.arguments.pairs).lines()

    def F1(self):
        return self.compare(
            "F1, cold", "All forty, verified, from the same gateway as curl's, whose bytes nobody "
            "verifies.", ("pkg", self.forty.cold), ("curl and tar", self.forty.curl_and_tar),
            ("0.5", 0.5), "`curl … | tar xz` under `xargs -P4`; nothing that curl and tar wrote is "
            "flushed to the disk, and all that pkg wrote is.")

    def F2(self):
        return self.compare(
            "F2, cold beside npm", "`npm ci` with an empty cache and a lock file that names all "
            "tarballs, from the same gateway.", ("pkg", self.forty.cold),
            ("npm ci", self.forty.npm_ci), ("1/12", 1 / 12))

    def F3(self):
        plain = self.compare(
            "F3, nothing to do", "`curl` makes the same two requests on one connection, and nothing "
            "else.", ("pkg", self.forty.nothing), ("curl", self.forty.two_requests), ("1.5", 1.5))
        target = self.forty.with_tls()
        return plain + self.compare(
            "F3, nothing to do, with TLS", "The same through nginx with TLS 1.3, whose certificate "
            "is among the system's.",
            ("pkg", lambda: self.forty.nothing(*target)),
            ("curl", lambda: self.forty.two_requests(*target)), ("1.5", 1.5))

    def F4(self):
        project = self.forty.project()
        self.forty.npm("ci", project)
        return self.compare(
            "F4, nothing to do beside npm", "`npm install` in a folder where all is installed.",
            ("pkg", self.forty.nothing), ("npm install", lambda: self.forty.npm("install", project)),
            ("1/20", 1 / 20))

    def F5(self):
        self.forty.publish_another()
        return self.compare(
            "F5, one of forty changed", "Beside a cold start.",
            ("one changed", self.forty.one_changed), ("cold", self.forty.cold), ("1/15", 1 / 15))

    def F6(self):
        peaks = {"forty": [self.forty.cold().memory for _ in range(3)]}
        one = fetched.big(self.arguments.programs, self.folder / "one", 1)
        peaks["one plugin of 500 MB"] = [
            one.expect(one.fetch(one.activated()), "1 installed").memory for _ in range(3)]
        four = fetched.big(self.arguments.programs, self.folder / "four", 4)
        bundle = self.folder / "four.tgbundle"
        peaks["`pkg export-all`, a bundle of 2 GB"] = [four.export(bundle).memory]
        peaks["`pkg download-pro --from` that bundle"] = [
            four.expect(four.take(bundle), "4 installed").memory]
        lines = ["F6, peak memory of a cold start, and of a bundle, MiB:", ""]
        for what, values in peaks.items():
            met = "met" if max(values) * 1.048576 <= MEMORY else "**missed**"
            lines.append(
                f"- {what}: {', '.join(f'{value:.1f}' for value in values)}. Aim: at most {MEMORY} "
                f"MB: {met}.")
        return lines + [""]

    def F7(self):
        secured, certificates = self.forty.with_tls()
        lines = []
        for title, what, port, scheme, mounted in (
            ("F7, a slow line", "", int(secured.rsplit(":", 1)[1]), "https", certificates),
            ("F7, a slow line without TLS", "On HTTP/1.1, where each request waits for a connection.",
             self.forty.gateway.port, "http", None),
        ):
            line = fetched.SlowLine(port, self.folder / "slow-line.log")
            target = f"{scheme}://127.0.0.1:{line.port}", mounted
            lines += self.compare(
                title, what or "50 ms a round trip and 100 Mbit/s for all connections together, by "
                "scripts/bench/slow_line.py, nginx with TLS 1.3 and HTTP/2 at its end; `curl -Z` "
                "fetches the same tarballs and leaves them packed.",
                ("pkg", lambda: self.forty.cold(*target)),
                ("curl -Z", lambda: self.forty.curl_parallel(*target)), ("1.1", 1.1))
        return lines


HEADINGS = {
    "F1": "F1: a cold start", "F2": "F2: a cold start beside npm", "F3": "F3: nothing to do",
    "F4": "F4: nothing to do beside npm", "F5": "F5: one plugin changed",
    "F6": "F6: the fetcher's memory", "F7": "F7: a slow line",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("which", nargs="*", metavar="F1 … F7", help="all unless told")
    parser.add_argument(
        "--programs", required=True, type=pathlib.Path, help="where `pkg` and `tollgate` are, built in "
        "release mode")
    parser.add_argument("--pairs", type=int, default=10, help="10 at least for docs/benchmarks.md")
    parser.add_argument("--no-document", action="store_true", help="only print the results")
    arguments = parser.parse_args()
    if unknown := set(arguments.which) - set(ALL):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    checkout = pathlib.Path(__file__).resolve().parent.parent.parent
    (checkout / ".build").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=checkout / ".build"))
    sections = {}
    try:
        bench = Bench(arguments, folder)
        # F5 publishes a release that the others do not have.
        for which in sorted(arguments.which or ALL, key=lambda which: (which == "F5", which)):
            lines = getattr(bench, which)()
            sections[which] = "\n".join([
                f"## {HEADINGS[which]}", "",
                f"`scripts/bench/fetcher {which}`, {machine()}; {version('curl', '--version')[:11]}, "
                f"npm {version('npm', '--version')}. Forty plugins, 1.1 MB each, 2.1 MB and 151 files "
                "unpacked; the license was activated before. Gateway and clients share the machine, "
                "each run begins with nothing left to be written to the disk.", "",
                *lines]).rstrip("\n") + "\n"
            print(sections[which], flush=True)
    finally:
        stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    if not arguments.no_document:
        for which in sorted(sections):
            write(sections[which])


if __name__ == "__main__":
    main()
