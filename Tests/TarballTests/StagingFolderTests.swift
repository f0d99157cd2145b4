import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Tarball

@Suite struct StagingFolderTests {
    @Test func refusesFoldersThatAreNotEmptyAndLeavesThem() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Array("mine".utf8), to: "staging/file")
            let before = sandbox.snapshot()
            let error = #expect(throws: TarballError.self) {
                try sandbox.unpack(Sample.tarball())
            }
            #expect(error?.code == .diskUnexpectedFile)
            #expect(sandbox.snapshot() == before)
        }
    }

    @Test func removesWhatItWroteBeforeAFailure() async throws {
        try await Sandbox.with { sandbox in
            let before = sandbox.snapshot()
            let large = String(repeating: "x", count: 300_000)
            let error = #expect(throws: TarballError.self) {
                try sandbox.unpack(
                    Sample.tarball(
                        Tar.file("package/a/b/c/large", large), Tar.folder("package/d/"),
                        Tar.link("package/l", to: "/")))
            }
            #expect(error?.code == .archiveLink)
            #expect(sandbox.snapshot() == before)
        }
    }

    @Test func keepsToItsFolderWhenASubfolderIsReplacedByALink() async throws {
        try await Sandbox.with { sandbox in
            let folder = try FileDescriptor.open(sandbox.staging, .readOnly, options: .directory)
            defer { try? folder.close() }
            symlink("../outside", sandbox.staging.appending("lib").string)
            var folders = FolderDescriptors(root: folder.rawValue)
            do throws(TarballError) {
                _ = try folders.descriptor(of: "lib")
                Issue.record("followed a link")
            } catch {
                #expect(error.code == .diskUnexpectedFile)
            }
        }
    }

    @Test func writesMoreFoldersThanItKeepsOpen() async throws {
        try await Sandbox.with { sandbox in
            let parts = (0..<3).flatMap { round in
                (0..<100).map { Tar.file("package/d\($0)/e/f\(round)") }
            }
            let bytes = Gzip(Tar.archive([Sample.packageJSON] + parts)).bytes
            let files = try sandbox.unpack(bytes)
            #expect(files.count == 301)
            for file in files { #expect(sandbox.state(of: file.path) == UnpackedState(file)) }
        }
    }

    @Test func namesWhatTheDiskSays() {
        #expect(TarballError("write", failedWith: .noSpace).code == .diskFull)
        #expect(TarballError("write", failedWith: .diskQuotaExceeded).code == .diskFull)
        #expect(TarballError("write", failedWith: .readOnlyFileSystem).code == .diskReadOnly)
        #expect(TarballError("write", failedWith: .ioError).code == .diskIO)
    }
}
