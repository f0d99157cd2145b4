internal import CCurl
import Diagnostics

/// One exchange while it runs: its easy handle and what receives its answer.
///
/// Lives on the transfer thread from its first to its last moment. curl holds a pointer to it that
/// keeps nothing alive: the loop holds it until its handle has been removed.
final class Transfer {
    let order: TransferInbox.Order
    let receiver: ResponseReceiver
    private(set) var easy: CurlEasy
    let proxy: Secret<String>?
    let connectTimeout: Duration
    let lowSpeed: HTTPClientConfiguration.LowSpeed
    let authorities: AuthorityLookup
    /// What it came to with the folder of authorities alone; nil when it was not tried.
    let outcomeByFolder: ExchangeOutcome?
    /// Whether it shares its connection with many others.
    let isStream: Bool

    init(
        _ order: TransferInbox.Order, _ configuration: HTTPClientConfiguration,
        _ authorities: AuthorityLookup, after outcomeByFolder: ExchangeOutcome?, isStream: Bool
    ) throws(NetworkError) {
        self.order = order
        self.authorities = authorities
        self.outcomeByFolder = outcomeByFolder
        self.isStream = isStream
        receiver = ResponseReceiver(order.exchange)
        easy = try CurlEasy()
        proxy = configuration.proxy.proxy(for: order.exchange.address)
        connectTimeout = configuration.connectTimeout
        lowSpeed = isStream ? configuration.lowSpeedOfStreams : configuration.lowSpeed
        try setReceivers()
        try setRequest(order.exchange, configuration)
        try setConnection(configuration)
        try setTimes(order.exchange)
        try setInspection(order.exchange.inspection)
    }

    /// Whether it was answered over HTTP/2; nil: not at all.
    var usesHTTP2: Bool? {
        let version = easy.number(CURLINFO_HTTP_VERSION)
        return version == 0 ? nil : version == Int(CURL_HTTP_VERSION_2_0)
    }

    private func setReceivers() throws(NetworkError) {
        let this = Unmanaged.passUnretained(self).toOpaque()
        try easy.keepErrorText()
        try easy.set(CURLOPT_HEADERDATA, pointer: this)
        try easy.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, user in
            received(bytes, size * count, user) { $0.receive(headerLine: $1) }
        }
        try easy.set(CURLOPT_WRITEDATA, pointer: this)
        try easy.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
            received(bytes, size * count, user) { $0.receive(body: $1) }
        }
        try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try easy.set(CURLOPT_BUFFERSIZE, 128 << 10)
    }

    private func setRequest(
        _ exchange: Exchange, _ configuration: HTTPClientConfiguration
    ) throws(NetworkError) {
        try easy.set(CURLOPT_URL, exchange.address.text)
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        var lines = exchange.allHeaders.map {
            $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)"
        }
        if let authorization = exchange.authorization {
            lines.append("Authorization: \(authorization.reveal())")
        } else if let credentials = exchange.address.credentials?.reveal() {
            try easy.set(CURLOPT_USERNAME, credentials.user)
            try easy.set(CURLOPT_PASSWORD, credentials.password)
        }
        switch (exchange.method, exchange.body) {
        case ("GET", nil):
            try easy.set(CURLOPT_HTTPGET, 1)
        case ("HEAD", nil):
            try easy.set(CURLOPT_NOBODY, 1)
        case (let method, let body):
            if body != nil || ["POST", "PUT", "PATCH"].contains(method) {
                try easy.set(CURLOPT_POST, 1)
                try easy.set(body: body ?? [])
                // curl would claim a web form, and would wait for "100 Continue" before a large body.
                if exchange.headers.first(named: "Content-Type") == nil {
                    lines.append("Content-Type:")
                }
                lines.append("Expect:")
            }
            try easy.set(CURLOPT_CUSTOMREQUEST, method)
        }
        // Only small answers: a tarball must arrive as the bytes that were signed.
        if case .memory = exchange.destination { try easy.set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        try easy.set(headerLines: lines)
    }

    private func setConnection(_ configuration: HTTPClientConfiguration) throws(NetworkError) {
        // Signals belong to the program; and a name look-up that hangs must not hold up the end.
        try easy.set(CURLOPT_NOSIGNAL, 1)
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        // Wait for the first connection to tell whether it is HTTP/2 and can be shared. Without TLS
        // it never is, and curl would learn that only from the first answer.
        try easy.set(CURLOPT_PIPEWAIT, order.exchange.address.scheme == "https" ? 1 : 0)
        try easy.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        switch (authorities, configuration.caFile) {
        case (.systemFolder, _): try easy.set(CURLOPT_CAINFO, pointer: nil)
        case (.folderAndFile, let caFile?): try easy.set(CURLOPT_CAINFO, caFile)
        case (.folderAndFile, nil): break
        }
        // Empty means none: without it curl would read the environment again by its own rules.
        try easy.set(CURLOPT_PROXY, proxy?.reveal() ?? "")
        try easy.set(CURLOPT_NOPROXY, "")
    }

    private func setTimes(_ exchange: Exchange) throws(NetworkError) {
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.wholeMilliseconds)
        try easy.set(CURLOPT_LOW_SPEED_LIMIT, lowSpeed.bytesPerSecond)
        try easy.set(CURLOPT_LOW_SPEED_TIME, lowSpeed.seconds)
        if let deadline = exchange.deadline {
            let left = ContinuousClock.now.duration(to: deadline)
            try easy.set(CURLOPT_TIMEOUT_MS, max(1, left.wholeMilliseconds))
        }
    }
}

extension Transfer {
    /// Switches verification off for ``Exchange/Inspection/certificatesUnverified`` alone.
    private func setInspection(_ inspection: Exchange.Inspection) throws(NetworkError) {
        guard inspection != .none else { return }
        try easy.set(CURLOPT_CERTINFO, 1)
        guard inspection == .certificatesUnverified else { return }
        try easy.set(CURLOPT_CONNECT_ONLY, 1)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 0)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 0)
    }
}

/// What both callbacks do: a count other than the bytes' own ends the transfer.
private func received(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ user: UnsafeMutableRawPointer?,
    by body: (ResponseReceiver, UnsafeRawBufferPointer) -> Bool
) -> Int {
    guard let user else { return -1 }
    let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
    let isWanted = body(transfer.receiver, UnsafeRawBufferPointer(start: bytes, count: count))
    return isWanted ? count : -1
}

extension Duration {
    /// Rounded down, within what fits a C `long`.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(seconds, 1 << 40)) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

extension Transfer {
    /// What the exchange came to, once curl says that it is done.
    func outcome(_ result: CURLcode) -> ExchangeOutcome {
        // Nobody named the system's file: that there is none is not why the certificate is refused.
        if result == CURLE_SSL_CACERT_BADFILE, let outcomeByFolder { return outcomeByFolder }
        return ExchangeOutcome(
            result: answer(result), progress: receiver.progress,
            facts: order.exchange.inspection == .none ? nil : ConnectionFacts(easy))
    }

    private func answer(_ result: CURLcode) -> Result<Answer, NetworkError> {
        if let refusal = receiver.refusal { return .failure(refusal) }
        if result != CURLE_OK, !(result == CURLE_WRITE_ERROR && receiver.hasEnough) {
            return .failure(failure(result))
        }
        if let short = receiver.finish() { return .failure(short) }
        if receiver.status == 407, proxy != nil { return .failure(proxyWantsPassword()) }
        return .success(
            Answer(
                status: receiver.status, headers: receiver.headers, body: receiver.body))
    }
}
