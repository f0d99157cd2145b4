import Diagnostics
import Glibc

/// How a client connects, trusts, waits and retries.
package struct HTTPClientConfiguration: Sendable {
    /// `pkg/1.2.3`.
    package var userAgent: String
    /// PEM file of authorities that are trusted beside the system's.
    package var caFile: String?
    package var proxy: ProxySettings
    /// How long name look-up, connecting and the TLS handshake may take together.
    package var connectTimeout: Duration
    package var lowSpeed: LowSpeed
    /// How many transfers run at once; more wait for their turn in the order of arrival.
    ///
    /// Small requests over HTTP/2, which take no connection of their own, are counted apart.
    package var maximumConcurrentTransfers: Int
    package var retry: RetryPolicy

    package init(
        userAgent: String, caFile: String? = nil,
        proxy: ProxySettings = .environment(), connectTimeout: Duration = .seconds(10),
        lowSpeed: LowSpeed = LowSpeed(), maximumConcurrentTransfers: Int = 8,
        retry: RetryPolicy = RetryPolicy()
    ) {
        self.userAgent = userAgent
        self.caFile = caFile
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.lowSpeed = lowSpeed
        self.maximumConcurrentTransfers = max(1, maximumConcurrentTransfers)
        self.retry = retry
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

    /// How many small requests share a connection: fewer than servers allow.
    static let maximumStreams = 64

    /// The speed below which one of them is given up: the line is divided among more.
    var lowSpeedOfStreams: LowSpeed {
        LowSpeed(
            bytesPerSecond: max(
                lowSpeed.bytesPerSecond * maximumConcurrentTransfers / Self.maximumStreams, 1),
            seconds: lowSpeed.seconds)
    }

    /// Refuses, before anything is sent, a file that cannot be read.
    func checkFile() throws(NetworkError) {
        guard let caFile, access(caFile, R_OK) != 0 else { return }
        throw NetworkError(
            .networkTLSSettings,
            "The certificate file \(caFile) cannot be read: \(String(cString: strerror(errno))).")
    }
}
