import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Packages
import SignedMetadata

extension SigningRequest {
    /// What is to be signed, for the person who does: a line for each thing that changes.
    var summary: [String] {
        ["first root: SHA-256 \(firstRoot.hex)"]
            + parts.flatMap { part in
                switch part.metadata {
                case .root(let next, let former): Self.lines(next, former)
                case .targets(let next, let former): Self.lines(part.role, next, former)
                }
            }
    }

    private static func lines(_ next: Root, _ former: Root) -> [String] {
        var lines = [
            "root: version \(next.version), until \(next.expires.wireText)"
        ]
        for role in TopLevelRole.allCases {
            let (now, before) = (next.roleKeys(for: role), former.roleKeys(for: role))
            guard now != before else { continue }
            lines.append(
                "  \(role.rawValue): \(now.threshold) of \(now.keyIDs.count) keys have to sign")
            for keyID in now.keyIDs where !before.keyIDs.contains(keyID) {
                lines.append("    + \(printable(keyID, limit: 100))")
            }
            for keyID in before.keyIDs where !now.keyIDs.contains(keyID) {
                lines.append("    - \(printable(keyID, limit: 100))")
            }
        }
        let (now, before) = (keyIDs(next.licenseKeys), keyIDs(former.licenseKeys))
        lines += now.subtracting(before).sorted().map { "  license tokens: + \($0)" }
        lines += before.subtracting(now).sorted().map { "  license tokens: - \($0)" }
        return lines
    }

    private static func keyIDs(_ set: JSONValue?) -> Set<String> {
        Set((set?["keys"]?.array ?? []).map { printable($0["kid"]?.string ?? "?", limit: 100) })
    }

    private static func lines(_ role: String, _ next: Targets, _ former: Targets?) -> [String] {
        var lines = [
            """
            \(printable(role, limit: 200)): version \(next.version), \
            until \(next.expires.wireText)
            """
        ]
        for (path, target) in next.targets.sorted(by: { $0.key < $1.key })
        where former?.targets[path] != target {
            let sign = former?.targets[path] == nil ? "+" : "~"
            lines.append("  \(sign) \(described(target))")
            lines.append("      sha512 \(target.sha512?.hex ?? "none")")
        }
        for path in (former?.targets ?? [:]).keys.sorted() where next.targets[path] == nil {
            lines.append("  - \(printable(path, limit: 300))")
        }
        let known = Set((former?.delegations?.roles ?? []).map(\.name))
        for delegated in next.delegations?.roles ?? [] where !known.contains(delegated.name) {
            lines.append("  + the role \(printable(delegated.name, limit: 200))")
        }
        if former?.delegations?.keys != next.delegations?.keys, former?.delegations != nil {
            lines.append("  ~ the keys of the plugins' roles")
        }
        if lines.count == 1 { lines.append("  the same, signed anew") }
        return lines
    }

    private static func described(_ target: TargetDescription) -> String {
        guard let sha512 = target.sha512,
            let release = try? Release(
                targetPath: target.path, length: target.length, sha512: sha512,
                custom: target.custom ?? [:])
        else { return printable(target.path, limit: 300) }
        var words = ["\(release.name)@\(release.version)", printable(release.channel, limit: 50)]
        if let reason = release.yanked { words.append("yanked: \(printable(reason, limit: 200))") }
        if let reason = release.deprecated {
            words.append("deprecated: \(printable(reason, limit: 200))")
        }
        return words.joined(separator: "  ")
    }
}
