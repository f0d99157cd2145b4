@testable import Tarball

/// The package that all tests agree about.
enum Sample {
    static let identity = PackageIdentity(name: "@acme/plugin-x", version: "1.0.0")
    static let manifest = #"{"name":"@acme/plugin-x","version":"1.0.0"}"#
    static let packageJSON = Tar.file("package/package.json", manifest)

    /// The tar of a good package.json and what is told, ended as it must be.
    static func tar(_ parts: [UInt8]...) -> [UInt8] {
        Tar.archive([packageJSON] + parts)
    }

    /// The same in gzip.
    static func tarball(_ parts: [UInt8]...) -> [UInt8] {
        Gzip(Tar.archive([packageJSON] + parts)).bytes
    }
}
