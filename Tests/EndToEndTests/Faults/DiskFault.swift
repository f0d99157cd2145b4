import FoundationEssentials
import SystemPackage

/// What the preloaded library `FaultyDisk` does to one run of `pkg`.
struct DiskFault: Sendable {
    enum Deed: Sendable {
        /// Nothing: calls are only counted.
        case none
        /// Right after a call that succeeded.
        case signal(Int32)
        /// The call fails and is not made.
        case error(Errno)
        /// It and all that follow fail.
        case errors(Errno)
    }

    /// Calls that change nothing that others see, but fail on a disk that does.
    static let flushes = ["fsync", "syncfs", "close"]
    /// Calls for which a file system takes space.
    static let takingSpace = ["create", "write", "mkdir", "rename", "link"]

    var deed: Deed
    /// Which of the calls: 1 for the first.
    var position: Int
    /// By the library's names; nil: all that change something.
    var calls: [String]?
    var canExchange = true

    static let library = Programs.folder.appending("libFaultyDisk.so")

    /// What to run `pkg` with.
    ///
    /// - Parameters:
    ///   - storage: the folder that the faults are confined to
    ///   - log: gets a line a call that counts
    /// - Returns: environment variables
    func environment(for storage: FilePath, log: FilePath? = nil) -> [String: String] {
        var environment = [
            "LD_PRELOAD": Self.library.string, "FAULTY_DISK_ROOT": storage.string,
            "FAULTY_DISK_AT": "\(position)",
        ]
        environment["FAULTY_DISK_CALLS"] = calls?.joined(separator: ",")
        environment["FAULTY_DISK_LOG"] = log?.string
        if !canExchange { environment["FAULTY_DISK_NO_EXCHANGE"] = "1" }
        switch deed {
        case .none: break
        case .signal(let number): environment["FAULTY_DISK_SIGNAL"] = "\(number)"
        case .error(let errno): environment["FAULTY_DISK_ERROR"] = "\(errno.rawValue)"
        case .errors(let errno):
            environment["FAULTY_DISK_ERROR"] = "\(errno.rawValue)"
            environment["FAULTY_DISK_LASTS"] = "1"
        }
        return environment
    }
}

/// Does something for the positions 1, 2, 3 …, several beside each other, until a position was one too
/// many.
///
/// - Parameters:
///   - lanes: how many run beside each other
///   - body: given a position and the lane that it runs in; false: there was nothing at it
/// - Returns: for how many positions there was something
/// - Throws: what `body` throws.
func forEachPosition(
    lanes: Int = 3,
    _ body: @escaping @Sendable (_ position: Int, _ lane: Int) async throws -> Bool
) async throws -> Int {
    try await withThrowingTaskGroup(of: Int.self) { group in
        for lane in 0..<lanes {
            group.addTask {
                var position = lane + 1
                var count = 0
                while try await body(position, lane) {
                    count += 1
                    position += lanes
                }
                return count
            }
        }
        return try await group.reduce(0, +)
    }
}
