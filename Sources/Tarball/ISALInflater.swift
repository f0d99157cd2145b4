internal import CISAL
import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// The two functions of libisal that we call, found at run time.
///
/// Loaded and not linked: an image without libisal still runs, and `pkg --version` does not pay for
/// loading it. The `.2` of the name is the ABI that `isa-l/igzip_lib.h` describes.
struct ISALLibrary: Sendable {
    typealias Initialize = @convention(c) (UnsafeMutablePointer<inflate_state>) -> Void
    typealias Inflate = @convention(c) (UnsafeMutablePointer<inflate_state>) -> Int32

    let initialize: Initialize
    let inflate: Inflate

    /// The library, or nil where it is not installed.
    ///
    /// It is never unloaded.
    static let loaded: ISALLibrary? = {
        guard let handle = dlopen("libisal.so.2", RTLD_NOW | RTLD_LOCAL),
            let initialize = dlsym(handle, "isal_inflate_init"),
            let inflate = dlsym(handle, "isal_inflate")
        else { return nil }
        return ISALLibrary(
            initialize: unsafeBitCast(initialize, to: Initialize.self),
            inflate: unsafeBitCast(inflate, to: Inflate.self))
    }()
}

/// Inflates by ISA-L's igzip.
///
/// Owns one `inflate_state`, some 90 KB with the 64 KB window.
final class ISALInflater: Inflater {
    /// A later release of the same ABI may use a longer structure than the header that we were
    /// compiled with; it is never told how long ours is.
    private static let slack = 16 * 1024

    private let library: ISALLibrary
    private let storage: UnsafeMutableRawPointer
    private let state: UnsafeMutablePointer<inflate_state>

    init(_ library: ISALLibrary) {
        self.library = library
        let size = MemoryLayout<inflate_state>.size + Self.slack
        storage = .allocate(byteCount: size, alignment: 64)
        storage.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        state = storage.bindMemory(to: inflate_state.self, capacity: 1)
        library.initialize(state)
        // "No header, verify": the header is ours (`GzipHeader`), CRC and length are checked here.
        state.pointee.crc_flag = UInt32(ISAL_GZIP_NO_HDR_VER)
    }

    deinit { storage.deallocate() }

    func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(TarballError) -> InflateStep {
        // The library reads through next_in only; its type has no const.
        state.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        state.pointee.avail_in = UInt32(input.count)
        state.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        state.pointee.avail_out = UInt32(output.count)
        let code = library.inflate(state)
        switch code {
        case ISAL_DECOMP_OK, ISAL_END_INPUT, ISAL_OUT_OVERFLOW:
            return InflateStep(
                consumed: input.count - Int(state.pointee.avail_in),
                produced: output.count - Int(state.pointee.avail_out),
                isFinished: state.pointee.block_state == ISAL_BLOCK_FINISH)
        case ISAL_INCORRECT_CHECKSUM:
            throw TarballError(
                .archiveGzipChecksum, "The CRC or the length in the gzip trailer does not fit.")
        default:
            throw TarballError(
                .archiveGzipMalformed,
                "The compressed data is damaged (isal_inflate returned \(code)).")
        }
    }
}
