import Foundation

/// A certificate authority in a folder: `ca.pem`, and `good`, `expired`, `future`, `other` by it.
package struct TestAuthority {
    package let folder: String

    package init(_ folder: String) throws {
        self.folder = folder
        try """
        [ca]
        default_ca = authority
        [authority]
        database = index.txt
        new_certs_dir = .
        rand_serial = yes
        default_md = sha256
        policy = anything
        [anything]
        commonName = supplied
        [here]
        subjectAltName = IP:127.0.0.1, DNS:localhost
        [elsewhere]
        subjectAltName = DNS:elsewhere.example
        """.write(toFile: path("ca.cnf"), atomically: true, encoding: .utf8)
        try "".write(toFile: path("index.txt"), atomically: true, encoding: .utf8)
        try "no certificate".write(toFile: path("serial.txt"), atomically: true, encoding: .utf8)
        try openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "ca.pem",
            "-subj", "/CN=Test authority", "-days", "2",
        ])
        try openssl(["req", "-new", "-key", "key.pem", "-subj", "/CN=server", "-out", "server.csr"])
        try issue("good", "20200101000000Z", "20990101000000Z", "here")
        try issue("expired", "20200101000000Z", "20200201000000Z", "here")
        try issue("future", "20980101000000Z", "20990101000000Z", "here")
        try issue("other", "20200101000000Z", "20990101000000Z", "elsewhere")
    }

    package func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func issue(_ name: String, _ from: String, _ until: String, _ extensions: String) throws
    {
        try "".write(toFile: path("index.txt"), atomically: true, encoding: .utf8)
        try openssl([
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile",
            "key.pem",
            "-in", "server.csr", "-out", "\(name).pem", "-startdate", from, "-enddate", until,
            "-extensions", extensions,
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        tool.arguments = arguments
        tool.currentDirectoryURL = URL(fileURLWithPath: folder)
        tool.standardError = FileHandle.nullDevice
        tool.standardOutput = FileHandle.nullDevice
        try tool.run()
        tool.waitUntilExit()
        guard tool.terminationStatus == 0 else { throw OpenSSLFailure(arguments: arguments) }
    }
}

/// A run of `openssl` that did not do what it was told.
package struct OpenSSLFailure: Error {
    let arguments: [String]

    package init(arguments: [String]) {
        self.arguments = arguments
    }
}
