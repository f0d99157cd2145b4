package import CanonicalJSON
package import Cryptography
package import Diagnostics
package import Licensing

/// What check-ins leave behind for the next run (`.license/state.json`).
package struct SavedState: Sendable {
    /// What the gateway knows this instance by.
    package struct Installation: Sendable {
        package let id: String
        /// The license that the key activated: no other one may answer this installation.
        package let licenseID: String
        /// Signs check-ins.
        package let secret: Secret<[UInt8]>
        /// Whose key it was made with; another key means another activation.
        package let keyDigest: Digest
        package let instanceID: InstanceID

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

    package var installation: Installation?
    /// Grows with every check-in, so that the gateway notices two machines with one ID.
    package var counter: Int64 = 0
    package var memory = LicenseMemory()

    package init() {}
}

extension SavedState {
    package var json: JSONValue {
        var json: JSONObject = ["schema": 1]
        json["installation"] = installation.map { installation in
            [
                "id": .string(installation.id),
                "license_id": .string(installation.licenseID),
                "secret": .string(InstallationSecret.encode(installation.secret.reveal())),
                "key_sha256": .string(installation.keyDigest.hex),
                "instance_id": .string(installation.instanceID.description),
            ]
        }
        json["counter"] = .integer(counter)
        json["memory"] = memory.json
        return .object(json)
    }

    /// Reads a state back.
    ///
    /// - Throws: ``JSONError`` and what the members' own types throw.
    package init(json: JSONValue) throws {
        let reader = JSONReader(json)
        if let installation = try reader.optional("installation") {
            let member = try installation["key_sha256"]
            guard let digest = Digest(.sha256, hex: try member.string()) else {
                throw member.failure(.invalidValue)
            }
            let secret = try installation["secret"]
            guard let bytes = InstallationSecret.decode(try secret.string()) else {
                throw secret.failure(.invalidValue)
            }
            self.installation = Installation(
                id: try installation["id"].string(),
                licenseID: try installation["license_id"].string(),
                secret: Secret(bytes), keyDigest: digest,
                instanceID: try InstanceID(installation["instance_id"].string()))
        }
        counter = try reader["counter"].integer()
        memory = try LicenseMemory(json: reader["memory"].value)
    }
}
