import FoundationEssentials
package import SystemPackage

/// Debian's Squid as companies run it: the way out, for those who say their name and password.
package struct ForwardProxy: Sendable {
    private static let program: FilePath = "/usr/sbin/squid"
    private static let authentication: FilePath = "/usr/lib/squid/basic_ncsa_auth"
    package static let programs = DebianPrograms(
        [program, authentication, "/usr/bin/openssl"], package: "squid and openssl")

    package let port: UInt16
    private let process: ServerProcess
    private let folder: FilePath

    /// Starts it on 127.0.0.1, and waits until it takes connections.
    ///
    /// - Parameters:
    ///   - folder: made here, for its configuration and logs
    ///   - user: who may use it
    ///   - password: the user's
    /// - Returns: the proxy, running
    /// - Throws: ``ServerFailure`` when it does not start.
    package static func start(
        in folder: FilePath, user: String, password: String
    ) async throws -> ForwardProxy {
        try UnprivilegedUser.makeFolder(folder, with: [:])
        let port = try freePort()
        let hash = try await runUnprivileged(
            "/usr/bin/openssl", ["passwd", "-apr1", password], log: folder.appending("log"))
        let passwords = folder.appending("passwords")
        try Data("\(user):\(hash)".utf8).write(to: URL(filePath: passwords.string))
        let configuration = """
            http_port 127.0.0.1:\(port)
            auth_param basic program \(authentication) \(passwords)
            auth_param basic children 1 startup=1
            auth_param basic realm way out
            acl people proxy_auth REQUIRED
            http_access allow people
            http_access deny all
            cache deny all
            access_log stdio:\(folder.appending("access.log"))
            cache_log \(folder.appending("cache.log"))
            cache_store_log none
            coredump_dir \(folder)
            netdb_filename none
            pid_filename none
            pinger_enable off
            shutdown_lifetime 0 seconds
            visible_hostname proxy.example
            """
        let file = folder.appending("squid.conf")
        try Data(configuration.utf8).write(to: URL(filePath: file.string))
        let process = try await ServerProcess.start(
            program, ["-N", "-f", file.string], port: port, log: folder.appending("log"))
        return ForwardProxy(port: port, process: process, folder: folder)
    }

    /// Stops it.
    ///
    /// - Returns: a line for each request, as Squid writes its access log
    @discardableResult
    package func stop() async throws -> [String] {
        try await process.stop()
        return try lines(of: folder.appending("access.log"))
    }
}
