"""What scripts/bench/fetcher fetches: a gateway with the forty, one with a large plugin, npm's project."""

import base64
import gzip
import hashlib
import io
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tarfile

import forty
from commands import Measured
from servers import Gateway, Nginx, Server

APPLICATION = "2.0.0"
BIG_FILES = 100
BIG_FILE = 5_000_000


class SlowLine(Server):
    def __init__(self, target, log):
        program = pathlib.Path(__file__).with_name("slow_line.py")
        super().__init__([sys.executable, str(program), str(target)], 0, log)
        self.port = int(self.process.stdout.readline())


class Shop:
    """A gateway with some plugins, and an instance whose license is activated there."""

    def __init__(self, programs, folder, tarballs):
        self.programs, self.folder = programs, folder
        self.tollgate, self.pkg = str(programs / "tollgate"), str(programs / "pkg")
        self.data = folder / "data"
        folder.mkdir(parents=True)
        Gateway.make(self.tollgate, self.data, f"{forty.SCOPE}/app")
        self.publish(tarballs)
        self.gateway = Gateway(self.tollgate, self.data, folder / "gateway.log")
        self.url = f"http://127.0.0.1:{self.gateway.port}"
        issued = Gateway.run(
            self.tollgate, self.data, "licenses", "issue", "--account", "Bench", "--all-plugins",
            "--json")
        self.key = json.loads(issued)["key"]
        self.count = 0
        self.first = folder / "storage"
        self.first.mkdir()
        self.fetch(self.first)
        self.token = next((self.first / ".license" / "tokens").iterdir()).read_text().strip()

    def publish(self, tarballs):
        Gateway.run(self.tollgate, self.data, "plugins", "publish", *map(str, tarballs))

    def new_folder(self, name):
        """Nothing is deleted between runs: ext4 is slow at giving new files the numbers of files that
        were deleted within five minutes."""
        self.count += 1
        folder = self.folder / "runs" / f"{self.count}-{name}"
        folder.mkdir(parents=True)
        return folder

    def activated(self):
        """A storage folder with the license and nothing else."""
        folder = self.new_folder("storage")
        shutil.copytree(self.first / ".license", folder / ".license")
        return folder

    def fetch(self, storage, url=None, certificates=None):
        """One `pkg download-pro`."""
        return Measured(
            [self.pkg, "download-pro", "--timeout", "120"], self.folder, {
                "TOLLGATE_URL": url or self.url, "TOLLGATE_LICENSE_KEY": self.key,
                "TOLLGATE_STORAGE": str(storage), "TOLLGATE_APP_VERSION": APPLICATION},
            certificates=certificates)

    def export(self, bundle):
        """One `pkg export-all`."""
        return Measured(
            [self.pkg, "export-all", "-o", str(bundle)], self.folder, {
                "TOLLGATE_URL": self.url, "TOLLGATE_LICENSE_KEY": self.key,
                "TOLLGATE_STORAGE": str(self.activated())})

    def take(self, bundle):
        """One `pkg download-pro --from`, where no gateway is."""
        return Measured(
            [self.pkg, "download-pro", "--from", str(bundle)], self.folder, {
                "TOLLGATE_LICENSE_KEY": self.key, "TOLLGATE_STORAGE": str(self.activated()),
                "TOLLGATE_APP_VERSION": APPLICATION})

    def expect(self, run, words):
        if words not in run.output:
            raise SystemExit(f"pkg did not say “{words}”:\n{run.output}")
        return run


