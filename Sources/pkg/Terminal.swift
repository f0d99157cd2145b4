import CanonicalJSON
import Diagnostics
import Fetcher
import Glibc

// Terminal rules:
//
// - Standard output is for results: the report's table, a list, JSON, an Instance ID. Nothing else,
//   so that `pkg … --json | jq` and `$(pkg instance-id)` work.
// - Standard error is for everything else: progress, warnings, errors. Plain lines.
// - An error has four parts, always in this order: code and title, what happened here, what to do,
//   and what support needs to find it.
// - No secret is printed: what is printed are values of types that cannot hold one.

/// The one place that prints.
enum Terminal {
    /// Prints a result and a newline.
    static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    static func print(_ json: JSONValue) {
        write(String(decoding: json.prettyBytes, as: UTF8.self), to: STDOUT_FILENO)
    }

    /// Prints a line about what happens.
    static func note(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Prints an error with its remedy.
    ///
    /// ```
    /// ERROR license.key-mismatch: License key mismatch
    ///       The license is bound to …
    ///   fix: copy the Instance ID below …
    ///       Instance ID: ti_7Q4…  request: 01JD…
    /// ```
    static func print(
        _ failure: any Failure, instanceID: String? = nil, requestIDs: [String] = []
    ) {
        var lines = [
            "ERROR \(failure.code.name): \(failure.code.title)",
            "      \(failure.message)",
            "  fix: \(failure.remedy)",
        ]
        let traces = [
            instanceID.map { "Instance ID: \($0)" },
            requestIDs.last.map { "request: \($0)" },
        ].compactMap(\.self)
        if !traces.isEmpty { lines.append("      \(traces.joined(separator: "  "))") }
        note(lines.joined(separator: "\n"))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            // A closed pipe: whoever reads has seen enough.
            guard count > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(count, 0))
        }
    }
}
