import Bundle
import Cryptography
import Diagnostics
import FoundationEssentials
import Glibc
import SignedMetadata
import SystemPackage
import TestSupport
import Testing

/// The file: what is in it is what its index lists, and nothing else.
@Suite struct BundleFileTests {
    private let small: [UInt8] = Array("{}".utf8)
    private let large = [UInt8](repeating: 7, count: 700_001)

    private func contents() -> BundleContents {
        BundleContents(
            applicationVersions: [],
            files: [
                BundleContents.File(path: "metadata/1.root.json", of: small),
                BundleContents.File(path: "targets/a.tgz", of: large),
            ])
    }

    private func index(_ contents: BundleContents) throws -> [UInt8] {
        let statement = SnapshotStatement(
            created: Date(timeIntervalSince1970: 0), expires: Date(timeIntervalSince1970: 1),
            snapshot: FileDescription(version: 1, of: []))
        return try BundleSigner(key: PrivateKey.generate(.ed25519)).sign(
            BundleIndex(statement: statement, license: "lic_1", contents: contents))
    }

    /// Writes a bundle that lists some files and has others.
    private func write(
        _ listed: BundleContents, _ present: [[UInt8]], to path: FilePath
    ) throws {
        let writer = try BundleWriter(path, index: index(listed))
        for bytes in present { try writer.add(BundleContents.File(path: "x", of: bytes), bytes) }
        try writer.finish()
    }

    @Test(arguments: [
        ("/nonexistent/x", [FailureCode.settingsPathMissing], "Name a file in a folder"),
        ("/sys/x", [.diskPermission, .diskReadOnly], "Choose a folder that can be written"),
    ])
    func whereNoBundleCanBeMade(
        _ path: String, _ codes: [FailureCode], _ remedy: String
    ) throws {
        let error = #expect(throws: BundleError.self) {
            try BundleWriter(FilePath(path), index: [])
        }
        let found = try #require(error)
        #expect(codes.contains(found.code), "\(found)")
        #expect(found.remedy.contains(remedy))
    }

    @Test func whatIsSomebodyElsesIsNotWritten() async throws {
        try await withTemporaryFolder { folder in
            let (path, other) = (folder.appending("one.tgbundle"), folder.appending("other"))
            try [1, 2, 3].withUnsafeBytes { try Data($0).write(to: URL(filePath: other.string)) }
            let before = try Data(contentsOf: URL(filePath: other.string))
            try FileManager.default.linkItem(
                atPath: other.string, toPath: "\(path).new")
            try write(contents(), [small, large], to: path)
            #expect(try Data(contentsOf: URL(filePath: other.string)) == before)
            let begun = folder.appending("two.tgbundle")
            let writer = try BundleWriter(begun, index: index(contents()))
            #expect(throws: UsageError.self, "another program writes it") {
                try BundleWriter(begun, index: [])
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/linked.tgbundle.new", withDestinationPath: other.string)
            #expect(throws: UsageError.self, "no link is followed") {
                try BundleWriter(folder.appending("linked.tgbundle"), index: [])
            }
            #expect(try Data(contentsOf: URL(filePath: other.string)) == before)
            withExtendedLifetime(writer) {}
            #expect(throws: UsageError.self, "its name is taken meanwhile") {
                let writer = try BundleWriter(
                    folder.appending("three.tgbundle"), index: index(contents()))
                try Data().write(to: URL(filePath: "\(folder)/three.tgbundle"))
                try writer.finish()
            }
        }
    }

    @Test func handsOutWhatWasWritten() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("one.tgbundle")
            try write(contents(), [small, large], to: path)
            let bundle = try BundleFile(opening: path)
            #expect(try bundle.bytes(of: "metadata/1.root.json", maximumLength: 2) == small)
            #expect(try bundle.bytes(of: "targets/a.tgz", maximumLength: 1 << 20) == large)
            #expect(try bundle.bytes(of: "targets/b.tgz", maximumLength: 1 << 20) == nil)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.string)
            #expect(names == ["one.tgbundle"])
        }
    }

    @Test func refusesMoreThanMayBeAskedFor() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("one.tgbundle")
            try write(contents(), [small, large], to: path)
            let bundle = try BundleFile(opening: path)
            let error = #expect(throws: BundleError.self) {
                try bundle.bytes(of: "targets/a.tgz", maximumLength: 700_000)
            }
            #expect(error?.code == .bundleFormat)
        }
    }

    @Test(arguments: [0, 1, 2, 3])
    func refusesWhatItsIndexDoesNotList(_ which: Int) async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("one.tgbundle")
            let present = [
                [small], [large, small], [small, large, [9]], [small, Array(large.dropLast())],
            ][which]
            try write(contents(), present, to: path)
            let error = #expect(throws: BundleError.self) { try BundleFile(opening: path) }
            #expect(error?.code == .bundleFormat)
        }
    }

    /// Cut at every block, and around it.
    @Test func refusesEveryCut() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("one.tgbundle")
            try write(contents(), [small, large], to: path)
            let size = try #require(
                try FileManager.default.attributesOfItem(atPath: path.string)[.size] as? UInt64)
            for length in stride(from: Int64(size) - 1, through: 0, by: -509) {
                guard truncate(path.string, off_t(length)) == 0 else {
                    throw Errno(rawValue: errno)
                }
                let error = #expect(throws: BundleError.self) { try BundleFile(opening: path) }
                #expect(error?.code == .bundleTruncated, "at \(length)")
            }
        }
    }

    /// A bit changed anywhere in the headers is seen at opening, in the content when it is read.
    @Test func seesEveryChangedByte() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending("one.tgbundle")
            try write(contents(), [small, Array("tarball".utf8)], to: path)
            // The second file is another than the index lists: with its own index it is right.
            let own = BundleContents(
                applicationVersions: [],
                files: [
                    BundleContents.File(path: "metadata/1.root.json", of: small),
                    BundleContents.File(path: "targets/a.tgz", of: Array("tarball".utf8)),
                ])
            let right = folder.appending("right.tgbundle")
            try write(own, [small, Array("tarball".utf8)], to: right)
            let bytes = try Data(contentsOf: URL(filePath: right.string))
            var unseen: [Int] = []
            let bad = folder.appending("bad.tgbundle")
            // All of the headers' bytes would take long: each third, which hits every field.
            for place in stride(from: 0, to: bytes.count, by: 3) {
                var changed = bytes
                changed[place] ^= 0x01
                try changed.write(to: URL(filePath: bad.string))
                guard let bundle = try? BundleFile(opening: bad),
                    let root = try? bundle.bytes(of: "metadata/1.root.json", maximumLength: 99),
                    let tarball = try? bundle.bytes(of: "targets/a.tgz", maximumLength: 99)
                else { continue }
                #expect(root == small)
                #expect(tarball == Array("tarball".utf8))
                unseen.append(place)
            }
            // In the index, which its signature covers, and where the tar fills up a block.
            let header = 512
            let index = header..<(header + (try index(own).count + 511) / 512 * 512)
            let padding = unseen.filter { !index.contains($0) && bytes[$0] != 0 }
            #expect(padding == [])
        }
    }
}
