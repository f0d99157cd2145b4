import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials

// How values stand in the columns of the database. What cannot be read back is an error, never a
// value that stands in for it: a license must not lose its limits to a damaged page.

extension Date {
    /// The one form that times have in the database: whole seconds since 1970.
    ///
    /// A time that no calendar has comes out as the nearest one that a calendar has.
    var seconds: Int64 {
        let seconds = timeIntervalSince1970.rounded(.down)
        guard seconds > Self.firstSecond else { return Int64(Self.firstSecond) }
        return Int64(min(seconds, Self.lastSecond))
    }

    /// The same the other way.
    init(seconds: Int64) {
        self.init(
            timeIntervalSince1970: max(min(Double(seconds), Self.lastSecond), Self.firstSecond))
    }

    /// The years 1 and 9999.
    private static let firstSecond = -62_135_596_800.0
    private static let lastSecond = 253_402_300_799.0
}

extension JSONValue {
    /// The compact text, as it is kept in a column.
    var text: String { String(decoding: compactBytes, as: UTF8.self) }
}

/// A value of a closed set.
///
/// - Throws: ``StorageError`` `gateway.data-folder` when it is none of the set.
func stored<Value: RawRepresentable<String>>(_ text: String) throws(StorageError) -> Value {
    guard let value = Value(rawValue: text) else {
        throw StorageError(
            .dataFolderUnusable, "The database holds \(text) where a \(Value.self) belongs.")
    }
    return value
}

/// A digest.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
func storedDigest(_ algorithm: HashAlgorithm, _ hex: String) throws(StorageError) -> Digest {
    guard let digest = Digest(algorithm, hex: hex) else {
        throw StorageError(.dataFolderUnusable, "The database holds \(hex), which is no digest.")
    }
    return digest
}

/// JSON.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
func storedJSON(_ text: String) throws(StorageError) -> JSONValue {
    do {
        return try parseJSON(Array(text.utf8))
    } catch {
        throw damaged(text, error)
    }
}

/// Integers by name, such as limits.
///
/// - Throws: ``StorageError`` `gateway.data-folder`, also for a value that is no integer.
func storedIntegers(_ text: String) throws(StorageError) -> [String: Int64] {
    do {
        return try JSONReader(storedJSON(text)).integersByName()
    } catch {
        throw damaged(text, error)
    }
}

/// A list of strings.
///
/// - Throws: ``StorageError`` `gateway.data-folder`.
func storedStrings(_ text: String) throws(StorageError) -> [String] {
    do {
        return try JSONReader(storedJSON(text)).strings()
    } catch {
        throw damaged(text, error)
    }
}

private func damaged(_ text: String, _ cause: any Error) -> StorageError {
    cause as? StorageError
        ?? StorageError(
            .dataFolderUnusable, "The database holds \(text.prefix(200)), which cannot be read.",
            cause: cause)
}
