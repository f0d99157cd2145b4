import HTTPTransfer
package import Packages
import Synchronization

/// What a run tells whoever watches its downloads, in this order; told from any thread.
package enum DownloadEvent: Sendable {
    /// These will be downloaded; nothing is told of a run that downloads nothing.
    case began([Planned])
    /// So many bytes of a tarball are here; fewer than before when it begins anew.
    case received(Subject, Int64)
    /// A release is downloaded and verified, and unpacked where it is installed.
    case staged(Subject)
    case failed(Subject)
    /// Nothing more will be told.
    case ended

    /// Which release; an export has several of one plugin.
    package struct Subject: Hashable, Sendable, CustomStringConvertible {
        package let name: PackageName
        package let version: SemanticVersion

        init(_ release: Release) {
            name = release.name
            version = release.version
        }

        package var description: String { "\(name) \(version)" }
    }

    /// A tarball that will be downloaded.
    package struct Planned: Sendable {
        package let subject: Subject
        /// In bytes.
        package let length: Int64
        /// How much of it an earlier run left.
        package let present: Int64
    }
}

/// Takes what happens to downloads.
package typealias DownloadWatch = @Sendable (DownloadEvent) -> Void

/// A sink that tells how many bytes it has.
final class WatchedSink: DownloadSink {
    private let sink: PartialTarball
    private let subject: DownloadEvent.Subject
    private let watch: DownloadWatch
    private let received = Mutex<Int64>(0)

    init(_ sink: PartialTarball, of release: Release, _ watch: @escaping DownloadWatch) {
        self.sink = sink
        subject = DownloadEvent.Subject(release)
        self.watch = watch
    }

    func begin(resumingAt offset: Int64) throws {
        try sink.begin(resumingAt: offset)
        received.withLock { $0 = offset }
        watch(.received(subject, offset))
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.receive(bytes)
        let count = received.withLock { received in
            received += Int64(bytes.count)
            return received
        }
        watch(.received(subject, count))
    }
}
