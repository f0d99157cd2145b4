import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// npm in a project of its own: no settings, cache or network of the machine's.
struct NPM {
    private static let program: FilePath = "/usr/bin/npm"
    static let programs = DebianPrograms([program], package: "npm")

    let project: FilePath
    var environment: [String: String]

    /// Makes the project: an application with `@acme/app` 1.0.0 in it.
    ///
    /// - Parameters:
    ///   - project: a folder to make
    ///   - settings: its `.npmrc`
    /// - Throws: when a file cannot be written.
    init(in project: FilePath, settings: String) throws {
        self.project = project
        environment = [
            "HOME": project.appending("home").string,
            "npm_config_cache": project.appending("cache").string,
            "npm_config_userconfig": project.appending("user.npmrc").string,
            "npm_config_globalconfig": project.appending("global.npmrc").string,
            "npm_config_update_notifier": "false", "npm_config_audit": "false",
            "npm_config_fund": "false", "npm_config_fetch_retries": "0",
        ]
        try write(settings, ".npmrc")
        try write(
            #"{"name":"site","version":"1.0.0","dependencies":{"@acme/app":"file:app"}}"#,
            "package.json")
        try write(#"{"name":"@acme/app","version":"1.0.0"}"#, "app/package.json")
    }

    func run(_ arguments: String...) async throws -> Outcome {
        try await run(arguments)
    }

    /// Runs a verb.
    ///
    /// - Parameters:
    ///   - arguments: the verb and what it takes
    ///   - answers: what a person types at its questions, a line each, on a terminal
    /// - Returns: how it ended
    /// - Throws: when it cannot be started.
    func run(_ arguments: [String], answering answers: [String] = []) async throws -> Outcome {
        let inProject = ["-C", project.string]
        guard !answers.isEmpty else {
            return try await EndToEndTests.run(
                "/usr/bin/env", inProject + [Self.program.string] + arguments,
                environment: environment)
        }
        return try await EndToEndTests.run(
            "/usr/bin/env",
            inProject + ["python3", "-c", Self.terminal, Self.program.string] + arguments,
            environment: environment.merging(
                ["ANSWERS": answers.joined(separator: "\n")], uniquingKeysWith: { $1 }))
    }

    /// Runs a script by node, whose `process.argv` begins with the arguments at 1.
    func node(_ script: String, _ arguments: String...) async throws -> Outcome {
        try await EndToEndTests.run(
            "/usr/bin/env", ["-C", project.string, "node", "-e", script, "--"] + arguments,
            environment: environment)
    }

    /// Types an answer each time that npm has asked for a name or a password.
    private static let terminal = """
        import os, pty, sys
        answers = os.environ.pop('ANSWERS').split('\\n')
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(sys.argv[1], sys.argv[1:])
        shown = b''
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
            sys.stdout.buffer.write(piece)
            if answers and (b'name: ' in shown or b'word: ' in shown):
                os.write(terminal, answers.pop(0).encode() + b'\\n')
                shown = b''
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """

    /// Removes what was installed and what was cached.
    func forget() throws {
        for name in ["node_modules", "cache"] {
            try? FileManager.default.removeItem(atPath: project.appending(name).string)
        }
    }

    func json(_ name: String) throws -> JSONValue {
        try parseJSON([UInt8](Data(contentsOf: URL(filePath: project.appending(name).string))))
    }

    func write(_ text: String, _ name: String) throws {
        let file = FilePath("\(project)/\(name)")
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file.string))
    }
}

extension NPM {
    /// What a verb prints; it has to go well.
    func said(_ arguments: String...) async throws -> String {
        let outcome = try await run(arguments)
        #expect(outcome.status == 0, "npm \(arguments): \(outcome.errors)")
        return outcome.output.trimmingNewline
    }

    func does(_ arguments: String...) async throws {
        let outcome = try await run(arguments)
        #expect(outcome.status == 0, "npm \(arguments): \(outcome.errors)")
    }

    /// Makes the project a plugin.
    func writePackage(_ name: String, _ version: String, content: String = "1") throws {
        let manifest: JSONValue = [
            "name": .string(name), "version": .string(version), "files": ["index.js"],
            "peerDependencies": ["@acme/app": ">=1.0.0 <2.0.0"],
        ]
        try write(String(decoding: manifest.prettyBytes, as: UTF8.self), "package.json")
        try write("exports.x = \(content)\n", "index.js")
    }
}

extension TestGateway {
    struct IssuedLicense {
        let id: String
        let key: String
        let accessKey: String
        let secret: String
    }

    func issueWithAccessKey(_ plugins: [String]) async throws -> IssuedLicense {
        let json = try await tollgate(
            ["licenses", "issue", "--account", "Globex", "--expires", "2040-12-31", "--json"]
                + ["--plugins", plugins.joined(separator: ",")]
        ).json
        return IssuedLicense(
            id: try #require(json["id"]?.string), key: try #require(json["key"]?.string),
            accessKey: try #require(json["access_key_id"]?.string),
            secret: try #require(json["access_key_secret"]?.string))
    }

    func publishToken(_ plugins: String...) async throws -> String {
        let json = try await tollgate(
            ["tokens", "create", "--name", "ci", "--json"] + plugins.flatMap { ["--publish", $0] }
        ).json
        return try #require(json["token"]?.string)
    }

    /// An `.npmrc` for this registry, whose lines hold for its address alone.
    func settings(_ lines: [String]) -> String {
        let scope = url.replacing("http:", with: "")
        return (["registry=\(url)/"] + lines.map { "\(scope)/:\($0)" }).joined(separator: "\n")
    }
}
