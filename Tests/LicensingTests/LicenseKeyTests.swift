import Cryptography
import Diagnostics
import TestSupport
import Testing

@testable import Licensing

struct LicenseKeyTests {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    private static func key(_ mode: LicenseKey.Mode = .standard, seed: UInt8 = 7) -> LicenseKey {
        LicenseKey.make(
            mode: mode, secretBytes: (0..<9).map { $0 &* 29 &+ seed },
            rootFingerprint: RootFingerprint(bits: 0x0234_5678_9ABC))
    }

    @Test(arguments: LicenseKey.Mode.allCases)
    func keyComesBackFromItsText(_ mode: LicenseKey.Mode) throws {
        let key = Self.key(mode)
        let text = key.text.reveal()
        #expect(text.count == mode.prefix.count + 26)
        for spelling in [text, text.lowercased(), text.uppercased(), "  \(text)\r\n"] {
            let again = try LicenseKey(spelling)
            #expect(again == key)
            #expect(again.mode == mode)
            #expect(again.rootFingerprint.bits == 0x0234_5678_9ABC)
            #expect(again.lookupDigest == key.lookupDigest)
        }
        #expect(!"\(key)".contains(text.dropFirst(mode.prefix.count).prefix(4)))
    }

    /// A key that was shipped must be read for ever.
    @Test func keyOfTheFirstVersionIsRead() throws {
        let key = try LicenseKey("tg_0WJ42QKVK2TX5V26HB7H6NWM07")
        #expect(key == Self.key())
    }

    @Test(arguments: LicenseKey.Mode.allCases)
    func everyWrongCharacterIsNoticed(_ mode: LicenseKey.Mode) {
        for seed in UInt8(0)..<4 {
            let text = Array(Self.key(mode, seed: seed).text.reveal())
            for index in mode.prefix.count..<text.count {
                for wrong in Self.alphabet where wrong != text[index] {
                    var changed = text
                    changed[index] = wrong
                    expectFormatError(String(changed))
                }
            }
        }
    }

    @Test(arguments: LicenseKey.Mode.allCases)
    func everyExchangeOfNeighborsIsNoticed(_ mode: LicenseKey.Mode) {
        for seed in UInt8(0)..<50 {
            let text = Array(Self.key(mode, seed: seed).text.reveal())
            for index in mode.prefix.count..<text.count - 1 where text[index] != text[index + 1] {
                var changed = text
                changed.swapAt(index, index + 1)
                expectFormatError(String(changed))
            }
        }
    }

    @Test func everyCutAndAdditionIsNoticed() {
        let text = Self.key().text.reveal()
        for count in 0..<text.count { expectFormatError(String(text.prefix(count))) }
        for count in 1..<text.count { expectFormatError(String(text.suffix(count))) }
        expectFormatError(text + "0")
        expectFormatError(text + " " + text)
    }

    @Test func keyOfOneModeIsNoneOfTheOther() {
        let characters = Self.key(.standard).text.reveal().dropFirst(3)
        expectFormatError("tg_ag_" + characters)
    }

    @Test(arguments: [
        "", " ", "tg_", "hello", "tg-0000000000000000000000000",
        "tg_UUUUUUUUUUUUUUUUUUUUUUUUUU", "tg_\u{130}0000000000000000000000000",
        "tg_éééééééééééééééééééééééééé",
    ])
    func refusesOtherText(_ text: String) {
        expectFormatError(text)
    }

    @Test func mutationsAreRefusedOrTheSameKey() {
        var generator = SeededGenerator(seed: 1)
        let key = Self.key()
        for _ in 0..<5000 {
            let bytes = mutated(Array(key.text.reveal().utf8), using: &generator)
            guard let read = try? LicenseKey(String(decoding: bytes, as: UTF8.self)) else {
                continue
            }
            #expect(read == key)
        }
    }

    @Test func rootIsRecognized() throws {
        let root = Array(#"{"signed":{"_type":"root"}}"#.utf8)
        let key = LicenseKey.make(
            mode: .standard, secretBytes: SecureRandom.bytes(9),
            rootFingerprint: try RootFingerprint(of: root))
        #expect(try key.matches(root: root))
        try key.requireIssued(under: root)
        let error = #expect(throws: LicenseError.self) {
            try key.requireIssued(under: root + [0x0A])
        }
        #expect(error?.code == .licenseForeignVendor)
    }

    private func expectFormatError(
        _ text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: LicenseError.self, sourceLocation: sourceLocation) {
            try LicenseKey(text)
        }
        #expect(error?.code == .licenseKeyFormat, sourceLocation: sourceLocation)
    }
}
