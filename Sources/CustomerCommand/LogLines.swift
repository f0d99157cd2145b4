import CanonicalJSON
import Diagnostics
package import Fetcher
import FoundationEssentials
package import Logging
package import TerminalOutput

/// A log whose lines go to standard error and to the day's file.
///
/// - Parameters:
///   - settings: where the log file lies
///   - format: how lines look on standard error
///   - level: which lines appear there; the file has them always from info on
/// - Returns: the logger; its metadata `run` is what tells the lines of this run from others'
package func makeLog(
    _ settings: Settings, format: LogFormat, level: Logger.Level = .notice
) -> Logger {
    let file: LogFile?
    do {
        try settings.storage.requireOwnLogs()
        file = try LogFile(in: settings.storage.logs, day: .now)
    } catch {
        Terminal.note("warning: there is no log file: \(error.message)")
        file = nil
    }
    var log = Logger(label: "pkg") { _ in
        LogLines(file: file, format: format, terminalLevel: level)
    }
    log[metadataKey: "run"] = "\(String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16))"
    return log
}

/// Writes a line of the log as a JSON object on standard error.
///
/// - Parameters:
///   - message: what happened
///   - level: how much it matters
///   - run: the run's number in the log
///   - time: when
///   - progress: how far downloads are, where it is about them
func noteJSON(
    _ message: String, level: Logger.Level = .notice, run: String, at time: Date = .now,
    progress: JSONValue? = nil
) {
    var line: JSONObject = [
        "time": .string(time.wireText), "run": .string(run), "level": .string(level.rawValue),
        "message": .string(message),
    ]
    if let progress { line["progress"] = progress }
    Terminal.note(String(decoding: JSONValue.object(line).compactBytes, as: UTF8.self))
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
        let run = metadata["run"].map { "\($0)" } ?? "-"
        file?.append("\(time) \(run) \(event.level.rawValue) \(event.message)", at: now)
        guard event.level >= terminalLevel else { return }
        switch format {
        case .text where event.level >= .error:
            // People read errors at the end, with what to do.
            return
        case .text:
            let layout = TerminalStream.errors.layout
            let label = layout.colored("\(event.level.rawValue):", .yellow)
            Terminal.note(
                event.level <= .notice ? "\(event.message)" : "\(label) \(event.message)")
        case .json:
            noteJSON("\(event.message)", level: event.level, run: run, at: now)
        }
    }
}
