import Diagnostics

/// What a vendor says of a release to those who run it: why it is deprecated or was withdrawn.
///
/// It stands in the signed metadata that every customer of the plugin reads, and in terminals.
enum ReleaseMessage {
    /// In UTF-8.
    static let maximumLength = 1000

    /// The message as it is kept.
    ///
    /// - Returns: nil for one that says nothing
    /// - Throws: ``StorageError`` `registry.message-invalid`.
    static func checked(_ text: String?) throws(StorageError) -> String? {
        guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
        let length = text.utf8.count
        guard length <= maximumLength else {
            throw StorageError(
                .registryMessageInvalid,
                "The message has \(length) bytes; \(maximumLength) are the most.")
        }
        if let found = text.unicodeScalars.first(where: \.isUnprintable) {
            throw StorageError(
                .registryMessageInvalid,
                "The message has \(quoted(String(found))) in it, which does not fit on one line.")
        }
        return text
    }
}
