import Cryptography
import Diagnostics
import HTTPTransfer
import SignedMetadata
import SystemPackage

/// Downloads targets into a folder, each under its encoded path as one file name.
struct TargetDownloads {
    private let base: String
    private let folder: FilePath
    private let http: HTTPClient

    init(base: String, folder: FilePath, http: HTTPClient) throws {
        self.base = base
        self.folder = folder
        self.http = http
        try makeFolder(folder)
    }

    /// Fetches a target, unless it is there already with the signed length and hashes.
    ///
    /// - Throws: `trust.length`, `trust.hash`, network and disk errors; nothing is left behind then.
    func fetch(_ target: TargetDescription, at path: String) async throws {
        let destination = folder.appending(encodedFileName(target.path))
        if try isThere(target, at: destination) { return }
        let file = try TemporaryFile(in: folder)
        do {
            let url = joined(base, encodedPath(path))
            _ = try await http.download(
                DownloadRequest(url, maximumBytes: target.length),
                to: FileSink(file: file.descriptor))
            try file.descriptor.seek(offset: 0, from: .start)
            try verify(target, file.descriptor)
            try file.move(to: destination)
        } catch {
            file.remove()
            throw error
        }
    }

    private func isThere(_ target: TargetDescription, at path: FilePath) throws -> Bool {
        do {
            let file = try FileDescriptor.open(path, .readOnly)
            return try file.closeAfter {
                do {
                    try verify(target, file)
                    return true
                } catch is TrustError {
                    return false
                }
            }
        } catch Errno.noSuchFileOrDirectory {
            return false
        }
    }

    private func verify(_ target: TargetDescription, _ file: FileDescriptor) throws {
        guard !target.hashes.isEmpty else {
            throw TrustError(
                .trustHash, "The metadata lists no hash of \(target.path) that is known.")
        }
        for hash in target.hashes {
            var digest = RunningDigest(hash.algorithm)
            var count: Int64 = 0
            try file.seek(offset: 0, from: .start)
            try forEachChunk(of: file) {
                digest.update($0)
                count += Int64($0.count)
            }
            guard count == target.length else {
                throw TrustError(
                    .trustLength,
                    "\(target.path) has \(count) bytes, but \(target.length) are signed.")
            }
            guard digest.finish() == hash else {
                throw TrustError(
                    .trustHash, "\(target.path) does not have the signed \(hash.algorithm).")
            }
        }
    }

    /// The path as a URL has it: what RFC 3986, section 3.3, does not let stand in a path is encoded.
    private func encodedPath(_ path: String) -> String {
        var result = ""
        for scalar in path.unicodeScalars {
            if "/@:!$&'()*+,;=".unicodeScalars.contains(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += encodedFileName(String(scalar))
            }
        }
        return result
    }
}

/// Writes what arrives to a file.
private final class FileSink: DownloadSink {
    private let file: FileDescriptor

    init(file: FileDescriptor) {
        self.file = file
    }

    func begin(resumingAt offset: Int64) throws {
        try file.resize(to: offset)
        try file.seek(offset: offset, from: .start)
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws {
        try file.writeAll(bytes)
    }
}
