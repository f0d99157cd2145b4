import HTTPTransfer
package import Packages
import Synchronization

/// What a run tells whoever watches its downloads, in this order; told from any thread.
package enum DownloadEvent: Sendable {
    /// These will be downloaded; nothing is told of a run that downloads nothing.
    case began([Planned])
    /// So many bytes of a plugin's tarball are here; fewer than before when it begins anew.
    case received(PackageName, Int64)
    /// A plugin is downloaded, verified and unpacked.
    case staged(PackageName)
    case failed(PackageName)
    /// Nothing more will be told.
    case ended

    /// A tarball that will be downloaded.
    package struct Planned: Sendable {
        package let name: PackageName
        package let version: SemanticVersion
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
    private let name: PackageName
    private let watch: DownloadWatch
    private let received = Mutex<Int64>(0)

    init(_ sink: PartialTarball, of name: PackageName, _ watch: @escaping DownloadWatch) {
        self.sink = sink
        self.name = name
        self.watch = watch
    }

    func begin(resumingAt offset: Int64) throws {
        try sink.begin(resumingAt: offset)
        received.withLock { $0 = offset }
        watch(.received(name, offset))
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.receive(bytes)
        let count = received.withLock { received in
            received += Int64(bytes.count)
            return received
        }
        watch(.received(name, count))
    }
}
