import Diagnostics
import Foundation
import FoundationEssentials
import Licensing
import Testing

@Suite struct LicenseInputTests {
    /// How Notepad, PowerShell and others write a text file.
    @Test(arguments: files)
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

    private static var files: [[UInt8]] {
        let text = "\(key)\r\n"
        let bytes = [UInt8](text.utf8)
        let low: [UInt8] = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let high: [UInt8] = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return [bytes, [0xEF, 0xBB, 0xBF] + bytes, [0xFF, 0xFE] + low, [0xFE, 0xFF] + high]
    }
}
