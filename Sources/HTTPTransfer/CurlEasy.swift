internal import CCurl
import Diagnostics

/// The one owner of a CURL easy handle, of its list of headers and of its error text.
///
/// Used on one thread at a time, as curl demands.
struct CurlEasy: ~Copyable {
    let pointer: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// The list that CURLOPT_HTTPHEADER points to: it must outlive the transfer.
    private var headerList = CurlList()

    init() throws(NetworkError) {
        guard let pointer = curl_easy_init() else { throw .outOfMemory }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    mutating func set(_ option: CURLoption, _ value: Int) throws(NetworkError) {
        try check(curl_easy_setopt_long(pointer, option, value), option)
    }

    mutating func set(_ option: CURLoption, offset value: Int64) throws(NetworkError) {
        try check(curl_easy_setopt_offset(pointer, option, Int(value)), option)
    }

    mutating func set(_ option: CURLoption, _ value: String) throws(NetworkError) {
        try check(curl_easy_setopt_text(pointer, option, value), option)
    }

    mutating func set(
        _ option: CURLoption, pointer value: UnsafeRawPointer?
    ) throws(NetworkError) {
        try check(curl_easy_setopt_pointer(pointer, option, value), option)
    }

    /// Sets CURLOPT_WRITEFUNCTION or CURLOPT_HEADERFUNCTION.
    mutating func set(
        _ option: CURLoption,
        receiver:
            @convention(c) (
                UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?
            ) -> Int
    ) throws(NetworkError) {
        try check(curl_easy_setopt_receiver(pointer, option, receiver), option)
    }

    /// Copies a request's body into the handle.
    mutating func set(body: [UInt8]) throws(NetworkError) {
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(body.count))
        // An empty array may have no address at all, and NULL would mean "read it by callback".
        let bytes = body.isEmpty ? [0] : body
        let result = bytes.withUnsafeBytes {
            curl_easy_setopt_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
        }
        try check(result, CURLOPT_COPYPOSTFIELDS)
    }

    /// Sets the header lines, in curl's own notation (`Name: value`, `Name;`, `Name:`).
    mutating func set(headerLines: [String]) throws(NetworkError) {
        for line in headerLines { try headerList.append(line) }
        try check(
            curl_easy_setopt_list(pointer, CURLOPT_HTTPHEADER, headerList.first),
            CURLOPT_HTTPHEADER)
    }

    /// Has curl write its own words about a failure where ``text(of:)`` finds them.
    mutating func keepErrorText() throws(NetworkError) {
        try set(CURLOPT_ERRORBUFFER, pointer: errorText)
    }

    func number(_ fact: CURLINFO) -> Int {
        var value = 0
        return curl_easy_getinfo_long(pointer, fact, &value) == CURLE_OK ? value : 0
    }

    /// A time in microseconds.
    func microseconds(_ fact: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return curl_easy_getinfo_offset(pointer, fact, &value) == CURLE_OK ? Int64(value) : 0
    }

    func text(_ fact: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_easy_getinfo_text(pointer, fact, &value) == CURLE_OK, let value else {
            return nil
        }
        return String(cString: value)
    }

    /// curl's own words about how a transfer ended.
    func failure(_ code: CURLcode) -> CurlFailure {
        let own = String(cString: errorText)
        return CurlFailure(
            code: code.rawValue, text: own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
        )
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(NetworkError) {
        guard code == CURLE_OK else {
            throw NetworkError(
                .unexpected, "libcurl refuses option \(option.rawValue).",
                cause: CurlFailure(
                    code: code.rawValue, text: String(cString: curl_easy_strerror(code))))
        }
    }
}

/// What curl says of a failure: the cause behind a ``NetworkError``.
struct CurlFailure: Error, CustomStringConvertible {
    /// A CURLcode.
    let code: UInt32
    let text: String

    var description: String { "curl \(code): \(text)" }
}

/// The one owner of a `curl_slist`.
private struct CurlList: ~Copyable {
    private(set) var first: UnsafeMutablePointer<curl_slist>?

    mutating func append(_ line: String) throws(NetworkError) {
        guard let longer = curl_slist_append(first, line) else { throw .outOfMemory }
        first = longer
    }

    deinit { curl_slist_free_all(first) }
}
