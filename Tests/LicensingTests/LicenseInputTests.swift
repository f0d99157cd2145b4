import Diagnostics
import Foundation
import FoundationEssentials
import Licensing
import Testing

@Suite struct LicenseInputTests {
    /// How Notepad, PowerShell and others write a text file.
    @Test(arguments: [
        [UInt8]("\(key)\r\n".utf8),
        [0xEF, 0xBB, 0xBF] + [UInt8]("\(key)\r\n".utf8),
        [0xFF, 0xFE] + "\(key)\r\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
        [0xFE, 0xFF] + "\(key)\r\n".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] },
    ])
    func readsAFileOfAnySystem(_ bytes: [UInt8]) throws {
        guard case .key(let found) = try LicenseInput(LicenseInput.text(ofFile: bytes)) else {
            Issue.record("no key")
            return
        }
        #expect(found.text.reveal() == Self.key)
    }

    @Test(arguments: [[], [0xFF], [0xFF, 0xFE], [0xFF, 0xFE, 0x74], [0xFE, 0xFF, 0x00]])
    func refusesAFileWithNothingInIt(_ bytes: [UInt8]) {
        let error = #expect(throws: LicenseError.self) {
            try LicenseInput(LicenseInput.text(ofFile: bytes))
        }
        #expect(error?.code == .licenseKeyFormat)
    }

    private static let key = "tg_0WJ42QKVK2TX5V26HB7H6NWM07"
}
