package import CanonicalJSON
package import Diagnostics

/// A question to `POST /api/v1/on-premise/agent`, version 1.
///
/// `{"type": "register" | "rebind" | "heartbeat" | "release", "version": 1, …}`. It carries no data of
/// the application.
package enum CheckInRequest: Hashable, Sendable {
    case register(RegisterRequest)
    /// Moves the license from the instance that holds it to the one that asks.
    case rebind(RegisterRequest)
    case heartbeat(HeartbeatRequest)
    case release(ReleaseRequest)

    /// The longest nonce, in UTF-8: it comes back in the token, which has to stay short.
    package static let maximumNonceBytes = 128

    /// What stands in a body of any version.
    ///
    /// - Throws: ``LicenseError`` with code `license.check-in-malformed` when it is not JSON.
    package static func fields(of body: [UInt8]) throws(LicenseError) -> JSONValue {
        do {
            return try parseJSON(body)
        } catch {
            throw .checkIn("The check-in cannot be read.", error)
        }
    }

    /// Reads the fields of a body.
    ///
    /// - Throws: ``LicenseError`` with code `license.check-in-malformed`, also for what is longer
    ///   than it ever has to be; a key in it that is none
    ///   is `license.key-format`.
    package init(fields: JSONValue) throws(LicenseError) {
        let reader = JSONReader(fields)
        let type: String
        do {
            type = try reader["type"].string()
            let version = try reader["version"]
            guard try version.integer() == 1 else { throw version.failure(.invalidValue) }
        } catch {
            throw .checkIn("The check-in cannot be read.", error)
        }
        switch type {
        case "register": self = .register(try RegisterRequest(reader))
        case "rebind": self = .rebind(try RegisterRequest(reader))
        case "heartbeat": self = .heartbeat(try HeartbeatRequest(reader))
        case "release": self = .release(try ReleaseRequest(reader))
        default:
            throw LicenseError(.licenseCheckIn, "There is no check-in of the type \"\(type)\".")
        }
    }
}

/// The activation, which binds a license to an instance, or the rebind, which moves it there.
///
/// Asked again with the same key and instance, the same is answered.
package struct RegisterRequest: Hashable, Sendable {
    package let key: LicenseKey
    package let instance: InstanceID
    package let facts: SaltedFacts
    package let environment: CheckInEnvironment
    /// Random; the token in the answer repeats it.
    package let nonce: String

    package init(
        key: LicenseKey, instance: InstanceID, facts: SaltedFacts,
        environment: CheckInEnvironment, nonce: String
    ) {
        self.key = key
        self.instance = instance
        self.facts = facts
        self.environment = environment
        self.nonce = nonce
    }

    fileprivate init(_ reader: JSONReader) throws(LicenseError) {
        let text: String
        do {
            text = try reader["license_key"].string()
            let id = try reader["instance_id"]
            guard let instance = try? InstanceID(try id.string()) else {
                throw id.failure(.invalidValue)
            }
            self.instance = instance
            let facts = try reader["facts"]
            guard facts.value.compactBytes.count <= SaltedFacts.maximumBytes else {
                throw facts.failure(.invalidValue)
            }
            self.facts = try SaltedFacts(facts)
            self.environment = try CheckInEnvironment(reader["environment"])
            self.nonce = try reader["nonce"].nonce()
        } catch {
            throw .checkIn("The activation cannot be read.", error)
        }
        self.key = try LicenseKey(text)
    }

    /// The body of an activation; it has the license key in it.
    package var body: Secret<[UInt8]> { body(type: "register") }

    /// The body of a rebind; it has the license key in it.
    package var rebindBody: Secret<[UInt8]> { body(type: "rebind") }

    private func body(type: JSONValue) -> Secret<[UInt8]> {
        let json: JSONValue = [
            "type": type, "version": 1, "license_key": .string(key.text.reveal()),
            "instance_id": .string(instance.description), "facts": facts.json,
            "environment": environment.json, "nonce": .string(nonce),
        ]
        return Secret(json.compactBytes)
    }
}

