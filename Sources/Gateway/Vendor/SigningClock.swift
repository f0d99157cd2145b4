import Diagnostics
import FoundationEssentials
import Logging
import ServiceLifecycle
import SignedMetadata
import Storage
import Synchronization

/// Looks every few minutes whether metadata is due: the timestamp each hour, the rest before it
/// expires, and what a stopped publishing left unsigned; and warns of what it has no key for.
struct SigningClock: Service {
    let vendor: Vendor
    let logger: Logger
    private let warnings = DailyWarnings()

    init(vendor: Vendor, logger: Logger) {
        self.vendor = vendor
        self.logger = logger
    }

    func run() async throws {
        do {
            try await onBlockingThread { [vendor] in try vendor.artifacts.removeLeftovers() }
        } catch {
            logger.error(
                "removing the remains of a crash failed", metadata: ["cause": "\(error)"])
        }
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if try await vendor.signMetadata() { logger.info("signed metadata") }
                    try await warn()
                } catch {
                    // What the end of the program interrupts, the next start finishes.
                    guard !Task.isCancelled else { return }
                    logger.error("signing metadata failed", metadata: ["cause": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(300))
            }
        }
    }

    /// Once a day, of what nobody but people can sign anew.
    private func warn() async throws {
        guard warnings.isDue(at: vendor.now()) else { return }
        for due in try await vendor.signaturesDue() {
            logger.warning(
                "\(due.message) \(due.remedy)", metadata: ["code": "\(due.code.name)"])
        }
    }
}

/// When the log warned last.
private final class DailyWarnings: Sendable {
    private let last = Mutex(Date.distantPast)

    func isDue(at now: Date) -> Bool {
        last.withLock { last in
            guard now.timeIntervalSince(last) >= 86_400 else { return false }
            last = now
            return true
        }
    }
}
