import CanonicalJSON
import FoundationEssentials
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Thirty secrets are planted, many verbs run in set-ups that work and that fail, and none of the
/// secrets is in anything that they wrote: standard output, standard error, logs, report.json, the
/// support bundle.
@Suite struct SecretsTests {
    @Test func noneIsWritten() async throws {
        try await TestGateway.withTwoPlugins { gateway in
            let license = try await gateway.issue(["@acme/a", "@acme/b"])
            var planted = PlantedSecrets()
            let customer = try Self.customer(gateway, license.key, &planted)
            let first = try await customer.downloadPro(app: "1.0.0", ["--verbose"])
            try #require(first.outcome.status == 0, "\(first.outcome.errors)")
            try Self.plantSaved(in: customer.storage, &planted)

            var written: [String: String] = [:]
            written["first run"] = first.outcome.output + first.outcome.errors
            for setup in try Self.setups(customer, gateway, &planted) {
                try setup.prepare()
                for verb in Self.verbs + setup.verbs {
                    let outcome = try await run(
                        Programs.pkg, verb, environment: setup.customer.environment)
                    written["\(setup.name): \(verb)"] = outcome.output + outcome.errors
                }
                for (name, text) in try await Self.bundle(of: setup.customer, gateway.folder) {
                    written["\(setup.name): bundle: \(name)"] = text
                }
                setup.server?.stop()
            }
            for name in ["logs/pkg", "plugins/.pkg"] {
                for (path, text) in try Self.files(below: customer.storage.appending(name)) {
                    written[path] = text
                }
            }
            #expect(planted.all.count >= 30, "\(planted.all.count)")
            #expect(written.keys.contains { $0.hasSuffix("report.json") })
            #expect(written.keys.contains { $0.contains("bundle: logs/") })
            for (place, text) in written {
                let leaks = planted.leaks(into: text)
                #expect(leaks.isEmpty, "\(place) has \(leaks)")
            }
        }
    }

