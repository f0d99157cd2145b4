import Cryptography
import FoundationEssentials
import SystemPackage
import Testing

@testable import Tarball

@Suite struct MemoryTests {
    /// In a process of its own, so that what other tests need beside it is not measured.
    @Test func holdsNoFileWhole() async {
        await #expect(processExitsWith: .success) {
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
                // Held whole it would be 200 MiB.
                #expect(after - before < 16 << 20)
            }
        }
    }
}

/// The most memory that this process ever had, in bytes.
///
/// Not by getrusage(2): what that says of a process begins with its parent's.
private func peakMemory() -> Int? {
    guard let status = FileManager.default.contents(atPath: "/proc/self/status") else { return nil }
    let text = String(decoding: status, as: UTF8.self)
    return text.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) }.map { $0 * 1_024 }
}
