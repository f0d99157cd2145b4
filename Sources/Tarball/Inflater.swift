/// What one call of an inflater did.
struct InflateStep {
    /// Bytes taken from the input.
    var consumed: Int
    /// Bytes written to the output.
    var produced: Int
    /// Whether the member has ended, trailer checked.
    var isFinished: Bool
}

/// Inflates one gzip member from behind its header: the deflate stream (RFC 1951) and the trailer
/// with CRC-32 and length (RFC 1952 section 2.3.1), both of which it checks.
protocol Inflater: AnyObject {
    /// Goes on as far as input and output allow; with no input it gives out what it still holds.
    ///
    /// - Throws: `archive.gzip-malformed`, `archive.gzip-checksum`.
    func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(TarballError) -> InflateStep
}

/// Which library inflates.
enum InflateLibrary: String, CaseIterable {
    /// Intel ISA-L's igzip: 2.4 times as fast as zlib.
    case isal
    /// Always there.
    case zlib

    /// The faster one of those that this machine has.
    static var best: InflateLibrary { ISALLibrary.loaded == nil ? .zlib : .isal }

    /// A fresh inflater; zlib's when ISA-L is asked for and absent.
    func makeInflater() throws(TarballError) -> any Inflater {
        if self == .isal, let library = ISALLibrary.loaded { return ISALInflater(library) }
        return try ZlibInflater()
    }
}
