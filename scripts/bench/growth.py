"""G5: what one more plugin, release or license costs when there are many already.

Data folders with 10² to 10⁵ of one kind. One real plugin, release, license and installation are made by
the gateway; the many are copies of their rows, written straight into SQLite, and the gateway signs the
metadata of what it finds. What is measured is asked of a sample of its own, the same in each.
"""

import importlib
import shutil
import sqlite3
import statistics
import time

import forty
from servers import Gateway

check_ins = importlib.import_module("check-ins").check_ins

KINDS = {
    "plugins": ("plugins, with one release each", (100, 1_000, 10_000)),
    "releases": ("releases, of ten plugins", (100, 10_000)),
    "licenses": ("licenses, with one instance each", (100, 10_000, 100_000)),
}
PUBLISHED = 3
CHECK_INS = 600
CONNECTIONS = 8


class Rows:
    """Copies rows as they are but for the columns that are named."""

    def __init__(self, path):
        self.database = sqlite3.connect(path)

    def copy(self, table, where, copies):
        """`copies` gives, for each row to write, the columns that differ from the row found."""
        cursor = self.database.execute(f"SELECT * FROM {table} WHERE {where}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            pattern = dict(zip(names, row))
            marks = ", ".join("?" * len(names))
            self.database.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                ([{**pattern, **changed}[name] for name in names] for changed in copies(pattern)))

    def close(self):
        self.database.commit()
        self.database.close()


def small_plugin(folder, name, version):
    path = folder / f"{name.split('/')[1]}-{version}.tgz"
    package = forty.manifest(0, version) | {"name": name}
    path.write_bytes(forty.tarball(package, {"index.js": b"exports.name = 1\n" * 30}))
    return path


def add_plugins(rows, count):
    def named(pattern, column):
        for number in range(count):
            name = f"@acme/many-{number}"
            yield {column: name} if column == "name" else {
                column: name,
                "manifest": pattern["manifest"].replace("@acme/sample", name)}
    rows.copy("plugin", "name = '@acme/sample'", lambda row: named(row, "name"))
    rows.copy("release", "plugin = '@acme/sample'", lambda row: named(row, "plugin"))


