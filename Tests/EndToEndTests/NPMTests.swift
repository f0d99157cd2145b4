import CanonicalJSON
import Cryptography
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// npm as it is: the customer's verbs, the publisher's, logging in, and its check of signatures.
@Suite(.enabled(if: NPM.programs.isThere))
struct NPMTests {
    /// How somebody shows npm who they are.
    enum Credential: String, CaseIterable {
        /// `_authToken` with a license's own token.
        case licenseToken
        /// `_auth`: user name and password in base64.
        case basic
        /// `username` and `_password`.
        case password
    }

    @Test(arguments: Credential.allCases)
    func aCustomerUsesEveryVerb(_ credential: Credential) async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                try await gateway.publish("@acme/a", "1.1.0")
                try await gateway.publish("@acme/secret", "1.0.0")
                let license = try await gateway.issueWithAccessKey(["@acme/a"])
                let npm = try NPM(
                    in: folder.appending("project"),
                    settings: gateway.settings(
                        await self.line(credential, license, gateway, in: folder)))
                try await useEveryVerb(npm, gateway)
            }
        }
    }

    private func line(
        _ credential: Credential, _ license: TestGateway.IssuedLicense, _ gateway: TestGateway,
        in folder: FilePath
    ) async throws -> [String] {
        switch credential {
        case .licenseToken:
            let customer = try Customer(in: folder, gateway: gateway.url, key: license.key)
            #expect(try await customer.pkg("license", "refresh").status == 0)
            return ["_authToken=\(try customer.token)"]
        case .basic:
            let pair = "\(license.accessKey):\(license.secret)"
            return ["_auth=\(Base64.encode(Array(pair.utf8)))"]
        case .password:
            return [
                "username=\(license.accessKey)",
                "_password=\(Base64.encode(Array(license.secret.utf8)))",
            ]
        }
    }

    private func useEveryVerb(_ npm: NPM, _ gateway: TestGateway) async throws {
        #expect(try await npm.run("ping").errors.contains("PONG"))
        #expect(try await !npm.said("whoami").isEmpty)
        #expect(try await npm.said("view", "@acme/a", "version") == "1.1.0")
        #expect(try await npm.said("view", "@acme/a@1.0.0", "dist.signatures[0].sig") != "")
        let search = try parseJSON(Array(try await npm.said("search", "a", "--json").utf8))
        #expect(search.array?.compactMap { $0["name"]?.string } == ["@acme/a"])
        #expect(try await npm.said("dist-tag", "ls", "@acme/a") == "latest: 1.1.0")
        let hidden = try await npm.run("view", "@acme/secret")
        #expect(hidden.errors.contains("E404"), "\(hidden.errors)")

        try await npm.does("install", "@acme/a@1.0.0")
        let outdated = try await npm.run("outdated", "--json")
        #expect(try outdated.json["@acme/a"]?["latest"] == "1.1.0")
        try npm.forget()
        try await npm.does("ci")
        #expect(try npm.json("node_modules/@acme/a/package.json")["version"] == "1.0.0")
        #expect(try await npm.said("pack", "@acme/a@1.1.0").hasSuffix("acme-a-1.1.0.tgz"))

        #expect(try await npm.run("audit", "--json").status == 0)
        try await gateway.tollgate([
            "advisories", "add", "@acme/a", "--versions", "<1.1.0", "--severity", "high",
            "--title", "It tells secrets", "--url", "https://acme.example/advisories/1",
        ])
        let audit = try await npm.run("audit", "--json")
        #expect(audit.status == 1)
        let found = try audit.json["vulnerabilities"]?["@acme/a"]
        #expect(found?["severity"] == "high")
        #expect(found?["fixAvailable"] == true || found?["fixAvailable"]?["version"] == "1.1.0")

        let refused = try await npm.run("deprecate", "@acme/a@1.0.0", "mine")
        #expect(refused.errors.contains("E403"), "\(refused.errors)")
    }

    @Test func aPublisherUsesEveryVerb() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                let token = try await gateway.publishToken("@acme/p")
                let npm = try NPM(
                    in: folder.appending("project"),
                    settings: gateway.settings(["_authToken=\(token)"]))
                #expect(try await npm.said("whoami") == "ci")
                try npm.writePackage("@acme/p", "1.0.0")
                try await npm.does("publish")
                let again = try await npm.run("publish")
                #expect(again.status != 0)
                try npm.writePackage("@acme/p", "1.0.0", content: "other")
                #expect(try await npm.run("publish").errors.contains("E409"))
                try npm.writePackage("@acme/p", "1.1.0")
                let channel = try await npm.run("publish", "--tag", "nightly")
                #expect(channel.errors.contains("There is no channel nightly"), "\(channel.errors)")
                try await npm.does("publish")
                #expect(
                    try await npm.said("view", "@acme/p", "versions", "--json")
                        .filter { !$0.isWhitespace } == #"["1.0.0","1.1.0"]"#)

                try await npm.does("deprecate", "@acme/p@1.0.0", "Use 1.1.0.")
                #expect(try await npm.said("view", "@acme/p@1.0.0", "deprecated") == "Use 1.1.0.")
                try await npm.does("dist-tag", "add", "@acme/p@1.0.0", "stable-1")
                try await npm.does("dist-tag", "add", "@acme/p@1.0.0", "latest")
                #expect(
                    try await npm.said("dist-tag", "ls", "@acme/p")
                        == "latest: 1.0.0\nstable-1: 1.0.0")
                try await checkSignedMetadata(gateway)
                try await npm.does("dist-tag", "rm", "@acme/p", "latest")
                #expect(
                    try await npm.said("dist-tag", "ls", "@acme/p")
                        == "latest: 1.1.0\nstable-1: 1.0.0")

                try await npm.does("unpublish", "@acme/p@1.1.0", "--force")
                #expect(try await npm.said("view", "@acme/p", "versions") == "1.0.0")
                try await npm.does("unpublish", "@acme/p", "--force")
                #expect(try await npm.run("view", "@acme/p").errors.contains("E404"))

                try npm.writePackage("@acme/other", "1.0.0")
                let foreign = try await npm.run("publish")
                #expect(foreign.errors.contains("E403"), "\(foreign.errors)")
                let shown = try await gateway.tollgate(["plugins", "show", "@acme/p"])
                #expect(shown.output.contains("1.1.0"), "the bytes stay for those who run it")
            }
        }
    }

    /// Deprecation and tags are where the fetcher looks, under the vendor's signature.
    private func checkSignedMetadata(_ gateway: TestGateway) async throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: gateway.data.appending("metadata").string
        ).filter { $0.hasSuffix(".plugin-acme_2fp.json") }
        let newest = try #require(
            files.max { Int($0.prefix { $0 != "." }) ?? 0 < Int($1.prefix { $0 != "." }) ?? 0 })
        let bytes = try Data(
            contentsOf: URL(filePath: gateway.data.appending("metadata").appending(newest).string))
        let target = try parseJSON([UInt8](bytes))["signed"]?["targets"]?[
            "@acme/p/-/p-1.0.0.tgz"]?["custom"]
        #expect(target?["deprecated"] == "Use 1.1.0.")
        #expect(target?["tags"] == ["latest", "stable-1"])
    }

    @Test func logsInAndOutAndKeepsTokens() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issueWithAccessKey(["@acme/a"])
                let npm = try NPM(in: folder.appending("project"), settings: gateway.settings([]))
                #expect(try await npm.run("whoami").errors.contains("ENEEDAUTH"))
                let login = try await npm.run(
                    ["login", "--auth-type=legacy"], answering: [license.accessKey, license.secret])
                #expect(login.status == 0, "\(login.output)\(login.errors)")
                #expect(try await npm.said("whoami") == license.accessKey)
                #expect(try await npm.said("view", "@acme/a", "version") == "1.0.0")

                let created = try await npm.run(
                    ["token", "create", "--read-only", "--json"], answering: [license.secret])
                #expect(created.status == 0, "\(created.output)\(created.errors)")
                let listed =
                    try parseJSON(
                        Array(try await npm.said("token", "list", "--json").utf8)
                    ).array ?? []
                #expect(listed.count == 2)
                let readOnly = try #require(
                    listed.first { $0["readonly"] == true }?["key"]?.string)
                try await npm.does("token", "revoke", readOnly)
                #expect(
                    try parseJSON(Array(try await npm.said("token", "list", "--json").utf8))
                        .array?.count == 1)

                let key = try await gateway.tollgate([
                    "licenses", "rotate-access-key", license.id, "--json",
                ]).json
                #expect(try await npm.run("whoami").errors.contains("E401"))
                let second = try await npm.run(
                    ["login", "--auth-type=legacy"],
                    answering: [
                        try #require(key["access_key_id"]?.string),
                        try #require(key["access_key_secret"]?.string),
                    ])
                #expect(second.status == 0, "\(second.output)\(second.errors)")
                try await npm.does("logout")
                #expect(try await npm.run("whoami").errors.contains("ENEEDAUTH"))
                let log = try String(
                    contentsOfFile: folder.appending("serve.log").string, encoding: .utf8)
                for secret in ["tgt_", "tas_", "tga_"] { #expect(!log.contains(secret)) }
            }
        }
    }

    /// By the browser, as npm does it unless it is told otherwise.
    @Test(
        .enabled(
            if: Chromium.isThere, "Debian's chromium and chromium-driver are not installed"),
        .timeLimit(.minutes(20)))
    func logsInByTheBrowser() async throws {
        guard await Python.canImport("selenium") else {
            print("skipped: the Python package selenium is not installed")
            return
        }
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let license = try await gateway.issueWithAccessKey(["@acme/a"])
                let npm = try NPM(in: folder.appending("project"), settings: gateway.settings([]))
                let name = try await Chromium.run(
                    "npm_login.py",
                    [
                        npm.project.string, folder.appending("profile").string,
                        ProcessInfo.processInfo.environment["TOLLGATE_SCREENSHOTS"] ?? "",
                        license.accessKey, license.secret,
                    ], environment: npm.environment)
                #expect(name.trimmingNewline == license.accessKey)
            }
        }
    }

    /// pacote is what `npm install` and `npm audit signatures` verify with.
    @Test func npmsOwnLibraryChecksSignatures() async throws {
        try await withTemporaryFolder { folder in
            try await TestGateway.serving(in: folder) { gateway in
                try await gateway.publish("@acme/a", "1.0.0")
                let token = try await gateway.publishToken("@acme/a")
                let npm = try NPM(in: folder.appending("project"), settings: "")
                let answer = try await npm.node(Self.verify, gateway.url, token)
                #expect(
                    answer.output.trimmingNewline == "ours true, changed EINTEGRITYSIGNATURE",
                    "\(answer.errors)")
            }
        }
    }

    /// Asks for a manifest with its signature checked, as it is and with the integrity changed.
    private static let verify = """
        const fs = require('fs'), path = require('path');
        const npm = fs.realpathSync('/usr/bin/npm');
        const pacote = require(path.join(path.dirname(npm), '..', 'node_modules', 'pacote'));
        const [registry, token] = process.argv.slice(1);
        const host = registry.replace('http:', '');
        (async () => {
          const headers = { authorization: `Bearer ${token}` };
          const { keys } = await (await fetch(registry + '/-/npm/v1/keys')).json();
          const options = {
            registry, verifySignatures: true, fullMetadata: true, cache: process.env.npm_config_cache,
            [`${host}/:_authToken`]: token,
            [`${host}/:_keys`]: keys.map(key => ({
              ...key,
              pemkey: `-----BEGIN PUBLIC KEY-----\\n${key.key}\\n-----END PUBLIC KEY-----`,
            })),
          };
          const ours = await pacote.manifest('@acme/a@1.0.0', options);
          const packument = await pacote.packument('@acme/a', options);
          packument.versions['1.0.0'].dist.integrity = 'sha512-' + Buffer.alloc(64).toString('base64');
          let changed;
          try {
            const packumentCache = new Map();
            for (const kind of ['full', 'corgi'])
              packumentCache.set(`${kind}:${registry}/@acme%2fa`, packument);
            await pacote.manifest('@acme/a@1.0.0', { ...options, packumentCache });
          } catch (error) { changed = error.code; }
          console.log(`ours ${ours._signatures.length > 0}, changed ${changed}`);
        })();
        """
}
