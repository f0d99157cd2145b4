import TestSupport
import Testing

/// Answers that end too early, too late, or never.
extension NetworkFault {
    /// Spoils the requests whose target has a text in it.
    static func on(_ part: String, _ fault: @escaping MiddleServer.Fault) -> MiddleServer.Fault {
        { request, count, real in
            request.target.contains(part) ? fault(request, count, real) : nil
        }
    }

    /// Spoils the first of them alone.
    static func once(_ part: String, _ fault: @escaping MiddleServer.Fault) -> MiddleServer.Fault {
        on(part) { request, count, real in count == 0 ? fault(request, count, real) : nil }
    }

    /// The tarball of `@acme/b`, and the first file of metadata that a run asks for.
    static let tarball = "b-2.0.0.tgz"
    static let metadata = "timestamp.json"

    static let cuts: [NetworkFault] =
        [0, 1, 1_000, 100_000, 200_000].map { length in
            NetworkFault(
                row: "a tarball cut at byte \(length), once", expected: .overcome,
                spoil: once(tarball) { _, _, real in real().cut(at: length) },
                inspect: { requests, _ in
                    let ranges = requests.filter { $0.target.contains(tarball) }
                        .map { $0.header("Range") }
                    #expect(ranges == [nil, length == 0 ? nil : "bytes=\(length)-"])
                    return length == 0 ? nil : "gone on with `Range: bytes=\(length)-`"
                })
        } + [
            NetworkFault(
                row: "a tarball cut after each 1,000 bytes", expected: .heldBack(interrupted),
                spoil: on(tarball) { _, _, real in real().cut(at: 1_000) },
                inspect: { _, customer in
                    let kept = try customer.partialTarballs
                    #expect(kept == [4_000])
                    return "4 tries, 4,000 bytes kept for the next run"
                }),
            NetworkFault(
                row: "a file of metadata cut in the middle, each time",
                expected: .unchanged(interrupted),
                spoil: on(metadata) { _, _, real in real().cut(at: 100) },
                inspect: { requests, _ in
                    #expect(requests.filter { $0.target.contains(metadata) }.count == 4)
                    return "4 tries"
                }),
            NetworkFault(
                row: "a tarball ended by a reset, once", expected: .overcome,
                spoil: once(tarball) { _, _, real in
                    Array(real().cut(at: 100_000).dropLast()) + [.reset]
                }),
            NetworkFault(
                row: "each connection reset before an answer", expected: .unchanged(interrupted),
                spoil: { _, _, _ in [.reset] }),
            NetworkFault(
                row: "flapping: every other request is reset", expected: .overcome,
                spoil: { request, _, _ in request.number.isMultiple(of: 2) ? [.reset] : nil }),
        ]

    static let lengths: [NetworkFault] = [
        NetworkFault(
            row: "a tarball announced longer than it is signed",
            expected: .heldBack("network.too-large"),
            spoil: on(tarball) { _, _, real in real().announcing(1_000) },
            inspect: { requests, _ in
                #expect(requests.filter { $0.target.contains(tarball) }.count == 1)
                return "not tried again"
            }),
        NetworkFault(
            row: "a tarball announced shorter than it is signed", expected: .heldBack(interrupted),
            spoil: on(tarball) { _, _, real in real().announcing(-1_000) }),
        NetworkFault(
            row: "a file of metadata announced longer than it is",
            expected: .unchanged(interrupted),
            spoil: on(metadata) { _, _, real in real().announcing(1_000) }),
        NetworkFault(
            row: "a file of metadata announced shorter than it is",
            expected: .unchanged("trust.malformed", status: 6),
            spoil: on(metadata) { _, _, real in real().announcing(-10) }),
        NetworkFault(
            row: "a tarball without an end", expected: .heldBack("network.too-large"),
            spoil: on(tarball) { _, _, _ in endless },
            inspect: { _, customer in
                let kept = try customer.partialTarballs
                #expect(kept.allSatisfy { $0 < FaultyWay.large.upperBound })
                return "never more kept than was signed"
            }),
        NetworkFault(
            row: "a tarball at one byte a second, once",
            expected: .overcome, limit: .seconds(75),
            spoil: once(tarball) { _, _, real in real().crawling(after: 100_000) },
            inspect: { requests, _ in
                let range = try #require(requests.last?.header("Range"))
                #expect(range.hasPrefix("bytes=100"))
                return "given up after 30 s, then gone on where it stopped"
            }),
    ]

    static let interrupted = "network.interrupted"

    /// An answer of a length that is not told, and that never ends.
    static let endless: [ScriptedServer.Step] = [
        .text("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        .sendForever([UInt8](repeating: 0x20, count: 65_536)),
    ]
}

extension MiddleServer.Answer {
    /// As long as it says, and cut before its end.
    func cut(at length: Int) -> [ScriptedServer.Step] {
        [
            .send(ScriptedServer.Step.head(status, headers, length: body.count)),
            .send(Array(body.prefix(length))), .close,
        ]
    }

    /// With a length that is wrong by so many bytes.
    func announcing(_ difference: Int) -> [ScriptedServer.Step] {
        let length = max(body.count + difference, 0)
        return [
            .send(ScriptedServer.Step.head(status, headers, length: length)),
            .send(Array(body.prefix(length))), .close,
        ]
    }

    /// At one byte a second behind the first bytes.
    func crawling(after length: Int) -> [ScriptedServer.Step] {
        [
            .send(ScriptedServer.Step.head(status, headers, length: body.count)),
            .send(Array(body.prefix(length))), .crawl(Array(body.dropFirst(length))), .close,
        ]
    }
}
