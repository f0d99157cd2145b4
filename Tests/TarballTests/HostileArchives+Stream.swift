import Diagnostics

@testable import Tarball

extension HostileCase {
    private static let body = Tar.file("package/a", String(repeating: "x", count: 1_000))

    private static func cut(_ attack: String, by count: Int) -> HostileCase {
        HostileCase(
            attack, .archiveTruncated, Gzip(Array(Sample.tar(body).dropLast(count))).bytes)
    }

    static let ends: [HostileCase] = [
        // Two blocks of content and two of zeros are at the end.
        cut("cut within the zeros", by: 100),
        cut("one block of zeros", by: 512),
        cut("no block of zeros", by: 1_024),
        cut("cut within the padding", by: 1_024 + 10),
        cut("cut within the content", by: 1_024 + 600),
        cut("cut before the content", by: 1_024 + 1_024),
        cut("cut within a header", by: 1_024 + 1_024 + 100),
        HostileCase(
            "cut within a pax header", .archiveTruncated,
            Gzip(
                Array(
                    (Sample.packageJSON + Tar.pax(["comment": String(repeating: "x", count: 900)]))
                        .dropLast(512))
            ).bytes),
        HostileCase(
            "data after the end", .archiveTrailingData,
            Gzip(Sample.tar() + Tar.file("package/evil")).bytes),
        HostileCase(
            "data after one block of zeros", .archiveTrailingData,
            Gzip(
                Tar.archive([Sample.packageJSON], endBlocks: 1)
                    + Tar.archive([Tar.file("package/evil")])
            ).bytes),
        HostileCase(
            "data long after the end", .archiveTrailingData,
            Gzip(Tar.archive([Sample.packageJSON], endBlocks: 700) + Tar.file("package/evil"))
                .bytes),
        HostileCase("empty archive", .archiveEmpty, Gzip(Tar.archive([])).bytes),
        HostileCase("nothing in the gzip file", .archiveNotTar, Gzip([]).bytes),
    ]

    private static func magic(_ format: String, _ bytes: [UInt8]) -> HostileCase {
        HostileCase(
            "\(format) in .tgz", .archiveNotGzip, bytes + [UInt8](repeating: 0, count: 600))
    }

    private static func gzip(
        _ attack: String, _ code: FailureCode, _ change: @escaping @Sendable (inout Gzip) -> Void
    ) -> HostileCase {
        HostileCase(
            attack, code,
            {
                var member = Gzip(Sample.tar())
                change(&member)
                return member.bytes
            }())
    }

