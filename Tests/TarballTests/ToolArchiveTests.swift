import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Tarball

/// A way in which people pack, with a tool that may not be on this machine.
struct PackingTool: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Succeeds when the tool is there.
    let probe: String
    /// Packs the folder `package` of the current folder into `../tarball.tgz`.
    let pack: String
    /// Whether it also packs files whose names are too long for ustar or not ASCII.
    var packsLongNames = true

    static let all = [
        PackingTool(
            testDescription: "GNU tar", probe: "tar --version | grep -q GNU",
            pack: "tar -czf ../tarball.tgz --format=gnu package"),
        PackingTool(
            testDescription: "GNU tar, pax", probe: "tar --version | grep -q GNU",
            pack: "tar -czf ../tarball.tgz --format=posix package"),
        PackingTool(
            testDescription: "GNU tar, ustar", probe: "tar --version | grep -q GNU",
            pack: "tar -czf ../tarball.tgz --format=ustar package", packsLongNames: false),
        PackingTool(
            testDescription: "bsdtar", probe: "bsdtar --version",
            pack: "bsdtar -czf ../tarball.tgz package"),
        PackingTool(
            testDescription: "Python, pax", probe: "python3 -c 'import tarfile'",
            pack: python("PAX_FORMAT")),
        PackingTool(
            testDescription: "Python, GNU", probe: "python3 -c 'import tarfile'",
            pack: python("GNU_FORMAT")),
        PackingTool(
            testDescription: "npm", probe: "npm --version",
            pack: "cd package && npm pack --silent --offline && mv acme-*.tgz ../../tarball.tgz"),
    ]

    private static func python(_ format: String) -> String {
        """
        python3 -c 'import tarfile
        with tarfile.open("../tarball.tgz", "w:gz", format=tarfile.\(format)) as t: t.add("package")'
        """
    }
}

@Suite struct ToolArchiveTests {
    @Test(arguments: PackingTool.all)
    func acceptsWhatToolsPack(_ tool: PackingTool) async throws {
        guard shell("(\(tool.probe)) >/dev/null 2>&1") != nil else {
            print("skipped: \(tool.testDescription) is not on this machine")
            return
        }
        try await Sandbox.with { sandbox in
            var paths = ["package.json", "lib/index.js", "bin/run.js", "README.md"]
            if tool.packsLongNames {
                paths.append("lib/" + String(repeating: "long-name-", count: 15) + ".js")
                paths.append("locale/日本語-é.json")
            }
            let source = sandbox.root.appending("source").string
            for path in paths {
                let content = path == "package.json" ? Sample.manifest : "content of \(path)\n"
                let file = "\(source)/package/\(path)"
                _ = shell("mkdir -p \"$(dirname '\(file)')\"")
                try sandbox.write(Array(content.utf8), to: "source/package/\(path)")
            }
            chmod("\(source)/package/bin/run.js", 0o755)
            let packed = shell("cd '\(source)' && export LANG=C.UTF-8 && (\(tool.pack)) 2>&1")
            try #require(packed != nil, "\(tool.testDescription) failed")
            let bytes = try sandbox.read("tarball.tgz")
            let files = try sandbox.unpack(bytes)
            #expect(Set(files.map(\.path)) == Set(paths))
            for file in files { #expect(sandbox.state(of: file.path) == UnpackedState(file)) }
        }
    }

    @Test(arguments: [
        "xz -c", "zstd -q -c", "bzip2 -c", "cat",
    ])
    func refusesOtherCompressions(_ compressor: String) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Sample.tar(), to: "package.tar")
            let root = sandbox.root.string
            guard shell("\(compressor) '\(root)/package.tar' >'\(root)/x' 2>/dev/null") != nil
            else {
                print("skipped: \(compressor) is not on this machine")
                return
            }
            let bytes = try sandbox.read("x")
            let error = #expect(throws: TarballError.self) { try sandbox.unpack(bytes) }
            #expect(error?.code == .archiveNotGzip)
        }
    }
}
