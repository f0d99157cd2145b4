import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata

/// The vendor's signed files, behind their signatures: whatever a role says is read or refused.
struct MetadataParser: FuzzedParser {
    let name = "metadata"
    let dictionary =
        JSONWords.all + [
            "\"_type\"", "\"root\"", "\"timestamp\"", "\"snapshot\"", "\"targets\"",
            "\"signatures\"", "\"signed\"", "\"keyid\"", "\"sig\"", "\"expires\"", "\"version\"",
            "\"spec_version\"", "\"meta\"", "\"length\"", "\"hashes\"", "\"sha256\"", "\"sha512\"",
            "\"keys\"", "\"roles\"", "\"threshold\"", "\"keyids\"", "\"delegations\"", "\"paths\"",
            "\"terminating\"", "\"succinct_roles\"", "\"bit_length\"", "\"custom\"",
            "\"path_hash_prefixes\"", "2026-11-21T00:00:00Z",
        ]
    let maximumLength = 16_384

    func parse(_ input: [UInt8]) throws -> String {
        var ends: [String] = []
        func attempt(_ body: () throws -> Void) throws {
            do {
                try body()
                ends.append("read")
            } catch let error as any Failure {
                ends.append(error.code.name)
            } catch let error as JSONError {
                ends.append("\(error.reason)")
            }
        }
        try attempt { _ = try UnverifiedMetadata(input, role: "timestamp") }
        try attempt { _ = try TrustedMetadata(trustedRoot: input, now: .distantPast) }
        try attempt { _ = try SigningRequest(reading: input) }
        try attempt { _ = try LicenseKeySet(jwks: input) }
        try attempt { _ = try CheckInResponse(body: input) }
        guard let json = try? parseJSON(input) else { return ends.joined(separator: " ") }
        let signed = json["signed"] ?? json
        let reader = JSONReader(signed)
        try attempt { _ = try Root(reader) }
        try attempt { _ = try Timestamp(reader) }
        try attempt { _ = try Snapshot(reader) }
        try attempt {
            for (path, target) in try Targets(reader).targets {
                guard let custom = target.custom, let sha512 = target.sha512 else { continue }
                _ = try Release(
                    targetPath: path, length: target.length, sha512: sha512, custom: custom)
            }
        }
        try attempt { _ = try VendorProfile(json: json) }
        try attempt { _ = try RegistryKeys(json: json) }
        return ends.joined(separator: " ")
    }
}
