import Diagnostics

/// How far a run's downloads are, as lines: one for each that is under way, then the total.
///
/// Pure: it is told what happens and when, and says what to show.
package struct TransferBoard: Sendable {
    /// One download.
    package struct Transfer: Sendable {
        package let name: String
        package let length: Int64
        /// How much of it is here.
        package var received: Int64
        package var state = State.waiting

        package enum State: Sendable {
            case waiting, underWay, done, failed
        }

        package init(name: String, length: Int64, received: Int64) {
            self.name = name
            self.length = length
            self.received = received
        }
    }

    private var transfers: [Transfer]
    private let indices: [String: Int]
    /// What had been received at some moments, oldest first.
    private var samples: [(moment: Duration, bytes: Int64)]
    /// Of all together, in bytes.
    package let length: Int64
    /// How much of that is here.
    package private(set) var received: Int64

    /// The rate is that of the last seconds.
    private static let window = Duration.seconds(5)
    private static let sampling = Duration.milliseconds(250)

    /// A board on which nothing moves yet.
    ///
    /// - Parameters:
    ///   - transfers: each with a name of its own
    ///   - moment: now; all moments are counted from one start
    package init(_ transfers: [Transfer], at moment: Duration) {
        self.transfers = transfers
        indices = Dictionary(
            transfers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        length = transfers.reduce(0) { $0 + $1.length }
        received = transfers.reduce(0) { $0 + $1.received }
        samples = [(moment, received)]
    }

    /// Notes how much of a download is here now; less than before when it began anew.
    package mutating func note(_ name: String, received bytes: Int64, at moment: Duration) {
        guard let index = indices[name] else { return }
        received += bytes - transfers[index].received
        transfers[index].received = bytes
        if transfers[index].state == .waiting { transfers[index].state = .underWay }
        guard let last = samples.last, moment - last.moment >= Self.sampling else { return }
        samples.append((moment, received))
        while samples.count > 2, moment - samples[1].moment > Self.window {
            samples.removeFirst()
        }
    }

    /// Notes that a download has ended, well or not.
    package mutating func end(_ name: String, as state: Transfer.State, at moment: Duration) {
        guard let index = indices[name] else { return }
        if state == .done { note(name, received: transfers[index].length, at: moment) }
        transfers[index].state = state
    }

    /// The lines, none of which is wider than that, and no more than those.
    package func lines(columns: Int, rows: Int, at moment: Duration) -> [String] {
        let active = transfers.filter { $0.state == .underWay }
        let room = max(rows - 1, 0)
        var shown = active.prefix(room)
        var more: [String] = []
        if active.count > room {
            shown = active.prefix(max(room - 1, 0))
            more =
                room > 0
                ? ["  … and \(active.count - shown.count) more".shortened(to: columns)] : []
        }
        // Of all, so that the columns stay where they are.
        let names = transfers.map(\.name.columns).max() ?? 0
        return shown.map { line(of: $0, nameWidth: names, columns) } + more
            + [total(columns: columns, at: moment)]
    }

    /// How many there are.
    package var count: Int { transfers.count }

    /// How many have ended, well or not.
    package var ended: Int { transfers.count { $0.state == .done || $0.state == .failed } }

    /// `3 of 42  45 %  120.3 of 280.1 MB  4.2 MB/s  0:38 left`, without what does not fit.
    package func total(columns: Int = .max, at moment: Duration) -> String {
        var parts: [(text: String, importance: Int)] = [
            ("\(ended) of \(count)", 3), ("\(percent(received, length)) %", 5),
            (ByteCount(received).description(of: ByteCount(length)), 1),
        ]
        if let rate = rate(at: moment), received < length {
            parts.append(("\(ByteCount(rate))/s", 2))
            parts.append((rate > 0 ? "\(clock((length - received) / rate)) left" : "stalled", 4))
        }
        func text() -> String { parts.map(\.text).joined(separator: "  ") }
        while text().columns > columns, let least = parts.map(\.importance).min() {
            parts.removeAll { $0.importance == least }
        }
        return text()
    }

    /// `  @acme/plugin-audit-log 2.1.0  [#####-----]  45 %  12.3 MB`.
    private func line(of transfer: Transfer, nameWidth: Int, _ columns: Int) -> String {
        let figures =
            leftPadded("\(percent(transfer.received, transfer.length)) %", 5) + "  "
            + leftPadded("\(ByteCount(transfer.length))", 8)
        let bar = columns >= 100 ? 30 : columns >= 70 ? 20 : columns >= 50 ? 10 : 0
        let right = (bar > 0 ? "  [\(drawn(transfer, bar))]" : "") + "  \(figures)"
        let room = columns - 2 - right.columns
        guard room >= 8 else { return "  \(transfer.name)".shortened(to: columns) }
        let width = min(nameWidth, room)
        let name = transfer.name.shortened(to: width)
        return "  \(name)\(String(repeating: " ", count: width - name.columns))\(right)"
    }

    private func drawn(_ transfer: Transfer, _ width: Int) -> String {
        let full = Int(percent(transfer.received, transfer.length)) * width / 100
        return String(repeating: "#", count: full) + String(repeating: "-", count: width - full)
    }

    /// In bytes a second; nil while there is too little to tell from.
    private func rate(at moment: Duration) -> Int64? {
        let start = samples.last { moment - $0.moment >= Self.window } ?? samples[0]
        let seconds = (moment - start.moment) / .seconds(1)
        guard seconds >= 1 else { return nil }
        return max(Int64(Double(received - start.bytes) / seconds), 0)
    }
}

private func percent(_ part: Int64, _ whole: Int64) -> Int64 {
    whole > 0 ? min(max(part, 0) * 100 / whole, 100) : 100
}

private func leftPadded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
}

/// `0:38`, `12:38`, `1:02:05`.
private func clock(_ seconds: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (minutes, rest) = (seconds / 60, seconds % 60)
    guard minutes >= 60 else { return "\(minutes):\(two(rest))" }
    return "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
}
