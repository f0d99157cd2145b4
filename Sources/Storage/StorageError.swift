package import Diagnostics
internal import GRDB
import SystemPackage

/// Why the gateway's data folder or a record in it cannot be used.
package struct StorageError: Failure {
    package let code: FailureCode
    package let message: String
    package let specificRemedy: String?
    package let cause: (any Error)?

    package init(
        _ code: FailureCode, _ message: String, remedy: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        specificRemedy = remedy
        self.cause = cause
    }

    /// What could not be done in the data folder, with the code that its cause has.
    ///
    /// - Parameters:
    ///   - message: what could not be done, with the path
    ///   - cause: what the system or the database said, which decides the code; with another cause
    ///     it is `gateway.data-folder`
    package init(_ message: String, because cause: any Error) {
        let code: FailureCode =
            switch cause {
            case let errno as Errno: Self.code(of: errno)
            case let error as DatabaseError: Self.code(of: error.resultCode)
            default: .dataFolderUnusable
            }
        self.init(code, message, remedy: Self.remedy(of: code), cause: cause)
    }

    /// What is not there, or is longer than it can be, is no failure of the disk.
    private static func code(of errno: Errno) -> FailureCode {
        switch errno {
        case .noSuchFileOrDirectory, .fileTooLarge: .dataFolderUnusable
        default: .disk(errno.rawValue)
        }
    }

    private static func code(of result: ResultCode) -> FailureCode {
        switch result {
        case .SQLITE_FULL: .diskFull
        case .SQLITE_IOERR: .diskIO
        case .SQLITE_PERM: .diskPermission
        default: .dataFolderUnusable
        }
    }

    /// The remedies of `disk.*` speak of `pkg`; these are the gateway's.
    private static func remedy(of code: FailureCode) -> String? {
        switch code {
        case .diskFull:
            "Free space on the file system that holds it (`df -h`, `df -i`), then run again."
        case .diskReadOnly: "Mount the file system that holds the data folder writable."
        case .diskPermission:
            """
            Give it to the user that runs `tollgate` (`chown -R`), or run `tollgate` as the user \
            that owns it.
            """
        default: nil
        }
    }
}
