import Diagnostics

@testable import Tarball

extension HostileCase {
    private static let manifestSize = Int64(Sample.manifest.utf8.count)

    private static func signed(
        _ attack: String, size: Int64, files: Int, _ parts: [UInt8] = Tar.file("package/a", "1234")
    ) -> HostileCase {
        HostileCase(
            attack, .archiveNotAsSigned,
            limits: .signed(unpackedSize: manifestSize + size, fileCount: files),
            Sample.tarball(parts))
    }

    private static func manifest(_ attack: String, _ json: String) -> HostileCase {
        HostileCase(
            attack, .archivePackageJSON,
            Gzip(Tar.archive([Tar.file("package/package.json", json)])).bytes)
    }

    private static func identity(
        _ attack: String, _ name: String, _ version: String
    ) -> HostileCase {
        HostileCase(
            attack, .archiveWrongPackage, identity: PackageIdentity(name: name, version: version),
            Sample.tarball())
    }

    static let packages: [HostileCase] = [
        signed("one byte more than signed", size: 3, files: 2),
        signed("one byte less than signed", size: 5, files: 2),
        signed("one file more than signed", size: 4, files: 1),
        signed("one file less than signed", size: 4, files: 3),
        signed("an empty file more than signed", size: 0, files: 1, Tar.file("package/a", "")),
        HostileCase(
            "signed as nothing", .archiveNotAsSigned,
            limits: .signed(unpackedSize: 0, fileCount: 0),
            Sample.tarball()),
        HostileCase(
            "signed as less than nothing", .archiveNotAsSigned,
            limits: .signed(unpackedSize: -1, fileCount: -1), Sample.tarball()),
        HostileCase(
            "no package.json", .archivePackageJSON,
            Gzip(Tar.archive([Tar.file("package/a")])).bytes),
        HostileCase(
            "package.json in a folder only", .archivePackageJSON,
            Gzip(Tar.archive([Tar.file("package/lib/package.json", Sample.manifest)])).bytes),
        HostileCase(
            "package.json as a folder", .archivePackageJSON,
            Gzip(Tar.archive([Tar.folder("package/package.json/")])).bytes),
        HostileCase(
            "package.json in capitals", .archivePackageJSON,
            Gzip(Tar.archive([Tar.file("package/PACKAGE.JSON", Sample.manifest)])).bytes),
        HostileCase(
            "two package.json", .archivePathTwin, Sample.tarball(Sample.packageJSON)),
        HostileCase(
            "package.json and a second top folder's", .archiveTopFolder,
            Sample.tarball(Tar.file("other/package.json", Sample.manifest))),
        HostileCase(
            "package.json as a link", .archiveLink,
            Gzip(Tar.archive([Tar.link("package/package.json", to: "/etc/passwd")])).bytes),
        HostileCase(
            "package.json one byte over 1 MiB", .archivePackageJSON,
            Gzip(
                Tar.archive([
                    Tar.file(
                        "package/package.json",
                        Sample.manifest
                            + String(
                                repeating: " ", count: (1 << 20) + 1 - Sample.manifest.utf8.count))
                ])
            ).bytes),
        HostileCase(
            "only the top folder", .archivePackageJSON,
            Gzip(Tar.archive([Tar.folder("package/")])).bytes),
        manifest("empty package.json", ""),
        manifest("package.json that is no JSON", "{name: 1}"),
        manifest("package.json that is an array", "[]"),
        manifest("package.json without a version", #"{"name":"@acme/plugin-x"}"#),
        manifest("package.json without a name", #"{"version":"1.0.0"}"#),
        manifest("package.json with a name that is a number", #"{"name":1,"version":"1.0.0"}"#),
        manifest(
            "package.json with two names",
            #"{"name":"@acme/evil","name":"@acme/plugin-x","version":"1.0.0"}"#),
        identity("another name than signed", "@acme/plugin-y", "1.0.0"),
        identity("another version than signed", "@acme/plugin-x", "1.0.1"),
        identity("name in other case than signed", "@acme/Plugin-X", "1.0.0"),
    ]
}
