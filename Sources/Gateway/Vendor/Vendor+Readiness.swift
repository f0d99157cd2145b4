import Diagnostics
import FoundationEssentials
import SignedMetadata
import Storage
import Synchronization

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

/// Whether the folder of the artifacts takes a file: it may be full, or mounted for reading only.
///
/// Tried again only after a while, so that a balancer may ask as often as it likes.
final class ArtifactWriteCheck: Sendable {
    /// For how long a success counts; a failure is looked at again at once.
    private static let life = Duration.seconds(30)
    /// As much as a file system gives a file at least, so that a full one refuses it.
    private static let size = 4096

    private let succeeded = Mutex<ContinuousClock.Instant?>(nil)

    /// - Throws: ``StorageError`` `disk.*` when nothing can be written.
    func run(_ artifacts: ArtifactStore) throws(StorageError) {
        let now = ContinuousClock.now
        if let last = succeeded.withLock({ $0 }), last + Self.life > now { return }
        do {
            let writer = try artifacts.begin(maximumLength: Int64(Self.size))
            try [UInt8](repeating: 0, count: Self.size).withUnsafeBytes { try writer.write($0) }
        } catch {
            throw StorageError("\(artifacts.root) cannot be written.", because: error)
        }
        succeeded.withLock { $0 = now }
    }
}

extension Vendor {
    /// Throws unless database, artifacts that can be read and written, and fresh signed metadata are there.
    func checkReadiness() async throws(NotReady) {
        var missing: [NotReady.Part] = []
        var hasDatabase = true
        do {
            try await records.ping()
        } catch {
            hasDatabase = false
            missing.append(NotReady.Part(what: "the database", cause: error))
        }
        do {
            try await onBlockingThread { [artifacts] in try artifacts.check() }
        } catch {
            missing.append(NotReady.Part(what: "the artifacts", cause: error))
        }
        do {
            try await onBlockingThread { [writeCheck, artifacts] in try writeCheck.run(artifacts) }
        } catch {
            missing.append(NotReady.Part(what: "room for artifacts", cause: error))
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
            // Without a database nobody knows of the plugins' roles, and that is said already.
            let ends = hasDatabase ? try await records.releases.signatureEnds(before: now()) : []
            for (plugin, expires) in ends {
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
