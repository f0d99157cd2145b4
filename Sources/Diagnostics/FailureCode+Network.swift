extension FailureCode {
    package static let networkDNS = FailureCode(
        "network.dns",
        title: "The server's name was not found",
        meaning: "No address could be found for the server's host name.",
        remedy: """
            Check the spelling of the address, and that this machine (or container) can resolve \
            names: `getent hosts NAME`.
            """,
        exitStatus: .network)

    package static let networkRefused = FailureCode(
        "network.refused",
        title: "Connection refused",
        meaning: "The machine was reached, but nothing accepts connections at that port.",
        remedy: "Check host and port of the address, and that the server runs.",
        exitStatus: .network)

    package static let networkUnreachable = FailureCode(
        "network.unreachable",
        title: "The server cannot be reached",
        meaning: "There is no route from this machine to the server's address.",
        remedy: """
            Check the network, the firewall and the routes of this machine. Where the way out is a \
            proxy, set HTTPS_PROXY.
            """,
        exitStatus: .network)

    package static let networkTimeout = FailureCode(
        "network.timeout",
        title: "The connection timed out",
        meaning: """
            The server did not answer in time, or the time allowed for the whole run came to its \
            end.
            """,
        remedy: """
            Check that a firewall does not drop the packets silently; where the network is slow, \
            allow more time with --timeout.
            """,
        exitStatus: .network)

    package static let networkSlow = FailureCode(
        "network.slow",
        title: "The transfer was too slow",
        meaning: "Bytes arrived for a long time at less than the lowest speed accepted (1 KB/s).",
        remedy: "Run again: what has arrived is kept and the download goes on from there.",
        exitStatus: .network)

    package static let networkInterrupted = FailureCode(
        "network.interrupted",
        title: "The connection was cut off",
        meaning: "The connection ended before the whole answer had arrived.",
        remedy: """
            Run again: what has arrived is kept and the download goes on from there. When it \
            happens each time, a proxy or firewall on the way cuts connections.
            """,
        exitStatus: .network)

    package static let networkCancelled = FailureCode(
        "network.cancelled",
        title: "The transfer was cancelled",
        meaning: "The run was ended (by a signal or by its caller) while a transfer was going on.",
        remedy: "Run again.",
        exitStatus: .network)

    static let networkCodes: [FailureCode] = [
        networkDNS, networkRefused, networkUnreachable, networkTimeout, networkSlow,
        networkInterrupted, networkCancelled,
        networkTLSUntrusted, networkTLSExpired, networkTLSWrongHost, networkTLSProtocol,
        networkTLSSettings,
        networkHTTPStatus, networkRedirectRefused, networkTooLarge, networkNotWhatWasAsked,
        networkProxy, networkProxyAuthentication,
        networkURLInvalid, networkRequestInvalid,
    ]
}

// MARK: - TLS

extension FailureCode {
    package static let networkTLSUntrusted = FailureCode(
        "network.tls-untrusted",
        title: "The server's certificate is not trusted",
        meaning: """
            The server's TLS certificate is not signed by an authority that this machine trusts, or \
            its chain is incomplete.
            """,
        remedy: """
            Where your network or gateway uses a private authority, give its certificate with \
            TOLLGATE_CA_FILE. Otherwise install the package ca-certificates.
            """,
        exitStatus: .network)

    package static let networkTLSExpired = FailureCode(
        "network.tls-expired",
        title: "The server's certificate is not valid today",
        meaning: "The server's TLS certificate has expired, or is not valid yet, by this clock.",
        remedy: """
            Check this machine's clock (`date`). When it is right, the server's certificate must be \
            renewed: tell your vendor.
            """,
        exitStatus: .network)

    package static let networkTLSWrongHost = FailureCode(
        "network.tls-wrong-host",
        title: "The server's certificate is for another host",
        meaning: "The TLS certificate that the server shows does not name the host that was asked.",
        remedy: """
            Use the host name that the certificate names. When the address is right, something on \
            the way answers in the server's place.
            """,
        exitStatus: .network)

    package static let networkTLSProtocol = FailureCode(
        "network.tls-protocol",
        title: "No secure connection could be agreed on",
        meaning: """
            The TLS handshake failed: the server does not speak TLS at that port, speaks only \
            versions below 1.2, or asks for a client certificate.
            """,
        remedy: """
            Check the port and https against http in the address. A server that asks for a client \
            certificate cannot be used: let it serve `pkg` without.
            """,
        exitStatus: .network)

    package static let networkTLSSettings = FailureCode(
        "network.tls-settings",
        title: "A certificate file cannot be used",
        meaning: """
            The file of trusted authorities cannot be read, or is not in PEM form.
            """,
        remedy: "Correct the path or the file named (PEM, readable by this user).",
        exitStatus: .network)
}

// MARK: - HTTP

extension FailureCode {
    package static let networkHTTPStatus = FailureCode(
        "network.http-status",
        title: "The server refused the request",
        meaning: "The server answered with a status that is not a success.",
        remedy: """
            Read the status and the server's own words; give the request ID to your vendor's \
            support.
            """,
        exitStatus: .network)

    package static let networkRedirectRefused = FailureCode(
        "network.redirect-refused",
        title: "A redirect was refused",
        meaning: """
            The server sent the request elsewhere in a way that is not safe: from https to http, to \
            something that is not HTTP, to another host together with the request's body, or more \
            than five times.
            """,
        remedy: "Check the address, and the proxies in front of the server: they send it on.",
        exitStatus: .network)

    package static let networkTooLarge = FailureCode(
        "network.too-large",
        title: "The answer is larger than allowed",
        meaning: "The server sent, or announced, more bytes than the request allows.",
        remedy: """
            Nothing of it was used. Tell your vendor; when a proxy is on the way, check that it does \
            not change what passes.
            """,
        exitStatus: .network)

    package static let networkNotWhatWasAsked = FailureCode(
        "network.not-what-was-asked",
        title: "Something else answered",
        meaning: """
            A web page, or something that is not HTTP, came where a file was asked for: the login \
            page of a network (captive portal), a proxy's notice, or another server at that address.
            """,
        remedy: """
            Open the address in a browser or with curl from this machine and see what answers; log \
            in to the network or have the proxy let the address pass.
            """,
        exitStatus: .network)

    package static let networkProxy = FailureCode(
        "network.proxy",
        title: "The proxy does not let the request pass",
        meaning: "The proxy was not reached, or it refused to connect to the server.",
        remedy: """
            Check HTTPS_PROXY, http_proxy (in lower case) and ALL_PROXY; name hosts that are reached directly in \
            NO_PROXY.
            """,
        exitStatus: .network)

    package static let networkProxyAuthentication = FailureCode(
        "network.proxy-authentication",
        title: "The proxy asks for a password",
        meaning:
            "The proxy answered 407: it wants a user name and password, or refuses those given.",
        remedy: "Put them into the proxy's address: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT.",
        exitStatus: .network)

    package static let networkURLInvalid = FailureCode(
        "network.url-invalid",
        title: "The address is not valid",
        meaning: "The address cannot be read as an http or https URL.",
        remedy: "Write it in full: https://HOST[:PORT]/PATH.",
        exitStatus: .network)

    package static let networkRequestInvalid = FailureCode(
        "network.request-invalid",
        title: "The request cannot be sent",
        meaning: "A header or the method of a request has characters that HTTP does not allow.",
        remedy: "Look for line breaks or other control characters in the value named.",
        exitStatus: .network)
}
