import Diagnostics
import Logging
import ServiceLifecycle
import Storage

/// Looks every few minutes whether metadata is due: the timestamp each hour, the rest before it
/// expires, and what a stopped publishing left unsigned.
struct SigningClock: Service {
    let vendor: Vendor
    let logger: Logger

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
                } catch {
                    // What the end of the program interrupts, the next start finishes.
                    guard !Task.isCancelled else { return }
                    logger.error("signing metadata failed", metadata: ["cause": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(300))
            }
        }
    }
}
