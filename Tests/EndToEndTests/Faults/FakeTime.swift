import SystemPackage
import TestSupport

/// Debian's faketime.
enum FakeTime {
    static let programs = DebianPrograms(["/usr/bin/faketime"], package: "faketime")

    /// What comes before a program for which the wall clock is changed.
    ///
    /// The wall clock alone: how long something takes is measured by another.
    static func shifting(_ shift: String) -> [String] {
        ["/usr/bin/faketime", "-m", "--exclude-monotonic", "-f", shift]
    }
}
