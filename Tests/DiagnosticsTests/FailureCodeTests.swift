import Diagnostics
import FoundationEssentials
import Testing

@Suite struct FailureCodeTests {
    @Test func everyNameIsThereOnce() {
        var seen: Set<String> = []
        for code in FailureCode.all {
            #expect(seen.insert(code.name).inserted, "\(code.name) is there twice")
        }
    }

    /// The table is what the sources declare: a code that somebody forgot to list is found here.
    @Test func everyCodeOfTheSourcesIsListed() throws {
        let declared = try Sources.declarations().map(\.name)
        #expect(declared.count > 20)
        #expect(Set(declared) == Set(FailureCode.all.map(\.name)))
        #expect(declared.count == Set(declared).count)
    }

    /// A code that nothing throws would promise something on the page that is made of the table.
    @Test func everyCodeIsUsed() throws {
        let used = try Sources.usedSymbols()
        let unused = try Sources.declarations().filter { !used.contains($0.symbol) }
        #expect(unused.map(\.name).isEmpty)
    }

    @Test(arguments: FailureCode.all)
    func nameIsDottedLowerCaseWords(code: FailureCode) {
        let words = code.name.split(separator: ".", omittingEmptySubsequences: false)
        #expect(words.count <= 2)
        for word in words.flatMap({ $0.split(separator: "-", omittingEmptySubsequences: false) }) {
            #expect(!word.isEmpty, "\(code.name)")
            #expect(
                word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) },
                "\(code.name)")
        }
    }

    @Test(arguments: FailureCode.all)
    func wordsAreThere(code: FailureCode) {
        #expect(code.title.count >= 5)
        #expect(!code.title.hasSuffix("."), "\(code.title)")
        for text in [code.meaning, code.remedy] {
            #expect(text.count >= 10, "\(code.name)")
            #expect(text.hasSuffix("."), "\(code.name): \(text)")
            #expect(!text.contains("  ") && !text.contains("\n"), "\(code.name): \(text)")
        }
        #expect(code.exitStatus != .success)
    }

    @Test(arguments: FailureCode.all)
    func isFoundByItsName(code: FailureCode) {
        #expect(FailureCode.named(code.name) == code)
        #expect(code.description == code.name)
    }

    @Test func anUnknownNameIsNotFound() {
        #expect(FailureCode.named("license.nothing") == nil)
        #expect(FailureCode.named("") == nil)
    }

    @Test(arguments: [
        "License key mismatch", "Invalid license key", "Invalid license key format",
        "License key not found",
    ])
    func titlesThatAdministratorsSearchForAreThere(title: String) {
        #expect(FailureCode.all.contains { $0.title == title })
    }

    @Test func exitCodesAreThoseOfTheManual() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 3, 4, 5, 6, 7, 64, 130, 143])
    }
}

/// The source text of all targets.
private enum Sources {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources/"

    /// The codes that `Sources/Diagnostics/FailureCode+*.swift` declare.
    static func declarations() throws -> [(symbol: String, name: String)] {
        let declaration = /static let (\w+) = FailureCode\(\s*"([^"]+)"/
        return try files().filter { isTable($0.path) }
            .flatMap { $0.text.matches(of: declaration) }
            .map { (symbol: String($0.1), name: String($0.2)) }
    }

    /// What stands behind a dot anywhere, as a code does where it is used and nowhere else.
    static func usedSymbols() throws -> Set<String> {
        var symbols: Set<String> = []
        for (path, text) in try files() {
            let lines = text.split(separator: "\n")
                // `.usage` there is a status of that name.
                .filter { !isTable(path) || !$0.contains("exitStatus:") }
            for match in lines.joined(separator: "\n").matches(of: /\.(\w+)/) {
                symbols.insert(String(match.1))
            }
        }
        return symbols
    }

    private static func isTable(_ path: String) -> Bool {
        path.hasPrefix("Diagnostics/FailureCode+")
    }

    private static func files() throws -> [(path: String, text: String)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".swift") }.sorted()
            .map { path in
                let bytes = try #require(FileManager.default.contents(atPath: folder + path))
                return (path, String(decoding: bytes, as: UTF8.self))
            }
    }
}