/// The regular check-in of an installation; signed, see ``CheckInSignature``.
package struct HeartbeatRequest: Hashable, Sendable {
    package let installationID: String
    /// Grows with each check-in, so that two machines with one ID are noticed.
    package let counter: Int64
    package let environment: CheckInEnvironment
    package let plugins: [InstalledPlugin]
    package let mismatches: [ReportedMismatch]
    /// Seats in use, when the application said so; the gateway keeps it for its vendor to see.
    package let seats: Int64?
    /// Random; the token in the answer repeats it.
    package let nonce: String

    package struct InstalledPlugin: Hashable, Sendable {
        package let name: String
        package let version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    package struct ReportedMismatch: Hashable, Sendable {
        package let name: String
        /// The reason's name: `no-release-for-application`.
        package let reason: String

        package init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    package init(
        installationID: String, counter: Int64, environment: CheckInEnvironment,
        plugins: [InstalledPlugin], mismatches: [ReportedMismatch] = [], seats: Int64? = nil,
        nonce: String
    ) {
        self.installationID = installationID
        self.counter = counter
        self.environment = environment
        self.plugins = plugins
        self.mismatches = mismatches
        self.seats = seats
        self.nonce = nonce
    }

    fileprivate init(_ reader: JSONReader) throws(LicenseError) {
        do {
            self.installationID = try reader["installation_id"].nonEmptyString()
            self.counter = try reader["counter"].count()
            self.environment = try CheckInEnvironment(reader["environment"])
            var plugins: [InstalledPlugin] = []
            for element in try reader.optional("plugins")?.array() ?? [] {
                plugins.append(
                    InstalledPlugin(
                        name: try element["name"].shortString(),
                        version: try element["version"].shortString()))
            }
            self.plugins = plugins
            var mismatches: [ReportedMismatch] = []
            for element in try reader.optional("mismatches")?.array() ?? [] {
                mismatches.append(
                    ReportedMismatch(
                        name: try element["name"].shortString(),
                        reason: try element["reason"].shortString()))
            }
            self.mismatches = mismatches
            self.seats = try reader.optional("seats")?.count()
            self.nonce = try reader["nonce"].nonce()
        } catch {
            throw .checkIn("The check-in cannot be read.", error)
        }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "type": "heartbeat", "version": 1, "installation_id": .string(installationID),
            "counter": .integer(counter), "environment": environment.json,
            "plugins": .array(
                plugins.map { ["name": .string($0.name), "version": .string($0.version)] }),
            "mismatches": .array(
                mismatches.map { ["name": .string($0.name), "reason": .string($0.reason)] }),
        ]
        object["seats"] = seats.map { .integer($0) }
        object["nonce"] = .string(nonce)
        return .object(object)
    }
}

/// Frees the instance from its license; signed, see ``CheckInSignature``.
package struct ReleaseRequest: Hashable, Sendable {
    package let installationID: String
    package let nonce: String

    package init(installationID: String, nonce: String) {
        self.installationID = installationID
        self.nonce = nonce
    }

    fileprivate init(_ reader: JSONReader) throws(LicenseError) {
        do {
            self.installationID = try reader["installation_id"].nonEmptyString()
            self.nonce = try reader["nonce"].nonce()
        } catch {
            throw .checkIn("The release of the license cannot be read.", error)
        }
    }

    package var json: JSONValue {
        [
            "type": "release", "version": 1, "installation_id": .string(installationID),
            "nonce": .string(nonce),
        ]
    }
}

extension JSONReader {
    /// A string of at most 256 bytes: names, versions, platforms.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue`.
    func shortString() throws(JSONError) -> String {
        let value = try string()
        guard value.utf8.count <= 256 else { throw failure(.invalidValue) }
        return value
    }

    fileprivate func nonce() throws(JSONError) -> String {
        let value = try nonEmptyString()
        guard value.utf8.count <= CheckInRequest.maximumNonceBytes else {
            throw failure(.invalidValue)
        }
        return value
    }
}

extension LicenseError {
    static func checkIn(_ message: String, _ cause: any Error) -> LicenseError {
        LicenseError(.licenseCheckIn, message, cause: cause)
    }
}
