import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Synchronization
import Testing

@testable import SignedMetadata

/// The time at which every test's update begins.
let now = Date(timeIntervalSince1970: 1_800_000_000)
let day: TimeInterval = 86_400

/// Signs anything with anything: an honest repository, and every dishonest one.
func signedFile(_ signed: JSONValue, by keys: [PrivateKey]) throws -> [UInt8] {
    let message = try signed.canonicalBytes()
    let signatures = try keys.map { key -> JSONValue in
        let keyID = try #require(Key(key.publicKey)).keyID
        return [
            "keyid": .string(keyID),
            "sig": .string(Hex.encode(try key.sign(message, scheme: .ed25519))),
        ]
    }
    return JSONValue.object(["signatures": .array(signatures), "signed": signed]).compactBytes
}

func listed(_ keys: [PrivateKey]) -> [String: Key] {
    Dictionary(
        keys.compactMap { Key($0.publicKey) }.map { ($0.keyID, $0) }, uniquingKeysWith: { $1 })
}

func roleKeys(_ keys: [PrivateKey], threshold: Int = 1) -> RoleKeys {
    RoleKeys(keyIDs: keys.compactMap { Key($0.publicKey)?.keyID }, threshold: threshold)
}

/// A repository whose every property can be made wrong.
struct TestRepository {
    var versions: [String: Int64] = ["root": 1, "timestamp": 1, "snapshot": 1, "targets": 1]
    var expiries: [String: Date] = [:]
    /// The keys that the root lists.
    var listedKeys: [TopLevelRole: [PrivateKey]]
    /// The keys that sign, by role.
    var signers: [String: [PrivateKey]]
    var thresholds: [TopLevelRole: Int] = [:]
    var consistentSnapshot = true
    /// Whether snapshot and timestamp give lengths and hashes.
    var givesHashes = false
    var targets: [String: [String: TargetDescription]] = [:]
    var delegations: [String: [DelegatedRole]] = [:]
    var snapshotFiles: [String: FileDescription] = [:]
    var snapshotDescription = FileDescription(version: 1)
    /// What a client can ask for, by name.
    var files: [String: [UInt8]] = [:]

    init() throws {
        listedKeys = [:]
        signers = [:]
        for role in TopLevelRole.allCases {
            let key = try PrivateKey.generate(.ed25519)
            listedKeys[role] = [key]
            signers[role.rawValue] = [key]
        }
        try publish("root", "targets", "snapshot", "timestamp")
    }

    var root: Root {
        var keys: [String: Key] = [:]
        var roles: [TopLevelRole: RoleKeys] = [:]
        for (role, privateKeys) in listedKeys {
            keys.merge(listed(privateKeys)) { $1 }
            roles[role] = roleKeys(privateKeys, threshold: thresholds[role] ?? 1)
        }
        return Root(
            version: versions["root"] ?? 1, expires: expiry("root"),
            consistentSnapshot: consistentSnapshot, keys: keys, roles: roles)
    }

    /// Signs roles as they are described now and makes them public; those after them must follow.
    mutating func publish(_ roles: String...) throws {
        for role in roles { try publish(role) }
    }

    /// Raises the versions, then publishes.
    mutating func publishNext(_ roles: String...) throws {
        for role in roles {
            versions[role, default: 0] += 1
            try publish(role)
        }
    }

    private mutating func publish(_ role: String) throws {
        let version = versions[role, default: 1]
        let metadata: any RoleMetadata =
            switch role {
            case "root": root
            case "timestamp":
                Timestamp(version: version, expires: expiry(role), snapshot: snapshotDescription)
            case "snapshot":
                Snapshot(version: version, expires: expiry(role), files: snapshotFiles)
            default:
                Targets(
                    version: version, expires: expiry(role), targets: targets[role] ?? [:],
                    delegations: delegationsJSON(of: role))
            }
        try publish(role, metadata.json)
    }

    /// Makes a file public that says what it likes, signed by the role's signers.
    mutating func publish(_ role: String, _ signed: JSONValue) throws {
        let version = versions[role, default: 1]
        let bytes = try signedFile(signed, by: signers[role] ?? [])
        let description =
            givesHashes
            ? FileDescription(version: version, of: bytes) : FileDescription(version: version)
        switch role {
        case "root": files["\(version).root.json"] = bytes
        case "timestamp": files["timestamp.json"] = bytes
        case "snapshot":
            snapshotDescription = description
            files[name(role, version)] = bytes
        default:
            snapshotFiles["\(role).json"] = description
            files[name(role, version)] = bytes
        }
    }

