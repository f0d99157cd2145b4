import CanonicalJSON

/// What one replica tells the others: what happened to the license of which instance, and never a
/// key or a token.
package struct LicenseChange: Hashable, Sendable {
    /// What happened.
    package enum Kind: String, Sendable, CaseIterable {
        case added
        case removed
        /// A fresh token is there.
        case refreshed
        /// The number of users is another.
        case counted
    }

    package let kind: Kind
    package let instanceID: String
    package let licenseID: String?
    /// Which storage folder it lies in: replicas that share it have the change already.
    package let storage: String
    /// The replica that says so.
    package let sender: String
}

extension LicenseChange {
    /// As it goes over the channel.
    var bytes: [UInt8] {
        var object: JSONObject = [
            "schema": 1, "change": .string(kind.rawValue), "instance": .string(instanceID),
            "storage": .string(storage), "sender": .string(sender),
        ]
        object["license"] = licenseID.map { .string($0) }
        return JSONValue.object(object).compactBytes
    }

    /// Reads a message; nil for what is none of ours: anybody with the password may write there.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= 4_096, let json = try? parseJSON(bytes),
            let kind = json["change"]?.string.flatMap(Kind.init(rawValue:)),
            let instance = json["instance"]?.string, let storage = json["storage"]?.string,
            let sender = json["sender"]?.string
        else { return nil }
        self.init(
            kind: kind, instanceID: instance, licenseID: json["license"]?.string, storage: storage,
            sender: sender)
    }
}
