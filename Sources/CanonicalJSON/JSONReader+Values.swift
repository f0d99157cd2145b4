// Values of a narrower kind than JSON's own.
extension JSONReader {
    /// A number that counts something: not below zero.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue`.
    package func count() throws(JSONError) -> Int64 {
        let value = try integer()
        guard value >= 0 else { throw failure(.invalidValue) }
        return value
    }

    /// A string with at least one character.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue`.
    package func nonEmptyString() throws(JSONError) -> String {
        let value = try string()
        guard !value.isEmpty else { throw failure(.invalidValue) }
        return value
    }

    /// One of an enumeration's words.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue`.
    package func word<Word: RawRepresentable<String>>(
        _ type: Word.Type = Word.self
    ) throws(JSONError) -> Word {
        guard let word = Word(rawValue: try string()) else { throw failure(.invalidValue) }
        return word
    }

    /// The strings of an object whose names are content, such as hashes by algorithm.
    package func stringsByName() throws(JSONError) -> [String: String] {
        var values: [String: String] = [:]
        for (name, member) in try members() { values[name] = try member.string() }
        return values
    }

    /// The integers of an object whose names are content, such as limits.
    package func integersByName() throws(JSONError) -> [String: Int64] {
        var values: [String: Int64] = [:]
        for (name, member) in try members() { values[name] = try member.integer() }
        return values
    }
}
