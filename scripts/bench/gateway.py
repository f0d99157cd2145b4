"""Measures the gateway's packuments and tarballs beside nginx, and how requests cost with many records.

A and B run interleaved, A B B A, after a warm-up. Written for Linux: processor time and memory come
from /proc.
"""

import argparse
import gzip
import pathlib
import shutil
import statistics
import subprocess
import tempfile

import forty
import growth
from report import machine, table, write
from servers import Gateway, Nginx, Wrk, stop_all

ABBREVIATED = "application/vnd.npm.install-v1+json"
ACCELERATED = "/-/artifacts"
CONNECTIONS = 16


class Comparison:
    """The gateway's answers to some requests beside nginx's."""

    def __init__(self, title, what, ours, theirs, aim, figure):
        self.title, self.what, self.aim, self.figure = title, what, aim, figure
        # Each side: the servers whose processor time counts, the port that is asked, the requests.
        self.sides = {"A": ours, "B": theirs}
        self.rates = {"A": [], "B": []}
        self.processor = {"A": 0.0, "B": 0.0}
        self.slow = {"A": [], "B": []}
        self.requests = {"A": 0.0, "B": 0.0}

    def measure(self, wrk, pairs):
        for side in "AB":
            self.run(wrk, side, 1)
        for told in (self.rates, self.slow):
            told.update(A=[], B=[])
        for told in (self.processor, self.requests):
            told.update(A=0.0, B=0.0)
        for _ in range((pairs + 1) // 2):
            for side in "ABBA":
                self.run(wrk, side)

    def run(self, wrk, side, seconds=None):
        servers, port, targets = self.sides[side]
        before = sum(server.processor_seconds() for server in servers)
        requests, size, slow = wrk.run(port, targets, seconds)
        self.processor[side] += sum(server.processor_seconds() for server in servers) - before
        self.rates[side].append(requests if self.figure == "requests" else size / 1e6)
        self.requests[side] += requests * (seconds or wrk.seconds)
        self.slow[side].append(slow)

    @property
    def ratios(self):
        return [a / b for a, b in zip(self.rates["A"], self.rates["B"])]

    def lines(self):
        ratio = statistics.median(self.ratios)
        unit = "requests a second" if self.figure == "requests" else "MB a second"
        cost = {
            side: self.processor[side] / self.requests[side] * 1e6 for side in "AB"}
        met = "met" if ratio >= self.aim else "**missed**"
        return [
            f"{self.title}, {len(self.ratios)} pairs. {self.what}".rstrip(), "",
            *table(unit, [
                ("gateway", self.rates["A"], 0), ("nginx", self.rates["B"], 0),
                ("ratio", self.ratios, 2)]),
            "",
            f"Aim: × {self.aim}: {met}. Processor time a request: {cost['A']:,.0f} µs, nginx "
            f"{cost['B']:,.0f} µs. 99 of 100 within {statistics.median(self.slow['A']):.1f} ms, nginx "
            f"{statistics.median(self.slow['B']):.1f} ms.",
            "",
        ]


class Workload:
    """A gateway with the forty, and nginx with the same bytes as files."""

    def __init__(self, program, folder, wrk, accelerated):
        self.folder, self.wrk = folder, wrk
        self.tarballs = forty.write(folder / "tarballs")
        data = folder / "data"
        Gateway.make(program, data, f"{forty.SCOPE}/app")
        releases = forty.write_history(folder / "history") + self.tarballs
        Gateway.run(program, data, "plugins", "publish", *map(str, releases))
        self.gateway = Gateway(program, data, folder / "gateway.log")
        self.auth = {
            "Host": "localhost", "Authorization": f"Bearer {self.gateway.activate().token}"}
        self.npm = self.auth | {"Accept": ABBREVIATED}
        self.files = folder / "files"
        self.zipped = self.keep_packuments()
        proxied = {"http": "", "location": ""}
        if accelerated:
            Gateway.set(data, **{"x-accel-redirect": ACCELERATED})
            self.sender = Gateway(program, data, folder / "sender.log", "--behind-proxy")
            proxied = self.proxied(data)
        self.nginx = Nginx(folder / "nginx", {
            "http": proxied["http"],
            "server": f"""
                location /files/ {{ alias {self.files}/; gzip_static on; }}
                location /tarballs/ {{ alias {folder}/tarballs/; }}
                {proxied["location"]}
            """,
        })

    def proxied(self, data):
        """nginx before the gateway, as docs/behind-a-proxy.md has it but for TLS."""
        return {
            "http": f"upstream tollgate {{ server 127.0.0.1:{self.sender.port}; keepalive 32; }}",
            "location": f"""
                location / {{
                    proxy_pass http://tollgate; proxy_http_version 1.1;
                    proxy_set_header Connection ""; proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $remote_addr;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_set_header X-Forwarded-Host $http_host;
                    proxy_max_temp_file_size 0;
                }}
                location {ACCELERATED}/ {{ internal; alias {data}/artifacts/; }}
            """,
        }

    def keep_packuments(self):
        """Writes what the gateway answers into files; whether it answered with gzip when asked to."""
        zipped = True
        for number in range(forty.COUNT):
            name = forty.name(number)
            plain = self.files / "plain" / name
            packed = self.files / "gzip" / name
            for path in (plain, packed):
                path.parent.mkdir(parents=True, exist_ok=True)
            plain.write_bytes(self.answer(name, {})[2])
            _, headers, body = self.answer(name, {"Accept-Encoding": "gzip"})
            if headers.get("content-encoding") != "gzip":
                zipped, body = False, gzip.compress(body, mtime=0)
            packed.write_bytes(gzip.decompress(body))
            packed.with_name(packed.name + ".gz").write_bytes(body)
        return zipped

    def answer(self, name, headers):
        answer = self.gateway.fetch(f"/{name}", self.npm | headers)
        if answer[0] != 200:
            raise SystemExit(f"The packument of {name} was answered {answer[0]}: {answer[2]}")
        return answer

    def requests(self, prefix, headers=None, conditional_at=None):
        """The forty packuments; with `conditional_at` as one asks who has them already."""
        targets = []
        for number in range(forty.COUNT):
            path, asked = f"{prefix}/{forty.name(number)}", self.npm | (headers or {})
            if conditional_at:
                _, told, _ = conditional_at.fetch(path, asked)
                asked |= {"If-None-Match": told["etag"]}
                status, _, _ = conditional_at.fetch(path, asked)
                if status != 304:
                    raise SystemExit(f"{path} with its own tag was answered {status}.")
            targets.append((path, asked))
        return self.wrk.targets(targets)

    def tarball_requests(self, pattern):
        return self.wrk.targets([
            (pattern.format(name=forty.name(number), file=forty.file_name(number)), self.auth)
            for number in range(forty.COUNT)])

    def packuments(self):
        gateway, nginx = self.gateway, self.nginx
        zip_note = "" if self.zipped else " **The gateway did not compress its answer.**"

        def comparison(title, what, ours, theirs):
            return Comparison(
                title, what, ([gateway], gateway.port, ours), ([nginx], nginx.port, theirs), 0.5,
                "requests")
        packed = {"Accept-Encoding": "gzip"}
        return [
            comparison(
                "G1, 304", "`If-None-Match` with the packument's tag; abbreviated form.",
                self.requests("", packed, gateway),
                self.requests("/files/gzip", packed, nginx)),
            comparison(
                "G1, 200 with gzip", f"Beside it `gzip_static`.{zip_note}",
                self.requests("", packed), self.requests("/files/gzip", packed)),
            comparison(
                "G1, 200 plain", "", self.requests(""), self.requests("/files/plain")),
        ]

    def embedded_tarballs(self):
        return [Comparison(
            "G2, embedded", "The gateway sends the bytes itself.",
            ([self.gateway], self.gateway.port, self.tarball_requests("/{name}/-/{file}")),
            ([self.nginx], self.nginx.port, self.tarball_requests("/tarballs/{file}")),
            0.65, "bytes")]

    def accelerated_tarballs(self):
        return [Comparison(
            "G2, behind nginx with X-Accel-Redirect",
            "The gateway decides, nginx sends; its processor time is that of both.",
            ([self.sender, self.nginx], self.nginx.port,
             self.tarball_requests("/{name}/-/{file}")),
            ([self.nginx], self.nginx.port, self.tarball_requests("/tarballs/{file}")),
            0.95, "bytes")]


def nginx_version():
    told = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True).stderr
    return told.strip().rsplit("/", 1)[1].split()[0]


