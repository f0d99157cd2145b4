internal import CZlib

/// Compresses bytes in memory to one gzip member (RFC 1952); the same bytes give the same result.
package func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    // Allocated apart: zlib keeps a pointer back to it and refuses a stream that has moved.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    // 16 added: a gzip header and trailer in place of zlib's. 8 is zlib's own DEF_MEM_LEVEL.
    let begun = deflateInit2_(
        stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY,
        ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(begun == Z_OK, "deflateInit2 returned \(begun)")
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(bytes.count)))
    return bytes.withUnsafeBufferPointer { input in
        [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            // zlib reads through next_in only; its type has no const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = output.baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            let ended = deflate(stream, Z_FINISH)
            precondition(ended == Z_STREAM_END, "deflate returned \(ended)")
            count = output.count - Int(stream.pointee.avail_out)
        }
    }
}
