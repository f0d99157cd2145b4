package import CanonicalJSON
package import Cryptography
package import Diagnostics
package import Licensing

/// What check-ins leave behind for the next run (`.license/state.json`).
package struct SavedState: Sendable {
    /// What the gateway knows this instance by, for one license.
    package struct Installation: Sendable {
        package let id: String
        /// The license that the key activated: no other one may answer this installation.
        package let licenseID: String
        /// Signs check-ins.
        package let secret: Secret<[UInt8]>
        /// Whose key it was made with; another key means another activation.
        package let keyDigest: Digest
        package let instanceID: InstanceID
        /// Grows with every check-in, so that the gateway notices two machines with one ID.
        package var counter: Int64 = 0
        /// What the gateway's last answer said to the operator.
        package var notices: [String] = []

        package init(
            id: String, licenseID: String, secret: Secret<[UInt8]>, keyDigest: Digest,
            instanceID: InstanceID
        ) {
            self.id = id
            self.licenseID = licenseID
            self.secret = secret
            self.keyDigest = keyDigest
            self.instanceID = instanceID
        }
    }

    /// One for each license that a key activated.
    package var installations: [Installation] = []
    package var memory = LicenseMemory()

    package init() {}

    /// The installation that a key made, for whatever instance.
    package func installation(of key: LicenseKey) -> Installation? {
        let digest = key.lookupDigest
        return installations.first { $0.keyDigest == digest }
    }

    /// Puts an installation in the place of that of the same license or key.
    package mutating func replace(_ installation: Installation) {
        installations.removeAll {
            $0.licenseID == installation.licenseID || $0.keyDigest == installation.keyDigest
        }
        installations.append(installation)
    }
}

extension SavedState {
    package var json: JSONValue {
        [
            "schema": 2, "installations": .array(installations.map(\.json)), "memory": memory.json,
        ]
    }

    /// Reads a state back.
    ///
    /// - Throws: ``JSONError`` and what the members' own types throw.
    package init(json: JSONValue) throws {
        let reader = JSONReader(json)
        installations = try reader["installations"].array().map { try Installation($0) }
        memory = try LicenseMemory(json: reader["memory"].value)
    }
}

extension SavedState.Installation {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "license_id": .string(licenseID),
            "secret": .string(InstallationSecret.encode(secret.reveal())),
            "key_sha256": .string(keyDigest.hex),
            "instance_id": .string(instanceID.description), "counter": .integer(counter),
            "notices": .array(notices.map { .string($0) }),
        ]
    }

    fileprivate init(_ reader: JSONReader) throws {
        let member = try reader["key_sha256"]
        guard let digest = Digest(.sha256, hex: try member.string()) else {
            throw member.failure(.invalidValue)
        }
        let secret = try reader["secret"]
        guard let bytes = InstallationSecret.decode(try secret.string()) else {
            throw secret.failure(.invalidValue)
        }
        self.init(
            id: try reader["id"].string(), licenseID: try reader["license_id"].string(),
            secret: Secret(bytes), keyDigest: digest,
            instanceID: try InstanceID(reader["instance_id"].string()))
        counter = try reader["counter"].integer()
        notices = try reader["notices"].strings()
    }
}