    static let gzip: [HostileCase] = [
        gzip("gzip with a bad CRC", .archiveGzipChecksum) { $0.crcError = 1 },
        gzip("gzip with a bad length", .archiveGzipChecksum) { $0.lengthError = 1 },
        gzip("gzip with a length off by 2^24", .archiveGzipChecksum) { $0.lengthError = 1 << 24 },
        gzip("gzip with another method", .archiveGzipMalformed) { $0.method = 7 },
        gzip("gzip with a reserved flag", .archiveGzipMalformed) { $0.flags = 0x20 },
        gzip("gzip with the highest flag", .archiveGzipMalformed) { $0.flags = 0x80 },
        gzip("gzip with a bad header CRC", .archiveGzipChecksum) {
            $0.flags = 2
            $0.headerFields = [1, 2]
        },
        gzip("gzip with an endless name", .archiveGzipMalformed) {
            $0.flags = 8
            $0.headerFields = [UInt8](repeating: 0x61, count: 200_000)
        },
        HostileCase("gzip header alone", .archiveTruncated, Array(Sample.tarball().prefix(10))),
        HostileCase("gzip magic alone", .archiveTruncated, [0x1F, 0x8B]),
        HostileCase(
            "gzip without its trailer", .archiveTruncated, Array(Sample.tarball().dropLast(8))),
        HostileCase(
            "gzip with half a trailer", .archiveTruncated, Array(Sample.tarball().dropLast(3))),
        HostileCase("gzip cut in half", .archiveTruncated, Array(Sample.tarball().prefix(700))),
        HostileCase(
            "gzip with an invalid block", .archiveGzipMalformed,
            {
                var bytes = Sample.tarball()
                bytes[10] = 0x07
                return bytes
            }()),
        HostileCase(
            "gzip, garbage after it", .archiveGzipTrailing,
            Sample.tarball() + Array("garbage".utf8)),
        HostileCase("gzip, one zero after it", .archiveGzipTrailing, Sample.tarball() + [0]),
        HostileCase(
            "two gzip members", .archiveGzipTrailing, Sample.tarball() + Sample.tarball()),
        HostileCase(
            "one tar over two members", .archiveGzipTrailing,
            Gzip(Sample.packageJSON).bytes + Gzip(Tar.archive([Tar.file("package/a")])).bytes),
        HostileCase(
            "an empty second member", .archiveGzipTrailing, Sample.tarball() + Gzip([]).bytes),
        HostileCase("gzip in gzip", .archiveNotTar, Gzip(Sample.tarball()).bytes),
        HostileCase("text in gzip", .archiveNotTar, Gzip(Array("hello".utf8)).bytes),
        HostileCase(
            "cpio in gzip", .archiveNotTar,
            Gzip(Array("070701".utf8) + [UInt8](repeating: 0x30, count: 2_000)).bytes),
        magic("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]),
        magic("zstd", [0x28, 0xB5, 0x2F, 0xFD]),
        magic("bzip2", Array("BZh9".utf8)),
        magic("zip", [0x50, 0x4B, 3, 4]),
        magic("cpio", Array("070701".utf8)),
        magic("HTML", Array("<!DOCTYPE html><title>Sign in</title>".utf8)),
        HostileCase("plain tar in .tgz", .archiveNotGzip, Sample.tar()),
        HostileCase("empty file", .archiveNotGzip, []),
        HostileCase(
            "bomb of 1000:1", .archiveRatio,
            gzipOfZeros(
                prefix: Sample.packageJSON
                    + Tar.entry("package/zeros") {
                        $0.size = Array(Tar.octal(2_000_000, digits: 11).utf8)
                    }, zeros: 2_000_000)),
        HostileCase(
            "bomb of zeros after the end", .archiveRatio,
            gzipOfZeros(prefix: Sample.packageJSON, zeros: 2_000_000)),
        HostileCase(
            "bomb of zeros after the end, signed", .archiveNotAsSigned,
            limits: .signed(unpackedSize: Int64(Sample.manifest.utf8.count), fileCount: 1),
            manyZeros),
        HostileCase(
            "one file too many", .archiveTooManyFiles, limits: few,
            Gzip(
                Tar.archive([Sample.packageJSON] + (0..<100).map { Tar.file("package/\($0)", "") })
            )
            .bytes),
        HostileCase(
            "one folder too many", .archiveTooManyFiles, limits: few,
            Gzip(Tar.archive([Sample.packageJSON] + (0...100).map { Tar.folder("package/\($0)/") }))
                .bytes),
        HostileCase(
            "one folder too many, by names of files", .archiveTooManyFiles, limits: few,
            Gzip(
                Tar.archive((0..<6).map { Tar.file("package/\($0)" + deep) } + [Sample.packageJSON])
            )
            .bytes),
        HostileCase(
            "over 2 GiB", .archiveTooLarge,
            Sample.tarball(
                Tar.entry("package/a") {
                    $0.size = Array(Tar.octal((1 << 31) + 1, digits: 11).utf8)
                })),
    ]

    /// More than the headers of one file can make, made once.
    private static let manyZeros = gzipOfZeros(prefix: Sample.packageJSON, zeros: 18_000_000)

    /// The maxima, with numbers that a test can exceed within a second.
    private static let few: ContentLimits = {
        var limits = ContentLimits.maxima
        limits.fileCount = 100
        limits.folderCount = 100
        return limits
    }()

    private static let deep = String(repeating: "/d", count: 20)
}
