import Cryptography
import Glibc
import Licensing
import Synchronization
import SystemPackage

/// The private keys as they are now: read anew when the program beside this one changed them.
///
/// Whoever asks costs one `stat` of the keys' folder, whose time of change moves with every key that
/// gets or loses its name.
final class KeyRing: Sendable {
    /// The keys with what is made of them, once for all tokens.
    struct Loaded: Sendable {
        let keys: VendorKeys
        let licenseSigner: LicenseSigner

        init(_ folder: FilePath) throws {
            keys = try VendorKeys(loading: folder)
            licenseSigner = try LicenseSigner(key: keys.license)
        }
    }

    private struct State: Sendable {
        var loaded: Loaded
        /// nil: the folder changed a moment before they were read, and may have changed since without
        /// a trace, since the kernel's clock of files ticks that slowly.
        var folder: FolderState?
    }

    private let folder: FilePath
    private let state: Mutex<State>

    /// Reads the keys.
    ///
    /// - Throws: as ``VendorKeys/init(loading:)`` does.
    init(_ folder: FilePath) throws {
        self.folder = folder
        state = Mutex(try Self.read(folder))
    }

    /// The keys; those of before when the present ones cannot be read.
    var current: Loaded {
        (try? reloaded()) ?? state.withLock { $0.loaded }
    }

    /// The keys.
    ///
    /// - Throws: as ``VendorKeys/init(loading:)`` does when they changed and cannot be read.
    func reloaded() throws -> Loaded {
        try state.withLock { state in
            if state.folder == nil || state.folder != FolderState(folder) {
                state = try Self.read(folder)
            }
            return state.loaded
        }
    }

    private static func read(_ folder: FilePath) throws -> State {
        let before = FolderState(folder)
        let loaded = try Loaded(folder)
        return State(loaded: loaded, folder: before?.isSettled == true ? before : nil)
    }
}

/// Which folder it is and when a name in it last changed.
private struct FolderState: Equatable, Sendable {
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: FilePath) {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }

    /// Whether it changed so long ago that another change would have another time.
    var isSettled: Bool {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let age = (now.tv_sec - seconds) * 1_000_000_000 + now.tv_nsec - nanoseconds
        // The slowest kernel ticks each 10 ms. A time to come is none that a change now would have.
        return age > 50_000_000 || age < 0
    }
}
