import Foundation
import SystemPackage
import TestSupport

/// Debian's Chromium, steered by the scripts in `Browser/`.
enum Chromium {
    static var isThere: Bool {
        ["/usr/bin/chromium", "/usr/bin/chromedriver"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Runs a script to its end.
    ///
    /// - Parameters:
    ///   - name: the file in `Browser/`
    ///   - arguments: what it takes
    ///   - environment: variables besides those of the test
    /// - Returns: what it printed
    /// - Throws: when it failed.
    static func run(
        _ name: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        try await Python.run(
            file: FilePath(#filePath).removingLastComponent().appending("Browser/\(name)"),
            arguments, environment: environment)
    }
}