    /// The search itself: in each form a secret is found.
    @Test func aSecretIsFoundInEachForm() {
        var planted = PlantedSecrets()
        let password = planted.password("somewhere")
        let basic = PlantedSecrets.forms(of: password)
        #expect(basic.count >= 5)
        for form in basic { #expect(!planted.leaks(into: "x\(form)x").isEmpty, "\(form)") }
    }

    private static let verbs = [
        ["download-pro", "--verbose", "--timeout", "2"],
        ["download-pro", "--log-format", "json", "--json", "--timeout", "2"],
        ["license", "status", "--json"], ["license", "show"], ["instance-id", "--facts"],
        ["doctor"], ["doctor", "--json"],
    ]

    /// A way in which things are set, and the verbs that are of interest there besides.
    private struct Setup {
        let name: String
        let customer: Customer
        var verbs: [[String]] = []
        var server: ScriptedServer?
        /// Puts files in place, before it is used.
        var prepare: () throws -> Void = {}
    }

    private static func customer(
        _ gateway: TestGateway, _ key: String, _ planted: inout PlantedSecrets
    ) throws -> Customer {
        var customer = try Customer(
            in: gateway.folder, gateway: gateway.url,
            key: planted.plant(key, "TOLLGATE_LICENSE_KEY"))
        customer.environment["TOLLGATE_INSTANCE_ID"] = "pinned-for-tests"
        customer.environment["TOLLGATE_APP_VERSION"] = "1.0.0"
        let password = PlantedSecrets.escaped(planted.password("TOLLGATE_URL"))
        customer.environment["TOLLGATE_URL"] = gateway.url.replacing(
            "http://", with: "http://kim:\(password)@")
        for name in [
            "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
        ] {
            let password = PlantedSecrets.escaped(planted.password(name))
            customer.environment[name] = "http://kim:\(password)@127.0.0.1:9"
        }
        customer.environment["NO_PROXY"] = "127.0.0.1"
        for name in [
            "DB_PASSWORD", "NOCOBASE_PKG_PASSWORD", "NPM_TOKEN", "AWS_SECRET_ACCESS_KEY",
        ] {
            customer.environment[name] = planted.password(name)
        }
        // No word of it is long enough to be looked for by itself.
        customer.environment["PGPASSWORD"] = planted.plant(
            "a\(Int.random(in: 10...99)),b2 c\(Int.random(in: 10...99)),d4", "PGPASSWORD")
        for name in ["TOLLGATE_REDIS_URL", "NC_REDIS_URL"] {
            let password = PlantedSecrets.escaped(planted.password(name))
            customer.environment[name] = "redis://:\(password)@127.0.0.1:9/0"
        }
        for name in ["DATABASE_URL", "NC_DB"] {
            let password = PlantedSecrets.escaped(planted.password(name))
            customer.environment[name] =
                name == "NC_DB"
                ? "pg://127.0.0.1:9?u=kim&p=\(password)&d=app"
                : "postgresql://kim:\(password)@127.0.0.1:9/app"
        }
        customer.environment["NC_LICENSE_KEY"] = planted.key("NC_LICENSE_KEY")
        return customer
    }

    /// What is on the disk and is nobody's business.
    private static func plantSaved(
        in storage: FilePath, _ planted: inout PlantedSecrets
    ) throws {
        let folder = storage.appending(".license").string
        try Data(planted.key("license-key").utf8).write(
            to: URL(filePath: "\(folder)/license-key"))
        let agent: JSONValue = ["page_token": .string(planted.password("agent.json") + "long")]
        try Data(agent.prettyBytes).write(to: URL(filePath: "\(folder)/agent.json"))
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tokens") {
            let token = try String(contentsOfFile: "\(folder)/tokens/\(name)", encoding: .utf8)
            _ = planted.plant(token.trimmingNewline, "tokens/\(name)")
        }
        let state = try parseJSON(
            Array(try Data(contentsOf: URL(filePath: "\(folder)/state.json"))))
        let secret = state["installations"]?.array?.first?["secret"]?.string
        _ = planted.plant(try #require(secret), "state.json")
    }

    private static func setups(
        _ working: Customer, _ gateway: TestGateway, _ planted: inout PlantedSecrets
    ) throws -> [Setup] {
        var setups = [Setup(name: "working", customer: working)]

        // Keys in the wrong place of the command line.
        let (version, argument) = (planted.key("--app-version"), planted.key("an argument"))
        let (flag, link) = (planted.key("a flag"), planted.key("--link-into"))
        setups[0].verbs = [
            ["license", "list"], ["license", "refresh"], ["plugins", "list"],
            ["plugins", "verify"],
            ["download-pro", "--app-version", version], ["download-pro", argument],
            ["explain", argument], ["download-pro", "--\(flag)"], ["license", "show", argument],
            ["license", "add", "-l", argument],
            ["download-pro", "--link-into", "/etc/passwd/\(link)"],
            ["agent", "--\(flag)"], ["agent", argument], [argument],
        ]

        var query = working
        query.environment["TOLLGATE_URL"] = "\(gateway.url)?key=\(planted.key("a query"))"
        setups.append(Setup(name: "a key in the address", customer: query))

        var whole = working
        whole.environment["TOLLGATE_URL"] = planted.key("TOLLGATE_URL as a key")
        whole.environment["TOLLGATE_APP_VERSION"] = planted.key("TOLLGATE_APP_VERSION")
        whole.environment["TOLLGATE_DOMAINS"] = "x y,\(planted.key("TOLLGATE_DOMAINS"))"
        setups.append(Setup(name: "keys everywhere", customer: whole))

        var proxied = working
        proxied.environment["NO_PROXY"] = nil
        setups.append(Setup(name: "a dead proxy", customer: proxied))
        var malformed = proxied
        let words = planted.password("a proxy that is no address")
        malformed.environment["http_proxy"] = "ht!tp://kim:\(words)@127.0.0.1:x9"
        setups.append(Setup(name: "a malformed proxy", customer: malformed))

        var database = working
        database.environment["TOLLGATE_INSTANCE_ID"] = nil
        database.environment["TOLLGATE_DATABASE_WAIT"] = "0"
        setups.append(Setup(name: "no database", customer: database))
        var unescaped = database
        let raw = planted.password("DATABASE_URL, not escaped")
        unescaped.environment["DATABASE_URL"] = "postgresql://kim:\(raw)@127.0.0.1:9/app"
        setups.append(Setup(name: "a malformed database", customer: unescaped))

        setups.append(try echoing(working, &planted))
        return setups + (try withFiles(working, &planted))
    }

    /// A server that repeats what it was sent, and sends elsewhere with a secret in the address.
    private static func echoing(
        _ working: Customer, _ planted: inout PlantedSecrets
    ) throws -> Setup {
        let key = planted.all["TOLLGATE_LICENSE_KEY"] ?? ""
        let signature = planted.key("a redirect's query")
        let server = try ScriptedServer { request in
            let sent = request.header("Authorization") ?? "nothing"
            let problem: JSONValue = [
                "code": "license.key-invalid", "detail": .string("No license \(key), \(sent)."),
            ]
            return request.target.contains("root.json")
                ? [
                    .response(
                        302, [("Location", "http://127.0.0.1:9/x?X-Amz-Signature=\(signature)")])
                ]
                : [
                    .response(
                        403, [("Content-Type", "application/problem+json")],
                        body: problem.compactBytes)
                ]
        }
        var echoed = working
        let password = PlantedSecrets.escaped(planted.password("an address that is echoed"))
        echoed.environment["TOLLGATE_URL"] = server.url("").replacing(
            "http://", with: "http://kim:\(password)@")
        return Setup(
            name: "an echo", customer: echoed, server: server)
    }

    /// Secrets in `pkg.yaml`, which counts where the environment says nothing.
    private static func withFiles(
        _ working: Customer, _ planted: inout PlantedSecrets
    ) throws -> [Setup] {
        var customer = working
        for name in ["TOLLGATE_LICENSE_KEY", "NC_LICENSE_KEY", "DATABASE_URL", "NC_DB"] {
            customer.environment[name] = nil
        }
        customer.environment["TOLLGATE_INSTANCE_ID"] = nil
        customer.environment["TOLLGATE_DATABASE_WAIT"] = "0"
        let file = URL(filePath: "\(working.storage.removingLastComponent())/pkg.yaml")
        let password = PlantedSecrets.escaped(planted.password("databaseUrl"))
        let good = """
            licenseKey: \(planted.key("licenseKey"))
            databaseUrl: mysql://kim:\(password)@127.0.0.1:9/app
            """
        let bad = """
            licenseKey \(planted.key("a line without a colon")): [
            \(planted.key("a name in pkg.yaml")): x
            """
        let unknown = "\(planted.key("an unknown name")): x"
        let files = [good, bad, unknown]
        return files.indices.map { index in
            Setup(name: "pkg.yaml \(index)", customer: customer) {
                try Data(files[index].utf8).write(to: file)
            }
        }
    }

    /// The files of a support bundle, by their names.
    private static func bundle(
        of customer: Customer, _ folder: FilePath
    ) async throws -> [(String, String)] {
        let name = "bundle-\(UInt64.random(in: .min ... .max))"
        let (file, content) = (folder.appending("\(name).tar.gz"), folder.appending(name))
        let made = try await run(
            Programs.pkg, ["support-bundle", "-o", file.string],
            environment: customer.environment)
        try #require(made.status == 0, "\(made.errors)")
        try FileManager.default.createDirectory(
            atPath: content.string, withIntermediateDirectories: true)
        let unpacked = try await run(
            "/usr/bin/tar", ["-xzf", file.string, "-C", content.string, "--strip-components=1"])
        #expect(unpacked.status == 0, "\(unpacked.errors)")
        return try [("its lines", made.output + made.errors)] + files(below: content)
    }

    private static func files(below folder: FilePath) throws -> [(String, String)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.string).compactMap { path in
            guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else {
                return nil
            }
            return (path, String(decoding: data, as: UTF8.self))
        }
    }
}
