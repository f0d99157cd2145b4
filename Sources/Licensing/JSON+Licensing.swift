internal import CanonicalJSON
internal import FoundationEssentials

extension JSONValue {
    /// An object whose members are sorted by name, so that the same content has the same bytes.
    init(sorted members: [String: String]) {
        self = .object(
            JSONObject(
                members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { ($0.key, .string($0.value)) }))
    }

    /// An object whose members are sorted by name.
    init(sorted members: [String: Int64]) {
        self = .object(
            JSONObject(
                members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { ($0.key, .integer($0.value)) }))
    }

    /// A time as whole seconds since 1970 (RFC 7519, `NumericDate`).
    init(_ date: Date) {
        self = .integer(Int64(date.timeIntervalSince1970.rounded(.down)))
    }
}

extension JSONReader {
    /// A time as whole seconds since 1970, up to the year 9999.
    func date() throws(JSONError) -> Date {
        let seconds = try integer()
        guard (0...253_402_300_799).contains(seconds) else { throw failure(.invalidValue) }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    /// A number that counts something: not below zero.
    func count() throws(JSONError) -> Int64 {
        let value = try integer()
        guard value >= 0 else { throw failure(.invalidValue) }
        return value
    }

    /// A string with at least one character.
    func nonEmptyString() throws(JSONError) -> String {
        let value = try string()
        guard !value.isEmpty else { throw failure(.invalidValue) }
        return value
    }

    /// One of an enumeration's words.
    func word<Word: RawRepresentable<String>>(_ type: Word.Type) throws(JSONError) -> Word {
        guard let word = Word(rawValue: try string()) else { throw failure(.invalidValue) }
        return word
    }

    func stringsByName() throws(JSONError) -> [String: String] {
        var values: [String: String] = [:]
        for member in try object() { values[member.name] = try self[member.name].string() }
        return values
    }

    func integersByName() throws(JSONError) -> [String: Int64] {
        var values: [String: Int64] = [:]
        for member in try object() { values[member.name] = try self[member.name].integer() }
        return values
    }
}

extension Date {
    /// As messages show it: `2026-11-21T10:00:00Z`.
    var text: String { formatted(Date.ISO8601FormatStyle()) }
}
