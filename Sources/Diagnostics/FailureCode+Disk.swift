import Glibc

extension FailureCode {
    /// What a system call that failed means to whoever owns the disk.
    ///
    /// The one place that maps `errno`: every part of Tollgate reports a full disk as
    /// `disk.full`, and what has no code of its own as `disk.io`.
    ///
    /// - Parameter errno: The value of `errno(3)` right after the call.
    /// - Returns: A `disk.*` code; `system.limit` for what is no fault of the disk.
    package static func disk(_ errno: Int32) -> FailureCode {
        switch errno {
        case ENOSPC, EDQUOT: .diskFull
        case EROFS: .diskReadOnly
        case EACCES, EPERM: .diskPermission
        case EXDEV: .diskCrossDevice
        case EMFILE, ENFILE, EFBIG, ENOMEM: .systemLimit
        case ENOTDIR, EISDIR, ELOOP, EEXIST: .diskUnexpectedFile
        default: .diskIO
        }
    }

    /// What it means for a path that a person named: one that cannot be is a mistake of theirs and
    /// none of the disk.
    ///
    /// - Parameter errno: The value of `errno(3)` right after the call.
    /// - Returns: `settings.path-missing` or a `disk.*` code.
    package static func namedPath(_ errno: Int32) -> FailureCode {
        switch errno {
        case ENOENT, ENOTDIR, EISDIR, EINVAL, ENAMETOOLONG, ENXIO: .settingsPathMissing
        default: disk(errno)
        }
    }

    /// What to do where a file that a person named cannot be written.
    ///
    /// - Parameter errno: The value of `errno(3)` right after the call.
    /// - Returns: nil where the code's own remedy says it.
    package static func remedyForOutput(_ errno: Int32) -> String? {
        switch errno {
        case EROFS, EACCES, EPERM: "Choose a folder that can be written (-o)."
        case _ where namedPath(errno) == .settingsPathMissing:
            "Name a file in a folder that is there (-o)."
        default: nil
        }
    }

    package static let diskFull = FailureCode(
        "disk.full",
        title: "No space left",
        meaning: """
            The file system has no free space, no free inodes or no quota left. Nothing that was \
            installed is touched; what this run had written is removed.
            """,
        remedy: """
            Free space on the file system of the path named (`df -h`, `df -i`). In the storage \
            folder `plugins/.pkg/previous`, `removed` and `replaced` may be deleted. Then run again.
            """,
        exitStatus: .local)

    package static let diskIO = FailureCode(
        "disk.io",
        title: "The disk failed",
        meaning: """
            The operating system reported an error while reading or writing. The plugins that were \
            installed stay as they are.
            """,
        remedy: "Look at the system's log (`dmesg`) for the disk's errors before running again.",
        exitStatus: .local)

    package static let diskReadOnly = FailureCode(
        "disk.read-only",
        title: "The file system is read-only",
        meaning: """
            The file system of the path named is mounted read-only. When it holds the storage folder \
            nothing can be installed; the application can start with the plugins that are there.
            """,
        remedy: "Mount the storage folder writable, or point TOLLGATE_STORAGE at a writable one.",
        exitStatus: .local)

    package static let diskPermission = FailureCode(
        "disk.permission",
        title: "Permission denied",
        meaning: "The user that runs `pkg` may not read or write a file or folder that it needs.",
        remedy: """
            Give the path named to the user that runs `pkg` (`chown -R`), or run `pkg` as the user \
            that owns it.
            """,
        exitStatus: .local)

    package static let diskCrossDevice = FailureCode(
        "disk.cross-device",
        title: "Another file system lies below the plugins folder",
        meaning: """
            Plugins are put in place by one atomic exchange, which works only inside one file \
            system. A folder below `plugins/` is a mount of its own.
            """,
        remedy: "Mount the whole storage folder as one volume instead of parts of it.",
        exitStatus: .local)

    package static let diskUnexpectedFile = FailureCode(
        "disk.unexpected-file",
        title: "Something else stands where a folder or file of ours belongs",
        meaning: """
            A path of the storage folder is a file where a folder is needed, a symbolic link, or \
            larger than it can be.
            """,
        remedy: "Move the path named aside and run again.",
        exitStatus: .local)

    package static let lockHeld = FailureCode(
        "lock.held",
        title: "Another run of pkg is at work",
        meaning: """
            Only one run may change the plugins at a time. The other one has held the lock for \
            longer than this one waits. A run that crashed holds nothing.
            """,
        remedy: "Wait for the process named to end, or end it, then run again.",
        exitStatus: .local)

    package static let notRestorable = FailureCode(
        "plugins.not-restorable",
        title: "There is nothing to bring back",
        meaning: """
            The plugin has no earlier release, or no removed one, set aside on this machine; or the \
            license does not have it.
            """,
        remedy: "Run `pkg plugins list` to see what is kept, and which plugins a rollback holds.",
        exitStatus: .local)

    package static let modifiedOnDisk = FailureCode(
        "plugins.modified-on-disk",
        title: "Installed files are not what was installed",
        meaning: """
            Files of a plugin were changed, removed or added after it was installed and verified.
            """,
        remedy: """
            Run `pkg download-pro` to put the verified files back. Where a link, a file, a checkout or \
            another version stands in the plugin's place, no run replaces it: move that aside first.
            """,
        exitStatus: .verification)

    static let diskCodes: [FailureCode] = [
        diskFull, diskIO, diskReadOnly, diskPermission, diskCrossDevice, diskUnexpectedFile,
        lockHeld, notRestorable, modifiedOnDisk,
    ]
}
