import Glibc
import SystemPackage

/// What a script waits for and the test opens once; it stays open.
package final class Gate: Sendable {
    /// Readable from when the gate is open, for `poll`.
    let opened: FileDescriptor
    private let shut: FileDescriptor

    package init() throws {
        let pipe = try FileDescriptor.pipe()
        (opened, shut) = (pipe.readEnd, pipe.writeEnd)
    }

    deinit {
        try? opened.close()
        try? shut.close()
    }

    /// Lets through all that wait now or later.
    package func open() throws { try shut.writeAll([0]) }
}
