extension JSONValue {
    /// The shortest text, members in their own order; strings as JavaScript's `JSON.stringify`
    /// writes them.
    package var compactBytes: [UInt8] {
        var writer = JSONWriter(indentation: nil)
        writer.write(self)
        return writer.bytes
    }

    /// The text for people: two spaces a level, members in their own order, a newline at the end.
    package var prettyBytes: [UInt8] {
        var writer = JSONWriter(indentation: 2)
        writer.write(self)
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The one byte sequence that signatures are made over.
    ///
    /// OLPC canonical JSON, as The Update Framework's reference implementation writes it: members
    /// sorted by Unicode code points, no white space, only `"` and `\` escaped in strings, control
    /// characters as they are, integers only.
    ///
    /// - Throws: ``JSONError`` with reason `fractionInCanonicalForm`.
    package func canonicalBytes() throws(JSONError) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendCanonical(to: &bytes, path: "")
        return bytes
    }

    private func appendCanonical(to bytes: inout [UInt8], path: String) throws(JSONError) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number: throw JSONError(.fractionInCanonicalForm, location: "in \(path)")
        case .string(let value): Self.appendCanonical(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try element.appendCanonical(to: &bytes, path: "\(path)[\(index)]")
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let names = members.names.sorted {
                $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
            }
            for (index, name) in names.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.appendCanonical(name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try members[name]?.appendCanonical(to: &bytes, path: "\(path).\(name)")
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func appendCanonical(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(UInt8(ascii: "\\"))
            }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

private struct JSONWriter {
    let indentation: Int?
    var bytes: [UInt8] = []
    var depth = 0

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .number(let value): bytes += value.description.utf8
        case .string(let value): write(value)
        case .array(let elements):
            writeList(open: "[", close: "]", elements) { $0.write($1) }
        case .object(let members):
            writeList(open: "{", close: "}", members) { writer, member in
                writer.write(member.name)
                writer.bytes += (writer.indentation == nil ? ":" : ": ").utf8
                writer.write(member.value)
            }
        }
    }

    private mutating func writeList<Elements: Collection>(
        open: String, close: String, _ elements: Elements,
        _ writeElement: (inout JSONWriter, Elements.Element) -> Void
    ) {
        bytes += open.utf8
        depth += 1
        var isFirst = true
        for element in elements {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            breakLine()
            writeElement(&self, element)
        }
        depth -= 1
        if !elements.isEmpty { breakLine() }
        bytes += close.utf8
    }

    private mutating func breakLine() {
        guard let indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes += Array(repeating: UInt8(ascii: " "), count: depth * indentation)
    }

    private mutating func write(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case 0x0A: bytes += "\\n".utf8
            case 0x0D: bytes += "\\r".utf8
            case 0x09: bytes += "\\t".utf8
            case 0x08: bytes += "\\b".utf8
            case 0x0C: bytes += "\\f".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
