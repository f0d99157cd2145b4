import Diagnostics

@testable import Tarball

extension HostileCase {
    private static func type(_ attack: String, _ flag: Character, _ code: FailureCode)
        -> HostileCase
    {
        HostileCase(
            attack, code,
            Sample.tarball(Tar.entry("package/evil") { $0.type = flag.asciiValue ?? 0 }))
    }

    private static func link(
        _ attack: String, _ name: String, to target: String, type: Character = "2",
        then more: [UInt8] = []
    ) -> HostileCase {
        HostileCase(
            attack, .archiveLink, Sample.tarball(Tar.link(name, to: target, type: type), more))
    }

    static let types: [HostileCase] = [
        link("symlink, absolute", "package/l", to: "/etc/passwd"),
        link("symlink, outward", "package/l", to: "../../evil"),
        link("symlink within", "package/l", to: "package.json"),
        link(
            "symlink written through", "package/l", to: "../outside",
            then: Tar.file("package/l/file", "evil")),
        HostileCase(
            "symlink replacing the root", .archiveLink,
            Gzip(
                Tar.archive([
                    Tar.link("package", to: "../outside"), Tar.file("package/package.json"),
                ])
            ).bytes),
        HostileCase(
            "symlinks in a chain", .archiveLink,
            Sample.tarball(
                Tar.link("package/a", to: "b"), Tar.link("package/b", to: ".."),
                Tar.file("package/a/evil"))),
        HostileCase(
            "symlink by a long link name", .archiveLink,
            Sample.tarball(
                Tar.entry("././@LongLink") {
                    $0.type = UInt8(ascii: "K")
                    $0.content = Array("../../evil\u{0}".utf8)
                }, Tar.link("package/l", to: "x"))),
        HostileCase(
            "link path in a pax record of a file", .archiveLink,
            Sample.tarball(Tar.pax(["linkpath": "../evil"]), Tar.file("package/a"))),
        link("hard link, absolute", "package/l", to: "/etc/passwd", type: "1"),
        link("hard link, outward", "package/l", to: "../evil", type: "1"),
        link("hard link before its target", "package/l", to: "package/z", type: "1"),
        link("hard link within", "package/l", to: "package/package.json", type: "1"),
        HostileCase(
            "hard link with data", .archiveLink,
            Sample.tarball(
                Tar.entry("package/l") {
                    $0.type = UInt8(ascii: "1")
                    $0.linkName = "package/package.json"
                    $0.content = Array("evil".utf8)
                })),
        type("character device", "3", .archiveDevice),
        type("block device", "4", .archiveDevice),
        type("FIFO", "6", .archiveDevice),
        type("contiguous file", "7", .archiveUnknownType),
        type("socket", "s", .archiveUnknownType),
        type("unknown type", "Z", .archiveUnknownType),
        type("GNU dump folder", "D", .archiveUnknownType),
        type("GNU continued file", "M", .archiveUnknownType),
        type("GNU volume label", "V", .archiveUnknownType),
        type("Solaris ACL", "A", .archiveUnknownType),
        type("Solaris extended header", "X", .archiveUnknownType),
        type("type beyond ASCII", "\u{7F}", .archiveUnknownType),
        HostileCase(
            "GNU sparse file", .archiveSparse,
            Sample.tarball(
                Tar.entry("package/s") {
                    $0.type = UInt8(ascii: "S")
                    $0.magic = Array("ustar  \u{0}".utf8)
                })),
        HostileCase(
            "pax sparse 0.0", .archiveSparse,
            Sample.tarball(
                Tar.pax([
                    "GNU.sparse.size": "100", "GNU.sparse.numblocks": "1",
                    "GNU.sparse.offset": "0", "GNU.sparse.numbytes": "8",
                ]), Tar.file("package/s"))),
        HostileCase(
            "pax sparse 0.1", .archiveSparse,
            Sample.tarball(Tar.pax(["GNU.sparse.map": "0,8"]), Tar.file("package/s"))),
        HostileCase(
            "pax sparse 1.0", .archiveSparse,
            Sample.tarball(
                Tar.pax([
                    "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                    "GNU.sparse.name": "package/evil", "GNU.sparse.realsize": "1000",
                ]), Tar.file("package/s"))),
        HostileCase(
            "star's sparse size", .archiveSparse,
            Sample.tarball(Tar.pax(["SCHILY.realsize": "1000"]), Tar.file("package/s"))),
        HostileCase(
            "Solaris' holes", .archiveSparse,
            Sample.tarball(Tar.pax(["SUN.holesdata": " 0 8"]), Tar.file("package/s"))),
    ]

    private static func pax(
        _ attack: String, _ code: FailureCode = .archivePaxMalformed, body: String
    ) -> HostileCase {
        HostileCase(
            attack, code,
            Sample.tarball(Tar.pax(body: Array(body.utf8)), Tar.file("package/a")))
    }

