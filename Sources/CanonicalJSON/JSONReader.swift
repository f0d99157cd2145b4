/// A place in a JSON value that knows its path, so that whatever is wrong there is said with it.
///
/// Unknown members are ignored unless asked for.
package struct JSONReader: Sendable {
    package let value: JSONValue
    package let path: String

    package init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// The member of that name.
    ///
    /// - Throws: ``JSONError`` `wrongType` when this is no object, `missingMember`.
    package subscript(name: String) -> JSONReader {
        get throws(JSONError) {
            guard let member = try optional(name) else {
                throw JSONError(.missingMember, location: "in \(pathOfMember(name))")
            }
            return member
        }
    }

    /// The member of that name, or nil when it is absent or null.
    package func optional(_ name: String) throws(JSONError) -> JSONReader? {
        guard let value = try object()[name], value != .null else { return nil }
        return JSONReader(value, path: pathOfMember(name))
    }

    package func object() throws(JSONError) -> JSONObject {
        guard let object = value.object else { throw failure(.wrongType) }
        return object
    }

    /// The members in the order they were written, for an object whose names are content.
    package func members() throws(JSONError) -> [(name: String, member: JSONReader)] {
        try object().map { ($0.name, JSONReader($0.value, path: pathOfMember($0.name))) }
    }

    package func array() throws(JSONError) -> [JSONReader] {
        guard let elements = value.array else { throw failure(.wrongType) }
        return elements.enumerated().map { JSONReader($1, path: "\(path)[\($0)]") }
    }

    package func string() throws(JSONError) -> String {
        guard let string = value.string else { throw failure(.wrongType) }
        return string
    }

    package func integer() throws(JSONError) -> Int64 {
        guard let integer = value.integer else { throw failure(.wrongType) }
        return integer
    }

    package func bool() throws(JSONError) -> Bool {
        guard let bool = value.bool else { throw failure(.wrongType) }
        return bool
    }

    package func strings() throws(JSONError) -> [String] {
        var strings: [String] = []
        for element in try array() { strings.append(try element.string()) }
        return strings
    }

    /// An error about this place.
    package func failure(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason, location: path.isEmpty ? "at the top" : "in \(path)")
    }

    private func pathOfMember(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }
}
