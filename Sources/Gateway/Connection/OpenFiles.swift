import Cryptography
import Storage
import Synchronization
import SystemPackage

/// The artifacts that were sent last, still open, so that one that many ask for is not opened for each.
///
/// An artifact never changes, but it may be taken away: what was opened some seconds ago is opened anew.
/// There are two generations of a fixed size, and the older one is forgotten with all that nobody asked
/// for meanwhile; its files close when the last download of each is done.
final class OpenFiles: Sendable {
    private struct Opened: Sendable {
        let file: OpenedFile
        let at: ContinuousClock.Instant
    }

    private struct Generations {
        var present: [Digest: Opened] = [:]
        var former: [Digest: Opened] = [:]
    }

    /// How many files a generation has.
    private static let size = 32
    /// For how long an open file stands for the one on the disk.
    private static let life = Duration.seconds(5)

    private let generations = Mutex(Generations())
    private let artifacts: ArtifactStore

    init(_ artifacts: ArtifactStore) {
        self.artifacts = artifacts
    }

    /// The artifact, opened just now or some seconds ago.
    ///
    /// - Throws: ``StorageError`` for one that is not there or cannot be read.
    func file(_ sha512: Digest) async throws -> OpenedFile {
        let now = ContinuousClock.now
        let known = generations.withLock { $0.present[sha512] ?? $0.former[sha512] }
        if let known, known.at + Self.life > now { return known.file }
        let path = artifacts.path(of: sha512)
        let file = try await onBlockingThread { try OpenedFile(path) }
        generations.withLock { generations in
            if generations.present.count >= Self.size, generations.present[sha512] == nil {
                generations.former = generations.present
                generations.present = [:]
            }
            generations.present[sha512] = Opened(file: file, at: now)
        }
        return file
    }
}
