package import CanonicalJSON
import Cryptography
import Packages

extension Plan {
    /// The plan for programs: the same bytes for the same decisions, wherever what it is made from
    /// came from.
    package var json: JSONValue {
        [
            "application_version": .string(applicationVersion.description),
            "items": .array(items.map(\.json)),
        ]
    }
}

extension PlanItem {
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "name": .string(name.description), "action": .string(action.rawValue),
        ]
        json["installed"] = installed.map { .string($0.description) } ?? .null
        json["release"] = release.map { release in
            [
                "version": .string(release.version.description),
                "length": .integer(release.length), "sha512": .string(release.sha512.hex),
                "unpacked_size": .integer(release.unpackedSize),
            ]
        }
        json["mismatch"] = mismatch.map { .string($0.reason.rawValue) } ?? .null
        json["why"] = .string(explanation)
        return .object(json)
    }
}
