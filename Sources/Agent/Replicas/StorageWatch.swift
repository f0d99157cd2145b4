import Diagnostics
package import Fetcher
import ServiceLifecycle
import SystemPackage

/// Notices what another replica or `pkg` changed in the storage folder that they share.
///
/// Looks at names, sizes and times every few seconds: files there are replaced, never written over.
package struct StorageWatch: Service {
    private let storage: StorageFolder
    private let board: LicenseBoard
    private let clock: any AgentClock

    /// How long a change may take to be noticed.
    static let interval: Duration = .seconds(5)

    package init(_ storage: StorageFolder, _ board: LicenseBoard, clock: any AgentClock) {
        self.storage = storage
        self.board = board
        self.clock = clock
    }

    /// Looks until the program is told to end.
    package func run() async {
        var seen = await onBlockingThread { [storage] in Content(storage) }
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            await cancelWhenGracefulShutdown { try? await clock.sleep(for: Self.interval) }
            await look(&seen)
        }
    }

    /// Lets everything be read anew when something is not what was seen.
    func look(_ seen: inout Content) async {
        let present = await onBlockingThread { [storage] in Content(storage) }
        if present != seen { await board.forget() }
        seen = present
    }

    /// What lies in the folder; one that cannot be read has nothing in it.
    struct Content: Equatable, Sendable {
        private var files: [String: FileStatus] = [:]
        private let report: FileStatus?

        init(_ storage: StorageFolder) {
            report = (try? Disk.status(storage.report)) ?? nil
            for name in (try? Disk.filesBelow(storage.license)) ?? [] where !name.hasSuffix(".new")
            {
                files[name] = (try? Disk.status(storage.license.appending(name))) ?? nil
            }
        }
    }
}
