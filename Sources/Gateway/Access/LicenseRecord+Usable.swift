import Diagnostics
import FoundationEssentials
import Licensing
import Storage

extension LicenseRecord {
    /// Whether anything can be downloaded with it: what it covered is kept after the term unless it
    /// says that plugins pause then.
    func isUsable(at now: Date) -> Bool {
        status == .active && !terms.isToCome(at: now)
            && (terms.afterTerm == .keep || !terms.isOver(at: now))
    }

    /// The code of why it is not usable.
    func refusal(at now: Date) -> FailureCode {
        switch status {
        case .suspended: .licenseSuspended
        case .revoked: .licenseRevoked
        case .active: terms.isToCome(at: now) ? .licenseNotYetValid : .licenseExpired
        }
    }
}
