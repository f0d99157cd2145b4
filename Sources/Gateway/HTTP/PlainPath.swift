/// The path without a slash at its end, or nil when it has anything but names of plain characters.
func plainPath(_ text: String) -> String? {
    var path = text[...]
    if path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else { return "" }
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    guard path.utf8.count <= 256, names.first == "",
        names.dropFirst().allSatisfy({ name in
            !name.isEmpty && name != "." && name != ".." && name.utf8.allSatisfy(isPlain)
        })
    else { return nil }
    return String(path)
}

/// What RFC 3986 calls unreserved.
private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        true
    default: false
    }
}
