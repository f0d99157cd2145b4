import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Other clients and machines without a network, when keys are replaced.
@Suite struct KeyRotationClientTests {
    static let hasTUF: @Sendable () async -> Bool = {
        await Python.canImport("tuf.ngclient", "cryptography")
    }

    @Test(.enabled("needs python3 with tuf (scripts/test-requirements.txt)", hasTUF))
    func pythonTUFFollowsEveryRotation() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let root = gateway.data.appending("metadata/1.root.json").string
            func follow(_ machine: String) async throws -> String {
                let work = gateway.folder.appending(machine).string
                try FileManager.default.createDirectory(
                    atPath: work, withIntermediateDirectories: true)
                return try await Python.run(
                    Self.follow, input: [gateway.url, root, work].joined(separator: "\n"))
            }
            #expect(try await follow("old") == "root 1\n@acme/a/-/a-1.0.0.tgz\n")
            for (number, key) in KeyRotationTests.keys.dropLast().enumerated() {
                try await gateway.rotate(key)
                let expected = try await follow("new-\(number)")
                #expect(expected.hasSuffix("@acme/a/-/a-1.0.0.tgz\n"))
                #expect(try await follow("old") == expected, "\(key)")
            }
            // Four roles and the list of license keys.
            #expect(try await follow("old").hasPrefix("root 6\n"))
        }
    }

    /// The reference client, with what it keeps from one run to the next.
    private static let follow = """
        import sys, urllib.error, urllib.request
        from tuf.api.exceptions import DownloadHTTPError
        from tuf.ngclient import Updater
        from tuf.ngclient.fetcher import FetcherInterface

        base, root, work = sys.stdin.read().split("\\n")

        class Fetcher(FetcherInterface):
            def _fetch(self, url):
                try:
                    with urllib.request.urlopen(url) as response:
                        yield response.read()
                except urllib.error.HTTPError as error:
                    raise DownloadHTTPError(str(error), error.code) from error

        updater = Updater(
            metadata_dir=work, metadata_base_url=f"{base}/metadata/", fetcher=Fetcher(),
            bootstrap=open(root, "rb").read())
        updater.refresh()
        print("root", updater._trusted_set.root.version)
        print(updater.get_targetinfo("@acme/a/-/a-1.0.0.tgz").path)
        """

    @Test(.enabled("needs python3 with tuf (scripts/test-requirements.txt)", hasTUF))
    func onlineKeysAloneMakeNoReleaseThatAnybodyTakes() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let printed = try await Python.run(Self.forge, input: gateway.data.string)
            #expect(printed == "honest 1\nUnsignedMetadataError\n")
        }
    }

    /// Who has all keys but targets adds a release to the plugin's role, with a snapshot and a
    /// timestamp that name it.
    private static let forge = """
        import os, sys, tempfile
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from securesystemslib.signer import CryptoSigner
        from tuf.api.exceptions import DownloadHTTPError, RepositoryError
        from tuf.api.metadata import Metadata, MetaFile, TargetFile
        from tuf.ngclient import Updater
        from tuf.ngclient.fetcher import FetcherInterface

        data = sys.stdin.read()
        folder = f"{data}/metadata"

        class Fetcher(FetcherInterface):
            def _fetch(self, url):
                try:
                    yield open(url.removeprefix("file://"), "rb").read()
                except FileNotFoundError as error:
                    raise DownloadHTTPError(str(error), 404) from error

        def signer(name):
            with open(f"{data}/keys/{name}.pem", "rb") as file:
                return CryptoSigner(load_pem_private_key(file.read(), None))

        def found():
            with tempfile.TemporaryDirectory() as work:
                updater = Updater(
                    metadata_dir=work, metadata_base_url=f"file://{folder}/", fetcher=Fetcher(),
                    bootstrap=open(f"{folder}/1.root.json", "rb").read())
                updater.refresh()
                names = ["1.0.0", "6.6.6"]
                infos = [updater.get_targetinfo(f"@acme/a/-/a-{name}.tgz") for name in names]
                return sum(info is not None for info in infos)

        print("honest", found())
        role = "plugin-acme_2fa"
        timestamp = Metadata.from_file(f"{folder}/timestamp.json")
        version = timestamp.signed.snapshot_meta.version
        snapshot = Metadata.from_file(f"{folder}/{version}.snapshot.json")
        version = snapshot.signed.meta[f"{role}.json"].version
        plugin = Metadata.from_file(f"{folder}/{version}.{role}.json")
        path = "@acme/a/-/a-6.6.6.tgz"
        plugin.signed.targets[path] = TargetFile.from_data(path, b"evil", ["sha512"])
        plugin.signed.version += 1
        plugin.signatures.clear()
        for name in ["snapshot", "timestamp", "license", "root"]:
            plugin.sign(signer(name), append=True)
        plugin.to_file(f"{folder}/{plugin.signed.version}.{role}.json")
        snapshot.signed.meta[f"{role}.json"] = MetaFile(plugin.signed.version)
        snapshot.signed.version += 1
        snapshot.sign(signer("snapshot"))
        snapshot.to_file(f"{folder}/{snapshot.signed.version}.snapshot.json")
        timestamp.signed.snapshot_meta = MetaFile(snapshot.signed.version)
        timestamp.signed.version += 1
        timestamp.sign(signer("timestamp"))
        timestamp.to_file(f"{folder}/timestamp.json")
        try:
            print("forged", found())
        except RepositoryError as error:
            print(type(error).__name__)
        """

    /// A machine that asks nobody keeps its license; one that was renewed since needs the new root
    /// once what it had fetched is gone.
    @Test func airgappedMachinesGoOnWithoutANetwork() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            var machine = try await gateway.customer("airgapped", ["--mode", "airgapped"])
            #expect(try await machine.downloadPro(app: "1.0.0").outcome.status == 0)
            let network = machine.environment["TOLLGATE_URL"]
            func runAlone() async throws -> Outcome {
                try FileManager.default.removeItem(
                    atPath: "\(machine.storage)/plugins/.pkg/metadata")
                machine.environment["TOLLGATE_URL"] = "http://127.0.0.1:9"
                defer { machine.environment["TOLLGATE_URL"] = network }
                return try await machine.pkg("license", "status")
            }
            try await gateway.rotate("license")
            // Its token is by the old key, its root lists that one.
            let before = try await runAlone()
            #expect(before.status == 0, "\(before.errors)")

            // Renewed: its token is by the new key.
            let renewed = try await machine.pkg("license", "refresh")
            #expect(renewed.status == 0, "\(renewed.errors)")
            machine.environment["TOLLGATE_TRUST_ROOT"] =
                gateway.data.appending("metadata/root.json").string
            let after = try await runAlone()
            #expect(after.status == 0, "\(after.errors)")
            machine.environment["TOLLGATE_TRUST_ROOT"] = nil
            let refused = try await machine.pkg("license", "refresh")
            #expect(refused.status == 0, "\(refused.errors)")
            let withOldRoot = try await runAlone()
            #expect(withOldRoot.status != 0, "\(withOldRoot.output)")
            #expect(withOldRoot.errorCode == "license.signer-unknown")
        }
    }
}

