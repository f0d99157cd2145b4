import OrderedCollections

/// The members of a JSON object in the order they were written, each name once.
package struct JSONObject: Sendable, Hashable {
    private var members: OrderedDictionary<String, JSONValue> = [:]

    package init() {}

    /// Of members whose names all differ; of equal names the last wins.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.members = OrderedDictionary(members, uniquingKeysWith: { $1 })
    }

    package var names: [String] { Array(members.keys) }

    /// The member of that name; setting nil removes it, setting a new one appends it.
    package subscript(name: String) -> JSONValue? {
        get { members[name] }
        set { members[name] = newValue }
    }

    /// Adds a member at the end; false, and nothing done, when the name is there already.
    package mutating func append(_ name: String, _ value: JSONValue) -> Bool {
        guard members[name] == nil else { return false }
        members[name] = value
        return true
    }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { members.count }

    package subscript(position: Int) -> (name: String, value: JSONValue) {
        let (name, value) = members.elements[position]
        return (name, value)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(elements)
    }
}
