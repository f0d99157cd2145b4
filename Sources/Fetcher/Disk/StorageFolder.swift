package import Packages
package import SystemPackage

/// Where everything lies on the customer's disk (`TOLLGATE_STORAGE`, default `./storage`).
///
/// ```
/// storage/
///   .license/  instance-id instance.json license-key tokens/ state.json root.json seats.json agent.json
///   plugins/   @acme/plugin-audit-log/…          what the application loads
///              .pkg/ lock journal staging/ receipts/ previous/ removed/ replaced/ broken/
///                    tarballs/ metadata/ report.json sets.json
///   logs/pkg/  2026-11-21.log
/// ```
///
/// Everything under `.pkg/` can be made anew but what `rollback` and `restore` bring back, the holds of
/// releases that were rolled back from, and the newest metadata that was seen: without it an older
/// state is not noticed, and licenses without a network whose keys the vendor rotated ask once more.
package struct StorageFolder: Sendable {
    package let root: FilePath

    package init(_ root: FilePath) {
        self.root = root
    }

    package var license: FilePath { root.appending(".license") }
    package var plugins: FilePath { root.appending("plugins") }
    package var logs: FilePath { root.appending("logs").appending("pkg") }

    /// Our own folder among the plugins: on their file system, so that an exchange is one rename.
    package var own: FilePath { plugins.appending(".pkg") }
    package var lock: FilePath { own.appending("lock") }
    package var journal: FilePath { own.appending("journal") }
    package var staging: FilePath { own.appending("staging") }
    package var receipts: FilePath { own.appending("receipts") }
    package var previous: FilePath { own.appending("previous") }
    package var removed: FilePath { own.appending("removed") }
    package var tarballs: FilePath { own.appending("tarballs") }
    package var metadata: FilePath { own.appending("metadata") }
    package var report: FilePath { own.appending("report.json") }
    /// The sets of plugins to go back to.
    package var sets: FilePath { own.appending("sets.json") }
    /// What was in the way, or half done and no longer understood: never deleted by itself for 30
    /// days.
    package var broken: FilePath { own.appending("broken") }
    /// Folders that a repair put verified files in the place of.
    package var replaced: FilePath { own.appending("replaced") }

    /// The folder that the application loads a plugin from.
    package func plugin(_ name: PackageName) -> FilePath {
        plugins.appending(name.pathComponents)
    }
}

extension PackageName {
    /// The name as the path components that it takes on disk: `@acme` and `plugin-audit-log`.
    package var pathComponents: [FilePath.Component] {
        Array(FilePath(description).components)
    }
}
