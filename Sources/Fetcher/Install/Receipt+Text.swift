import Cryptography
import FoundationEssentials
import Packages

/// A receipt as text: a line a file, because every start reads all of them, thousands of lines.
///
/// ```
/// tollgate-receipt 1
/// name @acme/plugin-x
/// version 2.1.0
/// tarball <sha512>
/// installed <seconds since 1970>
/// rolled-back-from 2.2.0                        only then
/// files <how many lines follow>
///
/// <sha512> <size> <modified, in nanoseconds since 1970> <path>
/// ```
///
/// No path of a package has a newline in it (`archive.path-invalid` refuses control characters).
extension Receipt {
    package var text: [UInt8] {
        var lines = [
            Self.firstLine,
            "name \(name)",
            "version \(version)",
            "tarball \(tarball.hex)",
            "installed \(Int64(installed.timeIntervalSince1970))",
        ]
        if let rolledBackFrom { lines.append("rolled-back-from \(rolledBackFrom)") }
        lines += ["files \(files.count)", ""]
        for file in files {
            lines.append("\(file.sha512.hex) \(file.size) \(file.modified) \(file.path)")
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Reads a receipt back; nil for a text that is not wholly one.
    package init?(text: [UInt8]) {
        let receipt = text.withUnsafeBufferPointer { bytes in
            var reader = ReceiptReader(bytes)
            return Self(&reader)
        }
        guard let receipt else { return nil }
        self = receipt
    }

    private init?(_ reader: inout ReceiptReader) {
        guard reader.text(before: ReceiptReader.newline) == Self.firstLine else { return nil }
        var fields: [String: String] = [:]
        while !reader.skipEmptyLine() {
            guard let field = reader.text(before: ReceiptReader.space),
                let value = reader.text(before: ReceiptReader.newline)
            else { return nil }
            fields[field] = value
        }
        guard let name = try? fields["name"].map({ try PackageName($0) }),
            let version = try? fields["version"].map({ try SemanticVersion($0) }),
            let tarball = fields["tarball"].flatMap({ Digest(.sha512, hex: $0) }),
            let installed = fields["installed"].flatMap({ Int64($0) }),
            Self.times.contains(installed)
        else { return nil }
        var files: [File] = []
        files.reserveCapacity(reader.unreadCount / File.usualLength)
        while reader.unreadCount > 0 {
            guard let file = File(&reader) else { return nil }
            files.append(file)
        }
        guard fields["files"] == String(files.count) else { return nil }
        self.init(
            name: name, version: version, tarball: tarball,
            installed: Date(timeIntervalSince1970: TimeInterval(installed)), files: files,
            rolledBackFrom: fields["rolled-back-from"].flatMap { try? SemanticVersion($0) })
    }

    /// Seconds up to the year 9999: a number beyond is no time, and would not come back as itself.
    private static let times = 0...Int64(253_402_300_799)
    private static let firstLine = "tollgate-receipt 1"
}

extension Receipt.File {
    /// Of a line, in bytes: a guess that saves growing the list.
    fileprivate static let usualLength = 180

    fileprivate init?(_ reader: inout ReceiptReader) {
        guard let sha512 = reader.sha512(before: ReceiptReader.space),
            let size = reader.number(before: ReceiptReader.space),
            let modified = reader.number(before: ReceiptReader.space),
            let path = reader.text(before: ReceiptReader.newline)
        else { return nil }
        self.init(path: path, size: size, modified: modified, sha512: sha512)
    }
}
