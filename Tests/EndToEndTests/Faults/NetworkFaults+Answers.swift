import Synchronization
import TestSupport
import Testing

/// Answers that are not the ones asked for.
extension NetworkFault {
    private static let page = Array("<!doctype html><title>Log in</title>".utf8)
    static let html = ScriptedServer.Step.response(
        200, [("Content-Type", "text/html; charset=utf-8")], body: page)
    /// The same by a server that does not say what it sends.
    private static let untypedHTML = ScriptedServer.Step.response(200, body: page)

    static let strangers: [NetworkFault] = [
        NetworkFault(
            row: "HTML with status 200 in place of metadata", expected: .unchanged(stranger),
            spoil: on(metadata) { _, _, _ in [html] }),
        NetworkFault(
            row: "HTML with status 200 in place of metadata, without a media type",
            expected: .unchanged(stranger), spoil: on(metadata) { _, _, _ in [untypedHTML] }),
        NetworkFault(
            row: "HTML with status 200 in place of a tarball", expected: .heldBack(stranger),
            spoil: on(tarball) { _, _, _ in [html] }),
        NetworkFault(
            row: "HTML with status 200 in place of a license token",
            expected: .nothing(stranger), start: .fresh,
            spoil: { request, _, _ in request.method == "POST" ? [html] : nil }),
        NetworkFault(
            row: "captive portal: each request is sent on to a login page",
            expected: .unchanged(stranger),
            spoil: { request, _, _ in
                request.target == "/login"
                    ? [html] : [.response(302, [("Location", "/login")])]
            }),
        NetworkFault(
            row: "captive portal: a login page with status 200 for everything",
            expected: .unchanged(stranger), spoil: { _, _, _ in [html] }),
        NetworkFault(
            row: "captive portal: status 511", expected: .unchanged(stranger),
            spoil: { _, _, _ in [.response(511, body: page)] }),
        NetworkFault(
            row: "403 for one plugin's tarball", expected: .heldBack("network.http-status"),
            spoil: on(tarball) { _, _, _ in [.response(403)] }),
        NetworkFault(
            row: "a loop of redirects", expected: .unchanged("network.redirect-refused"),
            spoil: { _, _, _ in [.response(302, [("Location", "/again")])] },
            inspect: { requests, _ in
                #expect(requests.count == 6)
                return "after 5 redirects"
            }),
    ]

    static let refusals: [NetworkFault] =
        [408, 425, 429, 500, 502, 503, 504].map { status in
            NetworkFault(
                row: "status \(status), once for each file", expected: .overcome,
                spoil: { _, count, _ in count == 0 ? [.response(status)] : nil })
        }
        + [429, 503].map { status in
            // The time that goes by between the first and the second request.
            let asked = Mutex<[ContinuousClock.Instant]>([])
            return NetworkFault(
                row: "status \(status) with `Retry-After: 2`", expected: .overcome,
                spoil: on(tarball) { _, count, _ in
                    asked.withLock { $0.append(.now) }
                    return count == 0 ? [.response(status, [("Retry-After", "2")])] : nil
                },
                inspect: { _, _ in
                    let times = asked.withLock(\.self)
                    #expect(times.count == 2 && times[1] - times[0] > .seconds(1.9))
                    return "waited for 2 s"
                })
        }
        + ["86400", "99999999999999999999", "Fri, 01 Jan 2100 00:00:00 GMT"].map { value in
            NetworkFault(
                row: "status 503 with `Retry-After: \(value)`",
                expected: .unchanged("network.http-status"), limit: .seconds(10),
                spoil: { _, _, _ in [.response(503, [("Retry-After", value)])] },
                inspect: { requests, _ in
                    #expect(requests.count == 1)
                    return "not waited for"
                })
        } + [
            NetworkFault(
                row: "status 500, each time", expected: .unchanged("network.http-status"),
                spoil: { _, _, _ in [.response(500)] },
                inspect: { requests, _ in
                    #expect(requests.count == 4)
                    return "4 tries"
                })
        ]

    static let stranger = "network.not-what-was-asked"
}
