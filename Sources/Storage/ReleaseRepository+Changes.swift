import CanonicalJSON
import Diagnostics
package import FoundationEssentials
internal import GRDB
package import Packages

/// Changes of several releases of one plugin that are made together.
package struct ReleaseChanges: Sendable {
    /// Why nobody should start to use a release; nil takes it back.
    package var messages: [SemanticVersion: String?]
    package var withdrawn: [SemanticVersion]
    /// Why they are withdrawn.
    package var reason: String

    package init(
        messages: [SemanticVersion: String?] = [:], withdrawn: [SemanticVersion] = [],
        reason: String = ""
    ) {
        self.messages = messages
        self.withdrawn = withdrawn
        self.reason = reason
    }
}

/// What is said of releases that there are.
extension ReleaseRepository {
    /// Withdraws a release: no new installs, and the bytes stay for those who run it.
    ///
    /// - Returns: nil, or the reason of one that was withdrawn before: it stays
    /// - Throws: ``StorageError`` `gateway.record-not-found`, `registry.message-invalid`.
    @discardableResult
    package func yank(
        _ name: PackageName, _ version: SemanticVersion, reason: String, by actor: Actor, at: Date
    ) async throws(StorageError) -> String? {
        try await database.write { database in
            try database.yank(name, version, reason: reason, by: actor, at: at)
        }
    }

    /// Says of releases why nobody should start to use them; nil takes it back, and so does a message
    /// of spaces.
    ///
    /// What says the same as before changes nothing.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`, `registry.message-invalid`, and then
    ///   nothing is changed.
    package func deprecate(
        _ name: PackageName, _ messages: [SemanticVersion: String?], by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await change(name, ReleaseChanges(messages: messages), by: actor, at: at)
    }

    /// Makes the changes, all or none.
    ///
    /// - Parameters:
    ///   - name: the plugin
    ///   - changes: of releases that are there; of those withdrawn before the reason stays
    ///   - revision: the ``PluginSnapshot/revision`` that they are made for; nil: any
    ///   - actor: who makes them
    ///   - at: the present time
    /// - Throws: ``StorageError`` `registry.revision-conflict` when the plugin has another revision
    ///   by now, `gateway.record-not-found`, `registry.message-invalid`.
    package func change(
        _ name: PackageName, _ changes: ReleaseChanges, ifAt revision: Int64? = nil,
        by actor: Actor, at: Date
    ) async throws(StorageError) {
        try await database.write { database in
            let present = try database.revision(of: name)
            if let revision, revision != present {
                throw StorageError(
                    .revisionConflict,
                    "\(name) is at revision \(present); the change was made for \(revision).")
            }
            for (version, message) in changes.messages.sorted(by: { $0.key < $1.key }) {
                try database.deprecate(name, version, message, by: actor, at: at)
            }
            for version in changes.withdrawn {
                try database.yank(name, version, reason: changes.reason, by: actor, at: at)
            }
        }
    }
}

extension Database {
    @discardableResult
    fileprivate func yank(
        _ name: PackageName, _ version: SemanticVersion, reason: String, by actor: Actor, at: Date
    ) throws -> String? {
        if let before = try known(name, version).release.yanked { return before }
        guard let reason = try ReleaseMessage.checked(reason) else {
            throw StorageError(.registryMessageInvalid, "The reason says nothing.")
        }
        try execute(
            sql: ReleaseChangeSQL.yank,
            arguments: [reason, name.description, version.description])
        try untag(name, version)
        try markUnsigned(name)
        try audit(
            "release.yank", of: name.description, by: actor, at: at,
            detail: ["version": .string(version.description), "reason": .string(reason)])
        return nil
    }

    fileprivate func deprecate(
        _ name: PackageName, _ version: SemanticVersion, _ message: String?, by actor: Actor,
        at: Date
    ) throws {
        let known = try known(name, version)
        // One from before there were rules may stay as it is.
        guard known.release.deprecated != message else { return }
        let message = try ReleaseMessage.checked(message)
        guard known.release.deprecated != message else { return }
        try execute(
            sql: ReleaseChangeSQL.deprecate,
            arguments: [message, name.description, version.description])
        try markUnsigned(name)
        try audit(
            "release.deprecate", of: name.description, by: actor, at: at,
            detail: [
                "version": .string(version.description),
                "message": message.map { .string($0) } ?? .null,
            ])
    }
}

private enum ReleaseChangeSQL {
    static let yank = "UPDATE release SET yanked = ? WHERE plugin = ? AND version = ?"
    static let deprecate = "UPDATE release SET deprecated = ? WHERE plugin = ? AND version = ?"
}
