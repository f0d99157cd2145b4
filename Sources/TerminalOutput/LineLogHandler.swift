import CanonicalJSON
import Diagnostics
import FoundationEssentials
package import Logging
import Synchronization

/// Writes each log message as one line.
///
/// Control characters are written as escapes, so that nobody can forge a second line by what they
/// send.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - format: how a line looks
    ///   - write: takes a whole line, newline included, at once
    package init(format: LogFormat, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.format = format
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let own = event.metadata ?? [:]
        let values = (metadata.isEmpty ? own : metadata.merging(own) { $1 })
            .map { ($0.key, "\($0.value)") }.sorted { $0.0 < $1.0 }
        let time = LogTime.text(of: Date())
        switch format {
        case .json:
            var line: JSONObject = [
                "time": .string(time), "level": .string(event.level.rawValue),
                "message": .string("\(event.message)"),
            ]
            for (name, value) in values { line[name] = .string(value) }
            write(JSONValue.object(line).compactBytes + [UInt8(ascii: "\n")])
        case .text:
            var line =
                "\(time) \(event.level.rawValue.uppercased()) \(printable("\(event.message)"))"
            for (name, value) in values {
                line +=
                    " \(name)=\(value.contains(" ") ? "\"\(printable(value))\"" : printable(value))"
            }
            write(Array((line + "\n").utf8))
        }
    }
}

/// Times as they stand in log lines: `2026-11-21T20:29:14.123Z`.
///
/// All lines of one second share what costs most of writing them, the calendar's part.
enum LogTime {
    private static let last = Mutex<(second: Int64, text: String)>((.min, ""))

    static func text(of time: Date) -> String {
        let milliseconds = Int64(max(0, time.timeIntervalSince1970 * 1000))
        let second = milliseconds / 1000
        let text = last.withLock { last in
            if last.second != second {
                let whole = Date(timeIntervalSince1970: Double(second))
                last = (second, String(whole.formatted(Date.ISO8601FormatStyle()).dropLast()))
            }
            return last.text
        }
        let rest = milliseconds % 1000
        return "\(text).\(rest < 10 ? "00" : rest < 100 ? "0" : "")\(rest)Z"
    }
}
