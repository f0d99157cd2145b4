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
        let declared = try Sources.declaredNames()
        #expect(declared.count > 20)
        #expect(Set(declared) == Set(FailureCode.all.map(\.name)))
        #expect(declared.count == Set(declared).count)
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
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 3, 4, 5, 6, 7, 64])
    }
}

/// The source text of the target under test.
private enum Sources {
    /// The first argument of every `FailureCode(` in `Sources/Diagnostics/FailureCode+*.swift`.
    static func declaredNames() throws -> [String] {
        let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let folder = root + "/Sources/Diagnostics"
        var names: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        where file.hasPrefix("FailureCode+") && file.hasSuffix(".swift") {
            let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(file)"))
            let declarations = String(decoding: bytes, as: UTF8.self)
                .split(separator: "FailureCode(").dropFirst()
            for declaration in declarations {
                let parts = declaration.split(separator: "\"", maxSplits: 2)
                let isName = parts.count == 3 && parts[0].allSatisfy(\.isWhitespace)
                try #require(isName, "\(file): a code's first argument is its name")
                names.append(String(parts[1]))
            }
        }
        return names
    }
}
