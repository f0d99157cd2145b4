internal import CZlib
import Diagnostics

/// Inflates by zlib, where ISA-L is absent.
///
/// Owns one `z_stream`.
final class ZlibInflater: Inflater {
    /// Allocated apart: zlib keeps a pointer back to it and refuses a stream that has moved.
    private let stream: UnsafeMutablePointer<z_stream>
    private var crc = crc32(0, nil, 0)
    /// Of the content, modulo 2^32, as the trailer has it.
    private var length: UInt32 = 0
    private var trailer: [UInt8] = []
    private var isInTrailer = false

    init() throws(TarballError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Negative: raw deflate; the header is ours (`GzipHeader`), the trailer is read below.
        let code = inflateInit2_(
            stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            throw TarballError(.unexpected, "zlib cannot start (inflateInit2 returned \(code)).")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(TarballError) -> InflateStep {
        var step = InflateStep(consumed: 0, produced: 0, isFinished: false)
        if !isInTrailer {
            // zlib reads through next_in only; its type has no const.
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            let start = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.next_out = start
            stream.pointee.avail_out = UInt32(output.count)
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            step.consumed = input.count - Int(stream.pointee.avail_in)
            step.produced = output.count - Int(stream.pointee.avail_out)
            crc = crc32(crc, start, UInt32(step.produced))
            length &+= UInt32(step.produced)
            switch code {
            case Z_OK, Z_BUF_ERROR: return step  // Z_BUF_ERROR: no progress possible, not fatal.
            case Z_STREAM_END: isInTrailer = true
            default:
                throw TarballError(
                    .archiveGzipMalformed,
                    "The compressed data is damaged (zlib's inflate returned \(code)).")
            }
        }
        let rest = input[step.consumed...].prefix(8 - trailer.count)
        trailer += rest
        step.consumed += rest.count
        guard trailer.count == 8 else { return step }
        let stated = trailer.reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        guard stated == UInt64(length) << 32 | UInt64(crc) else {
            throw TarballError(
                .archiveGzipChecksum, "The CRC or the length in the gzip trailer does not fit.")
        }
        step.isFinished = true
        return step
    }
}
