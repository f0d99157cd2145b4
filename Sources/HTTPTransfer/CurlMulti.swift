internal import CCurl
import Diagnostics

/// The one owner of a CURL multi handle: a pool of connections and the transfers that run on it.
///
/// Used on the transfer thread only, but for its ``waker``.
struct CurlMulti: ~Copyable {
    private let pointer: UnsafeMutableRawPointer

    /// Initializes libcurl itself, once in a process; the initialization of a `static` is thread-safe
    /// where curl_global_init before 7.84 is not.
    private static let global = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32))

    init(maximumConnections: Int) throws(NetworkError) {
        guard Self.global == CURLE_OK, let pointer = curl_multi_init() else { throw .outOfMemory }
        self.pointer = pointer
        // These fail only for an option that this libcurl does not know; all of them are old.
        for (option, value) in [
            (CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections),
            (CURLMOPT_MAXCONNECTS, maximumConnections),
        ] {
            let result = curl_multi_setopt_long(pointer, option, value)
            precondition(result == CURLM_OK, "libcurl refuses a multi option")
        }
    }

    deinit {
        // Fails only for a handle that is none.
        _ = curl_multi_cleanup(pointer)
    }

    func add(_ easy: borrowing CurlEasy) throws(NetworkError) {
        try check(curl_multi_add_handle(pointer, easy.pointer))
    }

    func remove(_ easy: borrowing CurlEasy) throws(NetworkError) {
        try check(curl_multi_remove_handle(pointer, easy.pointer))
    }

    /// Moves every transfer as far as it goes without waiting.
    func perform() throws(NetworkError) {
        var running: Int32 = 0
        try check(curl_multi_perform(pointer, &running))
    }

    /// Waits for the network, a wake-up, one of curl's own timers, or the end of that time.
    func poll(milliseconds: Int32) throws(NetworkError) {
        try check(curl_multi_poll(pointer, nil, 0, milliseconds, nil))
    }

    /// The next transfer that ended: its easy handle and how it ended.
    func nextEnd() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
                continue
            }
            return (easy, message.pointee.data.result)
        }
        return nil
    }

    var waker: CurlWaker { CurlWaker(pointer: pointer) }

    private func check(_ code: CURLMcode) throws(NetworkError) {
        guard code == CURLM_OK else {
            throw NetworkError(
                .unexpected,
                "libcurl's multi interface failed: \(String(cString: curl_multi_strerror(code))).")
        }
    }
}

/// Ends the wait of a multi handle's ``CurlMulti/poll(milliseconds:)``.
///
/// Unchecked, because it crosses threads with a bare pointer: curl_multi_wakeup(3) is the one function
/// that may be called from any thread while the handle lives. ``TransferInbox`` calls it under its
/// lock, and drops it under the same lock before the handle is freed.
struct CurlWaker: @unchecked Sendable {
    fileprivate let pointer: UnsafeMutableRawPointer

    func wake() {
        // Fails only when the wake-up is pending already or the handle is none.
        _ = curl_multi_wakeup(pointer)
    }
}
