import Cryptography
import Fetcher
import FoundationEssentials
import Packages
import TestSupport
import Testing

@Suite struct ReceiptTests {
    private func makeReceipt(rolledBackFrom: String? = nil) throws -> Receipt {
        Receipt(
            name: try PackageName("@acme/plugin-x"), version: try SemanticVersion("1.0.0-rc.1+b"),
            tarball: .of(.sha512, [1]), installed: Date(timeIntervalSince1970: 1_800_000_000),
            files: [
                Receipt.File(
                    path: "package.json", size: 3, modified: 499_162_500_000_000_000,
                    sha512: .of(.sha512, [2])),
                Receipt.File(
                    path: "lib/名 前.js", size: 0, modified: 0, sha512: .of(.sha512, [])),
            ], rolledBackFrom: try rolledBackFrom.map { try SemanticVersion($0) })
    }

    @Test(arguments: [nil, "2.0.0"]) func readsWhatItWrote(_ rolledBackFrom: String?) throws {
        let receipt = try makeReceipt(rolledBackFrom: rolledBackFrom)
        #expect(Receipt(text: receipt.text) == receipt)
    }

    @Test func isNoneWhenItIsCutAnywhere() throws {
        let text = try makeReceipt().text
        for length in 0..<text.count {
            #expect(Receipt(text: Array(text.prefix(length))) == nil, "cut at \(length)")
        }
    }

    @Test func survivesDamageOfAnyKind() throws {
        let text = try makeReceipt(rolledBackFrom: "2.0.0").text
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            guard let receipt = Receipt(text: mutated(text, using: &generator)) else { continue }
            #expect(Receipt(text: receipt.text) == receipt)
        }
    }
}