    static let extensions: [HostileCase] = [
        HostileCase(
            "pax size above the ustar size", .archivePaxSize,
            Sample.tarball(Tar.pax(["size": "1024"]), Tar.file("package/a"))),
        HostileCase(
            "pax size below the ustar size", .archivePaxSize,
            Sample.tarball(
                Tar.pax(["size": "0"]),
                Tar.entry("package/a") {
                    $0.content = Tar.link("package/hidden", to: "../../evil")
                })),
        HostileCase(
            "duplicate pax keys", .archivePaxMalformed,
            Sample.tarball(
                Tar.pax(["path": "package/good", "path": "package/evil"]), Tar.file("package/a"))),
        HostileCase(
            "pax before a long name", .archivePaxMalformed,
            Sample.tarball(
                Tar.pax(["path": "package/good"]), Tar.longName(Array("package/evil".utf8)),
                Tar.file("package/a"))),
        HostileCase(
            "long name before pax", .archivePaxMalformed,
            Sample.tarball(
                Tar.longName(Array("package/evil".utf8)), Tar.pax(["path": "package/good"]),
                Tar.file("package/a"))),
        HostileCase(
            "two pax headers", .archivePaxMalformed,
            Sample.tarball(
                Tar.pax(["path": "package/good"]), Tar.pax(["path": "package/evil"]),
                Tar.file("package/a"))),
        HostileCase(
            "two long names", .archivePaxMalformed,
            Sample.tarball(
                Tar.longName(Array("package/a".utf8)), Tar.longName(Array("package/b".utf8)),
                Tar.file("package/c"))),
        HostileCase(
            "pax header for nothing", .archivePaxMalformed,
            Sample.tarball(Tar.file("package/a"), Tar.pax(["path": "package/evil"]))),
        HostileCase(
            "global header", .archivePaxGlobal,
            Sample.tarball(
                Tar.pax(body: Tar.record("path", Array("package/evil".utf8)), type: "g"),
                Tar.file("package/a"))),
        HostileCase(
            "global header with a comment", .archivePaxGlobal,
            Gzip(
                Tar.archive([
                    Tar.pax(body: Tar.record("comment", Array("0123".utf8)), type: "g"),
                    Sample.packageJSON,
                ])
            ).bytes),
        HostileCase(
            "pax record for a link", .archiveLink,
            Sample.tarball(Tar.pax(["linkpath": "../evil"]), Tar.link("package/l", to: "x"))),
        pax("pax length too great", body: "99 path=package/evil\n"),
        pax("pax length too small", body: "9 path=package/evil\n"),
        pax("pax length of zero", body: "0 path=package/evil\n"),
        pax("pax length of itself", body: "2 \n"),
        pax("pax length with a sign", body: "+21 path=package/evil\n"),
        pax("pax length with a leading zero", body: "022 path=package/evil\n"),
        pax("pax length beyond 64 bits", body: "99999999999999999999999 path=package/evil\n"),
        pax("pax length missing", body: " path=package/evil\n"),
        pax("pax without a newline", body: "20 path=package/evil "),
        pax("pax without an equals sign", body: "16 package/evil\n"),
        pax("pax without a key", body: "9 =evil!\n"),
        pax("pax with zeros after the records", body: "21 path=package/evil\n\u{0}\u{0}"),
        pax("pax with an empty path", body: "8 path=\n"),
        pax("pax with a NUL in a key", body: "13 pa\u{0}th=evil\n"),
        pax("pax with an unknown character set", body: "22 hdrcharset=KOI8-R!!\n"),
        pax("pax with a size in hexadecimal", .archiveBadSize, body: "13 size=0x10\n"),
        pax("pax with a negative size", .archiveBadSize, body: "11 size=-8\n"),
        HostileCase(
            "pax with a size beyond 64 bits", .archiveBadSize,
            Sample.tarball(Tar.pax(["size": "9999999999999999999999"]), Tar.file("package/a"))),
        HostileCase(
            "empty pax header", .archivePaxMalformed,
            Sample.tarball(Tar.pax(body: []), Tar.file("package/a"))),
        HostileCase(
            "pax over 1 MiB", .archivePaxTooLarge,
            Sample.tarball(
                Tar.pax(body: Tar.record("comment", [UInt8](repeating: 0x61, count: 1 << 20))),
                Tar.file("package/a"))),
        HostileCase(
            "long name over 1 MiB", .archivePaxTooLarge,
            Sample.tarball(
                Tar.longName([UInt8](repeating: 0x61, count: 1 << 20)), Tar.file("package/a"))),
        HostileCase(
            "empty long name", .archivePathInvalid,
            Sample.tarball(Tar.longName([]), Tar.file("package/a"))),
    ]

    private static func size(
        _ attack: String, _ field: [UInt8], _ code: FailureCode = .archiveBadSize
    ) -> HostileCase {
        HostileCase(
            attack, code,
            Sample.tarball(
                Tar.entry("package/a") {
                    $0.size = field
                    $0.content = Array("content".utf8)
                }))
    }

    static let sizes: [HostileCase] = [
        size("negative size in base 256", [UInt8](repeating: 0xFF, count: 12)),
        size("size in base 256", [0x80] + [UInt8](repeating: 0, count: 10) + [7]),
        size("size of 2^63", [0x80, 0, 0, 0, 0x80] + [UInt8](repeating: 0, count: 7)),
        size("size of 2^63 - 1", [0x80, 0, 0, 0, 0x7F] + [UInt8](repeating: 0xFF, count: 7)),
        size("negative size in text", Array("-0000000007".utf8)),
        size("size in decimal", Array("00000000008".utf8)),
        size("size with garbage after it", Array("7\u{0}9".utf8)),
        size("greatest octal size", Array("777777777777".utf8), .archiveTooLarge),
        HostileCase(
            "folder with content", .archiveBadSize,
            Sample.tarball(
                Tar.entry("package/d/") {
                    $0.type = UInt8(ascii: "5")
                    $0.content = Tar.link("package/hidden", to: "/")
                })),
        HostileCase(
            "bad checksum in the first header", .archiveNotTar,
            Gzip(Tar.archive([Tar.entry("package/a") { $0.checksumError = 1 }])).bytes),
        HostileCase(
            "bad checksum mid-archive", .archiveHeaderChecksum,
            Sample.tarball(
                Tar.entry("package/a") { $0.checksumError = 1 }, Tar.file("package/b"))),
        HostileCase(
            "tar from before ustar", .archiveMalformed,
            Sample.tarball(
                Tar.entry("package/a") { $0.magic = [UInt8](repeating: 0, count: 8) })),
    ]
}
