package import ArgumentParser
import Diagnostics
import Glibc

/// Runs the verb that the command line names; does not return when it fails.
///
/// A failure is shown with its code, its sentence and what to do, also a command line that makes no
/// sense; the exit code is that of the kind of failure.
///
/// - Parameter program: the root of the verbs
package func runProgram(_ program: (some AsyncParsableCommand).Type) async {
    fillClosedStandardDescriptors()
    do {
        var verb = try program.parseAsRoot()
        try SystemLimits.requireEnough()
        if var verb = verb as? any AsyncParsableCommand {
            try await verb.run()
        } else {
            try verb.run()
        }
    } catch {
        let status = program.exitCode(for: error)
        let message = program.fullMessage(for: error)
        // What was asked for, such as help; or all was said, and this is the exit code.
        if status.isSuccess || message.isEmpty {
            if !message.isEmpty { Terminal.print(message) }
            exit(status.rawValue)
        }
        let failure =
            status == .validationFailure ? wrongCommandLine(error, program) : anyFailure(error)
        Terminal.print(failure)
        exit(failure.code.exitStatus.rawValue)
    }
}

/// What ArgumentParser says of a wrong command line, and below that how the verb is used.
private func wrongCommandLine(
    _ error: any Error, _ program: (some AsyncParsableCommand).Type
) -> UsageError {
    let message = program.message(for: error)
    let usage = program.fullMessage(for: error).split(separator: "\n")
        .drop { !$0.hasPrefix("Help: ") && !$0.hasPrefix("Usage: ") }
        .map { sentence($0.split(separator: " ").joined(separator: " ")) }
    return UsageError(
        sentence(message), remedy: usage.isEmpty ? nil : usage.joined(separator: " "))
}

private func sentence(_ text: String) -> String {
    text.last.map { ".:!?".contains($0) } == true ? text : "\(text)."
}