def add_releases(rows, count):
    plugins = [f"@acme/many-{number}" for number in range(10)]
    rows.copy(
        "plugin", "name = '@acme/sample'", lambda row: ({"name": name} for name in plugins))
    rows.copy("release", "plugin = '@acme/sample'", lambda row: (
        {
            "plugin": name, "version": f"1.0.{number}",
            "manifest": row["manifest"].replace("@acme/sample", name).replace(
                forty.VERSION, f"1.0.{number}"),
        } for name in plugins for number in range(count // 10)))


def add_licenses(rows, count):
    rows.copy("license", "rowid = 1", lambda row: (
        {"id": f"lic_{number:024x}", "key_digest": f"{number:064x}"} for number in range(count)))
    rows.copy("license_plugin", "rowid = 1", lambda row: (
        {"license": f"lic_{number:024x}"} for number in range(count)))
    rows.copy("installation", "rowid = 1", lambda row: (
        {"id": f"ins_{number:024x}", "license": f"lic_{number:024x}"} for number in range(count)))


ADD = {"plugins": add_plugins, "releases": add_releases, "licenses": add_licenses}


class Crowd:
    """A gateway with so many of a kind, and how its requests are asked."""

    def __init__(self, program, folder, kind, count, wrk):
        self.program, self.count, self.wrk, self.folder = program, count, wrk, folder
        self.kind = kind
        folder.mkdir()
        self.data = folder / "data"
        Gateway.make(program, self.data, f"{forty.SCOPE}/app")
        sample = small_plugin(folder, "@acme/sample", forty.VERSION)
        Gateway.run(program, self.data, "plugins", "publish", str(sample))
        gateway = Gateway(program, self.data, folder / "log")
        first = gateway.activate(1, ["@acme/sample"])
        gateway.stop()
        rows = Rows(self.data / "tollgate.db")
        ADD[kind](rows, count)
        rows.close()
        # As it starts, the gateway compares all records with its signed metadata and signs what is new.
        Gateway(program, self.data, folder / "log").stop()
        self.publishing = [self.publish(number) for number in range(PUBLISHED)]
        begun = time.perf_counter()
        self.gateway = Gateway(program, self.data, folder / "log")
        self.started = time.perf_counter() - begun
        self.installations = [first] + [
            self.gateway.activate(number, ["@acme/sample"])
            for number in range(2, CONNECTIONS + 1)]
        for each in self.installations:
            each.host = f"127.0.0.1:{self.gateway.port}"
        self.targets = self.requests()

    def publish(self, number):
        """Seconds that one more takes, all of `tollgate plugins publish`."""
        more = ("@acme/many-0", f"1.1.{number}") if self.kind == "releases" else (
            f"@acme/more-{number}", forty.VERSION)
        path = small_plugin(self.folder, *more)
        begun = time.perf_counter()
        Gateway.run(self.program, self.data, "plugins", "publish", str(path))
        return time.perf_counter() - begun

    def requests(self):
        auth = {
            "Host": "localhost", "Authorization": f"Bearer {self.installations[0].token}",
            "Accept": "application/vnd.npm.install-v1+json"}
        status, headers, _ = self.gateway.fetch("/@acme/sample", auth)
        if status != 200:
            raise SystemExit(f"The sample's packument was answered {status}.")
        asked = {
            "packument, 304": ("/@acme/sample", auth | {"If-None-Match": headers["etag"]}),
            "tarball of 1 kB": (f"/@acme/sample/-/sample-{forty.VERSION}.tgz", auth),
        }
        search = "/-/v1/search?text=sample&size=20"
        if self.gateway.fetch(search, auth)[0] == 200:
            asked["search"] = (search, auth)
        return {name: self.wrk.targets([target]) for name, target in asked.items()}

    def measure(self):
        """A rate for each kind of request."""
        rates = {
            name: self.wrk.run(self.gateway.port, targets, seconds=1)[0]
            for name, targets in self.targets.items()}
        seconds, done = check_ins(
            "127.0.0.1", self.gateway.port, self.installations, CHECK_INS)
        rates["check-in"] = done / seconds
        return rates


def run(program, folder, wrk, kind, rounds):
    """All sizes of a kind side by side, from few to many and back, in turn."""
    crowds = []
    try:
        for count in KINDS[kind][1]:
            crowds.append(Crowd(program, folder / f"{kind}-{count}", kind, count, wrk))
        for crowd in crowds:
            crowd.measure()
        results = {crowd.count: [] for crowd in crowds}
        for number in range(rounds):
            for crowd in crowds if number % 2 == 0 else reversed(crowds):
                results[crowd.count].append(crowd.measure())
        memory = {crowd.count: crowd.gateway.memory() for crowd in crowds}
    finally:
        for crowd in crowds:
            crowd.gateway.stop()
            shutil.rmtree(crowd.folder, ignore_errors=True)
    return [(crowd, results[crowd.count], memory[crowd.count]) for crowd in crowds]


def lines(kind, measured):
    """The table of a kind: medians, and beside each its ratio to the fewest of the same rounds."""
    title, counts = KINDS[kind]
    fewest = measured[0][1]
    names = list(fewest[0])
    head = " | ".join(f"{name}, a second" for name in names)
    told = [
        f"{title[0].upper()}{title[1:]}:", "",
        f"| {kind} | {head} | publish one more | start | memory |",
        "|---" * (len(names) + 4) + "|",
    ]
    for crowd, rates, memory in measured:
        cells = []
        for name in names:
            cell = f"{statistics.median(rate[name] for rate in rates):,.0f}"
            if rates is not fewest:
                ratios = [now[name] / before[name] for now, before in zip(rates, fewest)]
                quartiles = statistics.quantiles(ratios, n=4)
                cell += (
                    f" (× {statistics.median(ratios):.2f}; {quartiles[0]:.2f}–{quartiles[2]:.2f})")
            cells.append(cell)
        told.append(
            f"| {crowd.count:,} | {' | '.join(cells)} | "
            f"{statistics.median(crowd.publishing) * 1000:,.0f} ms | "
            f"{crowd.started * 1000:,.0f} ms | {memory:.0f} MiB |")
    worst = {
        name: statistics.median(
            now[name] / before[name] for now, before in zip(measured[-1][1], fewest))
        for name in names}
    flat = [name for name in names if worst[name] >= 0.8]
    steep = [name for name in names if worst[name] < 0.8]
    grown = (
        statistics.median(measured[-1][0].publishing)
        / statistics.median(measured[0][0].publishing))
    told += [
        "",
        f"With {counts[-1]:,} in place of {counts[0]:,}: "
        + "; ".join(
            [f"flat (at least × 0.8): {', '.join(flat) or 'none'}"]
            + ([f"**not flat**: {', '.join(steep)}"] if steep else []))
        + f". Publishing one more takes {grown:.1f} times as long"
        + (", which is not O(changed): **missed**." if grown > 2 else ": met (at most twice)."),
        "",
    ]
    return told
