// Content that has no order of its own is written sorted by name, so that the same content has the
// same bytes.
extension JSONValue {
    /// An object whose members are sorted by name, by Unicode code points.
    package init(sorted members: [String: JSONValue]) {
        self = .object(
            JSONObject(
                members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
                    .map { ($0.key, $0.value) }))
    }

    /// An object of strings, sorted by name.
    package init(sorted members: [String: String]) {
        self.init(sorted: members.mapValues { .string($0) })
    }

    /// An object of integers, sorted by name.
    package init(sorted members: [String: Int64]) {
        self.init(sorted: members.mapValues { .integer($0) })
    }

    /// An object of integers, sorted by name.
    package init(sorted members: [String: Int]) {
        self.init(sorted: members.mapValues { .integer(Int64($0)) })
    }
}
