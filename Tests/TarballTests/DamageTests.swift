import Diagnostics
import SystemPackage
import TestSupport
import Testing

@testable import Tarball

/// What damage may do: make the reader refuse, or nothing.
///
/// Never a crash, an endless loop, or a byte outside the staging folder.
///
/// Each tarball is verified by the digest of its own, damaged bytes, as if a signing key had been
/// stolen: so the damage reaches the readers.
@Suite struct DamageTests {
    /// All kinds of headers, small enough to damage every byte of it.
    private static let tar = Tar.archive([
        Sample.packageJSON, Tar.folder("package/lib/"),
        Tar.pax(["path": "package/lib/é.js", "mtime": "1.5"]), Tar.file("package/lib/x"),
        Tar.longName(Array("package/lib/long".utf8)), Tar.file("package/lib/y"),
    ])

    @Test func survivesABitFlippedInAnyByteOfTheTar() async throws {
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            for position in Self.tar.indices {
                var damaged = Self.tar
                damaged[position] ^= 1 << (position % 8)
                try trial.run(Gzip(damaged).bytes, .best)
            }
            trial.finish()
        }
    }

    @Test func refusesATarCutAnywhere() async throws {
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            for length in stride(from: 0, to: Self.tar.count, by: 7) {
                let result = try trial.run(Gzip(Array(Self.tar.prefix(length))).bytes, .best)
                #expect(result != nil, "accepted with \(length) bytes")
            }
            trial.finish()
        }
    }

    @Test func refusesAnyBitFlippedInTheGzipFile() async throws {
        // Stored and dynamic blocks, small.
        let tarball = gzipOfZeros(prefix: Sample.packageJSON, zeros: 2_048)
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            for position in tarball.indices {
                for library in InflateLibrary.allCases {
                    var damaged = tarball
                    damaged[position] ^= 1 << ((position + (library == .zlib ? 3 : 0)) % 8)
                    let result = try trial.run(damaged, library)
                    // Time and system in the header say nothing about the content, and deflate has
                    // padding before stored blocks and at its end. CRC and length hold the rest.
                    if result != nil { continue }
                    #expect((4..<11).contains(position) || position == tarball.count - 9)
                }
            }
            trial.finish()
        }
    }

    @Test func refusesAGzipFileCutAnywhere() async throws {
        let tarball = gzipOfZeros(prefix: Sample.packageJSON, zeros: 2_048)
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            for length in tarball.indices {
                for library in InflateLibrary.allCases {
                    let result = try trial.run(Array(tarball.prefix(length)), library)
                    #expect(
                        result == (length == 0 ? .archiveNotGzip : .archiveTruncated)
                            || length == 1 && result == .archiveNotGzip, "\(length) bytes")
                }
            }
            trial.finish()
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func survivesHeadersMadeUp(seed: UInt64) async throws {
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<600 {
                let tar = Self.withHeadersMadeUp(&generator)
                let bytes = Gzip(tar).bytes
                let results = try InflateLibrary.allCases.map { try trial.run(bytes, $0) }
                #expect(Set(results).count == 1)
            }
            trial.finish()
        }
    }

    @Test(arguments: [1, 2] as [UInt64])
    func survivesDamageAtRandom(seed: UInt64) async throws {
        let tarball = Gzip(Self.tar).bytes
        try await Sandbox.with { sandbox in
            let trial = try Trial(sandbox)
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<300 {
                try trial.run(mutated(tarball, using: &generator), .best)
                try trial.run(Gzip(mutated(Self.tar, using: &generator)).bytes, .best)
            }
            trial.finish()
        }
    }

    /// The tar with strange values in header fields and pax records, the checksums right again.
    private static func withHeadersMadeUp(_ generator: inout SeededGenerator) -> [UInt8] {
        let interesting: [UInt8] =
            [
                0, 1, 0x20, 0x2E, 0x2F, 0x30, 0x37, 0x39, 0x3D, 0x5C, 0x7F, 0x80, 0xC3, 0xFF, 0x0A,
            ] + Array("xgLKSD12345670".utf8)
        let fields = [
            0..<100, 100..<108, 124..<136, 136..<148, 156..<157, 157..<257, 257..<265, 345..<500,
        ]
        var tar = tar
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let start = Int.random(in: 0..<(tar.count / Tar.block), using: &generator) * Tar.block
            guard let field = fields.randomElement(using: &generator) else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let offset = start + Int.random(in: field, using: &generator)
                tar[offset] = interesting.randomElement(using: &generator) ?? 0
            }
        }
        // Whatever looks like a header gets its checksum; a block of zeros stays one.
        for start in stride(from: 0, to: tar.count, by: Tar.block)
        where tar[start + 257] == UInt8(ascii: "u") {
            tar.replaceSubrange((start + 148)..<(start + 156), with: Array("        ".utf8))
            let sum = tar[start..<(start + Tar.block)].reduce(0) { $0 + Int($1) }
            let text = Tar.octal(sum, digits: 6) + "\u{0} "
            tar.replaceSubrange((start + 148)..<(start + 156), with: Array(text.utf8))
        }
        return tar
    }
}

/// Many tarballs, one sandbox.
private struct Trial {
    private let sandbox: Sandbox
    private let folder: FileDescriptor
    private let before: Sandbox.Snapshot

    init(_ sandbox: Sandbox) throws {
        self.sandbox = sandbox
        before = sandbox.snapshot()
        folder = try FileDescriptor.open(sandbox.staging, .readOnly, options: .directory)
    }

    /// Unpacks, inspects, and cleans up.
    ///
    /// - Returns: The code of the refusal, or nil.
    @discardableResult
    func run(_ bytes: [UInt8], _ library: InflateLibrary) throws -> FailureCode? {
        let tarball = try sandbox.verified(bytes)
        var result: FailureCode?
        do throws(TarballError) {
            _ = try tarball.unpack(
                into: folder, limits: .maxima, expecting: Sample.identity, library: library)
        } catch {
            result = error.code
            #expect(try FolderContent.names(in: folder.rawValue) == [])
        }
        try FolderContent.remove(in: folder.rawValue)
        return result
    }

    /// Looks at the surroundings.
    func finish() {
        #expect(sandbox.snapshot() == before)
        try? folder.close()
    }
}