    private func name(_ role: String, _ version: Int64) -> String {
        let name = "\(encodedFileName(role)).json"
        return consistentSnapshot ? "\(version).\(name)" : name
    }

    private func expiry(_ role: String) -> Date { expiries[role] ?? now + 30 * day }

    private func delegationsJSON(of role: String) -> Delegations? {
        delegations[role].map { roles in
            let keys = roles.reduce(into: [String: Key]()) { keys, delegated in
                keys.merge(listed(signers[delegated.name] ?? [])) { $1 }
            }
            return Delegations(keys: keys, roles: roles)
        }
    }

    /// Adds a delegation with a key of its own, and the role's metadata.
    mutating func delegate(
        from delegator: String = "targets", to role: String, _ paths: [String],
        isTerminating: Bool = false
    ) throws {
        if signers[role] == nil { signers[role] = [try PrivateKey.generate(.ed25519)] }
        versions[role] = 1
        delegations[delegator, default: []].append(
            DelegatedRole(
                name: role, roleKeys: roleKeys(signers[role] ?? []),
                paths: .patterns(paths.map(PathPattern.init)), isTerminating: isTerminating))
    }

    mutating func add(_ path: String, to role: String = "targets", _ content: String = "content") {
        targets[role, default: [:]][path] = TargetDescription(path: path, of: Array(content.utf8))
    }
}

/// Files that are served from memory, with every request noted.
final class MemoryTransport: MetadataTransport {
    private let state: Mutex<(files: [String: [UInt8]], requests: [String])>

    init(_ files: [String: [UInt8]]) {
        state = Mutex((files, []))
    }

    var requests: [String] { state.withLock { $0.requests } }

    func serve(_ files: [String: [UInt8]]) {
        state.withLock { $0 = (files, []) }
    }

    func fetch(_ file: String, maximumLength: Int) async throws -> [UInt8]? {
        state.withLock {
            $0.requests.append(file)
            return $0.files[file]
        }
    }
}

final class MemoryStore: MetadataStore {
    private let state = Mutex<[String: [UInt8]]>([:])

    var content: [String: [UInt8]] { state.withLock { $0 } }

    func load(_ role: String) -> [UInt8]? { state.withLock { $0[role] } }
    func save(_ role: String, _ bytes: [UInt8]) { state.withLock { $0[role] = bytes } }
    func remove(_ role: String) { state.withLock { _ = $0.removeValue(forKey: role) } }
}

/// A customer's machine: what it keeps, and what it sees of the repository.
struct TestMachine {
    let store = MemoryStore()
    let transport: MemoryTransport
    let firstRoot: [UInt8]

    init(_ repository: TestRepository) throws {
        transport = MemoryTransport(repository.files)
        firstRoot = try #require(repository.files["1.root.json"])
    }

    func client(
        at time: Date = now, limits: MetadataLimits = MetadataLimits()
    ) throws -> MetadataClient {
        try MetadataClient(
            trustedRoot: firstRoot, store: store, transport: transport, now: time, limits: limits)
    }

    /// One run against the repository as it is now.
    @discardableResult
    func refresh(_ repository: TestRepository, at time: Date = now) async throws -> MetadataClient {
        transport.serve(repository.files)
        let client = try client(at: time)
        try await client.refresh()
        return client
    }

    /// The version that is kept of a role, or nil.
    func version(_ role: String) throws -> Int64? {
        guard let bytes = store.load(role) else { return nil }
        return try parseJSON(bytes)["signed"]?["version"]?.integer
    }

    func versions() throws -> [String: Int64] {
        var versions: [String: Int64] = [:]
        for role in store.content.keys where !RootHistory.isName(role) {
            versions[role] = try version(role)
        }
        return versions
    }
}

func expectTrustError(
    _ code: FailureCode, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let error = await #expect(throws: TrustError.self, sourceLocation: sourceLocation) {
        try await body()
    }
    #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
}
