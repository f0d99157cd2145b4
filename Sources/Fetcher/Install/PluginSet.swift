import CanonicalJSON
import Cryptography
package import Packages

/// The releases that are installed together, each known by its tarball's digest.
package struct PluginSet: Equatable, Sendable {
    package struct Member: Equatable, Sendable {
        package let version: SemanticVersion
        let tarball: Digest
    }

    package let members: [PackageName: Member]

    init(_ receipts: [Receipt]) {
        members = Dictionary(
            receipts.map { ($0.name, Member(version: $0.version, tarball: $0.tarball)) },
            uniquingKeysWith: { $1 })
    }
}

/// The set of plugins that was there before the last change, and the one after it: what
/// `pkg plugins rollback --all` goes between (`.pkg/sets.json`).
///
/// A set is kept when a run ends with everything as planned and the set is another than before, and
/// when an operator changes something by hand. So a run of which a part failed leaves the set before it as
/// the one to go back to.
package struct GoodSets: Equatable, Sendable {
    package private(set) var before: PluginSet?
    package private(set) var last: PluginSet?

    init() {}

    /// Notes what is installed after a run that went well, unless it is the last good set already.
    mutating func note(from old: PluginSet, to new: PluginSet) {
        guard new != last ?? old else { return }
        before = last ?? (old.members.isEmpty ? nil : old)
        last = new
    }

    /// Notes that an operator went from one set to another, and may want to go back.
    mutating func noteRollback(from old: PluginSet, to new: PluginSet) {
        before = old
        last = new
    }

    /// The set to go back to: the last good one, or when that is what is installed, the one before.
    package func target(from present: PluginSet) -> PluginSet? {
        last == present ? before : last
    }
}

extension GoodSets {
    /// Reads what is kept; a file that cannot be understood is as good as none.
    package init(in storage: StorageFolder) throws(DiskError) {
        guard let bytes = try storage.readOwn(storage.sets) else { return }
        guard let json = try? parseJSON(bytes) else { return }
        before = (json["before"]).flatMap { try? PluginSet(json: $0) }
        last = (json["last"]).flatMap { try? PluginSet(json: $0) }
    }

    func save(in storage: StorageFolder) throws(DiskError) {
        var json: JSONObject = ["schema": 1]
        json["before"] = before?.json
        json["last"] = last?.json
        try Disk.writeAtomically(JSONValue.object(json).prettyBytes, to: storage.sets)
    }
}

extension PluginSet {
    fileprivate var json: JSONValue {
        .array(
            members.sorted { $0.key.description < $1.key.description }.map { name, member in
                [
                    "name": .string("\(name)"), "version": .string("\(member.version)"),
                    "tarball": .string(member.tarball.hex),
                ]
            })
    }

    fileprivate init(json: JSONValue) throws {
        var members: [PackageName: Member] = [:]
        for entry in try JSONReader(json).array() {
            guard let tarball = Digest(.sha512, hex: try entry["tarball"].string()) else {
                throw try entry["tarball"].failure(.invalidValue)
            }
            members[try PackageName(entry["name"].string())] = Member(
                version: try SemanticVersion(entry["version"].string()), tarball: tarball)
        }
        self.members = members
    }
}
