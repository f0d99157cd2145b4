package import CanonicalJSON
internal import Cryptography
internal import Diagnostics

/// What is true of this installation: some of it makes the Instance ID, the rest is only recorded.
package struct InstanceFacts: Hashable, Sendable {
    /// By name, `database.server` and the like: a change of one makes another instance.
    package let binding: [String: String]
    /// By name, `system.os` and the like: shown, and free to change.
    package let recorded: [String: String]
    /// What bound this installation earlier, newest first, as far as it is known here.
    package let before: [[String: String]]

    package init(
        binding: [String: String], recorded: [String: String] = [:],
        before: [[String: String]] = []
    ) {
        self.binding = binding
        self.recorded = recorded
        self.before = before
    }

    /// The facts of an instance whose ID the operator pinned: nothing else binds then.
    package init(
        pinned: String, recorded: [String: String] = [:], before: [[String: String]] = []
    ) {
        self.init(binding: [Self.pinnedName: pinned], recorded: recorded, before: before)
    }

    static let pinnedName = "pinned"

    var pinned: String? { binding.count == 1 ? binding[Self.pinnedName] : nil }

    /// The one byte sequence that the Instance ID is made of.
    var bindingBytes: [UInt8] { JSONValue(sorted: binding).compactBytes }
}

extension InstanceFacts {
    /// As `pkg instance-id --json` prints them.
    package var json: JSONValue {
        ["binding": JSONValue(sorted: binding), "recorded": JSONValue(sorted: recorded)]
    }

    /// The binding facts so that others can compare but not read them.
    ///
    /// - Parameter salt: random bytes, made anew for each activation
    /// - Returns: the hashes with their salt.
    package func salted(with salt: [UInt8]) -> SaltedFacts {
        SaltedFacts(
            salt: salt,
            hashes: Dictionary(
                uniqueKeysWithValues: binding.map { name, value in
                    (name, SaltedFacts.hash(name: name, value: value, salt: salt))
                }))
    }
}

/// Hashes of the facts behind an Instance ID, which say *which* fact changed and not what it is.
package struct SaltedFacts: Hashable, Sendable {
    /// As much of them as a check-in may bring, in bytes of JSON: each token repeats them.
    package static let maximumBytes = 4096

    package let salt: [UInt8]
    /// By the fact's name: base64url of SHA-256 over salt, name, a zero byte, and value.
    package let hashes: [String: String]

    package init(salt: [UInt8], hashes: [String: String]) {
        self.salt = salt
        self.hashes = hashes
    }

    static func hash(name: String, value: String, salt: [UInt8]) -> String {
        let bytes = salt + Array(name.utf8) + [0] + Array(value.utf8)
        return Base64URL.encode(Digest.of(.sha256, bytes).bytes)
    }

    /// The names of the binding facts that are not as they were, sorted.
    package func changes(in facts: InstanceFacts) -> [String] {
        let now = facts.salted(with: salt).hashes
        return Set(now.keys).union(hashes.keys).filter { now[$0] != hashes[$0] }.sorted()
    }
}

extension SaltedFacts {
    package var json: JSONValue {
        ["salt": .string(Base64URL.encode(salt)), "hashes": JSONValue(sorted: hashes)]
    }

    /// Reads what an instance sent at its activation.
    ///
    /// - Throws: ``LicenseError`` with code `license.claims`.
    package init(json: JSONValue) throws(LicenseError) {
        do {
            try self.init(JSONReader(json, path: "facts"))
        } catch {
            throw LicenseError(
                .licenseClaims, "The facts of the instance cannot be used.", cause: error)
        }
    }

    init(_ reader: JSONReader) throws(JSONError) {
        let salt = try reader["salt"]
        guard let bytes = Base64URL.decode(try salt.string()) else {
            throw salt.failure(.invalidValue)
        }
        self.init(salt: bytes, hashes: try reader["hashes"].stringsByName())
    }
}
