import Diagnostics
import Glibc

/// How a client connects, trusts, waits and retries.
package struct HTTPClientConfiguration: Sendable {
    /// `pkg/1.2.3`.
    package var userAgent: String
    /// PEM file of authorities that are trusted beside the system's.
    package var caFile: String?
    package var clientCertificate: ClientCertificate?
    package var proxy: ProxySettings
    /// How long name look-up, connecting and the TLS handshake may take together.
    package var connectTimeout: Duration
    package var lowSpeed: LowSpeed
    /// How many transfers run at once; more wait for their turn in the order of arrival.
    package var maximumConcurrentTransfers: Int
    package var retry: RetryPolicy

    package init(
        userAgent: String, caFile: String? = nil, clientCertificate: ClientCertificate? = nil,
        proxy: ProxySettings = .environment(), connectTimeout: Duration = .seconds(10),
        lowSpeed: LowSpeed = LowSpeed(), maximumConcurrentTransfers: Int = 8,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.userAgent = userAgent
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.lowSpeed = lowSpeed
        self.maximumConcurrentTransfers = max(1, maximumConcurrentTransfers)
        self.retry = retry
    }

    /// A certificate and its private key, both PEM files, shown to servers that ask for one.
    package struct ClientCertificate: Sendable {
        package let certificateFile: String
        package let keyFile: String

        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// The speed below which a transfer is given up.
    package struct LowSpeed: Sendable {
        package let bytesPerSecond: Int
        /// How long it must be that slow.
        package let seconds: Int

        package init(bytesPerSecond: Int = 1_000, seconds: Int = 30) {
            self.bytesPerSecond = bytesPerSecond
            self.seconds = seconds
        }
    }

    /// Refuses, before anything is sent, files that cannot be read.
    func checkFiles() throws(NetworkError) {
        let files = [caFile, clientCertificate?.certificateFile, clientCertificate?.keyFile]
        for case let file? in files where access(file, R_OK) != 0 {
            throw NetworkError(
                .networkTLSSettings,
                "The certificate file \(file) cannot be read: \(String(cString: strerror(errno))).")
        }
    }
}
