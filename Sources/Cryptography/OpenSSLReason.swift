internal import COpenSSL

/// Empties OpenSSL's error queue of this thread and gives the oldest entry's reason, which is the
/// one that started the others.
func takeOpenSSLReason() -> String {
    let first = ERR_get_error()
    ERR_clear_error()
    guard first != 0, let reason = ERR_reason_error_string(first) else {
        return "OpenSSL gave no reason"
    }
    return String(cString: reason)
}

/// Stops the program when a call failed that fails only without memory or with a broken OpenSSL.
///
/// Going on would mean a digest or a random number that is not one.
func requireSuccess(_ succeeded: Bool, _ function: StaticString) {
    guard succeeded else { fatalError("\(function) failed: \(takeOpenSSLReason())") }
}
