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
        guard text.last == Self.newline else { return nil }
        let lines = text.dropLast().split(separator: Self.newline, omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(where: \.isEmpty),
            lines.first.map(string) == Self.firstLine
        else { return nil }
        var fields: [String: String] = [:]
        for line in lines[1..<end] {
            let parts = line.split(separator: Self.space, maxSplits: 1)
            guard parts.count == 2 else { return nil }
            fields[string(parts[0])] = string(parts[1])
        }
        guard let name = try? fields["name"].map({ try PackageName($0) }),
            let version = try? fields["version"].map({ try SemanticVersion($0) }),
            let tarball = fields["tarball"].flatMap({ Digest(.sha512, hex: $0) }),
            let installed = fields["installed"].flatMap({ Int64($0) }),
            Self.times.contains(installed),
            fields["files"] == String(lines.count - end - 1)
        else { return nil }
        var files: [File] = []
        files.reserveCapacity(lines.count - end)
        for line in lines[(end + 1)...] {
            guard let file = File(line) else { return nil }
            files.append(file)
        }
        self.init(
            name: name, version: version, tarball: tarball,
            installed: Date(timeIntervalSince1970: TimeInterval(installed)), files: files,
            rolledBackFrom: fields["rolled-back-from"].flatMap { try? SemanticVersion($0) })
    }

    /// Seconds up to the year 9999: a number beyond is no time, and would not come back as itself.
    private static let times = 0...Int64(253_402_300_799)
    fileprivate static let newline = UInt8(ascii: "\n")
    fileprivate static let space = UInt8(ascii: " ")
    private static let firstLine = "tollgate-receipt 1"
}

extension Receipt.File {
    fileprivate init?(_ line: ArraySlice<UInt8>) {
        let parts = line.split(separator: Receipt.space, maxSplits: 3)
        guard parts.count == 4, let sha512 = Digest(.sha512, hex: string(parts[0])),
            let size = Int64(string(parts[1])), let modified = Int64(string(parts[2]))
        else { return nil }
        self.init(path: string(parts[3]), size: size, modified: modified, sha512: sha512)
    }
}

private func string(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self)
}
