/// The exit codes of `pkg`, one a kind of failure, so that an entrypoint can tell them apart.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case success = 0
    case unexpected = 1
    /// Done, with mismatches: only with `--strict`.
    case mismatches = 3
    case license = 4
    case network = 5
    case verification = 6
    /// Local disk, lock or limit of the system.
    case local = 7
    /// A flag or value that makes no sense (`EX_USAGE` of sysexits.h).
    case usage = 64
    /// Ended by SIGINT, as a shell says it.
    case interrupted = 130
    /// Ended by SIGTERM.
    case terminated = 143
}
