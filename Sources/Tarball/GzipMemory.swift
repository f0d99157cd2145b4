internal import CZlib
import Diagnostics

/// Inflates one gzip member (RFC 1952) that is in memory.
///
/// - Parameters:
///   - bytes: the compressed bytes
///   - maximumLength: the most that they may become, in bytes
/// - Returns: what was compressed
/// - Throws: `archive.gzip-malformed`, `archive.truncated`, `archive.too-large`.
package func gunzipped(
    _ bytes: [UInt8], maximumLength: Int
) throws(TarballError) -> [UInt8] {
    // Allocated apart: zlib keeps a pointer back to it and refuses a stream that has moved.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    // 16 added: zlib reads the gzip header and checks the trailer.
    let begun = inflateInit2_(
        stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard begun == Z_OK else {
        throw TarballError(.unexpected, "zlib cannot start (inflateInit2 returned \(begun)).")
    }
    defer { inflateEnd(stream) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var code = Z_OK
    var rest = bytes[...]
    repeat {
        let (produced, left) = rest.withUnsafeBufferPointer { input in
            chunk.withUnsafeMutableBufferPointer { output in
                // zlib reads through next_in only; its type has no const.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                code = inflate(stream, Z_NO_FLUSH)
                return (
                    output.count - Int(stream.pointee.avail_out), Int(stream.pointee.avail_in)
                )
            }
        }
        content += chunk[..<produced]
        rest = rest.suffix(left)
        guard content.count <= maximumLength else {
            throw TarballError(
                .archiveTooLarge, "The data inflates to more than \(maximumLength) bytes.")
        }
        if code == Z_BUF_ERROR, left == 0 {
            throw TarballError(.archiveTruncated, "The compressed data ends too early.")
        }
        guard code == Z_OK || code == Z_STREAM_END else {
            throw TarballError(
                .archiveGzipMalformed,
                "The compressed data is damaged (zlib's inflate returned \(code)).")
        }
    } while code != Z_STREAM_END
    return content
}
