import CanonicalJSON
import Diagnostics
import Dispatch
package import Fetcher
import FoundationEssentials
import Synchronization
package import TerminalOutput

/// Shows how far downloads are: live lines on a terminal, plain or JSON lines elsewhere.
///
/// Drawn by a thread of its own that lives as long as something is downloaded, so that what arrives
/// only has to be counted, and so that a terminal that was resized or a transfer that stands still
/// is seen as such.
package final class DownloadDisplay: Sendable {
    /// What is shown, and how often.
    private enum Kind {
        /// Redrawn at most ten times a second.
        case live
        /// One line a plugin, and one every ten seconds.
        case lines(LogFormat, run: String, tellsPlugins: Bool)

        var interval: DispatchTimeInterval {
            switch self {
            case .live: .milliseconds(100)
            case .lines: .seconds(10)
            }
        }
    }

    private struct Shown {
        var board: TransferBoard
        /// The name on the board, and the length.
        let planned: [DownloadEvent.Subject: (title: String, length: Int64)]
    }

    private let kind: Kind
    private let start = ContinuousClock.now
    /// Locked for moments only: the thread that all transfers share takes it for each piece.
    private let shown = Mutex<Shown?>(nil)
    /// Held while something is written, which takes as long as whoever reads wants.
    private let writing = Mutex(())
    private let hasEnded = DispatchSemaphore(value: 0)

    private init(_ kind: Kind) {
        self.kind = kind
    }

    /// What a run tells its downloads to.
    ///
    /// - Parameters:
    ///   - format: how lines look; JSON is never live
    ///   - run: the run's number in the log
    ///   - tellsPlugins: whether each plugin has a line, where nothing is live
    /// - Returns: what takes the events
    package static func watch(
        _ format: LogFormat, run: String, tellsPlugins: Bool
    ) -> DownloadWatch {
        let isLive = format == .text && TerminalStream.errors.isLive
        let display = DownloadDisplay(
            isLive ? .live : .lines(format, run: run, tellsPlugins: tellsPlugins))
        return { display.take($0) }
    }

    private func take(_ event: DownloadEvent) {
        switch event {
        case .began(let planned):
            begin(planned)
        case .received(let subject, let bytes):
            change(subject) { $0.note($1, received: bytes, at: $2) }
        case .staged(let subject):
            change(subject) { $0.end($1, as: .done, at: $2) }
            if case .lines(_, _, true) = kind { tell(of: subject) }
        case .failed(let subject):
            change(subject) { $0.end($1, as: .failed, at: $2) }
        case .ended:
            let wasShown = shown.withLock { shown in
                defer { shown = nil }
                return shown != nil
            }
            guard wasShown else { return }
            hasEnded.signal()
            writing.withLock { _ in
                if case .live = kind { Terminal.show(live: []) }
            }
        }
    }

    private func begin(_ planned: [DownloadEvent.Planned]) {
        let releases = Dictionary(grouping: planned, by: \.subject.name)
        func title(_ subject: DownloadEvent.Subject) -> String {
            releases[subject.name]?.count == 1 ? "\(subject.name)" : "\(subject)"
        }
        let transfers = planned.map {
            TransferBoard.Transfer(
                name: title($0.subject), length: $0.length, received: $0.present)
        }
        shown.withLock { shown in
            shown = Shown(
                board: TransferBoard(transfers, at: elapsed),
                planned: Dictionary(
                    planned.map { ($0.subject, (title($0.subject), $0.length)) },
                    uniquingKeysWith: { first, _ in first }))
        }
        DispatchQueue(label: "pkg.display").async { [self] in
            while hasEnded.wait(timeout: .now() + kind.interval) == .timedOut { draw() }
        }
    }

    private func change(
        _ subject: DownloadEvent.Subject, _ body: (inout TransferBoard, String, Duration) -> Void
    ) {
        let moment = elapsed
        shown.withLock { shown in
            guard var board = shown.take() else { return }
            if let planned = board.planned[subject] { body(&board.board, planned.title, moment) }
            shown = board
        }
    }

    /// Draws a copy; whether there is still one is asked under the lock that the end waits for, so
    /// that nothing is drawn after it.
    private func draw() {
        writing.withLock { _ in
            guard let board = shown.withLock({ $0?.board }) else { return }
            switch kind {
            case .live:
                let (columns, rows) = TerminalStream.errors.size
                // A line as wide as the terminal would leave the cursor beyond its end.
                Terminal.show(
                    live: board.lines(columns: columns - 1, rows: rows - 1, at: elapsed))
            case .lines(.text, _, _):
                Terminal.note("downloads: \(board.total(at: elapsed))")
            case .lines(.json, let run, _):
                noteJSON("downloads: \(board.total(at: elapsed))", run: run, progress: board.json)
            }
        }
    }

    private func tell(of subject: DownloadEvent.Subject) {
        guard let length = shown.withLock({ $0?.planned[subject]?.length }),
            case .lines(let format, let run, _) = kind
        else { return }
        let text = "downloaded and verified \(subject), \(ByteCount(length))"
        switch format {
        case .text: Terminal.note(text)
        case .json:
            noteJSON(
                text, run: run,
                progress: [
                    "plugin": .string("\(subject.name)"),
                    "version": .string("\(subject.version)"), "bytes": .integer(length),
                ])
        }
    }

    private var elapsed: Duration { ContinuousClock.now - start }
}

extension TransferBoard {
    fileprivate var json: JSONValue {
        [
            "downloads": .integer(Int64(count)), "ended": .integer(Int64(ended)),
            "bytes": .integer(length), "received": .integer(received),
        ]
    }
}