class Forty(Shop):
    def __init__(self, programs, folder):
        self.tarballs = forty.write(folder / "tarballs")
        super().__init__(programs, folder / "shop", self.tarballs)
        self.secured = None
        self.paths = [
            f"/{forty.name(number)}/-/{forty.file_name(number)}" for number in range(forty.COUNT)]

    # MARK: pkg

    def cold(self, *target):
        return self.expect(self.fetch(self.activated(), *target), "40 installed")

    def nothing(self, *target):
        return self.expect(self.fetch(self.first, *target), "40 current")

    def publish_another(self):
        """A release of one of the forty that follows what is installed in ``first``."""
        number, version = 7, "1.4.3"
        path = self.folder / forty.file_name(number, version)
        with tarfile.open(self.tarballs[number]) as archive:
            files = {
                entry.name.removeprefix("package/"): archive.extractfile(entry).read()
                for entry in archive}
        del files["package.json"]
        path.write_bytes(forty.tarball(forty.manifest(number, version), files))
        self.publish([path])

    def one_changed(self):
        folder = self.new_folder("changed")
        subprocess.run(["cp", "-a", f"{self.first}/.", folder], check=True)
        return self.expect(self.fetch(folder), "39 current, 1 updated")

    # MARK: curl

    def curl_and_tar(self):
        folder = self.new_folder("curl")
        script = (
            "mkdir $1 && curl -sSf -H \"Authorization: Bearer $TOKEN\" $0/@acme/plugin-$1/-/"
            f"plugin-$1-{forty.VERSION}.tgz | tar xz -C $1")
        return Measured(
            ["sh", "-c", f"seq 0 39 | xargs -P4 -I{{}} sh -c '{script}' {self.url} {{}}"],
            self.folder, {"TOKEN": self.token}, within=folder)

    def two_requests(self, url=None, certificates=None):
        url = url or self.url
        return Measured(
            ["curl", "-sS", "-o", "/dev/null", "-o", "/dev/null",
             f"{url}/metadata/2.root.json", f"{url}/metadata/timestamp.json"], self.folder,
            certificates=certificates)

    def curl_parallel(self, url, certificates=None):
        folder = self.new_folder("parallel")
        lines = [f'header = "Authorization: Bearer {self.token}"', "silent", "show-error", "fail"]
        for path in self.paths:
            lines += [f'url = "{url}{path}"', f'output = "{path.rsplit("/", 1)[1]}"']
        (folder / "config").write_text("\n".join(lines))
        return Measured(
            ["curl", "-Z", "-K", "config"], self.folder, within=folder, certificates=certificates)

    # MARK: npm

    def project(self):
        """A project that has the forty in its lock file, whole, so that npm asks for nothing but
        tarballs; what it would ask besides (audit, funding, its own updates) is off."""
        folder = self.new_folder("npm")
        wanted = {forty.name(number): forty.VERSION for number in range(forty.COUNT)}
        packages = {"": {"name": "host", "version": "1.0.0", "dependencies": wanted}}
        for number, tarball in enumerate(self.tarballs):
            digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
            packages[f"node_modules/{forty.name(number)}"] = {
                "version": forty.VERSION, "resolved": self.url + self.paths[number],
                "integrity": f"sha512-{digest}"}
        host = self.url.removeprefix("http:")
        (folder / "package.json").write_text(json.dumps(packages[""]))
        (folder / "package-lock.json").write_text(json.dumps({
            "name": "host", "version": "1.0.0", "lockfileVersion": 3, "requires": True,
            "packages": packages}))
        (folder / ".npmrc").write_text(
            f"{forty.SCOPE}:registry={self.url}/\n{host}/:_authToken={self.token}\n"
            f"cache={folder}/cache\naudit=false\nfund=false\nupdate-notifier=false\n"
            "legacy-peer-deps=true\n")
        return folder

    def npm(self, verb, project):
        return Measured(["npm", verb], self.folder, within=project)

    def npm_ci(self):
        project = self.project()
        run = self.npm("ci", project)
        if not (project / "node_modules" / forty.name(39) / "package.json").exists():
            raise SystemExit(f"npm ci installed nothing:\n{run.output}")
        return run

    # MARK: TLS

    def with_tls(self):
        """nginx with TLS and HTTP/2 before the gateway; its address, and the system's certificates with nginx's own
        among them, as a customer's machine has them."""
        if self.secured:
            return self.secured
        certificate, key = self.folder / "tls.pem", self.folder / "tls.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True)
        system = self.folder / "certificates"
        shutil.copytree("/etc/ssl/certs", system, symlinks=True)
        shutil.copy(certificate, system / "bench.pem")
        # Both as update-ca-certificates(8) leaves them: one by one, by their hash, and in one file.
        subprocess.run(["openssl", "rehash", system], check=True, capture_output=True)
        with open(system / "ca-certificates.crt", "a") as file:
            file.write(certificate.read_text())
        nginx = Nginx(self.folder / "nginx", {
            "http": f"upstream tollgate {{ server 127.0.0.1:{self.gateway.port}; keepalive 32; }}",
            "server": f"""
                ssl_certificate {certificate}; ssl_certificate_key {key};
                location / {{
                    proxy_pass http://tollgate; proxy_http_version 1.1;
                    proxy_set_header Connection ""; proxy_set_header Host $http_host;
                }}
            """}, tls=True)
        self.secured = f"https://127.0.0.1:{nginx.port}", system
        return self.secured


def big(programs, folder, count):
    """A shop with plugins of 500 MB each that gzip makes no smaller."""
    folder.mkdir(parents=True)
    numbers = random.Random(500)
    return Shop(
        programs, folder / "shop",
        [big_tarball(folder / f"big-{number}.tgz", number, numbers) for number in range(count)])


def big_tarball(path, number, numbers):
    with open(path, "wb") as file, gzip.GzipFile(
            fileobj=file, mode="wb", compresslevel=1, mtime=0) as stream:
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.USTAR_FORMAT) as archive:
            contents = [("package.json", json.dumps(forty.manifest(number)).encode())] + [
                (f"dist/part-{index}.bin", None) for index in range(BIG_FILES)]
            for name, content in contents:
                content = content or numbers.randbytes(BIG_FILE)
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size, entry.mtime, entry.mode = len(content), 499_162_500, 0o644
                archive.addfile(entry, io.BytesIO(content))
    return path
