import CanonicalJSON
import Cryptography
import Diagnostics
package import FoundationEssentials
package import Licensing
import SystemPackage

/// What is kept of the license on the customer's disk: `storage/.license/`, readable by its owner
/// only.
///
/// ```
/// license-key         the license keys that were given, one a line
/// tokens/lic_….jwt    the last token of each license, verified anew at every start
/// state.json          the installations, their counters, what must not be forgotten between runs
/// seats.json          how many users take a seat, as the application last said
/// root.json           the first root
/// instance.json       what this instance is known by;  instance-id: the Instance ID
/// ```
package struct SavedLicense: Sendable {
    private let storage: StorageFolder
    private let folder: FilePath
    private static let secretMode: FilePermissions = [.ownerReadWrite]

    package init(_ storage: StorageFolder) {
        self.storage = storage
        folder = storage.license
    }

    // MARK: Keys

    /// The saved license keys that are whole, in the order in which they were added; see
    /// ``damage()``.
    package func keys() throws(DiskError) -> [LicenseKey] {
        try writtenKeys().compactMap { try? LicenseKey($0) }
    }

    private func writtenKeys() throws(DiskError) -> [String] {
        try (text("license-key") ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    package func save(_ keys: [LicenseKey]) throws(DiskError) {
        let lines = keys.map { "\($0.text.reveal())\n" }.joined()
        try write(Array(lines.utf8), to: "license-key")
    }

    // MARK: Tokens and the keys that verify them

    /// The saved tokens that are still whole, but for those of some licenses; each is verified
    /// before it counts.
    package func tokens(
        without licenses: Set<String> = []
    ) throws(DiskError) -> [UnverifiedLicenseToken] {
        let left = Set(licenses.map(Self.tokenName))
        var tokens: [UnverifiedLicenseToken] = []
        for name in try tokenNames() where !left.contains(name) {
            guard let text = try ownText("tokens/\(name)") else { continue }
            // See damage().
            if let token = try? UnverifiedLicenseToken(text) { tokens.append(token) }
        }
        return tokens
    }

    package func saveToken(_ token: VerifiedLicenseToken) throws(DiskError) {
        try makeFolder(folder.appending("tokens"))
        try write(
            Array("\(token.compact.reveal())\n".utf8),
            to: "tokens/\(Self.tokenName(of: token.claims.licenseID))")
    }

    package func hasToken(of license: String) throws(DiskError) -> Bool {
        try tokenNames().contains(Self.tokenName(of: license))
    }

    package func removeToken(of license: String) throws(DiskError) {
        try Disk.remove(folder.appending("tokens").appending(Self.tokenName(of: license)))
    }

    private static func tokenName(of license: String) -> String {
        "\(Digest.of(.sha256, Array(license.utf8)).hex.prefix(24)).jwt"
    }

    // MARK: The first root

    package func root() throws(DiskError) -> [UInt8]? {
        try Disk.read(folder.appending("root.json"))
    }

    package func saveRoot(_ root: [UInt8]) throws(DiskError) {
        try write(root, to: "root.json")
    }

    // MARK: State

    /// What earlier runs left; empty when there is nothing or it can no longer be read: see
    /// ``damage()``.
    package func state() throws(DiskError) -> SavedState {
        guard let bytes = try storage.readOwnAsItIs(folder.appending("state.json")) else {
            return SavedState()
        }
        return (try? SavedState(json: parseJSON(bytes))) ?? SavedState()
    }

    /// The files that are there and can no longer be read.
    ///
    /// They are written anew at the next check-in, `license-key` when a license is added or removed;
    /// until then nothing is removed on the word of what is left.
    package func damage() -> [LicenseError] {
        var damaged: [String] = []
        if let written = try? writtenKeys(), (try? keys().count) != written.count {
            damaged.append("license-key")
        }
        if let bytes = try? Disk.read(folder.appending("state.json")),
            (try? SavedState(json: parseJSON(bytes))) == nil
        {
            damaged.append("state.json")
        }
        for name in (try? tokenNames()) ?? [] {
            guard let text = (try? text("tokens/\(name)")) ?? nil,
                (try? UnverifiedLicenseToken(text)) == nil
            else { continue }
            damaged.append("tokens/\(name)")
        }
        return damaged.map { LicenseError(.licenseState, "\(folder.appending($0)) is damaged.") }
    }

    private func tokenNames() throws(DiskError) -> [String] {
        try Disk.names(in: folder.appending("tokens")).filter { $0.hasSuffix(".jwt") }
    }

    package func save(_ state: SavedState) throws(DiskError) {
        try write(state.json.prettyBytes, to: "state.json")
    }

    // MARK: Seats

    /// How many users took a seat when the application last said so; nil when it never did.
    package func seatsInUse() throws(DiskError) -> Int64? {
        guard let bytes = try Disk.read(folder.appending("seats.json")) else { return nil }
        return (try? parseJSON(bytes))?["active"]?.integer
    }

    package func save(_ seats: SeatCount, countedAt time: Date) throws(DiskError) {
        let json: JSONValue = [
            "schema": 1, "active": .integer(seats.active), "listed": .integer(seats.listed),
            "counted_at": .string(time.wireText),
        ]
        try write(json.prettyBytes, to: "seats.json")
    }

    // MARK: The instance

    /// What this installation is known by; nil when nothing is kept yet.
    ///
    /// Of two runs that make it at once, both get the number of the first.
    ///
    /// - Parameter making: whether it is made when there is none
    /// - Returns: The record, or nil.
    /// - Throws: ``DiskError``; `license.state` for a file that can no longer be read, because a new
    ///   number would be another instance.
    func instanceRecord(making: Bool) throws -> InstanceRecord? {
        let path = folder.appending("instance.json")
        if try Disk.read(path) == nil {
            guard making else { return nil }
            try makeFolder(folder)
            try Disk.createAtomically(
                InstanceRecord().json.prettyBytes, at: path, mode: Self.secretMode)
        }
        guard let bytes = try Disk.read(path),
            let record = try? InstanceRecord(JSONReader(parseJSON(bytes)))
        else {
            throw LicenseError(
                .licenseState, "\(path), which has the storage folder's own number, is damaged.",
                remedy: """
                    Put the file back from a backup. Without one, delete it: the Instance ID is then \
                    another unless a database server says it, and your vendor has to bind the \
                    license to it.
                    """)
        }
        return record
    }

    func save(_ record: InstanceRecord) throws(DiskError) {
        try write(record.json.prettyBytes, to: "instance.json")
    }

    package func saveInstanceID(_ id: InstanceID) throws(DiskError) {
        guard try ownText("instance-id") != id.description else { return }
        try write(Array("\(id)\n".utf8), to: "instance-id")
    }

    // MARK: Files

    private func text(_ name: String) throws(DiskError) -> String? {
        try Disk.read(folder.appending(name), maximumBytes: 1 << 20).map(Self.text)
    }

    /// Of a file that nobody but us writes: what stands in its place is moved aside when it is written.
    private func ownText(_ name: String) throws(DiskError) -> String? {
        try storage.readOwnAsItIs(folder.appending(name)).map(Self.text)
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private func write(_ bytes: [UInt8], to name: String) throws(DiskError) {
        try makeFolder(folder)
        try storage.mend(folder.appending(name))
        try Disk.writeAtomically(bytes, to: folder.appending(name), mode: Self.secretMode)
    }

    private func makeFolder(_ path: FilePath) throws(DiskError) {
        try Disk.makeFolder(path, mode: [.ownerReadWriteExecute])
    }
}
