internal import CCurl

/// What a connection was like, as far as it came.
package struct ConnectionFacts: Sendable {
    /// The address that was connected to, or tried last: the proxy's where there is one.
    package let peerAddress: String?
    /// `1.1`, `2`.
    package let httpVersion: String?
    /// From the beginning until the name was looked up; nil when it never was, as the others.
    package let nameKnown: Duration?
    package let connected: Duration?
    package let secured: Duration?
    package let firstByte: Duration?
    /// What the server showed in the handshake, its own first.
    package let certificates: [ServerCertificate]

    init(_ easy: borrowing CurlEasy) {
        peerAddress = easy.text(CURLINFO_PRIMARY_IP).flatMap { $0.isEmpty ? nil : $0 }
        httpVersion =
            switch easy.number(CURLINFO_HTTP_VERSION) {
            case Int(CURL_HTTP_VERSION_1_0): "1.0"
            case Int(CURL_HTTP_VERSION_1_1): "1.1"
            case Int(CURL_HTTP_VERSION_2_0): "2"
            case Int(CURL_HTTP_VERSION_3): "3"
            default: nil
            }
        nameKnown = easy.time(CURLINFO_NAMELOOKUP_TIME_T)
        connected = easy.time(CURLINFO_CONNECT_TIME_T)
        secured = easy.time(CURLINFO_APPCONNECT_TIME_T)
        firstByte = easy.time(CURLINFO_STARTTRANSFER_TIME_T)
        certificates = easy.certificates
    }
}

extension CurlEasy {
    fileprivate func time(_ fact: CURLINFO) -> Duration? {
        let time = microseconds(fact)
        return time > 0 ? .microseconds(time) : nil
    }

    /// Lines of `name:value` for each certificate (CURLINFO_CERTINFO(3)).
    fileprivate var certificates: [ServerCertificate] {
        var list: UnsafeMutablePointer<curl_certinfo>?
        guard curl_easy_getinfo_certificates(pointer, &list) == CURLE_OK, let list,
            let chains = list.pointee.certinfo
        else { return [] }
        return (0..<Int(list.pointee.num_of_certs)).map { index in
            var fields: [String: String] = [:]
            var line = chains[index]
            while let entry = line {
                let text = String(cString: entry.pointee.data)
                let parts = text.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
                line = entry.pointee.next
            }
            return ServerCertificate(fields)
        }
    }
}