def beside_nginx(arguments, folder, wrk, parts):
    try:
        workload = Workload(arguments.tollgate, folder, wrk, "accelerated" in parts)
        comparisons = []
        for part, made in {
            "packuments": workload.packuments, "tarballs": workload.embedded_tarballs,
            "accelerated": workload.accelerated_tarballs,
        }.items():
            comparisons += made() if part in parts else []
        for comparison in comparisons:
            comparison.measure(wrk, arguments.pairs)
        memory = (workload.gateway.memory(), workload.nginx.memory())
    finally:
        stop_all()
    lines = [
        "## G1, G2: packuments and tarballs beside nginx", "",
        f"`scripts/bench/gateway`, {machine()}, nginx {nginx_version()} with {Nginx.SETTINGS}. The "
        "gateway has a thread for each processor and writes its log into a file. Both and the client "
        f"(wrk, {CONNECTIONS} connections that stay open, {arguments.seconds} s a run, runs A B B A) share "
        "the machine. Forty plugins with ten releases each, a license that covers them, by its token; "
        "nginx serves the same bytes as files, to anybody.", "",
    ]
    for comparison in comparisons:
        lines += comparison.lines()
    return lines + [
        f"Peak memory: gateway {memory[0]:.0f} MiB, nginx {memory[1]:.0f} MiB.", "",
    ]


