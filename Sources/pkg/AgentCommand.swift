import ArgumentParser
import CustomerCommand
import Diagnostics
import FoundationEssentials
import Glibc
import SystemPackage

/// `pkg agent`: becomes the program pkg-agent, which alone has a web server inside.
struct AgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Runs the check-ins and the license page: starts the program pkg-agent.",
        discussion: "What follows goes to pkg-agent: `pkg agent --help` shows its flags.")

    @Argument(parsing: .captureForPassthrough, help: "The flags of pkg-agent.")
    var arguments: [String] = []

    func run() async throws {
        try await reportingFailures {
            let folders = [Self.ownFolder].compactMap(\.self) + Self.searchPath
            for folder in folders {
                try become(folder.appending("pkg-agent"))
            }
            throw ProgramMissing(folders: folders)
        }
    }

    /// Starts the program in the place of this one (execv(2)); returns when there is none.
    private func become(_ program: FilePath) throws {
        var words = ([program.string] + arguments).map { strdup($0) } + [nil]
        execv(program.string, &words)
        let failure = Errno(rawValue: errno)
        for word in words { free(word) }
        guard [.noSuchFileOrDirectory, .notDirectory, .permissionDenied].contains(failure) else {
            throw ProgramMissing(program, failure)
        }
    }

    /// Where this program lies.
    private static var ownFolder: FilePath? {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
            FilePath($0).removingLastComponent()
        }
    }

    private static var searchPath: [FilePath] {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map {
            FilePath(String($0))
        }
    }
}

/// There is no pkg-agent that can be started.
private struct ProgramMissing: Failure {
    let code = FailureCode.agentProgramMissing
    let message: String
    let cause: (any Error)?

    init(folders: [FilePath]) {
        message = "Looked in \(folders.map(\.string).joined(separator: ", "))."
        cause = nil
    }

    init(_ program: FilePath, _ failure: Errno) {
        message = "\(program) cannot be started."
        cause = failure
    }
}
