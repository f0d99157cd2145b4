import Diagnostics
import Packages
import TestSupport
import Testing

@Suite struct PackageNameTests {
    struct Good: Sendable {
        let text: String
        let scope: String?
        let bare: String
    }

    static let good = [
        Good(text: "@acme/x", scope: "acme", bare: "x"),
        Good(text: "left-pad", scope: nil, bare: "left-pad"),
        Good(text: "@acme/http", scope: "acme", bare: "http"),
        Good(
            text: "@a-b.c_d/e_f.g-h", scope: "a-b.c_d", bare: "e_f.g-h"),
        Good(text: "@acme/_x", scope: "acme", bare: "_x"),
        Good(text: "0", scope: nil, bare: "0"),
    ]

    @Test(arguments: good)
    func reads(expected: Good) throws {
        let name = try PackageName(expected.text)
        #expect(name.scope == expected.scope)
        #expect(name.bare == expected.bare)
        #expect(name.description == expected.text)
    }

    @Test(arguments: [
        "", " ", "@", "@/", "@acme", "@acme/", "@/x", "@acme/x/y", "acme/x", "/x", "@acme//x",
        "@@acme/x",
        ".x", "_x", "@acme/.x", "@acme/..", "@../x", "@./x", "@acme/.pkg", "@.pkg/x", "..", ".",
        "X", "@Acme/x", "@acme/X", "@acme/x ", " @acme/x", "@acme/x\n", "@acme/x\0", "@ac me/x",
        "@acme/x%2fy", "@acme%2fx", "@acme\\x", "@acme/x\\y", "@acme/é", "@acme/e\u{301}",
        "@аcme/x",
        "x~", "x!", "x'", "x(", "x*", "x+y", "x:y", "x?y", "node_modules", "@acme/node_modules",
        "favicon.ico", "http", "fs", "process", "@acme/x@1.0.0", "@acme/\u{202E}x",
        "@acme/" + String(repeating: "x", count: 209),
    ])
    func refuses(text: String) {
        #expect {
            try PackageName(text)
        } throws: {
            ($0 as? PackageError)?.code == .registryNameInvalid
        }
    }

    @Test func readsNamesOfTheGreatestLength() throws {
        let name = "@acme/" + String(repeating: "x", count: 208)
        #expect(name.utf8.count == 214)
        #expect(try PackageName(name).description == name)
    }

    @Test func messageShowsTheNameWithoutControlCharacters() {
        #expect {
            try PackageName("@acme/\u{1B}[31mx")
        } throws: {
            let message = ($0 as? PackageError)?.message ?? ""
            return message.contains("@acme/") && !message.contains("\u{1B}")
        }
    }

    @Test func whatDamageLeavesReadableIsSafeAsAFolder() throws {
        var generator = SeededGenerator(seed: 0x5E_0010)
        for _ in 0..<20_000 {
            let bytes = mutated(Array("@acme/plugin-audit-log".utf8), using: &generator)
            let text = String(decoding: bytes, as: UTF8.self)
            guard let name = try? PackageName(text) else { continue }
            #expect(name.description == text)
            for part in text.split(separator: "/", omittingEmptySubsequences: false) {
                #expect(
                    !part.isEmpty && part != "." && part != ".."
                        && part.utf8.allSatisfy { $0 > 0x20 })
            }
        }
    }

    @Test func sortsByText() throws {
        let names = try ["@b/a", "a", "@a/b", "@a/a"].map { try PackageName($0) }
        #expect(names.sorted().map(\.description) == ["@a/a", "@a/b", "@b/a", "a"])
    }
}
