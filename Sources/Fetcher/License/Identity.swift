package import CanonicalJSON
import Glibc
package import Licensing

/// Which installation this is: the Instance ID and the facts that it is made of.
package struct Identity: Sendable {
    package let id: InstanceID
    package let facts: InstanceFacts

    /// Works the ID out, and keeps what it is made of.
    ///
    /// The ID of `TOLLGATE_INSTANCE_ID` stands alone when it is set. Otherwise the storage folder's
    /// own random number, made once, binds.
    ///
    /// - Throws: ``LicenseError`` `license.instance-id-format`, ``DiskError``.
    package static func establish(in settings: Settings) throws -> Identity {
        let saved = SavedLicense(settings.storage)
        let facts: InstanceFacts
        if let pinned = settings.instanceID {
            facts = InstanceFacts(pinned: pinned, recorded: recordedFacts())
        } else {
            facts = InstanceFacts(
                binding: ["storage.id": try saved.storageID()], recorded: recordedFacts())
        }
        let identity = Identity(id: InstanceID(facts: facts), facts: facts)
        try saved.saveInstanceID(identity.id)
        return identity
    }

    /// What is shown and does not bind: a new base image is no new instance.
    private static func recordedFacts() -> [String: String] {
        var names = utsname()
        guard uname(&names) == 0 else { return [:] }
        return [
            "system.os": withUnsafeBytes(of: names.sysname, text),
            "system.version": withUnsafeBytes(of: names.release, text),
        ]
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension Identity {
    /// For `pkg instance-id --json`.
    package func json(withFacts: Bool) -> JSONValue {
        var json: JSONObject = ["schema": 1, "instance_id": .string(id.description)]
        if withFacts { json["facts"] = facts.json }
        return .object(json)
    }

    /// The facts, one a line, those that bind first.
    package var factLines: [String] {
        facts.binding.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) (binds)" }
            + facts.recorded.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
}
