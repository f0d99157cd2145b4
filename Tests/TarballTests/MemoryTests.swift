import Cryptography
import Glibc
import SystemPackage
import Testing

@testable import Tarball

@Suite struct MemoryTests {
    @Test func holdsNoFileWhole() async throws {
        let size = 200 << 20
        try await Sandbox.with { sandbox in
            let header = Tar.entry("package/large") {
                $0.size = Array(Tar.octal(size, digits: 11).utf8)
            }
            try sandbox.write(Sample.packageJSON + header, to: "head")
            let root = sandbox.root.string
            let packed = shell(
                """
                (cat '\(root)/head'; head -c \(size + 1_024) /dev/zero) | gzip -1 \
                >'\(root)/tarball.tgz'
                """)
            try #require(packed != nil)
            let bytes = try sandbox.read("tarball.tgz")
            let limits = ContentLimits.signed(
                unpackedSize: Int64(size + Sample.manifest.utf8.count), fileCount: 2)
            let before = try #require(peakMemory())
            let files = try sandbox.unpack(bytes, limits: limits)
            let after = try #require(peakMemory())
            #expect(files.count == 2)
            // Other tests run beside this one; held whole it would be 200 MiB.
            #expect(after - before < 100 << 20)
        }
    }

    /// The most memory that this process ever had, in bytes.
    private func peakMemory() -> Int? {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return nil }
        return usage.ru_maxrss * 1_024
    }
}
