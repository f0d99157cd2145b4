package import CanonicalJSON

/// A root and the ones that lead to it, for who asks no gateway: in one JSON value.
///
/// It is the latest root's file with one member more beside `signatures` and `signed`, which nobody
/// signs and everybody may pass over: each root in it is signed by itself and by the one before.
package struct RootChain: Sendable {
    private static let formerMember = "x-tollgate-former-roots"
    /// As files, oldest first.
    package let files: [[UInt8]]

    /// Joins roots.
    ///
    /// - Parameter roots: signed documents, oldest first
    /// - Returns: the latest with the others in it; null without any
    package static func json(_ roots: [JSONValue]) -> JSONValue {
        guard var latest = roots.last?.object, roots.count > 1 else { return roots.last ?? .null }
        latest[formerMember] = .array(roots.dropLast())
        return .object(latest)
    }

    /// Takes it apart; nothing of it is verified.
    package init(_ json: JSONValue) {
        var latest = json.object ?? [:]
        let former = latest[Self.formerMember]?.array ?? []
        latest[Self.formerMember] = nil
        files = (former + [.object(latest)]).map(\.compactBytes)
    }

    /// The latest root's file.
    package var latest: [UInt8] { files.last ?? [] }

    /// Those that come after a version; the latest alone when none does.
    func files(after version: Int64) -> [[UInt8]] {
        let newer = files.filter { bytes in
            ((try? parseJSON(bytes))?["signed"]?["version"]?.integer ?? 0) > version
        }
        return newer.isEmpty ? [latest] : newer
    }
}
