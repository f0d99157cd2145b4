import CanonicalJSON
import Diagnostics
import HTTPTypes
import Hummingbird
import NIOCore
import Packages
import Storage
import Tarball

/// What npm writes: `npm publish`, `npm deprecate`, `npm unpublish`.
struct PublishRoutes: Sendable {
    let vendor: Vendor

    /// The pieces of a document are handed to the disk together from this many bytes on.
    private static let batch = 1 << 20

    /// `PUT /@s%2fp`: a release with its tarball, or without one what `npm deprecate` says of those
    /// that there are.
    @Sendable func put(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let (publisher, document, tarball) = try await upload(of: name, request, context)
        guard let tarball else {
            if let announced = document["_attachments"]?.object?.names.first {
                throw GatewayError(
                    .badRequest, .publishMalformed,
                    "The attachment \(quoted(announced)) has no bytes.")
            }
            return try await change(name, document, by: publisher, dropsMissing: false)
        }
        let release = try await publish(name, document, tarball, by: publisher)
        var response = Response.json(
            ["ok": true, "id": .string(name.description)], status: .created)
        if vendor.settings.signing == .offline, let notice = HTTPField.Name("npm-notice") {
            // npm prints it.
            response.headers[notice] = """
                \(name)@\(release.version) awaits its signature (tollgate keys sign); until then \
                nobody sees it.
                """
        }
        return response
    }

    /// `PUT /@s%2fp/-rev/N`: what `npm unpublish @s/p@1.0.0` sends, without that version.
    @Sendable func putRevision(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let (publisher, document, tarball) = try await upload(of: name, request, context)
        guard tarball == nil else {
            throw GatewayError(
                .badRequest, .publishMalformed, "A change of what is published has no attachment.")
        }
        return try await change(
            name, document, revision: try request.part("rev", context), by: publisher,
            dropsMissing: true)
    }

    /// `DELETE /@s%2fp/-rev/N`: `npm unpublish --force @s/p`.
    @Sendable func deletePackage(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let publisher = try await vendor.publisher(of: name, request, context)
        let plugin = try await vendor.records.releases.snapshot(of: name)
        let all = try await vendor.records.releases.allReleases(of: name)
        // A plugin whose releases all await their signature has none that readers see.
        guard !all.isEmpty else { throw notFound(name) }
        try check(revision: try request.part("rev", context), of: name, plugin)
        try await change(
            name, withdrawing: all.map(\.release.version), at: plugin.revision, by: publisher)
        return .json(["ok": true])
    }

    /// `DELETE /@s/p/-/p-1.0.0.tgz/-rev/N`: the second half of unpublishing one version.
    ///
    /// The first half withdrew it; the bytes stay for those who run it.
    @Sendable func deleteTarball(
        _ request: Request, _ context: GatewayRequestContext
    ) async throws -> Response {
        let name = try request.packageName(context)
        let publisher = try await vendor.publisher(of: name, request, context)
        guard let address = ReleaseAddress(name: name, file: try request.part("file", context)),
            let record = try await vendor.records.releases.recordedRelease(name, address.version)
        else { throw request.notFound() }
        try await change(name, withdrawing: [record.release.version], by: publisher)
        return .json(["ok": true])
    }

    private func publish(
        _ name: PackageName, _ json: JSONValue, _ tarball: IncomingArtifact,
        by publisher: Credentials
    ) async throws -> Release {
        do {
            let document = try PublishDocument(json)
            guard document.name == name else {
                throw GatewayError(
                    .badRequest, .publishMismatch,
                    "The address is that of \(name), the document that of \(document.name).")
            }
            let outcome = try await vendor.publish(tarball, by: publisher.actor) { manifest in
                try document.check(manifest, tarball)
                return PublishOptions(channel: document.channel(of: manifest.version))
            }
            switch outcome {
            case .published(let release):
                try await vendor.signMetadata()
                return release
            case .alreadyPublished(let release):
                throw GatewayError(
                    .conflict, .registryVersionExists,
                    "\(name)@\(release.version) was published before, with the same bytes.")
            }
        } catch {
            throw GatewayError(refusingPublication: error)
        }
    }

