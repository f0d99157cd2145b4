import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files of our own, and installed files, that somebody or a disk damaged: seen, and put right.
@Suite(.serialized) struct StateFaultTests {
    /// What is done to a file.
    enum Damage: String, CaseIterable, Sendable {
        case empty, oneByte, half, allButOneByte, garbage, folder, link, pipe

        func apply(to file: FilePath, elsewhere: FilePath) throws {
            let content = [UInt8](try Data(contentsOf: URL(filePath: file.string)))
            try FileManager.default.removeItem(atPath: file.string)
            let new: [UInt8]
            switch self {
            case .empty: new = []
            case .oneByte: new = Array(content.prefix(1))
            case .half: new = Array(content.prefix(content.count / 2))
            case .allButOneByte: new = content.dropLast()
            case .garbage:
                var generator = SeededGenerator(seed: 7)
                new = content.map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            case .folder:
                return try FileManager.default.createDirectory(
                    atPath: "\(file)/inner", withIntermediateDirectories: true)
            case .link:
                return try FileManager.default.createSymbolicLink(
                    atPath: file.string, withDestinationPath: elsewhere.string)
            case .pipe:
                return #expect(mkfifo(file.string, 0o600) == 0)
            }
            try Data(new).write(to: URL(filePath: file.string))
        }
    }

    /// A file of ours, by its path below the storage folder; `*` stands for one name.
    static let files = [
        ("a receipt", "plugins/.pkg/receipts/@acme/a.receipt"),
        ("a receipt of what was set aside", "plugins/.pkg/previous/@acme/a/receipt"),
        ("the kept report", "plugins/.pkg/report.json"),
        ("the lock", "plugins/.pkg/lock"),
        ("the cached timestamp", "plugins/.pkg/metadata/timestamp.json"),
        ("the cached snapshot", "plugins/.pkg/metadata/snapshot.json"),
        ("the cached targets", "plugins/.pkg/metadata/targets.json"),
        ("the cached list of a plugin's releases", "plugins/.pkg/metadata/plugin-acme_2fa.json"),
        ("the license's state", ".license/state.json"),
        ("the license token", ".license/tokens/*"),
        ("the saved Instance ID", ".license/instance-id"),
    ]

    @Test(arguments: files)
    func aDamagedFileIsMadeAnew(_ name: String, _ path: String) async throws {
        try await FaultWorld.serving { world in
            let ready = try await FaultOperation.rollback.prepare(world)
            let elsewhere = world.gateway.folder.appending("elsewhere")
            let secret = Array("not ours".utf8)
            let before = try world.visible(ready)
            for damage in Damage.allCases {
                let when = "\(name): \(damage)"
                let customer = try await world.copy(of: ready, named: "customer")
                try Data(secret).write(to: URL(filePath: elsewhere.string))
                let file = try Self.file(path, customer)
                try damage.apply(to: file, elsewhere: elsewhere)
                let (outcome, _) = try await customer.downloadPro(app: "2.0.0")
                #expect(outcome.status == 0, "\(when): \(outcome.errors)")
                try world.checkReport(outcome, customer, when)
                #expect(try world.visible(customer) == before, "\(when)")
                #expect(FileManager.default.contents(atPath: elsewhere.string) == Data(secret))
                try await world.checkNextRun(customer, app: "2.0.0", when)
                try await world.checkNothingIsLeft(customer, app: "2.0.0", when)
            }
            try FaultMatrix.record(
                .state, "\(name) (`\(path)`) damaged",
                "cut at 0, 1, half and all but one byte, garbage, replaced by a folder, a link, a "
                    + "pipe: the run ends with 0 and every plugin as it was")
        }
    }

