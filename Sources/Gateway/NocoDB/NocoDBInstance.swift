import CanonicalJSON
import Cryptography
import Diagnostics
import Storage

/// What a NocoDB installation calls itself: any short text, under one of two names.
struct NocoDBInstance: Hashable {
    /// The member of the request, and of the token, that it stands in.
    enum Name: String {
        case instanceID = "instance_id"
        /// What clients before `instance_id` sent.
        case databaseFingerprint = "db_fingerprint"
    }

    let name: Name
    let text: String

    /// What a registration says, or nil when it says nothing.
    ///
    /// - Throws: ``JSONError`` `wrongType`, `invalidValue` for an empty or long or unprintable one.
    init?(_ registration: JSONReader) throws(JSONError) {
        for name in [Name.instanceID, .databaseFingerprint] {
            guard let member = try registration.optional(name.rawValue) else { continue }
            let text = try member.nonEmptyString()
            guard text.utf8.count <= 256, !text.unicodeScalars.contains(where: \.isUnprintable)
            else { throw member.failure(.invalidValue) }
            self.name = name
            self.text = text
            return
        }
        return nil
    }

    fileprivate init(name: Name, text: String) {
        self.name = name
        self.text = text
    }
}

/// An installation of NocoDB as the gateway's records have it.
///
/// It stands beside those of version 1: its instance is `nocodb:` and the client's own name for
/// itself, which no Instance ID begins with. One that did not name itself has a random number there,
/// so that it equals no other. What the protocol has to remember is in `environment.nocodb`.
struct NocoDBInstallation {
    let record: InstallationRecord
    /// nil for one that did not name itself.
    let instance: NocoDBInstance?
    let isAirgapped: Bool

    /// nil for an installation of version 1.
    init?(_ record: InstallationRecord) {
        guard let members = record.environment?["nocodb"]?.object else { return nil }
        self.record = record
        isAirgapped = members["airgapped"]?.bool ?? false
        instance = members["bound_by"]?.string.flatMap(NocoDBInstance.Name.init).map {
            NocoDBInstance(name: $0, text: String(record.instance.dropFirst(Self.prefix.count)))
        }
    }

    private static let prefix = "nocodb:"

    /// The column `instance` of an installation.
    static func storedInstance(_ instance: NocoDBInstance?) -> String {
        instance.map { prefix + $0.text } ?? "nocodb-unnamed:" + Hex.encode(SecureRandom.bytes(8))
    }

    /// The column `environment`.
    ///
    /// - Parameters:
    ///   - sent: what the client says of where it runs
    ///   - instance: what it calls itself
    ///   - isAirgapped: whether it will never ask again
    /// - Returns: both as one object
    static func storedEnvironment(
        _ sent: JSONValue, instance: NocoDBInstance?, isAirgapped: Bool
    ) -> JSONValue {
        var members = sent.object ?? [:]
        members["nocodb"] = [
            "airgapped": .bool(isAirgapped),
            "bound_by": instance.map { .string($0.name.rawValue) } ?? .null,
        ]
        return .object(members)
    }

    /// How many users it told last; nil before its first check-in.
    var seatCount: Int64? { record.report?["seat_count"]?.integer }
}

extension LicenseBindings {
    /// The installations that an Instance ID stands for: all but NocoDB's.
    var ofVersionOne: [InstallationRecord] {
        installations.filter { NocoDBInstallation($0) == nil }
    }
}
