import Glibc

/// Raises the number of descriptors that this program may have to the most that the system allows it.
///
/// A shell allows 1024 by habit, for programs that use `select`; this one does not.
///
/// - Returns: how many it may have now
func raiseDescriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    let former = limit.rlim_cur
    limit.rlim_cur = limit.rlim_max
    if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
        limit.rlim_cur = former
    }
    return Int(clamping: limit.rlim_cur)
}
