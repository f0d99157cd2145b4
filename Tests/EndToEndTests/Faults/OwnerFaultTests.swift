import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Folders of ours that belong to another user, who put there what would have `pkg` do his work.
@Suite(.enabled(if: geteuid() == 0, "only root can give a folder to another user"))
struct OwnerFaultTests {
    private static let other: uid_t = 65_534

    @Test(arguments: [".license", "plugins/.pkg"])
    func noRunWorksInAFolderOfAnotherUser(_ path: String) async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            let outside = world.gateway.folder.appending("outside")
            try FileManager.default.createDirectory(
                atPath: outside.appending("precious").string, withIntermediateDirectories: true)
            let plugins = customer.storage.appending("plugins")
            try FileManager.default.createSymbolicLink(
                atPath: plugins.appending("@other").string, withDestinationPath: outside.string)
            let journal = """
                {"schema":1,"staging":"s","one_set":true,
                "entries":[{"name":"@other/precious","change":"remove"}]}
                """
            try Data(journal.utf8).write(to: URL(filePath: "\(plugins)/.pkg/journal"))
            let folder = customer.storage.appending(path).string
            try #require(chown(folder, Self.other, Self.other) == 0)

            let run = try await customer.downloadPro(app: "2.0.0")
            #expect(run.outcome.status == 7, "\(run.outcome.errors)")
            #expect(run.outcome.errorCode == "disk.foreign-owner")
            let owners = "\(folder) belongs to user \(Self.other); pkg runs as root"
            #expect(run.outcome.errors.contains(owners))
            #expect(try world.visible(customer) == before)
            let left = try FileManager.default.contentsOfDirectory(atPath: outside.string)
            #expect(left == ["precious"])
            let doctor = try await customer.pkg("doctor")
            #expect(doctor.output.contains("disk.foreign-owner"), "\(doctor.output)")

            // Once it is ours again, what is in it is judged as ever: that link leads nowhere.
            try #require(chown(folder, 0, 0) == 0)
            try await world.checkNextRun(customer, app: "2.0.0", path)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: outside.string) == ["precious"])
            try FaultMatrix.record(
                .disk, "another user owns `\(path)` and put a journal and a link there",
                "`disk.foreign-owner`, exit 7; nothing outside is touched, all plugins stay as they "
                    + "were; with its owner back the next run puts everything right")
        }
    }

    @Test func aSupportBundleTakesNothingFromSuchAFolder() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let secret = world.gateway.folder.appending("id_ed25519")
            try Data("-----BEGIN".utf8).write(to: URL(filePath: secret.string))
            let metadata = customer.storage.appending("plugins/.pkg/metadata")
            try FileManager.default.removeItem(atPath: metadata.string)
            try FileManager.default.createSymbolicLink(
                atPath: metadata.string,
                withDestinationPath: world.gateway.folder.string)
            let file = world.gateway.folder.appending("support.tar.gz").string
            let made = try await customer.pkg("support-bundle", "-o", file)
            #expect(made.status == 0, "\(made.errors)")
            let list = try await run("/usr/bin/tar", ["-tzf", file])
            #expect(list.output.contains("pkg-support/report.json"))
            #expect(!list.output.contains("id_ed25519"), "\(list.output)")

            try #require(chown("\(customer.storage)/plugins/.pkg", Self.other, Self.other) == 0)
            let other = world.gateway.folder.appending("other.tar.gz").string
            let less = try await customer.pkg("support-bundle", "-o", other)
            #expect(less.status == 0, "\(less.errors)")
            #expect(less.errors.contains("not in it: report.json"))
            let rest = try await run("/usr/bin/tar", ["-tzf", other])
            #expect(!rest.output.contains("pkg-support/report.json"))
        }
    }
}
