"""Measures check-ins a second beside single-row durable updates in SQLite on the same disk.

A: heartbeats, signed as an installation signs them, over keep-alive connections with one outstanding
request each. The requests are made before the clock starts, so that the client only sends and reads.
B: `UPDATE` of one row of the same size in a transaction of its own, from Python's sqlite3, with the
pragmas that the gateway sets: write-ahead log, synchronous = FULL (the log is flushed at each commit).

Both run interleaved, A B B A. Written for Linux: processor time and memory come from /proc.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import selectors
import shutil
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time

from report import machine, table, write

PATH = "/api/v1/on-premise/agent"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PLUGINS = [{"name": f"@acme/plugin-{n}", "version": "1.4.2"} for n in range(10)]
ENVIRONMENT = {
    "application_version": "2.0.0", "platform": "linux/x86_64", "pkg_version": "0.1.0",
    "domains": ["app.beta.example"],
}


def instance_id(number):
    """`ti_`, 32 characters of Crockford base32, and the check character."""
    groups = [(number >> 5 * place) & 31 for place in reversed(range(32))]
    check = 0
    for group in groups:
        value = check ^ group
        check = value << 1 if value & 16 == 0 else (value << 1 ^ 0b100101) & 31
    return "ti_" + "".join(ALPHABET[group] for group in groups + [check])


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Installation:
    def __init__(self, host, port, key, number):
        body = json.dumps({
            "type": "register", "version": 1, "license_key": key,
            "instance_id": instance_id(number),
            "facts": {"salt": "AQID", "hashes": {"storage.id": "x" * 43}},
            "environment": ENVIRONMENT, "nonce": f"register-{number}",
        })
        connection = http.client.HTTPConnection(host, port)
        connection.request("POST", PATH, body)
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        if response.status != 200:
            raise SystemExit(f"check-ins.py: register was answered {response.status}: {answer}")
        self.host = f"{host}:{port}"
        self.id = answer["installation_id"]
        self.token = answer["license_token"]
        self.secret = decoded(answer["installation_secret"])
        self.counter = 0

    def heartbeat(self):
        self.counter += 1
        body = json.dumps({
            "type": "heartbeat", "version": 1, "installation_id": self.id,
            "counter": self.counter, "environment": ENVIRONMENT, "plugins": PLUGINS,
            "mismatches": [], "seats": 12, "nonce": os.urandom(16).hex(),
        }).encode()
        signature = hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n"
            f"Tollgate-Signature: v1={signature}\r\n\r\n")
        return head.encode() + body


class Connection:
    """One keep-alive connection with its own requests, sent one after the other."""

    def __init__(self, host, port, requests):
        self.requests = requests
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.needed = None

    def send_next(self):
        self.received, self.needed = b"", None
        self.socket.sendall(self.requests.pop())

    def is_answered(self):
        """Reads what is there; whether it is a whole answer."""
        piece = self.socket.recv(65536)
        if not piece:
            raise SystemExit("check-ins.py: the gateway closed a connection")
        self.received += piece
        if self.needed is None:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            if not self.received.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"check-ins.py: {self.received[:600]!r}")
            head = self.received[:end].lower()
            start = head.index(b"content-length:") + 15
            self.needed = end + 4 + int(head[start:].split(b"\r\n", 1)[0])
        return len(self.received) >= self.needed


def check_ins(host, port, installations, count):
    """Seconds for so many check-ins, each installation on its own connection."""
    each = count // len(installations)
    connections = [
        Connection(host, port, [i.heartbeat() for _ in range(each)][::-1]) for i in installations]
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    remaining = each * len(connections)
    begun = time.perf_counter()
    for connection in connections:
        connection.send_next()
    while remaining:
        for ready, _ in selector.select():
            connection = ready.data
            if connection.is_answered():
                remaining -= 1
                if connection.requests:
                    connection.send_next()
    seconds = time.perf_counter() - begun
    selector.close()
    for connection in connections:
        connection.socket.close()
    return seconds, each * len(connections)


def open_updates(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE row (id TEXT PRIMARY KEY NOT NULL, counter BIGINT, report TEXT, at BIGINT)")
    report = json.dumps({"plugins": PLUGINS, "environment": ENVIRONMENT})
    for number in range(64):
        database.execute("INSERT INTO row VALUES (?, 0, ?, 0)", (f"ins_{number}", report))
    return database


def updates(database, count):
    report = json.dumps({"plugins": PLUGINS, "environment": ENVIRONMENT})
    begun = time.perf_counter()
    for number in range(count):
        database.execute(
            "UPDATE row SET counter = MAX(counter, ?), report = ?, at = ? WHERE id = ?",
            (number, report, number, f"ins_{number % 64}"))
    return time.perf_counter() - begun, count


class Gateway:
    def __init__(self, program, folder, installations):
        self.program, self.data = program, str(folder / "tollgate-data")
        self.run("init", "--host-package", "@acme/app")
        # One client asks here as a thousand would.
        with open(f"{self.data}/tollgate.yaml", "a") as settings:
            settings.write("rate-limit-address: 0\nrate-limit-license: 0\n")
        self.publish(folder)
        keys = [
            json.loads(self.run(
                "licenses", "issue", "--account", f"Customer {n}", "--all-plugins", "--seats", "50",
                "--json"))["key"]
            for n in range(installations)]
        self.process = subprocess.Popen(
            [program, "serve", "--data", self.data, "--port", "0"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        address = self.process.stdout.readline().split()[-1]
        self.host, port = address.removeprefix("http://").split(":")
        self.port = int(port)
        self.installations = [
            Installation(self.host, self.port, key, number) for number, key in enumerate(keys)]

    def run(self, *arguments):
        return subprocess.run(
            [self.program, *arguments, "--data", self.data], check=True, capture_output=True,
            text=True).stdout

    def publish(self, folder):
        package = folder / "package"
        package.mkdir()
        (package / "package.json").write_text(json.dumps({
            "name": "@acme/plugin-0", "version": "1.4.2",
            "peerDependencies": {"@acme/app": "2.x"}}))
        subprocess.run(
            ["tar", "-czf", folder / "plugin.tgz", "-C", folder, "package"], check=True)
        self.run("plugins", "publish", str(folder / "plugin.tgz"))

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure(gateway, database, installations, count, pairs):
    """Rates of both, run A B B A after a warm-up, with the processor time of both sides."""
    rates, told = {"A": [], "B": []}, {"server": 0.0, "client": 0.0, "wall": 0.0}

    def run(which):
        if which == "B":
            seconds, done = updates(database, count)
        else:
            server, client = gateway.processor_seconds(), time.process_time()
            seconds, done = check_ins(gateway.host, gateway.port, installations, count)
            told["server"] += gateway.processor_seconds() - server
            told["client"] += time.process_time() - client
            told["wall"] += seconds
        return done / seconds

    run("A"), run("B")
    told.update(server=0.0, client=0.0, wall=0.0)
    for _ in range((pairs + 1) // 2):
        for which in "ABBA":
            rates[which].append(run(which))
    return rates, told


def ratio_on_a_quick_disk(rates):
    """The median ratio in the quarter of the pairs with the quickest updates."""
    pairs = sorted(zip(rates["A"], rates["B"]), key=lambda pair: pair[1], reverse=True)
    return statistics.median(a / b for a, b in pairs[:len(pairs) // 4])


def section(gateway, results, arguments):
    lines = [
        "## G3: check-ins",
        "",
        f"`scripts/bench/check-ins`, {machine()}, SQLite {sqlite3.sqlite_version}. Gateway, client and "
        "database share the machine.",
        "",
        "A check-in is verified (HMAC), kept in SQLite with `synchronous = FULL` in write-ahead mode, so "
        "that the log is flushed before the answer, and answered with a freshly signed token. Beside it: "
        "`UPDATE` of one row of the same size, one transaction each, from Python's sqlite3 with the same "
        f"pragmas on the same file system. {arguments.count} of each a run, runs A B B A.",
    ]
    for number, (rates, told) in results.items():
        ratios = [a / b for a, b in zip(rates["A"], rates["B"])]
        done = len(rates["A"]) * arguments.count
        lines += [
            "",
            f"{number} connection{'s' if number > 1 else ''}, {len(ratios)} pairs:",
            "",
            *table("a second", [
                ("check-ins", rates["A"], 0),
                ("single-row updates", rates["B"], 0),
                ("ratio", ratios, 2),
            ]),
            "",
            f"Processor time for a check-in: gateway {told['server'] / done * 1e6:.0f} µs, client "
            f"{told['client'] / done * 1e6:.0f} µs (with making its requests, which is not timed). "
            f"The gateway kept {told['server'] / told['wall']:.1f} processors busy. In the quarter of "
            f"the pairs with the quickest updates the ratio was {ratio_on_a_quick_disk(rates):.2f}.",
        ]
    lines += [
        "",
        "An update waits for a flush of its own, while check-ins that come side by side share one and "
        "wait for the gateway's processor time. So the ratio follows the disk: it is high in minutes in "
        "which a flush takes long, and what the gateway itself can do shows in those with the quickest "
        "updates.",
    ]
    lines += ["", f"Peak memory of the gateway: {gateway.peak_memory():.0f} MiB. Aim: a ratio of 0.7."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tollgate", required=True, help="the program, built in release mode")
    parser.add_argument("--count", type=int, default=3200, help="check-ins and updates a run")
    parser.add_argument("--pairs", type=int, default=12, help="10 at least for docs/benchmarks.md")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-document", action="store_true", help="only print the results")
    arguments = parser.parse_args()
    checkout = pathlib.Path(__file__).resolve().parent.parent.parent
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=checkout / ".build"))
    gateway = None
    try:
        gateway = Gateway(arguments.tollgate, folder, arguments.connections)
        database = open_updates(folder / "rows.db")
        results = {}
        for number in sorted({1, arguments.connections}, reverse=True):
            results[number] = measure(
                gateway, database, gateway.installations[:number], arguments.count, arguments.pairs)
        database.close()
        text = section(gateway, results, arguments)
    finally:
        if gateway:
            gateway.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(text)
    if not arguments.no_document:
        write(text)


if __name__ == "__main__":
    main()
