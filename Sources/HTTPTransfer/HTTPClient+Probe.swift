/// One question, asked once, by who wants to know how far it comes.
extension HTTPClient {
    /// What came of it, and what the connection was like.
    package struct Probe: Sendable {
        package let result: Result<HTTPResponse, NetworkError>
        package let facts: ConnectionFacts?
    }

    /// Sends a request without trying it again.
    package func probe(_ request: HTTPRequest) async -> Probe {
        do throws(NetworkError) {
            var first = try Exchange(request)
            first.inspection = .connection
            let (outcome, last) = await followingRedirects(first)
            let result = outcome.result.flatMap { answer -> Result<HTTPResponse, NetworkError> in
                guard
                    (200...299).contains(answer.status)
                        || request.acceptedStatuses.contains(answer.status)
                else {
                    return .failure(
                        .status(
                            answer.status, from: last.address, headers: answer.headers,
                            body: answer.body))
                }
                return .success(
                    HTTPResponse(
                        status: answer.status, headers: answer.headers, body: answer.body,
                        effectiveURL: last.address, tries: 1))
            }
            return Probe(result: result, facts: outcome.facts)
        } catch {
            return Probe(result: .failure(error), facts: nil)
        }
    }

    /// The certificates that a server shows, whoever it is: for the message about why they are not
    /// trusted.
    ///
    /// - Returns: its own first; none when there is no handshake
    package func certificatesShownUnverified(
        at url: String, deadline: ContinuousClock.Instant
    ) async -> [ServerCertificate] {
        guard var exchange = try? Exchange(HTTPRequest("GET", url, deadline: deadline)) else {
            return []
        }
        exchange.inspection = .certificatesUnverified
        return await perform(exchange).facts?.certificates ?? []
    }

    /// The proxy that an address is asked through, without user name and password; nil: directly.
    package func proxyInUse(for url: String) -> String? {
        guard let address = try? WebAddress(url) else { return nil }
        return configuration.proxy.proxy(for: address).map(printableProxy)
    }
}
