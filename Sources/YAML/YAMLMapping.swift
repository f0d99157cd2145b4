/// The names and plain values of a YAML document that is one mapping with nothing nested, in the
/// order of the text: what a file of settings is.
package struct YAMLMapping: Hashable, Sendable {
    /// A line such as `url: https://plugins.acme.example`.
    package struct Entry: Hashable, Sendable {
        package let name: String
        /// The text of the value, whatever type it looks like; nil: nothing, or YAML's null.
        package let value: String?
        /// Counted from 1.
        package let line: Int
    }

    package let entries: [Entry]

    /// Reads a YAML 1.1 document in UTF-8 or UTF-16; one that is empty or null has no entries.
    ///
    /// - Throws: ``YAMLError`` for what is not YAML, more than one document, anything but names and
    ///   plain values, a name that stands there twice, an alias.
    package init(_ bytes: [UInt8]) throws(YAMLError) {
        let events = YAMLEvents(bytes)
        try events.expect(.streamStart)
        switch try events.next().kind {
        case .streamEnd:
            entries = []
            return
        case .documentStart: break
        case let kind: throw YAMLError("\(kind) is not expected here")
        }
        entries = try Self.entries(events)
        try events.expect(.documentEnd)
        let end = try events.next()
        guard end.kind == .streamEnd else {
            throw YAMLError("another document begins", line: end.line)
        }
    }

    private static func entries(_ events: borrowing YAMLEvents) throws(YAMLError) -> [Entry] {
        let first = try events.next()
        switch first.kind {
        case .mappingStart: break
        case .scalar(nil): return []
        default: throw YAMLError("not a list of “name: value” lines", line: first.line)
        }
        var entries: [Entry] = []
        while true {
            let key = try events.next()
            if key.kind == .mappingEnd { return entries }
            guard case .scalar(let name?) = key.kind else {
                throw YAMLError("not a “name: value” line", line: key.line)
            }
            if let former = entries.first(where: { $0.name == name }) {
                throw YAMLError("“\(name)” stands in line \(former.line) already", line: key.line)
            }
            guard case .scalar(let value) = try events.next().kind else {
                throw YAMLError("the value of “\(name)” is not one plain value", line: key.line)
            }
            entries.append(Entry(name: name, value: value, line: key.line))
        }
    }
}
