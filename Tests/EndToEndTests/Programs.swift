import CanonicalJSON
import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The programs as they were built beside the tests.
enum Programs {
    static let folder: FilePath = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return FilePath(own).removingLastComponent()
    }()

    static let pkg = folder.appending("pkg")
    static let tollgate = folder.appending("tollgate")

    /// A search path, and a variable that hosting platforms set and no program here may read;
    /// nothing else of the machine's environment.
    static let environment = [
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "URL": "https://elsewhere.example",
    ]
}

/// How a program ended, and what it said.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String
    /// The standard output as JSON.
    var json: JSONValue {
        get throws { try parseJSON(Array(output.utf8)) }
    }

    /// The code of the first error that was printed.
    var errorCode: String? {
        guard let start = errors.firstRange(of: "ERROR ") else { return nil }
        return String(errors[start.upperBound...].prefix { $0 != ":" && $0 != "\n" })
    }
}

/// Runs a program to its end.
func run(
    _ program: FilePath, _ arguments: [String], environment: [String: String] = [:]
) async throws -> Outcome {
    let errors = try makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: errors.string) }
    let file = errors.appending("errors")
    let child = try ChildProcess(
        program, arguments,
        environment: Programs.environment.merging(environment) { $1 }, errors: file)
    let (status, output) = try await child.wait()
    let text = try String(contentsOfFile: file.string, encoding: .utf8)
    return Outcome(status: status, output: output, errors: text)
}

/// Makes a shell script that can be executed.
///
/// By another process: a file that this one writes while another test starts a program is open there
/// too, and cannot be executed as long (ETXTBSY).
func makeProgram(at path: FilePath, _ script: String) async throws {
    let made = try await run(
        "/bin/sh",
        [
            "-c", "printf '#!/bin/sh\\n%s\\n' \"$2\" >\"$1\" && chmod 755 \"$1\"", "sh",
            path.string,
            script,
        ])
    try #require(made.status == 0, "\(made.errors)")
}