    /// Takes over what a document without a tarball says: `deprecated`, and where versions may be
    /// missing, which are withdrawn.
    private func change(
        _ name: PackageName, _ document: JSONValue, revision: String? = nil,
        by publisher: Credentials, dropsMissing: Bool
    ) async throws -> Response {
        let plugin = try await vendor.records.releases.snapshot(of: name)
        guard !plugin.releases.isEmpty else { throw notFound(name) }
        let stated = revision ?? document["_rev"]?.string
        try check(revision: stated, of: name, plugin)
        guard let versions = document["versions"]?.object else {
            throw GatewayError(
                .badRequest, .publishMalformed, "The document has no object `versions`.")
        }
        var messages: [SemanticVersion: String?] = [:]
        var missing: [SemanticVersion] = []
        for record in plugin.releases where record.release.yanked == nil {
            let version = record.release.version
            if let stated = versions[version.description] {
                messages[version] = .some(try message(stated["deprecated"], of: version))
            } else if dropsMissing {
                missing.append(version)
            }
        }
        try await change(
            name, messages, withdrawing: missing, at: stated == nil ? nil : plugin.revision,
            by: publisher)
        return .json(["ok": true, "id": .string(name.description)], status: .created)
    }

    /// What `deprecated` says of a version; nil: it is not, or no longer.
    private func message(
        _ json: JSONValue?, of version: SemanticVersion
    ) throws(GatewayError) -> String? {
        switch json {
        case nil, .null, .bool(false): nil
        case .string(let text): text
        default:
            throw GatewayError(
                .badRequest, .publishMalformed, "`deprecated` of \(version) is no text.")
        }
    }

    /// Makes the changes together, if nobody changed the plugin since that revision, and signs them.
    private func change(
        _ name: PackageName, _ messages: [SemanticVersion: String?] = [:],
        withdrawing withdrawn: [SemanticVersion] = [], at revision: Int64? = nil,
        by publisher: Credentials
    ) async throws {
        let changes = ReleaseChanges(
            messages: messages, withdrawn: withdrawn,
            reason: "unpublished by \(printable(publisher.userName, limit: 100))")
        do {
            try await vendor.records.releases.change(
                name, changes, ifAt: revision, by: publisher.actor, at: vendor.now())
        } catch {
            throw GatewayError(refusingPublication: error)
        }
        try await vendor.signMetadata()
    }

    private func notFound(_ name: PackageName) -> GatewayError {
        GatewayError(.notFound, .registryNotFound, "There is no plugin \(name) in this registry.")
    }

    /// Throws when somebody changed the plugin since the client looked.
    private func check(
        revision: String?, of name: PackageName, _ plugin: PluginSnapshot
    ) throws(GatewayError) {
        guard let revision, revision != "\(plugin.revision)" else { return }
        throw GatewayError(
            .conflict, .revisionConflict,
            "\(name) is at revision \(plugin.revision); the change was made for \(quoted(revision))."
        )
    }

    /// Takes a document in from somebody who may send it, before its first byte and after its last: an
    /// upload takes its time, in which a token may be revoked.
    private func upload(
        of name: PackageName, _ request: Request, _ context: GatewayRequestContext
    ) async throws -> (publisher: Credentials, document: JSONValue, tarball: IncomingArtifact?) {
        _ = try await vendor.publisher(of: name, request, context)
        let (document, tarball) = try await upload(request)
        return (try await vendor.publisher(of: name, request, context), document, tarball)
    }

    private func upload(
        _ request: Request
    ) async throws -> (document: JSONValue, tarball: IncomingArtifact?) {
        let maximum = Int64(vendor.settings.maximumTarball)
        // Base64 takes four bytes for three.
        let longest = maximum / 3 * 4 + Int64(PublishDocumentReader.maximumLength)
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }), length > longest {
            throw GatewayError(refusingPublication: ArtifactTooLong(maximumLength: maximum))
        }
        let upload = PublishUpload(into: vendor.artifacts, maximumLength: maximum)
        do {
            var pending: [ByteBuffer] = []
            var count = 0
            for try await buffer in request.body {
                pending.append(buffer)
                count += buffer.readableBytes
                guard count >= Self.batch else { continue }
                try await onBlockingThread { [pending] in try upload.receive(pending) }
                (pending, count) = ([], 0)
            }
            return try await onBlockingThread { [pending] in
                try upload.receive(pending)
                return try upload.finish()
            }
        } catch {
            throw GatewayError(refusingPublication: error)
        }
    }
}
