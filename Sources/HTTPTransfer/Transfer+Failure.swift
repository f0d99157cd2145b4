internal import CCurl
import Diagnostics
import Glibc

/// The one place that turns a failure of curl into a code and a sentence.
extension Transfer {
    func failure(_ result: CURLcode) -> NetworkError {
        let address = order.exchange.address
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST:
            return temporary(
                .networkDNS, "No address is known for the name \(address.host).", result)
        case CURLE_COULDNT_RESOLVE_PROXY:
            return temporary(.networkProxy, "No address is known for the proxy \(way).", result)
        case CURLE_COULDNT_CONNECT:
            return unconnected(result)
        case CURLE_OPERATION_TIMEDOUT:
            return timedOut(result)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            return untrusted(result)
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED:
            return NetworkError(
                .networkTLSProtocol,
                "No TLS connection could be made with \(endpoint) after \(elapsed).",
                cause: cause(result), isTemporary: true, mayHaveBeenActedOn: false)
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_INITFAILED,
            CURLE_SSL_ENGINE_NOTFOUND:
            return NetworkError(
                .networkTLSSettings,
                "The trusted authorities for \(endpoint) cannot be used.",
                cause: cause(result), mayHaveBeenActedOn: false)
        case CURLE_PROXY:
            return temporary(
                .networkProxy, "The proxy \(way) did not connect to \(endpoint).", result)
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_SEND_FAIL_REWIND:
            return interrupted(result)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP_RETURNED_ERROR:
            return NetworkError(
                .networkNotWhatWasAsked,
                "\(endpoint) answered with something that is not the HTTP that was asked for.",
                cause: cause(result), status: knownStatus, headers: receiver.headers)
        case CURLE_URL_MALFORMAT:
            return NetworkError(
                .networkURLInvalid, "curl cannot use the address \(address).",
                cause: cause(result), mayHaveBeenActedOn: false)
        default:
            return NetworkError(
                .unexpected, "The transfer from \(address) failed.", cause: cause(result),
                status: knownStatus, headers: receiver.headers)
        }
    }

    /// curl's own words, which repeat the address of a proxy that it cannot read.
    private func cause(_ result: CURLcode) -> CurlFailure {
        let failure = easy.failure(result)
        guard let proxy else { return failure }
        return CurlFailure(
            code: failure.code,
            text: failure.text.replacing(proxy.reveal(), with: printableProxy(proxy)))
    }

    func proxyWantsPassword() -> NetworkError {
        NetworkError(
            .networkProxyAuthentication,
            "The proxy \(way) answered 407 on the way to \(endpoint).",
            mayHaveBeenActedOn: false, status: 407, headers: receiver.headers)
    }

    private func unconnected(_ result: CURLcode) -> NetworkError {
        let number = Int32(easy.number(CURLINFO_OS_ERRNO))
        let reason = number == 0 ? "" : ": \(String(cString: strerror(number)))"
        if proxy != nil {
            return temporary(
                .networkProxy, "No connection to the proxy \(way) after \(elapsed)\(reason).",
                result)
        }
        let message = "No connection to \(endpoint) after \(elapsed)\(reason)."
        switch number {
        case ECONNREFUSED: return temporary(.networkRefused, message, result)
        case ETIMEDOUT: return temporary(.networkTimeout, message, result)
        default: return temporary(.networkUnreachable, message, result)
        }
    }

    private func timedOut(_ result: CURLcode) -> NetworkError {
        let exchange = order.exchange
        if let deadline = exchange.deadline, ContinuousClock.now + .milliseconds(20) >= deadline {
            return .deadline(exchange.address, received: receiver.received)
        }
        if easy.microseconds(CURLINFO_PRETRANSFER_TIME_T) > 0 {
            return NetworkError(
                .networkSlow,
                "\(endpoint) sent less than \(lowSpeed.bytesPerSecond) bytes a second for "
                    + "\(lowSpeed.seconds) s; \(amount) had arrived.",
                cause: cause(result), isTemporary: true, headers: receiver.headers)
        }
        let limit = "\(Double(connectTimeout.wholeMilliseconds) / 1_000) s"
        if proxy != nil {
            return temporary(.networkProxy, "The proxy \(way) gave no way within \(limit).", result)
        }
        let isResolved =
            easy.microseconds(CURLINFO_NAMELOOKUP_TIME_T) > 0 || easy.peerAddress != nil
        return isResolved
            ? temporary(.networkTimeout, "No connection to \(endpoint) within \(limit).", result)
            : temporary(
                .networkDNS, "The name \(exchange.address.host) was not answered for in \(limit).",
                result)
    }

    /// OpenSSL's numbers: openssl/x509_vfy.h.
    private func untrusted(_ result: CURLcode) -> NetworkError {
        func refused(_ code: FailureCode, _ words: String) -> NetworkError {
            NetworkError(
                code, "The certificate of \(endpoint) \(words).", cause: cause(result),
                mayHaveBeenActedOn: false)
        }
        let isProxy = easy.number(CURLINFO_PROXY_SSL_VERIFYRESULT) > 1
        if isProxy {
            return refused(.networkTLSUntrusted, "or of the proxy \(way) is not trusted")
        }
        switch easy.number(CURLINFO_SSL_VERIFYRESULT) {
        case 9: return refused(.networkTLSExpired, "is not valid yet by this machine's clock")
        case 10: return refused(.networkTLSExpired, "has expired by this machine's clock")
        case 62, 63, 64: return refused(.networkTLSWrongHost, "is for another host")
        case 0, 1:
            // The chain was good (or never judged): curl compares the host name afterwards itself.
            return refused(.networkTLSWrongHost, "is for another host")
        case let number:
            return refused(.networkTLSUntrusted, "is not trusted (OpenSSL \(number))")
        }
    }

    private func interrupted(_ result: CURLcode) -> NetworkError {
        let connectStatus = easy.number(CURLINFO_HTTP_CONNECTCODE)
        if proxy != nil, receiver.status == 0, connectStatus >= 300 {
            if connectStatus == 407 { return proxyWantsPassword() }
            return NetworkError(
                .networkProxy,
                "The proxy \(way) refused to connect to \(endpoint) with status \(connectStatus).",
                cause: cause(result), isTemporary: connectStatus >= 500,
                mayHaveBeenActedOn: false, status: connectStatus)
        }
        let isConnecting = easy.microseconds(CURLINFO_PRETRANSFER_TIME_T) == 0
        return NetworkError(
            .networkInterrupted,
            "The connection to \(endpoint) was cut after \(elapsed); \(amount) had arrived.",
            cause: cause(result), isTemporary: true, mayHaveBeenActedOn: !isConnecting,
            status: knownStatus, headers: receiver.headers)
    }

    /// A failure before the request was on its way.
    private func temporary(
        _ code: FailureCode, _ message: String, _ result: CURLcode
    ) -> NetworkError {
        NetworkError(
            code, message, cause: cause(result), isTemporary: true,
            mayHaveBeenActedOn: false)
    }
}

// MARK: - The values in the sentences

extension Transfer {
    /// `host:port (address)`.
    private var endpoint: String {
        let address = order.exchange.address
        let peer = proxy == nil ? easy.peerAddress : nil
        let bare = address.host.filter { $0 != "[" && $0 != "]" }
        let suffix = peer.map { $0 == bare ? "" : " (\($0))" } ?? ""
        return "\(address.host):\(address.port)\(suffix)"
    }

    private var way: String { proxy.map(printableProxy) ?? "" }

    private var elapsed: String {
        "\(Double(easy.microseconds(CURLINFO_TOTAL_TIME_T) / 1_000) / 1_000) s"
    }

    private var amount: String {
        receiver.announced.map { "\(receiver.received) of \($0) bytes" }
            ?? "\(receiver.received) bytes"
    }

    private var knownStatus: Int? { receiver.status == 0 ? nil : receiver.status }
}

extension CurlEasy {
    /// The IP address that was connected to, or tried last.
    fileprivate var peerAddress: String? {
        text(CURLINFO_PRIMARY_IP).flatMap { $0.isEmpty ? nil : $0 }
    }
}
