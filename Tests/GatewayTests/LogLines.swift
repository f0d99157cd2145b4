import Synchronization

/// What was logged.
final class LogLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiting: [(text: String, continuation: CheckedContinuation<String, Never>)] = []
    }

    private let state = Mutex(State())

    func append(_ line: [UInt8]) {
        let line = String(decoding: line, as: UTF8.self)
        let answered = state.withLock { state in
            state.lines.append(line)
            let answered = state.waiting.filter { line.contains($0.text) }
            state.waiting.removeAll { line.contains($0.text) }
            return answered
        }
        for waiting in answered { waiting.continuation.resume(returning: line) }
    }

    var text: String { state.withLock { $0.lines.joined() } }

    /// The first line with the text in it, once it is there: a request's line comes when its last byte
    /// is out, which may be after the client has it.
    func line(with text: String) async -> String {
        await withCheckedContinuation { continuation in
            let line = state.withLock { state -> String? in
                let line = state.lines.first { $0.contains(text) }
                if line == nil { state.waiting.append((text, continuation)) }
                return line
            }
            if let line { continuation.resume(returning: line) }
        }
    }
}
