import Glibc

/// Lends texts to C as an array of strings with a null pointer behind the last one.
func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { UnsafePointer($0) } + [nil]
    return try pointers.withUnsafeBufferPointer { buffer in
        // Never empty: the null pointer is in it.
        guard let start = buffer.baseAddress else { preconditionFailure("an array without memory") }
        return try body(start)
    }
}

/// Lends a text to C, or a null pointer.
func withOptionalCString<Result>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) throws -> Result
) rethrows -> Result {
    guard let text else { return try body(nil) }
    return try text.withCString(body)
}