/// Offline licenses: the token brings the roots with it.
@Suite struct OfflineTokenRotationTests {
    @Test func aTokenLeadsFromAnOldRootToTheNewOne() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let machine = try Customer(in: gateway.folder, gateway: gateway.url, key: nil)
            let id = try await machine.instanceID()
            let first = try await gateway.tollgate(
                [
                    "licenses", "issue", "--mode", "offline", "--account", "Globex", "--plugins",
                    "@acme/a", "--expires", "2040-12-31", "--instance", id, "--json",
                ]
            ).json
            let file = gateway.folder.appending("token")
            func add(_ token: String) async throws -> Outcome {
                try Data(token.utf8).write(to: URL(filePath: file.string))
                return try await machine.pkg("license", "add", "-f", file.string)
            }
            #expect(try await add(try #require(first["token"]?.string)).status == 0)
            // The root is changed five times while the machine hears nothing.
            for key in ["timestamp", "root", "snapshot"] { try await gateway.rotate(key) }
            try await gateway.rotate("license", ["--revoke-old"])
            let license = try #require(first["id"]?.string)
            let fresh = try await gateway.tollgate(["licenses", "token", license])
            #expect(fresh.output.utf8.count < 40_000)
            let added = try await add(fresh.output)
            #expect(added.status == 0, "\(added.errors)")
            let status = try await machine.pkg("license", "status")
            #expect(status.status == 0, "\(status.errors)")
            // The old token is by a key that is revoked here too now.
            let old = try await add(try #require(first["token"]?.string))
            #expect(old.status != 0)
        }
    }
}
