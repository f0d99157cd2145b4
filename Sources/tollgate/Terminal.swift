import CanonicalJSON
import Diagnostics
import SystemPackage

/// What people read: results on standard output, all else on standard error.
enum Terminal {
    /// A result.
    static func say(_ text: String) {
        _ = try? FileDescriptor.standardOutput.writeAll(Array((text + "\n").utf8))
    }

    /// A result for programs.
    static func say(_ json: JSONValue) {
        _ = try? FileDescriptor.standardOutput.writeAll(json.prettyBytes)
    }

    /// Something that is no result.
    static func note(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(Array((text + "\n").utf8))
    }

    /// A failure: what, why, what to do.
    static func show(_ failure: any Failure) {
        let cause = failure.cause.map { "\n      cause: \($0)" } ?? ""
        note(
            """
            ERROR \(failure.code.name): \(failure.code.title)
                  \(failure.message)\(cause)
              fix: \(failure.remedy)
            """)
    }

    /// A table: columns as wide as they need to be.
    static func say(table rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line +=
                    isLast
                    ? cell : cell + String(repeating: " ", count: widths[column] + 2 - cell.count)
            }
            say(line)
        }
    }
}
