/// The fields of a posted form as browsers write them in a body.
package enum FormEncoding {
    /// Reads `a=1&b=x%20y` (WHATWG URL, application/x-www-form-urlencoded).
    ///
    /// - Returns: nil when a field cannot be read or is there twice
    package static func decode(_ body: [UInt8]) -> [String: String]? {
        var values: [String: String] = [:]
        for field in body.split(separator: UInt8(ascii: "&")) {
            let parts = field.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { decoded($0) }
            guard let name = texts.first ?? nil, let value = texts.count > 1 ? texts[1] : "",
                values[name] == nil
            else { return nil }
            values[name] = value
        }
        return values
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next(), let low = iterator.next(),
                    let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
                else { return nil }
                result.append(value)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }
}