def with_many(arguments, folder, wrk):
    lines = [
        "## G5: one more plugin, release, license", "",
        f"`scripts/bench/gateway`, {machine()}. Data folders with many of one kind, served side by side "
        f"and asked in turn, from few to many and back, {arguments.rounds} rounds; beside each median its "
        "ratio to the fewest in the same rounds, with quartiles. All are asked for the same sample: wrk, "
        f"{CONNECTIONS} connections, 1 s; check-ins on {growth.CONNECTIONS}. \"Publish one more\" is all of "
        "`tollgate plugins publish` with a plugin of 1 kB that is new, or a release of one that has a "
        "tenth of them, \"start\" all of `tollgate serve` until it "
        "listens, \"memory\" the peak.", "",
    ]
    for kind in growth.KINDS:
        lines += growth.lines(
            kind, growth.run(arguments.tollgate, folder, wrk, kind, arguments.rounds))
    return lines


def main():
    parts = ["packuments", "tarballs", "accelerated", "growth"]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tollgate", required=True, help="the program, built in release mode")
    parser.add_argument("--parts", default=",".join(parts), help="which of %(default)s")
    parser.add_argument("--pairs", type=int, default=10, help="10 at least for docs/benchmarks.md")
    parser.add_argument("--rounds", type=int, default=10, help="of G5; as many for the document")
    parser.add_argument("--seconds", type=int, default=2, help="a run beside nginx")
    parser.add_argument("--no-document", action="store_true", help="only print the results")
    arguments = parser.parse_args()
    chosen = arguments.parts.split(",")
    checkout = pathlib.Path(__file__).resolve().parent.parent.parent
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=checkout / ".build"))
    sections = []
    try:
        wrk = Wrk(folder, CONNECTIONS, arguments.seconds)
        if set(chosen) - {"growth"}:
            sections.append(beside_nginx(arguments, folder / "forty", wrk, chosen))
        if "growth" in chosen:
            (folder / "many").mkdir()
            sections.append(with_many(arguments, folder / "many", wrk))
    finally:
        stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    for lines in sections:
        text = "\n".join(lines).rstrip("\n") + "\n"
        print(text)
        if not arguments.no_document:
            write(text)


if __name__ == "__main__":
    main()
