import FoundationEssentials
package import SystemPackage

/// Debian's Caddy with a site of the test's own.
package struct CaddyServer: Sendable {
    private static let program: FilePath = "/usr/bin/caddy"
    package static let programs = DebianPrograms([program], package: "caddy")

    private let process: ServerProcess

    /// Starts it, and waits until it takes connections.
    ///
    /// - Parameters:
    ///   - folder: made here, for its configuration and logs
    ///   - port: where the site listens, on 127.0.0.1
    ///   - site: what would stand in the Caddyfile
    ///   - files: copied into the folder: Caddy has no privileges to read a key elsewhere
    /// - Returns: the server, running
    /// - Throws: ``ServerFailure`` when it does not start.
    package static func start(
        in folder: FilePath, port: UInt16, site: String, files: [String: FilePath] = [:]
    ) async throws -> CaddyServer {
        try UnprivilegedUser.makeFolder(folder, with: files)
        // Neither the administration's port nor one for redirects is taken.
        let configuration = """
            {
            \tadmin off
            \tauto_https disable_redirects
            \tdefault_bind 127.0.0.1
            }
            \(site)
            """
        let file = folder.appending("Caddyfile")
        try Data(configuration.utf8).write(to: URL(filePath: file.string))
        let process = try await ServerProcess.start(
            program, ["run", "--adapter", "caddyfile", "--config", file.string],
            environment: ["HOME": folder.string], port: port, log: folder.appending("log"))
        return CaddyServer(process: process)
    }

    package func stop() async throws {
        try await process.stop()
    }
}
