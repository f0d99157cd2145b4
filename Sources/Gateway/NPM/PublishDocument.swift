package import CanonicalJSON
import Cryptography
import Diagnostics
import HTTPTypes
import Packages
import Storage

/// What `npm publish` says of the tarball that comes with it.
package struct PublishDocument: Sendable {
    let name: PackageName
    private let versions: JSONObject
    private let tags: [String: String]
    private let attachment: (name: String, length: Int64?)

    /// Reads the document that the attachment was taken out of.
    ///
    /// - Throws: ``JSONError``, ``PackageError`` for a name that no plugin can have.
    package init(_ json: JSONValue) throws {
        let reader = JSONReader(json)
        name = try PackageName(reader["name"].string())
        versions = try reader["versions"].object()
        tags = try reader.optional("dist-tags")?.stringsByName() ?? [:]
        let attachments = try reader["_attachments"].members()
        guard let only = attachments.first, attachments.count == 1 else {
            throw try reader["_attachments"].failure(.invalidValue)
        }
        attachment = (only.name, try only.member.optional("length")?.integer())
    }

    /// The channel that a version is published on: the tag that points to it.
    func channel(of version: SemanticVersion) -> String {
        let named = tags.filter { $0.value == version.description }.keys.sorted()
        return named.first { $0 != Release.latestChannel } ?? Release.latestChannel
    }

    /// Throws unless all that the document says of the tarball is so.
    ///
    /// - Parameters:
    ///   - manifest: what the tarball says of itself
    ///   - tarball: what came
    /// - Throws: ``GatewayError`` 400 `registry.publish-mismatch`.
    func check(_ manifest: PackageManifest, _ tarball: IncomingArtifact) throws(GatewayError) {
        let title = "\(manifest.name)@\(manifest.version)"
        guard manifest.name == name else {
            throw .mismatch("The document is about \(name), its tarball about \(title).")
        }
        let file = "\(manifest.version).tgz"
        guard ["\(name)-\(file)", "\(name.bare)-\(file)"].contains(attachment.name) else {
            throw .mismatch(
                "The attachment \(quoted(attachment.name)) has the tarball of \(title) in it.")
        }
        if let length = attachment.length, length != tarball.length {
            throw .mismatch(
                "The attachment should have \(length) bytes and has \(tarball.length).")
        }
        guard let stated = versions[manifest.version.description] else {
            throw .mismatch("The document has no version \(manifest.version).")
        }
        guard stated["name"] == nil || stated["name"]?.string == name.description,
            stated["version"] == nil || stated["version"]?.string == manifest.version.description
        else { throw .mismatch("What the document says of \(title) has another name or version.") }
        if let integrity = stated["dist"]?["integrity"]?.string,
            try !isIntegrity(integrity, of: tarball)
        {
            throw .mismatch("The document's integrity is not that of the tarball of \(title).")
        }
        if let shasum = stated["dist"]?["shasum"]?.string, shasum != tarball.sha1.hex {
            throw .mismatch("The document's shasum is not that of the tarball of \(title).")
        }
    }

    /// npm sends one `sha512-…`; of several in the text one has to be it.
    private func isIntegrity(
        _ text: String, of tarball: IncomingArtifact
    ) throws(GatewayError) -> Bool {
        let own: String
        do {
            own = try Integrity(tarball.sha512).description
        } catch {
            throw .mismatch("The tarball has no SHA-512.")
        }
        return text.split(separator: " ").contains { $0.split(separator: "?").first ?? "" == own }
    }
}

extension GatewayError {
    fileprivate static func mismatch(_ sentence: String) -> GatewayError {
        GatewayError(.badRequest, .publishMismatch, sentence)
    }
}
