import ArgumentParser
import Diagnostics
package import Fetcher
package import Licensing
import TerminalOutput

/// Prints how the license stands; one that is not in force is the exit code.
package func show(_ status: LicenseStatus, of session: LicenseSession, asJSON: Bool = false) throws
{
    if asJSON {
        Terminal.print(session.json(of: status))
    } else {
        Terminal.print(session.text(of: status))
    }
    for notice in try session.notices() { Terminal.note("warning: \(notice)") }
    if session.awaitsActivation {
        Terminal.note("warning: the license key that is set is not activated here yet")
    }
    guard let failure = status.failure else { return }
    Terminal.print(failure, instanceID: session.identity.id.description)
    throw ExitCode(failure.code.exitStatus.rawValue)
}