    private static func file(_ path: String, _ customer: Customer) throws -> FilePath {
        let file = customer.storage.appending(path)
        guard path.hasSuffix("*") else { return file }
        let folder = file.removingLastComponent()
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.string).first)
        return folder.appending(name)
    }

    /// Whom to trust is nobody's to make anew while something else stands there.
    @Test func aDamagedFirstRootIsRefused() async throws {
        try await FaultWorld.serving { world in
            let ready = try await FaultOperation.rollback.prepare(world)
            let before = try world.visible(ready)
            var codes: Set<String> = []
            for damage in Damage.allCases {
                let when = "the first root: \(damage)"
                let customer = try await world.copy(of: ready, named: "customer")
                let file = customer.storage.appending(".license/root.json")
                try damage.apply(to: file, elsewhere: "/nowhere")
                let (outcome, _) = try await customer.downloadPro(app: "2.0.0")
                #expect([6, 7].contains(outcome.status), "\(when): \(outcome.errors)")
                codes.formUnion(try world.checkReport(outcome, customer, when))
                #expect(try world.visible(customer) == before, "\(when)")
                try FileManager.default.removeItem(atPath: file.string)
                try await world.checkNextRun(customer, app: "2.0.0", when)
            }
            let names = codes.sorted().map { "`\($0)`" }.joined(separator: ", ")
            try FaultMatrix.record(
                .state, "the first root (`.license/root.json`) damaged",
                "in the same ways: refused by name (\(names)), the plugins stay; deleted, and the "
                    + "license key vouches for it anew")
        }
    }

    /// A journal of a run that was killed after its first exchange.
    @Test func aDamagedJournalLosesNothing() async throws {
        try await FaultWorld.serving { world in
            for canExchange in [true, false] {
                let ready = try await FaultOperation.update.prepare(world)
                let before = try world.visible(ready)
                let killed = try await ready.pkg(
                    FaultOperation.update.arguments,
                    DiskFault(
                        deed: .signal(SIGKILL), position: canExchange ? 1 : 2,
                        calls: canExchange ? ["exchange"] : ["rename"], canExchange: canExchange))
                #expect(killed.status == -SIGKILL)
                for damage in Damage.allCases {
                    let customer = try await world.copy(of: ready, named: "customer")
                    let journal = FilePath("\(customer.storage)/plugins/.pkg/journal")
                    if FileManager.default.fileExists(atPath: journal.string) {
                        try damage.apply(to: journal, elsewhere: "/nowhere")
                    }
                    let (outcome, _) = try await customer.downloadPro(app: "2.0.0")
                    let when = "journal: \(damage)"
                    #expect(outcome.status == 0, "\(when): \(outcome.errors)")
                    try world.checkVisible(customer, before: before, when)
                    try await world.checkNextRun(customer, app: "2.0.0", when)
                }
            }
            try FaultMatrix.record(
                .state, "the journal of a run that was killed in its exchanges, damaged",
                "in the same ways: each plugin is judged by its receipt, and the run ends with 0")
        }
    }

    @Test func theWholeOwnFolderIsMadeAnew() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            try FileManager.default.removeItem(atPath: "\(customer.storage)/plugins/.pkg")
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.plugins == ["@acme/a": "adopt 1.0.0 -", "@acme/b": "adopt 1.0.0 -"])
            #expect(try world.visible(customer) == before)
            try await world.checkNextRun(customer, app: "1.0.0", "no .pkg")
            try await world.checkNothingIsLeft(customer, app: "1.0.0", "no .pkg")
            try FaultMatrix.record(
                .state, "all of `.pkg` deleted",
                "every plugin is compared with its signed release and adopted; nothing is replaced")
        }
    }

    /// The number that the Instance ID is made of is nobody's to make anew.
    @Test func aDamagedInstanceNumberIsSaid() async throws {
        try await FaultWorld.serving { world in
            var customer = try world.customer("customer")
            customer.environment["TOLLGATE_INSTANCE_ID"] = nil
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            let file = customer.storage.appending(".license/instance.json")
            let content = try Data(contentsOf: URL(filePath: file.string))
            for damage in [Damage.empty, .half, .garbage] {
                try damage.apply(to: file, elsewhere: "/nowhere")
                let (outcome, _) = try await customer.downloadPro(app: "1.0.0")
                #expect(outcome.status == 4)
                #expect(try world.checkReport(outcome, customer, "\(damage)") == ["license.state"])
                #expect(try world.visible(customer) == before)
                try content.write(to: URL(filePath: file.string))
            }
            try await world.checkNextRun(customer, app: "1.0.0", "with the file from a backup")
            try FaultMatrix.record(
                .state, "the instance's own number (`.license/instance.json`) damaged",
                "`license.state`, exit 4, the plugins stay: another number would be another "
                    + "instance, so it is put back from a backup")
        }
    }

    /// What is done to an installed file, and what the report says of the plugin then.
    @Test func aChangedFileIsPutRight() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let file = FilePath("\(customer.storage)/plugins/@acme/a/lib/part-0.js")
            let manager = FileManager.default
            let content = try Data(contentsOf: URL(filePath: file.string))
            let faults: [(String, () throws -> Void)] = [
                ("changed", { try Data("x".utf8).write(to: URL(filePath: file.string)) }),
                ("missing", { try manager.removeItem(atPath: file.string) }),
                ("empty", { try Data().write(to: URL(filePath: file.string)) }),
                (
                    "of the same size",
                    { try Data(content.map { $0 ^ 1 }).write(to: URL(filePath: file.string)) }
                ),
                (
                    "replaced by a folder",
                    {
                        try manager.removeItem(atPath: file.string)
                        try manager.createDirectory(
                            atPath: file.string, withIntermediateDirectories: false)
                    }
                ),
                (
                    "replaced by a link",
                    {
                        try manager.removeItem(atPath: file.string)
                        try manager.createSymbolicLink(
                            atPath: file.string, withDestinationPath: "/etc/hostname")
                    }
                ),
            ]
            for (name, make) in faults {
                try make()
                #expect(try await customer.pkg("plugins", "verify").status == 6, "\(name)")
                let run = try await customer.downloadPro(app: "1.0.0")
                #expect(run.plugins["@acme/a"] == "repair 1.0.0 -", "\(name)")
                #expect(run.plugins["@acme/b"] == "current 1.0.0 -", "\(name)")
                try await world.checkNextRun(customer, app: "1.0.0", name)
                #expect(try await customer.pkg("plugins", "verify").status == 0, "\(name)")
            }
            try FaultMatrix.record(
                .state,
                "an installed file changed, missing, empty, of the same size, a folder, a link",
                "seen by the receipt, `pkg plugins verify` exits 6; the next run repairs the plugin and "
                    + "no other, and keeps what was there in `.pkg/replaced`")

            let extra = FilePath("\(customer.storage)/plugins/@acme/a/lib/extra.js")
            try Data("x".utf8).write(to: URL(filePath: extra.string))
            let verify = try await customer.pkg("plugins", "verify")
            #expect(verify.status == 6)
            #expect(verify.output.contains("lib/extra.js"))
            let run = try await customer.downloadPro(app: "1.0.0")
            #expect(run.plugins["@acme/a"] == "current 1.0.0 -")
            try FaultMatrix.record(
                .state, "a file too many in an installed plugin",
                "`pkg plugins verify` names it and exits 6; a start looks at the files that were "
                    + "installed and at no others, so the file stays until the plugin is replaced")
        }
    }
}
