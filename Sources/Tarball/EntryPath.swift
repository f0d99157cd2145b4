import Diagnostics

/// The path of an entry below the package's top folder: relative, portable, short.
///
/// Right for ever once it exists.
struct EntryPath: Hashable {
    static let maximumBytes = 1_024
    static let maximumComponentBytes = 255
    static let maximumDepth = 32

    /// The top folder's name.
    let top: String
    /// Below the top folder, components joined by slashes; empty for the top folder itself.
    let path: String

    /// Checks every rule that a path can break by itself.
    ///
    /// Lengths are those of the path in the archive, top folder included.
    ///
    /// - Throws: `archive.path-escapes`, `archive.path-invalid`, `archive.path-not-portable`,
    ///   `archive.path-too-long`, `archive.path-reserved`, `archive.top-folder`.
    init(_ entry: GuardedEntry) throws(TarballError) {
        var text = entry.path[...]
        if entry.kind == .folder && text.utf8.last == UInt8(ascii: "/") { text = text.dropLast() }
        func refuse(_ code: FailureCode, _ reason: String) -> TarballError {
            TarballError(code, "The path \(quoted(entry.path)) \(reason).")
        }

        guard text.utf8.count <= Self.maximumBytes else {
            throw refuse(.archivePathTooLong, "has more than \(Self.maximumBytes) bytes")
        }
        guard text.utf8.first != UInt8(ascii: "/") else {
            throw refuse(.archivePathEscapes, "is absolute")
        }
        try Self.checkCharacters(text, refuse)
        var depth = 0
        for component in text.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            depth += 1
            try Self.checkComponent(Substring(component), refuse)
        }
        guard depth <= Self.maximumDepth else {
            throw refuse(.archivePathTooLong, "is more than \(Self.maximumDepth) folders deep")
        }
        if let slash = text.utf8.firstIndex(of: UInt8(ascii: "/")) {
            top = String(text[..<slash])
            path = String(text[text.utf8.index(after: slash)...])
        } else {
            guard entry.kind == .folder else {
                throw refuse(.archiveTopFolder, "lies in no folder")
            }
            top = String(text)
            path = ""
        }
    }

    private typealias Refusal = (FailureCode, String) -> TarballError

    private static func checkCharacters(
        _ text: Substring, _ refuse: Refusal
    ) throws(TarballError) {
        var isASCII = true
        for byte in text.utf8 {
            switch byte {
            case 0..<0x20, 0x7F:
                throw refuse(.archivePathInvalid, "has a control character")
            case UInt8(ascii: "\\"):
                throw refuse(.archivePathInvalid, "has a backslash")
            case UInt8(ascii: ":"):
                // A drive (`C:`) or an alternate data stream (`a.js:b`).
                throw refuse(.archivePathNotPortable, "has a colon")
            case 0x80...: isASCII = false
            default: break
            }
        }
        guard !isASCII, text.unicodeScalars.contains(where: \.isUnprintable) else { return }
        throw refuse(.archivePathInvalid, "has a control character")
    }

    private static func checkComponent(
        _ name: Substring, _ refuse: Refusal
    ) throws(TarballError) {
        let bytes = name.utf8
        guard bytes.count <= maximumComponentBytes else {
            throw refuse(
                .archivePathTooLong,
                "has a component of more than \(maximumComponentBytes) bytes")
        }
        guard let last = bytes.last else {
            throw refuse(.archivePathInvalid, "has an empty component")
        }
        if last == UInt8(ascii: ".") {
            if name == ".." { throw refuse(.archivePathEscapes, "has a \"..\"") }
            if name == "." { throw refuse(.archivePathInvalid, "has a \".\"") }
        }
        guard last != UInt8(ascii: ".") && last != UInt8(ascii: " ") else {
            throw refuse(.archivePathNotPortable, "has a component that ends with a dot or space")
        }
        if bytes.first == UInt8(ascii: "."), folded(String(name)) == ".pkg" {
            throw refuse(.archivePathReserved, "uses the name \".pkg\"")
        }
        if isWindowsDevice(name) {
            throw refuse(.archivePathNotPortable, "has the name of a device of Windows")
        }
    }

    /// CON, PRN, AUX, NUL, COM0–9, LPT0–9 (also with ¹²³), with any extension: Windows opens the
    /// device instead of a file ("Naming Files, Paths, and Namespaces").
    private static func isWindowsDevice(_ name: Substring) -> Bool {
        let stem = name.utf8.prefix { $0 != UInt8(ascii: ".") }
        // Without an extension's dot none is longer than "COM¹" or "CONOUT$", spaces aside.
        guard let first = stem.first, "cpanlCPANL".utf8.contains(first), stem.count < 24 else {
            return false
        }
        var device = Substring(stem).uppercased()
        while device.last == " " { device.removeLast() }
        switch device {
        case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$": return true
        default:
            guard device.hasPrefix("COM") || device.hasPrefix("LPT"), device.count == 4 else {
                return false
            }
            return device.last.map { "0123456789¹²³".contains($0) } ?? false
        }
    }
}

/// A key that is equal for two names that a file system may take for the same one: compared as
/// Strings (canonical equivalence, so NFC and NFD are equal) after full case folding.
///
/// The standard library has no case folding but full case mappings; lower, upper, lower again meets
/// Unicode's (`ß`, `ẞ` and `ss`; `ς` and `σ`; `K` and the Kelvin sign) and joins a little more.
func folded(_ name: String) -> String {
    var name = name
    let isASCII = name.withUTF8 { $0.allSatisfy { $0 < 0x80 } }
    guard isASCII else { return name.lowercased().uppercased().lowercased() }
    return name.lowercased()
}
