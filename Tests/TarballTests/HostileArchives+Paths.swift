import Diagnostics

@testable import Tarball

extension HostileCase {
    private static func path(
        _ attack: String, _ path: String, _ code: FailureCode
    ) -> HostileCase {
        HostileCase(attack, code, Sample.tarball(Tar.file(path)))
    }

    /// A path in a pax record, as raw bytes.
    private static func paxPath(
        _ attack: String, _ path: [UInt8], _ code: FailureCode
    ) -> HostileCase {
        HostileCase(
            attack, code,
            Sample.tarball(Tar.pax(body: Tar.record("path", path)), Tar.file("package/a")))
    }

    private static func rawPath(
        _ attack: String, _ name: [UInt8], _ code: FailureCode
    ) -> HostileCase {
        HostileCase(attack, code, Sample.tarball(Tar.entry("") { $0.name = name }))
    }

    static let paths: [HostileCase] = [
        path("parent first", "../evil", .archivePathEscapes),
        path("parent alone", "..", .archivePathEscapes),
        path("parent of the package", "package/../../evil", .archivePathEscapes),
        path("parent within", "package/a/../b", .archivePathEscapes),
        path("parent last", "package/..", .archivePathEscapes),
        path("parent after a dot", "package/./../../evil", .archivePathInvalid),
        path("parent by backslash", "package\\..\\..\\evil", .archivePathInvalid),
        path("parent, slash and backslash", "package/..\\../evil", .archivePathInvalid),
        HostileCase(
            "parent as a folder", .archivePathEscapes, Sample.tarball(Tar.folder("package/../"))),
        HostileCase(
            "parent in the ustar prefix", .archivePathEscapes,
            Sample.tarball(Tar.entry("evil") { $0.prefix = Array("package/../..".utf8) })),
        HostileCase(
            "parent in a long name", .archivePathEscapes,
            Sample.tarball(
                Tar.longName(Array("package/../../evil".utf8)), Tar.file("package/a"))),
        paxPath("parent in a pax path", Array("package/../../evil".utf8), .archivePathEscapes),
        path("absolute", "/tmp/evil", .archivePathEscapes),
        path("absolute, two slashes", "//tmp/evil", .archivePathEscapes),
        paxPath("absolute in a pax path", Array("/tmp/evil".utf8), .archivePathEscapes),
        path("empty name", "", .archivePathInvalid),
        path("empty component", "package//a", .archivePathInvalid),
        path("dot first", "./package/a", .archivePathInvalid),
        path("dot within", "package/./a", .archivePathInvalid),
        path("file with a slash at its end", "package/a/", .archivePathInvalid),
        HostileCase(
            "folder with two slashes", .archivePathInvalid,
            Sample.tarball(Tar.folder("package/a//"))),
        path("Windows drive", "C:/evil", .archivePathNotPortable),
        path("Windows drive within", "package/c:evil", .archivePathNotPortable),
        path("Windows stream", "package/a.js:evil", .archivePathNotPortable),
        path("Windows device", "package/CON", .archivePathNotPortable),
        path("Windows device, small letters", "package/lib/aux.js", .archivePathNotPortable),
        path("Windows device, two extensions", "package/nul.tar.gz", .archivePathNotPortable),
        path("Windows device as a folder", "package/com1/a", .archivePathNotPortable),
        path("Windows device, superscript", "package/LPT¹.txt", .archivePathNotPortable),
        path("Windows device, space", "package/prn .txt", .archivePathNotPortable),
        path("Windows console", "package/CONIN$", .archivePathNotPortable),
        path("dot at the end", "package/a.", .archivePathNotPortable),
        path("three dots", "package/.../a", .archivePathNotPortable),
        path("space at the end", "package/a ", .archivePathNotPortable),
        path("UNC path", "\\\\server\\share", .archivePathInvalid),
        path("backslash", "package/a\\b", .archivePathInvalid),
        path("newline", "package/a\nb", .archivePathInvalid),
        path("escape sequence", "package/\u{1B}[2Ja", .archivePathInvalid),
        path("delete character", "package/a\u{7F}", .archivePathInvalid),
        path("C1 control character", "package/a\u{9B}2J", .archivePathInvalid),
        path("text turned around", "package/a\u{202E}sj", .archivePathInvalid),
        paxPath("NUL in a pax path", Array("package/a\u{0}/../evil".utf8), .archivePaxMalformed),
        HostileCase(
            "NUL in a long name", .archivePathInvalid,
            Sample.tarball(Tar.longName(Array("package/a\u{0}b".utf8)), Tar.file("package/a"))),
        rawPath("invalid UTF-8", Array("package/".utf8) + [0xFF], .archivePathInvalid),
        rawPath("overlong slash", Array("package/".utf8) + [0xC0, 0xAF], .archivePathInvalid),
        rawPath("surrogate", Array("package/".utf8) + [0xED, 0xA0, 0x80], .archivePathInvalid),
        rawPath("cut UTF-8", Array("package/a".utf8) + [0xE2, 0x82], .archivePathInvalid),
        paxPath(
            "invalid UTF-8 in a pax path", Array("package/".utf8) + [0xE4], .archivePathInvalid),
        HostileCase(
            "invalid UTF-8 declared binary", .archivePathInvalid,
            Sample.tarball(
                Tar.pax(
                    body: Tar.record("hdrcharset", Array("BINARY".utf8))
                        + Tar.record("path", Array("package/".utf8) + [0xE4])),
                Tar.file("package/a"))),
        paxPath(
            "component of 256 bytes", Array("package/".utf8) + [UInt8](repeating: 0x61, count: 256),
            .archivePathTooLong),
        paxPath(
            "path of 1,025 bytes", longPath(bytes: 1_025), .archivePathTooLong),
        HostileCase(
            "long name of 2,000 bytes", .archivePathTooLong,
            Sample.tarball(Tar.longName(longPath(bytes: 2_000)), Tar.file("package/a"))),
        path("33 components", "package" + String(repeating: "/d", count: 32), .archivePathTooLong),
        paxPath(
            "depth bomb", Array(("package" + String(repeating: "/d", count: 50_000)).utf8),
            .archivePathTooLong),
        path("our own folder", "package/.pkg/receipts/x.json", .archivePathReserved),
        path("our own folder, capitals", "package/.PKG/journal", .archivePathReserved),
        path("our own folder as top", ".pkg/lock", .archivePathReserved),
        path("our own folder, Kelvin sign", "package/.p\u{212A}g/lock", .archivePathReserved),
    ]

