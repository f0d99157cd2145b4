import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// What `tollgate` makes of its `tollgate.yaml`.
struct SettingsFileTests {
    struct File: CustomTestStringConvertible {
        let text: String
        /// What the error has to say.
        let words: [String]
        var testDescription: String { text }
    }

    @Test(arguments: [
        File(text: "", words: ["has no url"]),
        File(text: "url: nothing", words: ["url in line 1", "\"nothing\""]),
        File(
            text: "url: http://localhost\nprot: 80",
            words: ["prot in line 2", "is no setting", "rate-limit-address"]),
        File(
            text: "url: http://localhost\n\nmaximum-tarball: 5 potatoes",
            words: ["maximum-tarball in line 3", "\"5 potatoes\""]),
        File(
            text: "url: http://localhost\nmaximum-connections:",
            words: ["maximum-connections in line 2", "\"\""]),
        File(text: "url: http://localhost\nurl: http://other", words: ["stands in line 1 already"]),
        File(
            text: "url: http://localhost\nx-accel-redirect: /-/artifacts",
            words: ["x-accel-redirect", "--behind-proxy"]),
    ])
    func aMistakeIsNamed(_ given: File) async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending("data").string
            let made = try await run(Programs.tollgate, ["init", "--data", data])
            #expect(made.status == 0)
            try Array(given.text.utf8).withUnsafeBytes { bytes in
                let file = FilePath(data).appending("tollgate.yaml")
                let descriptor = try FileDescriptor.open(file, .writeOnly, options: [.truncate])
                try descriptor.closeAfter { _ = try descriptor.writeAll(bytes) }
            }
            let outcome = try await run(
                Programs.tollgate, ["serve", "--data", data, "--port", "0"])
            #expect(outcome.status != 0)
            for word in given.words {
                #expect(outcome.errors.contains(word), "\(outcome.errors)")
            }
        }
    }
}
