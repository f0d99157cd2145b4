/// Writes tars byte by byte, so that every field can be as wrong as an attack needs it.
///
/// Each function returns whole blocks; ``archive(_:endBlocks:)`` joins them.
enum Tar {
    static let block = 512

    /// One header with its content; every field as raw text unless told otherwise.
    struct Entry {
        var name: [UInt8]
        var mode = "0000644"
        var uid: [UInt8] = Array("0000000".utf8)
        var size: [UInt8]?
        var modificationTime = "07704103250"
        var type = UInt8(ascii: "0")
        var linkName = ""
        var magic: [UInt8] = Array("ustar\u{0}00".utf8)
        var prefix: [UInt8] = []
        var content: [UInt8] = []
        /// Added to the right checksum.
        var checksumError = 0

        init(_ name: String) { self.name = Array(name.utf8) }

        var bytes: [UInt8] {
            var header = [UInt8](repeating: 0, count: Tar.block)
            func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
                for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
            }
            put(name.prefix(100), at: 0)
            put(mode.utf8, at: 100)
            put(uid, at: 108)
            put("0000000".utf8, at: 116)
            put(size ?? Array(octal(content.count, digits: 11).utf8), at: 124)
            put(modificationTime.utf8, at: 136)
            header[156] = type
            put(linkName.utf8.prefix(100), at: 157)
            put(magic, at: 257)
            put(prefix.prefix(155), at: 345)
            put("        ".utf8, at: 148)
            let sum = header.reduce(0) { $0 + Int($1) } + checksumError
            put((octal(sum, digits: 6) + "\u{0} ").utf8, at: 148)
            return header + padded(content)
        }
    }

    static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    static func padded(_ content: [UInt8]) -> [UInt8] {
        content + [UInt8](repeating: 0, count: (block - content.count % block) % block)
    }

    /// An entry, changed as told.
    static func entry(_ name: String, _ change: (inout Entry) -> Void = { _ in }) -> [UInt8] {
        var entry = Entry(name)
        change(&entry)
        return entry.bytes
    }

    static func file(_ name: String, _ content: String = "content\n") -> [UInt8] {
        entry(name) { $0.content = Array(content.utf8) }
    }

    static func folder(_ name: String) -> [UInt8] {
        entry(name) {
            $0.type = UInt8(ascii: "5")
            $0.mode = "0000755"
        }
    }

    static func link(_ name: String, to target: String, type: Character = "2") -> [UInt8] {
        entry(name) {
            $0.type = type.asciiValue ?? 0
            $0.linkName = target
        }
    }

    /// A pax header with these records, rightly counted.
    static func pax(_ records: KeyValuePairs<String, String>) -> [UInt8] {
        pax(body: records.flatMap { record($0.key, Array($0.value.utf8)) })
    }

    static func pax(body: [UInt8], type: Character = "x") -> [UInt8] {
        entry("PaxHeader/entry") {
            $0.type = type.asciiValue ?? 0
            $0.content = body
        }
    }

    static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + Array("\n".utf8)
        var length = rest.count + 1
        while String(length).utf8.count + rest.count != length { length += 1 }
        return Array(String(length).utf8) + rest
    }

    /// GNU tar's long name for the entry that follows.
    static func longName(_ name: [UInt8]) -> [UInt8] {
        entry("././@LongLink") {
            $0.type = UInt8(ascii: "L")
            $0.magic = Array("ustar  \u{0}".utf8)
            $0.content = name + [0]
        }
    }

    static func archive(_ parts: [[UInt8]], endBlocks: Int = 2) -> [UInt8] {
        parts.flatMap { $0 } + [UInt8](repeating: 0, count: endBlocks * block)
    }
}
