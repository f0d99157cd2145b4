import Fetcher
import Synchronization
import SystemPackage

/// The settings of a container with its own storage folder.
func settings(
    _ folder: FilePath, _ databaseURL: String?, storage: String = "storage"
) throws -> Settings {
    var environment = ["TOLLGATE_STORAGE": folder.appending(storage).appending("storage").string]
    environment["DATABASE_URL"] = databaseURL
    return try Settings(flags: Settings.Flags(), environment: environment)
}

/// A server that is started while somebody waits for it.
final class Late<Server: Sendable>: Sendable {
    private let box = Mutex<Server?>(nil)

    var server: Server? { box.withLock(\.self) }

    func set(_ server: Server) {
        box.withLock { $0 = server }
    }
}

extension String {
    var trimmed: String { String(drop(while: \.isWhitespace).prefix { !$0.isWhitespace }) }
}
