import Diagnostics
package import Logging
import ServiceLifecycle
import Synchronization

/// Tells the other replicas of a change by Redis, and takes over what they tell.
///
/// Messages say what changed and where to look, never a key or a token. Redis may be away: nothing
/// but the speed depends on it.
package final class RedisReplicas: Service {
    private let thread: RedisThread
    private let address: RedisAddress
    private let log: Logger
    private let board = Mutex<LicenseBoard?>(nil)

    package init(_ address: RedisAddress, log: Logger) {
        thread = RedisThread(address)
        self.address = address
        self.log = log
    }

    /// Who takes over what is heard; set before it runs.
    package func connect(to board: LicenseBoard) {
        self.board.withLock { $0 = board }
    }

    /// Tells the others, as soon as Redis is there.
    package func announce(_ change: LicenseChange) {
        thread.announce(change)
    }

    /// Listens until the program is told to end.
    package func run() async throws {
        try thread.start()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await listen()
            } onCancel: {
                thread.end()
            }
        } onGracefulShutdown: { [thread] in
            thread.end()
        }
    }

    private func listen() async {
        var isLost = false
        for await event in thread.events {
            switch event {
            case .connected:
                log.notice("Replicas tell each other of changes by Redis at \(address).")
                isLost = false
                await board.withLock(\.self)?.forget()
            case .lost(let failure):
                // Once: it is tried again and again.
                if !isLost { log.warning("\(failure) It is tried again.") }
                isLost = true
            case .heard(let change):
                await apply(change)
            }
        }
    }

    private func apply(_ change: LicenseChange) async {
        guard let board = board.withLock(\.self) else { return }
        do {
            if try await board.apply(change) {
                log.notice("Another replica says that the license was \(change.kind.rawValue).")
            }
        } catch {
            log.warning("What another replica changed could not be read: \(anyFailure(error))")
        }
    }
}
