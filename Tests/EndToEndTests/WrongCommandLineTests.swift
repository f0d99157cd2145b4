import SystemPackage
import TestSupport
import Testing

/// What each program says of a command line that makes no sense.
@Suite struct WrongCommandLineTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let program: String
        let arguments: [String]
        /// What is wrong.
        let sentence: String
        /// Where to look.
        let help: String

        var testDescription: String { ([program] + arguments).joined(separator: " ") }
    }

    static let mistakes = [
        Mistake(
            program: "pkg", arguments: ["banana"], sentence: "Unexpected argument 'banana'.",
            help: "pkg --help"),
        Mistake(
            program: "pkg", arguments: ["download-pro", "--bananas"],
            sentence: "Unknown option '--bananas'.", help: "pkg download-pro --help"),
        Mistake(
            program: "pkg", arguments: ["plugins", "rollback"],
            sentence: "Give a plugin's name, or --all.", help: "pkg plugins rollback --help"),
        Mistake(
            program: "pkg-agent", arguments: ["--port", "99999"],
            sentence: "A port is a number from 0 to 65535.", help: "pkg agent --help"),
        Mistake(
            program: "tollgate", arguments: ["licenses", "issue", "--plugin", "x"],
            sentence: "Missing expected argument '--account <account>'.",
            help: "tollgate licenses issue --help"),
        Mistake(
            program: "tollgate", arguments: ["serve", "--port", "99999"],
            sentence: "A port is a number from 0 to 65535.", help: "tollgate serve --help"),
    ]

    @Test(arguments: mistakes) func isNamedWithWhereToLook(_ mistake: Mistake) async throws {
        let outcome = try await run(
            Programs.folder.appending(mistake.program), mistake.arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errorCode == "usage.invalid")
        #expect(outcome.output == "")
        #expect(outcome.errors.contains(mistake.sentence))
        #expect(outcome.errors.contains("See '\(mistake.help)' for more information."))
    }

    /// So few that what it waits for would never come.
    @Test(arguments: ["pkg doctor", "pkg download-pro", "tollgate keys list"])
    func tooFewOpenFilesAreSaidAtOnce(_ command: String) async throws {
        let outcome = try await run(
            "/bin/sh", ["-c", "ulimit -n 20; exec \(Programs.folder)/\(command)"])
        #expect(outcome.status == 7, "\(outcome.errors)")
        #expect(outcome.errorCode == "system.limit")
        #expect(outcome.errors.contains("20 open files (ulimit -n)"))
    }

    @Test func aKeyInTheWrongPlaceIsNotRepeated() async throws {
        let key = "tg_0WJ42QKVK2TX5V26HB7H6NWM07"
        for program in ["pkg", "tollgate"] {
            let outcome = try await run(Programs.folder.appending(program), [key])
            #expect(outcome.errorCode == "usage.invalid")
            #expect(!outcome.errors.contains(key), "\(program)")
        }
    }
}
