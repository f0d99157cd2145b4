import CanonicalJSON
import Dispatch
import Fetcher
import FoundationEssentials
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Runs beside each other, and an application that reads while plugins are exchanged.
@Suite struct RunFaultTests {
    @Test func theSecondOfTwoRunsWaitsForTheFirst() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                let (asked, tell) = AsyncStream<Void>.makeStream()
                let gate = DispatchSemaphore(value: 0)
                middle.spoil { request, _, _ in
                    guard request.target.contains(".tgz") else { return nil }
                    tell.yield()
                    gate.wait()
                    gate.signal()
                    return nil
                }
                let first = try customer.start("download-pro", "--json", "--app-version", "1.0.0")
                for await _ in asked { break }
                let errors = world.gateway.folder.appending("second")
                let second = try customer.start(
                    "download-pro", "--json", "--app-version", "1.0.0", errors: errors)
                let waiting = "Waiting for another run of pkg, process \(first.processID)."
                while try !lines(of: errors).contains(where: { $0 == waiting }) {
                    try await Task.sleep(for: .milliseconds(10))
                }
                gate.signal()
                let installed = try await first.wait()
                let current = try await second.wait()
                #expect(installed.status == 0)
                #expect(current.status == 0)
                #expect(
                    try parseJSON(Array(current.output.utf8))["plugins"]?.array?
                        .compactMap { $0["outcome"]?.string } == ["current", "current"])
                try await world.checkNextRun(customer, app: "1.0.0", "two runs")
                try FaultMatrix.record(
                    .runs, "two runs at once",
                    "the second names the first's process, waits, and finds nothing to do")
            }
        }
    }

    @Test func aDryRunThatWaitsForTheGatewayKeepsNobodyWaiting() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                try await customer.mustDownload("1.0.0")
                let asked = middle.hold("timestamp.json")
                let dry = try customer.start("download-pro", "--dry-run", "--app-version", "2.0.0")
                for await _ in asked { break }
                middle.spoil(nil)
                let real = try await customer.downloadPro(app: "2.0.0", ["--timeout", "5"])
                #expect(real.outcome.status == 0, "\(real.outcome.errors)")
                #expect(!real.outcome.errors.contains("Waiting for another run"))
                dry.signal(SIGTERM)
                #expect(try await dry.wait().status == 143)
                try await world.checkNextRun(customer, app: "2.0.0", "beside a dry run")
                try FaultMatrix.record(
                    .runs, "a dry run waits for a gateway that says nothing",
                    "another run does not wait for it")
            }
        }
    }

    @Test func anOwnerThatDoesNotEndIsNamed() async throws {
        try await FaultWorld.serving { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let before = try world.visible(customer)
            let report = "\(customer.storage)/plugins/.pkg/report.json"
            let kept = FileManager.default.contents(atPath: report)
            let outcome = try await StorageLock.hold(StorageFolder(customer.storage)) {
                try await customer.downloadPro(app: "2.0.0", ["--timeout", "1"]).outcome
            }
            #expect(outcome.status == 7)
            #expect(try world.checkReport(outcome, customer, "lock") == ["lock.held"])
            #expect(outcome.errors.contains("Process \(getpid()) holds"), "\(outcome.errors)")
            #expect(try world.visible(customer) == before)
            #expect(FileManager.default.contents(atPath: report) == kept, "it is the owner's")
            try await world.checkNextRun(customer, app: "2.0.0", "lock")
            try FaultMatrix.record(
                .runs, "a run that does not end holds the lock",
                "after 30 s, or `--timeout` when that is less: `lock.held` with its process, exit 7"
            )
        }
    }

    @Test func aCrashedOwnerHoldsNothing() async throws {
        try await FaultWorld.serving { world in
            try await world.withMiddle { middle in
                let customer = try world.customer("customer", url: middle.url)
                let asked = middle.hold(".tgz")
                let first = try customer.start("download-pro", "--app-version", "1.0.0")
                for await _ in asked { break }
                first.signal(SIGKILL)
                #expect(try await first.wait().status == -SIGKILL)
                middle.spoil(nil)
                let next = try await customer.downloadPro(app: "1.0.0", ["--timeout", "5"])
                #expect(next.outcome.status == 0, "\(next.outcome.errors)")
                #expect(!next.outcome.errors.contains("Waiting for another run"))
                try await world.checkNextRun(customer, app: "1.0.0", "crashed owner")
                try FaultMatrix.record(
                    .runs, "the owner of the lock crashed",
                    "the next run does not wait: the kernel dropped the lock")
            }
        }
    }

    @Test func aReaderSeesTheOldOrTheNewRelease() async throws {
        try await FaultWorld.serving(fileCount: 6) { world in
            let customer = try world.customer("customer")
            try await customer.mustDownload("1.0.0")
            let reader = Reader(FilePath("\(customer.storage)/plugins/@acme/a"), world)
            let seen = Task { await reader.look() }
            for round in 0..<30 {
                try await customer.mustDownload(round.isMultiple(of: 2) ? "2.0.0" : "1.0.0")
            }
            reader.stop()
            let looks = await seen.value
            #expect(looks.wrong.isEmpty, "\(looks.wrong.prefix(5))")
            #expect(looks.count > 1_000, "\(looks.count) looks")
            #expect(looks.versions == ["1.0.0", "2.0.0"])
            try FaultMatrix.record(
                .runs, "a reader walks a plugin's folder during 30 updates and downgrades",
                "more than 1,000 looks: the old release or the new one, never a mixture, never none"
            )
        }
    }
}

/// An application that opens a plugin's folder and reads all of it, again and again.
private final class Reader: Sendable {
    struct Looks: Sendable {
        var count = 0
        var versions: Set<String> = []
        var wrong: [String] = []
    }

    private let folder: FilePath
    private let releases: [String: FaultWorld.Content]
    private let isStopped = Mutex(false)

    init(_ folder: FilePath, _ world: FaultWorld) {
        self.folder = folder
        releases = world.releases["@acme/a"] ?? [:]
    }

    func stop() { isStopped.withLock { $0 = true } }

    /// On a thread of its own: it never waits for anything.
    func look() async -> Looks {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "test.reader").async { [self] in
                var looks = Looks()
                while !isStopped.withLock(\.self) { look(&looks) }
                continuation.resume(returning: looks)
            }
        }
    }

    private func look(_ looks: inout Looks) {
        looks.count += 1
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else {
            looks.wrong.append("none is there: errno \(errno)")
            return
        }
        defer { close(descriptor) }
        for (version, files) in releases
        where files.allSatisfy({ read($0.key, in: descriptor) == $0.value }) {
            looks.versions.insert(version)
            return
        }
        // Whoever keeps a folder open for longer than a whole update finds it deleted: that is no
        // release any more, and what is visible by then is another folder.
        if isVisible(descriptor) { looks.wrong.append("a mixture") }
    }

    private func isVisible(_ descriptor: Int32) -> Bool {
        var opened = stat()
        var visible = stat()
        return fstat(descriptor, &opened) == 0 && stat(folder.string, &visible) == 0
            && opened.st_ino == visible.st_ino
    }

    private func read(_ path: String, in folder: Int32) -> [UInt8]? {
        let file = openat(folder, path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count >= 0 ? Array(bytes[..<count]) : nil
    }
}
