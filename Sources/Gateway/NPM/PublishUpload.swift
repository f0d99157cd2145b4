import CanonicalJSON
import Diagnostics
import NIOCore
import Storage
import Synchronization

/// A publish document while it arrives: its tarball goes to the artifacts, the rest is kept.
///
/// Its calls block.
final class PublishUpload: Sendable {
    private struct State: ~Copyable {
        var reader: PublishDocumentReader? = PublishDocumentReader()
        var writer: ArtifactWriter?
    }

    private let artifacts: ArtifactStore
    private let maximumLength: Int64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - artifacts: where the tarball goes
    ///   - maximumLength: of the tarball, in bytes
    init(into artifacts: ArtifactStore, maximumLength: Int64) {
        self.artifacts = artifacts
        self.maximumLength = maximumLength
    }

    /// Takes the next bytes of the document.
    ///
    /// - Throws: ``PublishDocumentReader/Failure``, ``ArtifactTooLong``, ``StorageError`` `disk.*`.
    func receive(_ buffers: [ByteBuffer]) throws {
        try state.withLock { state in
            var writer = state.writer
            defer { state.writer = writer }
            for buffer in buffers {
                try buffer.withUnsafeReadableBytes { bytes in
                    try state.reader?.read(bytes) { piece in
                        let open = try writer ?? begin()
                        writer = open
                        try write(piece, to: open)
                    }
                }
            }
        }
    }

    /// - Returns: the document, and the tarball when it had one
    /// - Throws: ``PublishDocumentReader/Failure``, ``StorageError`` `disk.*`.
    func finish() throws -> (document: JSONValue, tarball: IncomingArtifact?) {
        try state.withLock { state in
            guard let reader = state.reader.take() else {
                preconditionFailure("a document ends once")
            }
            let tarball: IncomingArtifact?
            do {
                tarball = try state.writer?.finish()
            } catch {
                throw StorageError("The tarball cannot be written.", because: error)
            }
            return (try reader.finish(), tarball)
        }
    }

    private func begin() throws -> ArtifactWriter {
        do {
            return try artifacts.begin(maximumLength: maximumLength)
        } catch {
            throw StorageError("No file can be made in \(artifacts.root).", because: error)
        }
    }

    private func write(_ piece: [UInt8], to writer: ArtifactWriter) throws {
        do {
            try piece.withUnsafeBytes { try writer.write($0) }
        } catch let error as ArtifactTooLong {
            throw error
        } catch {
            throw StorageError("The tarball cannot be written.", because: error)
        }
    }
}
