import Diagnostics
package import SystemPackage

/// The folder with everything a gateway keeps: `tollgate-data/` in the design.
package struct DataFolder: Sendable, Hashable {
    package let path: FilePath

    package init(_ path: FilePath) {
        self.path = path
    }

    /// The settings that a person edits.
    package var settings: FilePath { path.appending("tollgate.yaml") }
    /// The records: plugins, releases, licenses, installations, audit log.
    package var database: FilePath { path.appending("tollgate.db") }
    /// The tarballs and signed files, by their digest.
    package var artifacts: FilePath { path.appending("artifacts") }
    /// The signed metadata, as it is served.
    package var metadata: FilePath { path.appending("metadata") }
    /// Held by whoever signs metadata, so that two signers never use one version number.
    package var metadataLock: FilePath { metadata.appending("lock") }
    /// The private keys, readable by their owner only.
    package var keys: FilePath { path.appending("keys") }
    /// There from the first to the last step of `tollgate init`.
    package var unfinishedMark: FilePath { path.appending(".unfinished-init") }

    /// Throws unless `tollgate init` made this folder to its end.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    package func checkComplete() throws(StorageError) {
        guard !exists(unfinishedMark) else {
            throw StorageError(
                .dataFolderUnusable, "\(path) was left half made by an init that was stopped.",
                remedy: "Run `tollgate init --data \(path)` again: it starts over by itself.")
        }
        guard exists(settings), exists(database), exists(keys), exists(metadata) else {
            throw StorageError(
                .dataFolderUnusable, "\(path) is not a gateway's data folder.",
                remedy: "Make one with `tollgate init --data \(path)`, or correct --data.")
        }
    }
}
