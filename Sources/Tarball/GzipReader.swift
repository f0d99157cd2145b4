import Diagnostics

/// Inflates a tarball: exactly one gzip member and not a byte more.
final class GzipReader {
    private let input: CompressedInput
    private let inflater: any Inflater
    private let limits: ContentLimits
    private var isFinished = false
    /// Bytes inflated so far.
    private(set) var inflatedCount: Int64 = 0

    /// Reads and checks the header.
    ///
    /// - Throws: As ``GzipHeader/skip(in:)``.
    init(
        _ input: CompressedInput, limits: ContentLimits, library: InflateLibrary
    ) throws(TarballError) {
        try GzipHeader.skip(in: input)
        self.input = input
        self.limits = limits
        inflater = try library.makeInflater()
    }

    /// Fills the whole buffer, but at the end of the member.
    ///
    /// - Returns: The bytes written; less than the buffer only when nothing follows, 0 at the end.
    /// - Throws: `archive.gzip-malformed`, `archive.gzip-checksum`, `archive.gzip-trailing`,
    ///   `archive.truncated`, `archive.ratio`, `archive.too-large`, `archive.not-as-signed`.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(TarballError) -> Int {
        var filled = 0
        while filled < buffer.count && !isFinished {
            let compressed = try input.available()
            let step = try inflater.inflate(
                compressed, into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            input.consume(step.consumed)
            filled += step.produced
            isFinished = step.isFinished
            if !isFinished && step.consumed == 0 && step.produced == 0 {
                throw compressed.isEmpty
                    ? TarballError(.archiveTruncated, "The file ends within the compressed data.")
                    : TarballError(.archiveGzipMalformed, "The compressed data leads nowhere.")
            }
        }
        inflatedCount += Int64(filled)
        try checkLimits()
        if isFinished, try !input.available().isEmpty {
            throw TarballError(.archiveGzipTrailing, "Bytes follow the end of the gzip member.")
        }
        return filled
    }

    private func checkLimits() throws(TarballError) {
        if let ratio = limits.ratio, inflatedCount > ContentLimits.ratioFreeBytes,
            inflatedCount > input.length * ratio
        {
            throw TarballError(
                .archiveRatio,
                "\(input.length) bytes inflate to more than \(ratio) times as many.")
        }
        // What is not content: headers, padding, folders, zeros at the end. 16 MiB and 8 KiB a file
        // are many times what any program writes.
        let overhead = 16 << 20 + Int64(min(limits.fileCount, 1 << 30)) * (8 << 10)
        guard inflatedCount - overhead > limits.unpackedSize else { return }
        throw TarballError(
            limits.signed == nil ? .archiveTooLarge : .archiveNotAsSigned,
            "The tar is larger than \(limits.unpackedSize) bytes of content can make it.")
    }
}
