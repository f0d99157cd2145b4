import Diagnostics
import FoundationEssentials
import Packages
import Storage

extension Vendor {
    /// The plugins that somebody may know of, sorted by name.
    ///
    /// For a licensee that are its own and the free ones, however many there are besides.
    func knownPlugins(to asker: Asker) async throws -> [PackageName] {
        switch asker {
        case .administrator: return try await records.releases.plugins()
        case .publisher(let publisher):
            return try await records.releases.plugins().filter { publisher.mayPublish($0) }
        case .licensee, .anonymous:
            let free = try await profile().freePlugins.map(\.description)
            let granted = asker.license?.terms.grants.map(\.plugin) ?? []
            return try await records.releases.existing(
                among: Set(free + granted).sorted().map { try PackageName($0) })
        }
    }

    /// A plugin with the releases that somebody may have, those withdrawn aside.
    ///
    /// - Throws: ``GatewayError`` 404 for a plugin that they may not know, 403 with the reason for
    ///   one of which they may have no release.
    func visiblePackument(of name: PackageName, for asker: Asker) async throws -> Packument {
        let plugin = try await records.releases.snapshot(of: name)
        let visible = try await visibleReleases(of: name, among: plugin.releases, for: asker)
        return try packument(of: name, plugin, visible)
    }
}

extension ReleaseAccess {
    /// Whether somebody may know that there is such a plugin.
    func mayKnow(_ plugin: PackageName, _ asker: Asker) -> Bool {
        if profile.freePlugins.contains(plugin) { return true }
        switch asker {
        case .anonymous: return false
        case .administrator: return true
        case .publisher(let publisher): return publisher.mayPublish(plugin)
        case .licensee(let license): return license.terms.grant(for: plugin.description) != nil
        }
    }
}
