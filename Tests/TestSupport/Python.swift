import Subprocess
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// The Python that tests compare our formats with: `TOLLGATE_TEST_PYTHON`, which `scripts/test` sets,
/// or the `python3` of the search path.
package enum Python {
    private static var executable: Executable {
        guard let path = getenv("TOLLGATE_TEST_PYTHON") else { return .name("python3") }
        return .path(FilePath(String(cString: path)))
    }

    /// Whether there is a Python that can import these modules.
    package static func canImport(_ modules: String...) async -> Bool {
        (try? await run("import \(modules.joined(separator: ", "))")) != nil
    }

    /// Runs a script and gives what it printed.
    ///
    /// - Throws: ``PythonFailure`` when it exits with another status than 0.
    package static func run(_ script: String, input: String = "") async throws -> String {
        try await run(arguments: ["-c", script], input: input)
    }

    /// Runs a script that is a file and gives what it printed; see ``run(_:input:)``.
    package static func run(
        file: FilePath, _ arguments: [String], input: String = "",
        environment: [String: String] = [:]
    ) async throws -> String {
        try await run(
            arguments: [file.string] + arguments, input: input, environment: environment)
    }

    private static func run(
        arguments: [String], input: String, environment: [String: String] = [:]
    ) async throws -> String {
        let result = try await Subprocess.run(
            // -B: no __pycache__ beside the scripts, which lie in the sources.
            executable, arguments: Arguments(["-B"] + arguments),
            environment: .inherit.updating(
                Dictionary(
                    uniqueKeysWithValues: environment.map {
                        (Environment.Key(stringLiteral: $0.key), $0.value)
                    })),
            input: .string(input),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw PythonFailure(description: result.standardError)
        }
        return result.standardOutput
    }
}

/// A Python script that failed, with what it wrote to its standard error.
package struct PythonFailure: Error, CustomStringConvertible {
    package let description: String
}
