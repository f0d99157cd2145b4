import FoundationEssentials
import Glibc
package import SystemPackage

/// Runs `body` with a fresh empty folder and removes it with all its content afterwards.
package func withTemporaryFolder<Value>(
    _ body: (FilePath) async throws -> Value
) async throws -> Value {
    let folder = try makeTemporaryFolder()
    let result: Result<Value, any Error>
    do {
        result = .success(try await body(folder))
    } catch {
        result = .failure(error)
    }
    try FileManager.default.removeItem(atPath: folder.string)
    return try result.get()
}

/// Makes a fresh empty folder below the system's folder for temporary files.
package func makeTemporaryFolder() throws -> FilePath {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/tollgate-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    return FilePath(String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self))
}
