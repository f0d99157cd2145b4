package import ArgumentParser
import Diagnostics
import Glibc
import TerminalOutput

/// Runs the verb that the command line names, and ends the program.
///
/// What ArgumentParser says of a wrong command line repeats the words of it; one of them may be a
/// license key in the wrong place, which is masked.
///
/// - Parameter program: the root of the verbs
package func runProgram(_ program: (some AsyncParsableCommand).Type) async {
    fillClosedStandardDescriptors()
    do {
        var verb = try program.parseAsRoot()
        if var verb = verb as? any AsyncParsableCommand {
            try await verb.run()
        } else {
            try verb.run()
        }
    } catch {
        let message = program.fullMessage(for: error)
        let status = program.exitCode(for: error)
        if !message.isEmpty {
            if status.isSuccess { Terminal.print(message) } else { Terminal.note(message) }
        }
        exit(status.rawValue)
    }
}
