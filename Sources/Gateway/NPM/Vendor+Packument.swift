import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import HTTPTypes
import Packages
import Storage

/// Which releases of a plugin somebody sees: a bit for each, in the order of their versions.
struct VisibleReleases: Hashable, Sendable {
    private var words: [UInt64]

    init(_ isVisible: [Bool]) {
        words = Array(repeating: 0, count: (isVisible.count + 63) / 64)
        for (index, visible) in isVisible.enumerated() where visible {
            words[index / 64] |= 1 << UInt64(index % 64)
        }
    }

    func contains(_ index: Int) -> Bool { words[index / 64] >> UInt64(index % 64) & 1 == 1 }
}

/// Packuments as they are sent, kept until something changes.
///
/// Who sees which releases is kept for each asker, and the bytes once for all who see the same: most
/// licenses do.
struct ReadyPackuments: Sendable {
    struct View: Hashable, Sendable {
        let asker: String
        let plugin: PackageName
    }

    struct Tarball: Hashable, Sendable {
        let asker: String
        let release: ReleaseAddress
    }

    struct Answer: Hashable, Sendable {
        let plugin: PackageName
        let visible: VisibleReleases
        let form: Packument.Form
        let origin: RequestOrigin
    }

    /// The SHA-512 of releases that askers may have.
    let tarballs = Remembered<Tarball, Digest, Revisions>(capacity: 50_000)
    let views = Remembered<View, VisibleReleases, Revisions>(capacity: 50_000)
    /// In bytes: some hundred plugins in both forms.
    let answers = Remembered<Answer, ReadyBytes, Int64>(capacity: 64 << 20)
}

extension Vendor {
    /// A plugin as the asker sees it, as bytes to send.
    ///
    /// - Parameters:
    ///   - name: the plugin
    ///   - form: all of it, or what installing needs
    ///   - credentials: who asks
    ///   - origin: what the addresses of tarballs begin with
    /// - Returns: the bytes, kept from the last time or made anew
    /// - Throws: ``GatewayError`` 404 for a plugin that the asker may not know, 403 with the reason
    ///   for one of which it may have no release.
    func packument(
        of name: PackageName, _ form: Packument.Form, for credentials: Credentials,
        origin: RequestOrigin
    ) async throws -> ReadyBytes {
        let asker = credentials.asker
        func answer(_ visible: VisibleReleases) -> ReadyPackuments.Answer {
            ReadyPackuments.Answer(plugin: name, visible: visible, form: form, origin: origin)
        }
        func kept(_ visible: VisibleReleases, _ catalogue: Int64) -> ReadyBytes? {
            packuments.answers.value(answer(visible), of: catalogue, at: now())
        }
        let view = ReadyPackuments.View(asker: asker.viewer, plugin: name)
        let catalogue = try await records.revisions.current().catalogue
        let present = Revisions(catalogue: catalogue, access: credentials.revision)
        if let visible = packuments.views.value(view, of: present, at: now()),
            let ready = kept(visible, catalogue)
        {
            return ready
        }
        // Before it is decided, or a term that ends in between would count for ever.
        let turn = asker.license?.terms.nextTurn(after: now())
        let plugin = try await records.releases.snapshot(of: name)
        let visible = try await visibleReleases(of: name, among: plugin.releases, for: asker)
        packuments.views.keep(
            visible, for: view,
            of: Revisions(catalogue: plugin.catalogue, access: credentials.revision),
            until: turn)
        if let ready = kept(visible, plugin.catalogue) { return ready }
        let ready = try await ready(plugin, answer(visible))
        packuments.answers.keep(
            ready, for: answer(visible), of: plugin.catalogue, cost: ready.size)
        return ready
    }

    /// The releases that the asker may have, those withdrawn aside.
    func visibleReleases(
        of name: PackageName, among releases: [ReleaseRecord], for asker: Asker
    ) async throws -> VisibleReleases {
        let access = try await releaseAccess()
        let isVisible = releases.map {
            $0.release.yanked == nil && access.decision(for: asker, on: $0.release) == .granted
        }
        guard isVisible.contains(true) else {
            for record in releases where record.release.yanked == nil {
                try access.check(asker, record.release)
            }
            throw GatewayError(
                .notFound, .registryNotFound, "There is no plugin \(name) in this registry.")
        }
        return VisibleReleases(isVisible)
    }

    /// A plugin with those of its releases.
    ///
    /// - Throws: ``PackageError``.
    func packument(
        of name: PackageName, _ plugin: PluginSnapshot, _ visible: VisibleReleases
    ) throws -> Packument {
        let entries = try plugin.releases.enumerated().filter { visible.contains($0.offset) }
            .map { _, record in
                try Packument.Entry(
                    release: record.release, manifest: PackageManifest(json: record.manifest),
                    shasum: record.sha1)
            }
        return Packument(name: name, entries: entries)
    }

    private func ready(
        _ plugin: PluginSnapshot, _ answer: ReadyPackuments.Answer
    ) async throws -> ReadyBytes {
        try await onBlockingThread {
            let json = try packument(of: answer.plugin, plugin, answer.visible)
                .json(answer.form, baseURL: answer.origin.url, revision: plugin.revision)
            return ReadyBytes(
                json.compactBytes,
                contentType: answer.form == .abbreviated
                    ? "application/vnd.npm.install-v1+json" : "application/json",
                cacheControl: "private, no-cache",
                vary: "Authorization, Accept, Accept-Encoding")
        }
    }
}

extension Asker {
    /// Tells askers apart who may see different things.
    var viewer: String {
        switch self {
        case .anonymous: ""
        case .licensee(let license): license.id
        case .publisher(let publisher): publisher.tokenID
        case .administrator(let tokenID): tokenID
        }
    }
}
