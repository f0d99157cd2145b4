import CanonicalJSON
internal import Diagnostics
package import FoundationEssentials

/// One user of the application, as far as a count of seats needs to know.
///
/// Nothing of it leaves the machine: only the number of ``SeatCount/active`` ones does.
package struct SeatRow: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable, CaseIterable {
        case active
        case dormant
        case suspended
    }

    /// The application's own, of any form; a user who is listed twice counts once.
    package let id: String
    package let status: Status
    /// nil: never.
    package let lastSeen: Date?

    package init(id: String, status: Status, lastSeen: Date?) {
        self.id = id
        self.status = status
        self.lastSeen = lastSeen
    }
}

/// How many users take a seat.
package struct SeatCount: Hashable, Sendable {
    /// Users whose status is active and who were seen within ``window``.
    package let active: Int64
    /// All users in the list.
    package let listed: Int64

    /// 90 days, in seconds.
    package static let window: TimeInterval = 90 * 86400

    /// Counts at one moment; a user seen in the future was seen just now.
    package init(_ rows: some Sequence<SeatRow>, now: Date) {
        var ids: [String: Bool] = [:]
        for row in rows {
            let isActive =
                row.status == .active
                && (row.lastSeen.map { $0 >= now - Self.window } ?? false)
            ids[row.id] = (ids[row.id] ?? false) || isActive
        }
        listed = Int64(ids.count)
        active = Int64(ids.values.count(where: \.self))
    }
}

extension SeatRow {
    /// Reads a list of users: JSON (`[{id, status, last_seen_at}]`, or that in `{"users": …}`) or CSV
    /// with a line of headings that has these names.
    ///
    /// `status` may be missing and is `active` then; `last_seen_at` is a day, a time as RFC 3339
    /// writes it, or whole seconds since 1970; empty or missing: never seen. Both are UTF-8, or UTF-16
    /// with a byte order mark.
    ///
    /// - Throws: ``LicenseError`` with code `license.seats-format`, which names the row.
    package static func list(_ bytes: [UInt8]) throws(LicenseError) -> [SeatRow] {
        let bytes = utf8(ofFile: bytes)
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        return first == UInt8(ascii: "[") || first == UInt8(ascii: "{")
            ? try json(bytes) : try csv(bytes)
    }

    private static func json(_ bytes: [UInt8]) throws(LicenseError) -> [SeatRow] {
        do {
            let reader = JSONReader(try parseJSON(bytes))
            var rows: [SeatRow] = []
            for row in try (reader.value.object == nil ? reader : reader["users"]).array() {
                let id = try row["id"]
                let seen = try row.optional("last_seen_at")
                rows.append(
                    SeatRow(
                        id: try id.value.integer.map(String.init) ?? id.nonEmptyString(),
                        status: try row.optional("status")?.word(Status.self) ?? .active,
                        lastSeen: try seen.flatMap { seen throws(JSONError) in
                            if let seconds = seen.value.integer {
                                return Date(timeIntervalSince1970: Double(seconds))
                            }
                            let text = try seen.string()
                            guard !text.isEmpty else { return nil }
                            guard let date = date(text) else { throw seen.failure(.invalidValue) }
                            return date
                        }))
            }
            return rows
        } catch {
            throw LicenseError(
                .licenseSeatsFormat, "The list of users cannot be read.", cause: error)
        }
    }

    private static func csv(_ bytes: [UInt8]) throws(LicenseError) -> [SeatRow] {
        var lines = CommaSeparatedText(String(decoding: bytes, as: UTF8.self)).rows[...]
        guard let headings = lines.popFirst(),
            let id = headings.firstIndex(of: "id"),
            let seen = headings.firstIndex(of: "last_seen_at")
        else {
            throw LicenseError(
                .licenseSeatsFormat,
                "The first line of the list does not have the headings id and last_seen_at.")
        }
        let status = headings.firstIndex(of: "status")
        var rows: [SeatRow] = []
        for (number, cells) in lines.enumerated() {
            func refused(_ what: String) -> LicenseError {
                LicenseError(
                    .licenseSeatsFormat, "Row \(number + 2) of the list of users \(what).")
            }
            guard cells.count == headings.count else {
                throw refused("has \(cells.count) cells and not \(headings.count)")
            }
            guard !cells[id].isEmpty else { throw refused("has no id") }
            let word = status.map { cells[$0] } ?? Status.active.rawValue
            guard let state = Status(rawValue: word.isEmpty ? Status.active.rawValue : word) else {
                throw refused("has the status \(quoted(word)), not active, dormant or suspended")
            }
            let text = cells[seen]
            let lastSeen = date(text)
            guard lastSeen != nil || text.isEmpty else {
                throw refused("has \(quoted(text)) in last_seen_at, which is no time")
            }
            rows.append(SeatRow(id: cells[id], status: state, lastSeen: lastSeen))
        }
        return rows
    }

    private static func date(_ text: String) -> Date? {
        if let seconds = Int64(text) { return Date(timeIntervalSince1970: Double(seconds)) }
        if let day = try? Date(text, strategy: Date.ISO8601FormatStyle().year().month().day()) {
            if text.utf8.count == 10 { return day }
        }
        return
            (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle()))
    }
}
