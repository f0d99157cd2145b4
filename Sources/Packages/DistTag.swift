import Diagnostics

/// A name that stands for a version in a packument: `latest`, `next`, `stable-2`.
package struct DistTag: Hashable, Sendable {
    package let text: String

    /// Reads a tag.
    ///
    /// npm refuses what reads as a range of versions, since `name@tag` would be that range.
    ///
    /// - Throws: ``PackageError`` `registry.tag-invalid`.
    package init(_ text: String) throws(PackageError) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, !text.isEmpty, text.utf8.count <= 100, !Self.isRange(text) else {
            throw PackageError(
                .registryTagInvalid,
                """
                \(quoted(text)) is no tag: one has up to 100 letters, digits, “-”, “_” and “.”, and \
                does not read as a range of versions.
                """)
        }
        self.text = text
    }

    private static func isRange(_ text: String) -> Bool {
        do {
            _ = try VersionRange(text)
            return true
        } catch {
            return false
        }
    }
}
