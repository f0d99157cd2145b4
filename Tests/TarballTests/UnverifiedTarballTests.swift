import Cryptography
import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Tarball

@Suite struct UnverifiedTarballTests {
    /// What was signed, and what lies there.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let content: [UInt8]
        let code: FailureCode
    }

    private static let signed = Sample.tarball()

    @Test(arguments: [
        Case(testDescription: "empty", content: [], code: .trustLength),
        Case(testDescription: "cut", content: signed.dropLast(), code: .trustLength),
        Case(testDescription: "longer", content: signed + [0], code: .trustLength),
        Case(
            testDescription: "one bit", content: signed.dropLast() + [signed[signed.count - 1] ^ 1],
            code: .trustHash),
        Case(
            testDescription: "a web page", content: Array("<html>Sign in</html>".utf8),
            code: .trustLength),
        Case(
            testDescription: "another plugin of the same length",
            content: Gzip(
                Tar.archive([
                    Tar.file(
                        "package/package.json",
                        #"{"name":"@acme/plugin-y","version":"1.0.0"}"#)
                ])
            ).bytes, code: .trustHash),
    ])
    func refusesWhatWasNotSigned(_ tarball: Case) async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(tarball.content, to: "tarball.tgz")
            #expect(sandbox.verify(Self.signed) == tarball.code)
        }
    }

    @Test func refusesSymbolicLinks() async throws {
        try await Sandbox.with { sandbox in
            try sandbox.write(Self.signed, to: "elsewhere")
            symlink("elsewhere", sandbox.root.appending("tarball.tgz").string)
            #expect(sandbox.verify(Self.signed) == .diskUnexpectedFile)
        }
    }

    @Test func refusesFIFOsWithoutWaiting() async throws {
        try await Sandbox.with { sandbox in
            mkfifo(sandbox.root.appending("tarball.tgz").string, 0o600)
            #expect(sandbox.verify(Self.signed) == .trustLength)
        }
    }

    @Test func namesMissingFiles() async throws {
        try await Sandbox.with { sandbox in
            #expect(sandbox.verify(Self.signed) == .diskIO)
        }
    }

    @Test func readsWhatItVerifiedWhenTheFileIsReplaced() async throws {
        try await Sandbox.with { sandbox in
            let tarball = try sandbox.verified(Self.signed)
            let path = sandbox.root.appending("tarball.tgz").string
            try sandbox.write(Sample.tarball(Tar.file("package/evil")), to: "other.tgz")
            rename(sandbox.root.appending("other.tgz").string, path)
            #expect(try tarball.inspect(limits: .maxima).fileCount == 1)
        }
    }

    @Test func noticesThatTheFileBecameShorter() async throws {
        try await Sandbox.with { sandbox in
            let tarball = try sandbox.verified(Self.signed)
            truncate(sandbox.root.appending("tarball.tgz").string, 100)
            do throws(TarballError) {
                _ = try tarball.inspect(limits: .maxima)
                Issue.record("accepted")
            } catch {
                #expect(error.code == .archiveTruncated)
            }
        }
    }
}

extension Sandbox {
    /// Verifies the tarball that lies there against these bytes.
    ///
    /// - Parameter signed: What length and digest were taken of.
    /// - Returns: The code of the refusal, or nil.
    func verify(_ signed: [UInt8]) -> FailureCode? {
        do throws(TarballError) {
            _ = try UnverifiedTarball(root.appending("tarball.tgz"))
                .verify(length: Int64(signed.count), sha512: .of(.sha512, signed))
            return nil
        } catch {
            return error.code
        }
    }
}
