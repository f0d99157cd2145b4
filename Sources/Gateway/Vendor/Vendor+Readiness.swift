import Diagnostics
import FoundationEssentials
import SignedMetadata
import Storage

/// What keeps the gateway from its work: all of it, each with its cause for the log.
struct NotReady: Error, CustomStringConvertible {
    struct Part: Sendable {
        /// In words for whoever asks; they learn nothing of the machine.
        let what: String
        let cause: any Error
    }

    var parts: [Part]

    var description: String {
        parts.map { "\($0.what): \($0.cause)" }.joined(separator: "; ")
    }
}

extension Vendor {
    /// Throws unless database, artifacts and fresh signed metadata are there.
    func checkReadiness() async throws(NotReady) {
        var missing: [NotReady.Part] = []
        do {
            try await records.ping()
        } catch {
            missing.append(NotReady.Part(what: "the database", cause: error))
        }
        do {
            try await onBlockingThread { [artifacts] in try artifacts.check() }
        } catch {
            missing.append(NotReady.Part(what: "the artifacts", cause: error))
        }
        do {
            let signed = try await onBlockingThread { try signedRepository() }
            for (file, expires) in [
                ("timestamp.json", signed.timestamp.expires),
                ("snapshot.json", signed.snapshot.expires),
                ("targets.json", signed.targets.expires), ("root.json", signed.root.expires),
            ] where expires <= now() {
                let cause = TrustError(
                    .trustExpired, "\(file) expired at \(expires.formatted(.iso8601)).")
                missing.append(NotReady.Part(what: "fresh signed metadata", cause: cause))
            }
            for (plugin, expires) in try await records.releases.signatureEnds(before: now()) {
                let cause = TrustError(
                    .trustExpired,
                    "The role of \(plugin) expired at \(expires.formatted(.iso8601)).")
                missing.append(NotReady.Part(what: "fresh signed metadata", cause: cause))
            }
        } catch {
            missing.append(NotReady.Part(what: "signed metadata", cause: error))
        }
        guard missing.isEmpty else { throw NotReady(parts: missing) }
    }
}
