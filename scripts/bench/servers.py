"""The programs that scripts/bench/gateway measures: the gateway, nginx beside it, wrk that asks them."""

import http.client
import importlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

installation = importlib.import_module("check-ins").Installation


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


running = []


def stop_all():
    """Stops what is still running, also after a failure."""
    for server in list(running):
        server.stop()


class Server:
    """A server on loopback, with the processor time and memory of all its processes."""

    def __init__(self, command, port, log):
        self.port, self.log = port, log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=errors, text=True)
        running.append(self)

    def processes(self):
        own = self.process.pid
        children = pathlib.Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own] + [int(child) for child in children]

    def processor_seconds(self):
        ticks = 0
        for process in self.processes():
            stat = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(stat[11]) + int(stat[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self, kind="VmHWM"):
        """MiB of all processes: at their peak, or with VmRSS now."""
        total = 0
        for process in self.processes():
            status = pathlib.Path(f"/proc/{process}/status").read_text()
            total += int(re.search(rf"{kind}:\s+(\d+)", status)[1])
        return total / 1024

    def fetch(self, path, headers):
        """Status, headers in lower case, and body of one GET."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, body

    def stop(self):
        running.remove(self)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Gateway(Server):
    """`tollgate serve` over a data folder, with its log in a file."""

    def __init__(self, program, data, log, *arguments):
        self.program, self.data = program, data
        super().__init__(
            [program, "serve", "--data", str(data), "--port", "0", *arguments], 0, log)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"The gateway did not start; see {log}:\n{log.read_text()[-800:]}")
        self.port = int(line.rsplit(":", 1)[1])

    @classmethod
    def make(cls, program, data, host_package):
        """Makes a data folder; one client asks here as a thousand would, so no rate is limited."""
        cls.run(program, data, "init", "--host-package", host_package)
        cls.set(data, **{"rate-limit-address": 0, "rate-limit-license": 0})

    @staticmethod
    def set(data, **settings):
        """Adds to the settings that the next `tollgate serve` reads."""
        with open(data / "tollgate.yaml", "a") as file:
            file.writelines(f"{name}: {value}\n" for name, value in settings.items())

    @staticmethod
    def run(program, data, *arguments):
        """Runs a verb on a data folder and returns what it printed."""
        result = subprocess.run(
            [program, *arguments, "--data", str(data)], capture_output=True, text=True)
        if result.returncode != 0:
            raise SystemExit(f"tollgate {' '.join(arguments)}: {result.stderr}")
        return result.stdout

    def activate(self, number=0, plugins=None):
        """Issues a license, binds it to an instance, and returns that installation."""
        which = ["--plugins", ",".join(plugins)] if plugins else ["--all-plugins"]
        issued = self.run(
            self.program, self.data, "licenses", "issue", "--account", f"Customer {number}",
            *which, "--json")
        return installation("127.0.0.1", self.port, json.loads(issued)["key"], number)


class Nginx(Server):
    """Debian's nginx with its defaults but for what is said here."""

    SETTINGS = (
        "`worker_processes auto`, `sendfile on`, `tcp_nopush on`, `keepalive_requests` without end, "
        "an access log in a file")

    def __init__(self, folder, site, tls=False):
        """`site` is what stands in its `server` block; `http` in it what stands before."""
        port = free_port()
        folder.mkdir()
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "\n".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(f"""
            {user} daemon off; pid {folder}/pid; worker_processes auto;
            events {{ worker_connections 1024; }}
            http {{
                {temporary}
                access_log {folder}/access.log;
                sendfile on; tcp_nopush on; keepalive_requests 1000000000;
                include /etc/nginx/mime.types; default_type application/octet-stream;
                {site.get("http", "")}
                server {{ listen 127.0.0.1:{port}{" ssl http2" if tls else ""}; {site["server"]} }}
            }}
        """)
        log = folder / "error.log"
        super().__init__(
            ["/usr/sbin/nginx", "-e", str(log), "-c", str(folder / "nginx.conf")], port, log)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                if self.process.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"nginx did not start:\n{log.read_text()}")
                time.sleep(0.05)


WRK_SCRIPT = """
local requests, number = {}, 0
function init(arguments)
    for line in io.lines(arguments[1]) do
        local path, headers = line:match("^(%S+)\\t(.*)$")
        local all = {}
        for name, value in headers:gmatch("([^:\\t]+): ([^\\t]+)") do all[name] = value end
        requests[#requests + 1] = wrk.format("GET", path, all)
    end
end
function request()
    number = number % #requests + 1
    return requests[number]
end
function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        "RESULT %d %d %d %d %d %d\\n", summary.requests, summary.duration, summary.bytes,
        e.connect + e.read + e.write + e.timeout, e.status, latency:percentile(99)))
end
"""


class Wrk:
    """Asks for a list of addresses in turn, as fast as the server answers."""

    def __init__(self, folder, connections, seconds):
        self.folder, self.connections, self.seconds = folder, connections, seconds
        self.script = folder / "wrk.lua"
        self.script.write_text(WRK_SCRIPT)
        self.lists = 0

    def targets(self, requests):
        """A file with (path, headers) for each request."""
        self.lists += 1
        path = self.folder / f"targets-{self.lists}"
        path.write_text("".join(
            "\t".join([target] + [f"{k}: {v}" for k, v in headers.items()]) + "\n"
            for target, headers in requests))
        return path

    def run(self, port, targets, seconds=None):
        """Requests and bytes a second, and the 99th percentile of their time in milliseconds."""
        result = subprocess.run(
            ["wrk", "-t1", f"-c{self.connections}", f"-d{seconds or self.seconds}s", "-s",
             str(self.script), f"http://127.0.0.1:{port}", "--", str(targets)],
            capture_output=True, text=True, check=True)
        told = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", result.stdout)
        requests, micros, size, broken, refused, slow = map(int, told.groups())
        if broken or refused or not requests:
            raise SystemExit(f"wrk: {broken} broken, {refused} refused:\n{result.stdout}")
        return requests / micros * 1e6, size / micros * 1e6, slow / 1000