    /// Below `package`, of components that are not too long.
    static func longPath(bytes: Int) -> [UInt8] {
        var path = Array("package".utf8)
        while path.count < bytes {
            path += Array("/".utf8)
            path += [UInt8](repeating: 0x61, count: min(200, bytes - path.count))
        }
        return path
    }

    private static func twin(_ attack: String, _ first: String, _ second: String) -> HostileCase {
        HostileCase(
            attack, .archivePathTwin,
            Sample.tarball(Tar.file("package/" + first), Tar.file("package/" + second)))
    }

    static let twins: [HostileCase] = [
        twin("the same file twice", "a.js", "a.js"),
        twin("case twins", "Readme", "README"),
        HostileCase(
            "case twin of package.json", .archivePathTwin,
            Sample.tarball(Tar.file("package/Package.JSON"))),
        twin("case twins of folders", "lib/a.js", "LIB/b.js"),
        twin("case twins above", "Lib/deep/a.js", "lib/deep/b.js"),
        twin("file and folder as case twins", "lib/a.js", "LIB"),
        twin("NFC and NFD", "caf\u{E9}.js", "cafe\u{301}.js"),
        twin("NFC and NFD folders", "caf\u{E9}/a", "cafe\u{301}/b"),
        twin("NFC and NFD in other case", "CAF\u{C9}", "cafe\u{301}"),
        twin("ß and ss", "straße", "strasse"),
        twin("ß and SS", "straße", "STRASSE"),
        twin("capital ß and ss", "stra\u{1E9E}e", "strasse"),
        twin("final sigma", "ΟΔΟΣ", "οδος"),
        twin("Kelvin sign", "\u{212A}", "k"),
        twin("ligature", "\u{FB01}le", "file"),
        twin("long s", "\u{17F}et", "set"),
        HostileCase(
            "the same folder twice", .archivePathTwin,
            Sample.tarball(Tar.folder("package/lib/"), Tar.folder("package/lib"))),
        HostileCase(
            "file, then a folder of its name", .archivePathConflict,
            Sample.tarball(Tar.file("package/a"), Tar.folder("package/a"))),
        HostileCase(
            "folder, then a file of its name", .archivePathConflict,
            Sample.tarball(Tar.folder("package/a"), Tar.file("package/a"))),
        HostileCase(
            "file used as a folder", .archivePathConflict,
            Sample.tarball(Tar.file("package/a"), Tar.file("package/a/b"))),
        HostileCase(
            "folder used as a file", .archivePathConflict,
            Sample.tarball(Tar.file("package/a/b"), Tar.file("package/a"))),
    ]

    static let shapes: [HostileCase] = [
        HostileCase(
            "two top folders", .archiveTopFolder, Sample.tarball(Tar.file("other/evil"))),
        HostileCase(
            "two top folders as case twins", .archiveTopFolder,
            Sample.tarball(Tar.file("Package/evil"))),
        HostileCase(
            "file beside the top folder", .archiveTopFolder, Sample.tarball(Tar.file("evil"))),
        HostileCase(
            "file of the top folder's name", .archiveTopFolder, Sample.tarball(Tar.file("package"))),
    ]
}
