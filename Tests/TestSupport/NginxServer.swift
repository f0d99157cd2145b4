import FoundationEssentials
import Glibc
package import SystemPackage

/// Debian's nginx with a site of the test's own.
package struct NginxServer: Sendable {
    private static let program: FilePath = "/usr/sbin/nginx"
    package static let programs = DebianPrograms([program], package: "nginx")

    private let process: ServerProcess
    private let folder: FilePath

    /// Starts it, and waits until it takes connections.
    ///
    /// - Parameters:
    ///   - folder: made here, for its configuration and logs
    ///   - port: where the site listens, on 127.0.0.1
    ///   - site: what would stand in `/etc/nginx/conf.d`
    ///   - files: copied into the folder: nginx has no privileges to read a key elsewhere
    /// - Returns: the server, running
    /// - Throws: ``ServerFailure`` when it does not start.
    package static func start(
        in folder: FilePath, port: UInt16, site: String, files: [String: FilePath] = [:]
    ) async throws -> NginxServer {
        try UnprivilegedUser.makeFolder(folder, with: files)
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "    \($0)_temp_path \(folder.appending($0));" }.joined(separator: "\n")
        let configuration = """
            daemon off;
            worker_processes 1;
            pid \(folder.appending("pid"));
            events { worker_connections 256; }
            http {
            \(temporary)
                log_format told '$server_protocol $request_method $request_uri $status '
                    '$upstream_http_x_accel_redirect';
                access_log \(folder.appending("access.log")) told;
            \(site)
            }
            """
        let file = folder.appending("nginx.conf")
        try Data(configuration.utf8).write(to: URL(filePath: file.string))
        let process = try await ServerProcess.start(
            program, ["-e", folder.appending("error.log").string, "-c", file.string], port: port,
            log: folder.appending("start.log"))
        return NginxServer(process: process, folder: folder)
    }

    /// Stops it when the requests it has are answered.
    ///
    /// - Returns: a line for each request: protocol, method, target, status, and the
    ///   `X-Accel-Redirect` that it was answered by, or `-`
    @discardableResult
    package func stop() async throws -> [String] {
        try await process.stop(SIGQUIT)
        return try lines(of: folder.appending("access.log"))
    }
}
