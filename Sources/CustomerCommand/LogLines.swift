import CanonicalJSON
package import Fetcher
import FoundationEssentials
package import Logging
package import TerminalOutput

/// A log whose lines go to standard error and to the day's file.
///
/// - Parameters:
///   - settings: where the log file lies
///   - format: how lines look on standard error
///   - isVerbose: whether lines of level info appear there; the file has them always
/// - Returns: the logger
package func makeLog(_ settings: Settings, format: LogFormat, isVerbose: Bool) -> Logger {
    let file: LogFile?
    do {
        file = try LogFile(in: settings.storage.logs, day: .now)
    } catch {
        Terminal.note("warning: there is no log file: \(error.message)")
        file = nil
    }
    return Logger(label: "pkg") { _ in
        LogLines(file: file, format: format, terminalLevel: isVerbose ? .info : .notice)
    }
}

private struct LogLines: LogHandler {
    let file: LogFile?
    let format: LogFormat
    let terminalLevel: Logger.Level
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let now = Date.now
        let time = now.wireText
        file?.append("\(time) \(event.level.rawValue) \(event.message)", at: now)
        guard event.level >= terminalLevel else { return }
        switch format {
        case .text where event.level >= .error:
            // People read errors at the end, with what to do.
            return
        case .text:
            Terminal.note(
                event.level <= .notice
                    ? "\(event.message)" : "\(event.level.rawValue): \(event.message)")
        case .json:
            let line: JSONValue = [
                "time": .string(time), "level": .string(event.level.rawValue),
                "message": .string("\(event.message)"),
            ]
            Terminal.note(String(decoding: line.compactBytes, as: UTF8.self))
        }
    }
}
