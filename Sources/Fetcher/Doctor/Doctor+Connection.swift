import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import SystemPackage

/// The way to the gateway, step by step, all of it seen in one request.
extension Doctor {
    /// How long the request may take.
    private static let patience = Duration.seconds(8)

    /// A run does not ask one either.
    static let noGatewayNeeded = "the licenses here hold without a gateway"

    /// Each step, in the order in which a connection takes them.
    private static let steps = [
        "gateway.proxy", "gateway.name", "gateway.connection", "gateway.certificate",
        "gateway.answer", "gateway.clock",
    ]

    /// Asks the gateway for the smallest file that it has.
    ///
    /// - Parameters:
    ///   - session: the licenses, which may need no gateway
    ///   - findings: one for each step
    /// - Returns: whether a gateway answered as it must
    func examineConnection(_ session: LicenseSession?, _ findings: inout Findings) async -> Bool {
        if let reason = unusable("url", "caFile") {
            skip(Self.steps[...], because: reason, &findings)
            return false
        }
        if session?.licenseWithoutGateway(after: nil) != nil {
            skip(Self.steps[...], because: Self.noGatewayNeeded, &findings)
            return false
        }
        guard let url = settings.url else {
            findings.fail("gateway.address", Noticed(.settingsURLMissing, "Nobody said it."))
            skip(Self.steps[...], because: "gateway.address failed", &findings)
            return false
        }
        do throws(NetworkError) {
            let client = try HTTPClient(
                HTTPClientConfiguration(
                    userAgent: "pkg/\(programVersion)", caFile: settings.caFile?.string,
                    connectTimeout: .seconds(5)))
            let start = ContinuousClock.now
            let probe = await client.probe(
                HTTPRequest(
                    "GET", "\(url)/metadata/timestamp.json", maximumBodyBytes: 1 << 16,
                    acceptedStatuses: [403, 404], deadline: start + Self.patience))
            let isReachable = await judge(probe, of: url, by: client, since: start, &findings)
            await client.shutDown()
            return isReachable
        } catch {
            findings.fail("gateway.address", error)
            skip(Self.steps[...], because: "gateway.address failed", &findings)
            return false
        }
    }

    private func judge(
        _ probe: HTTPClient.Probe, of url: String, by client: HTTPClient,
        since start: ContinuousClock.Instant, _ findings: inout Findings
    ) async -> Bool {
        let proxy = client.proxyInUse(for: url)
        switch probe.result {
        case .success(let response):
            tellSteps(before: "gateway.answer", url, proxy, probe.facts, &findings)
            return judge(response, probe.facts, since: start, &findings)
        case .failure(let error):
            let step = Self.step(of: error, probe.facts)
            tellSteps(before: step, url, proxy, probe.facts, &findings)
            if step == "gateway.certificate" {
                let shown = await client.certificatesShownUnverified(
                    at: url, deadline: .now + .seconds(5))
                findings.fail(step, certificateFailure(error, shown))
            } else {
                findings.fail(step, error)
            }
            if let index = Self.steps.firstIndex(of: step) {
                skip(Self.steps[(index + 1)...], because: "\(step) failed", &findings)
            }
            return false
        }
    }

    /// Which step a failure belongs to.
    private static func step(of error: NetworkError, _ facts: ConnectionFacts?) -> String {
        switch error.code {
        case .networkProxy, .networkProxyAuthentication: "gateway.proxy"
        case .networkDNS: "gateway.name"
        case .networkRefused, .networkUnreachable: "gateway.connection"
        case .networkTimeout where facts?.connected == nil: "gateway.connection"
        case .networkTLSUntrusted, .networkTLSExpired, .networkTLSWrongHost, .networkTLSProtocol,
            .networkTLSSettings:
            "gateway.certificate"
        default: "gateway.answer"
        }
    }

    /// The steps that were taken well.
    private func tellSteps(
        before failed: String, _ url: String, _ proxy: String?, _ facts: ConnectionFacts?,
        _ findings: inout Findings
    ) {
        for step in Self.steps.prefix(while: { $0 != failed }) {
            switch step {
            case "gateway.proxy":
                findings.ok(step, proxy.map { "by \($0)" } ?? "none: asked directly")
            case "gateway.name":
                if proxy != nil {
                    findings.skip(step, because: "the proxy looks the name up")
                } else {
                    findings.ok(step, "\(facts?.peerAddress ?? "known")\(after(facts?.nameKnown))")
                }
            case "gateway.connection":
                let peer = proxy == nil ? "" : " to the proxy"
                findings.ok(step, "connected\(peer)\(after(facts?.connected))")
            case "gateway.certificate":
                tellCertificate(url, facts, &findings)
            default:
                break
            }
        }
    }

