import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Gateway

/// A time that stands still until a test moves it.
final class TestClock: Sendable {
    private let time: Mutex<Date>

    init(_ time: Date) {
        self.time = Mutex(time)
    }

    var now: Date { time.withLock { $0 } }

    func advance(by seconds: TimeInterval) {
        time.withLock { $0 = $0.addingTimeInterval(seconds) }
    }
}

/// Runs the body with a vendor's data folder and the folder around it.
///
/// Closes the records before the folder goes: SQLite removes files of its own then.
func withTestVendor(
    settings: [String: String] = [:], isAnother: Bool = false,
    _ body: (_ test: TestVendor, _ folder: FilePath) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let test = try await TestVendor(in: folder, settings, isAnother: isAnother)
        defer { try? test.vendor.records.close() }
        try await body(test, folder)
    }
}

extension Setup {
    /// Runs, and returns what it told.
    func made(by actor: Actor) async throws -> Result {
        var told: Result?
        try await run(by: actor) { told = $0 }
        return try #require(told)
    }
}

/// A vendor's data folder, made for one test.
struct TestVendor: Sendable {
    static let profile = VendorProfile(
        name: "Acme", hostPackage: try? PackageName("@acme/app"), channels: ["latest", "next"],
        freePlugins: Set([try? PackageName("@acme/free")].compactMap(\.self)),
        links: VendorProfile.Links(support: "https://acme.example/support"))

    let folder: FilePath
    let vendor: Vendor
    let clock: TestClock
    let adminToken: Secret<String>
    let actor = Actor("test")

    /// A folder as `tollgate init` leaves it, made once.
    private struct Initial: Sendable {
        let image: FolderImage
        let adminToken: Secret<String>
        let made: Date
    }

    private static let usual = Task { try await makeInitial() }

    private static func makeInitial() async throws -> Initial {
        try await withTemporaryFolder { folder in
            let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
            let setup = Setup(
                DataFolder(folder.appending("data")), profile: profile,
                settings: try VendorSettings(url: "https://plugins.acme.example/"), now: now)
            let token = try await setup.made(by: Actor("test")).adminToken
            return Initial(
                image: try FolderImage(of: folder.appending("data")), adminToken: token, made: now)
        }
    }

    /// Makes the folder below `folder`; the present time is that at which it was made, in whole seconds.
    ///
    /// - Parameters:
    ///   - folder: where
    ///   - changes: settings by their names
    ///   - isAnother: it has keys of its own; all others have the same
    /// - Throws: what making it throws.
    init(
        in folder: FilePath, _ changes: [String: String] = [:], isAnother: Bool = false
    ) async throws {
        let initial = isAnother ? try await Self.makeInitial() : try await Self.usual.value
        let clock = TestClock(initial.made)
        let data = DataFolder(folder.appending("data"))
        try initial.image.write(to: data.path)
        var settings = try VendorSettings(url: "https://plugins.acme.example/")
        for (name, value) in changes { try settings.set(name, to: value) }
        adminToken = initial.adminToken
        vendor = try Vendor(opening: data, settings: settings) { clock.now }
        self.folder = folder
        self.clock = clock
    }

    /// Publishes and signs a plugin with a file besides its manifest.
    @discardableResult
    func publish(
        _ name: String, _ version: String, _ options: PublishOptions = PublishOptions()
    ) async throws -> Release {
        let tarball = try TestPackage(name, version).pack(in: folder)
        guard case .published(let release) = try await vendor.publish(tarball, options, by: actor)
        else { throw TestFailure("\(name)@\(version) was there before") }
        try await vendor.signMetadata()
        return release
    }

    func issue(
        _ plugins: [String], mode: LicenseMode = .standard, updatesUntil: Date? = nil,
        status: LicenseRecord.Status = .active, _ change: (inout LicenseTerms) -> Void = { _ in }
    ) async throws -> (LicenseRecord, LicenseKey) {
        var terms = LicenseTerms(
            mode: mode,
            grants: plugins.map { LicenseTerms.Grant(plugin: $0, updatesUntil: updatesUntil) })
        change(&terms)
        let (license, key) = try await vendor.issueLicense(to: "Beta GmbH", terms, by: actor)
        guard status != .active else { return (license, key) }
        let changed = try await vendor.records.licenses.change(
            license.id, as: "license.status", by: actor, at: clock.now
        ) { $0.status = status }
        return (changed, key)
    }
}