    private func tellCertificate(
        _ url: String, _ facts: ConnectionFacts?, _ findings: inout Findings
    ) {
        let check = "gateway.certificate"
        guard url.lowercased().hasPrefix("https:") else {
            let host = URL(string: url)?.host() ?? ""
            guard ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host) else {
                return findings.warn(
                    check, Noticed(.networkPlainHTTP, "The gateway's address is \(url)."))
            }
            return findings.ok(check, "none: plain HTTP on this machine")
        }
        guard let own = facts?.certificates.first, let ends = own.ends else {
            return findings.ok(check, "trusted\(after(facts?.secured))")
        }
        let words = "\(own.subject), by \(own.issuer), until \(ends.wireText)"
        guard ends.timeIntervalSince(now) > Self.soon else {
            return findings.warn(
                check,
                Noticed(
                    .networkTLSExpired, "It ends soon: \(words).",
                    remedy: "The server's certificate must be renewed: tell your vendor."))
        }
        findings.ok(check, "\(words)\(after(facts?.secured))")
    }

    /// When a certificate that is not renewed by itself is noticed, two weeks before.
    private static let soon: TimeInterval = 14 * 86_400

    private func after(_ time: Duration?) -> String {
        time.map { " after \(Int(($0 / .milliseconds(1)).rounded())) ms" } ?? ""
    }

    private func skip(
        _ steps: ArraySlice<String>, because reason: String, _ findings: inout Findings
    ) {
        for step in steps { findings.skip(step, because: reason) }
    }
}

// MARK: - What the server shows and says

extension Doctor {
    /// The failure with what was seen of the certificates: who is missing, which day, which host.
    private func certificateFailure(
        _ error: NetworkError, _ shown: [ServerCertificate]
    ) -> Noticed {
        var message = error.message
        if let own = shown.first, let last = shown.last {
            switch error.code {
            case .networkTLSUntrusted:
                message +=
                    last.isSelfSigned
                    ? " The authority “\(last.subject)”, which the server shows itself, is not trusted here."
                    : " The certificate of the authority “\(last.issuer)” is missing here."
            case .networkTLSExpired:
                let from = own.begins?.wireText ?? "?"
                message += " It is valid from \(from) to \(own.ends?.wireText ?? "?")."
            case .networkTLSWrongHost:
                message += " It is for \(own.hosts.joined(separator: ", "))."
            default:
                break
            }
        }
        return Noticed(error.code, message, remedy: error.specificRemedy, cause: error.cause)
    }

    private func judge(
        _ response: HTTPResponse, _ facts: ConnectionFacts?,
        since start: ContinuousClock.Instant, _ findings: inout Findings
    ) -> Bool {
        let check = "gateway.answer"
        let isMetadata = (try? parseJSON(response.body))?["signed"] != nil
        guard response.status == 200, isMetadata else {
            findings.fail(check, NoGateway("\(response.effectiveURL)", status: response.status))
            findings.skip("gateway.clock", because: "\(check) failed")
            return false
        }
        let request = response.requestID.map { ", request \($0)" } ?? ""
        findings.ok(
            check,
            "HTTP/\(facts?.httpVersion ?? "?"), status 200\(after(facts?.firstByte))\(request)")
        examineClock(response, since: start, &findings)
        return true
    }

    /// By how much this clock differs from the one that wrote `Date`; a cache adds `Age`.
    private func examineClock(
        _ response: HTTPResponse, since start: ContinuousClock.Instant,
        _ findings: inout Findings
    ) {
        let check = "gateway.clock"
        guard let date = response.header("Date").flatMap(Date.init(http:)) else {
            return findings.skip(check, because: "the answer has no date")
        }
        let age = response.header("Age").flatMap { Double($0) } ?? 0
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let skew = now.addingTimeInterval(elapsed).timeIntervalSince(date.addingTimeInterval(age))
        let seconds = Int(skew.rounded())
        guard abs(seconds) > 300 else {
            return findings.ok(check, "\(abs(seconds)) s apart")
        }
        let way = seconds > 0 ? "ahead of" : "behind"
        let noticed = Noticed(
            .clockSkewed, "This machine's clock is \(abs(seconds)) s \(way) the gateway's.")
        if abs(seconds) > 86_400 {
            findings.fail(check, noticed)
        } else {
            findings.warn(check, noticed)
        }
    }
}
