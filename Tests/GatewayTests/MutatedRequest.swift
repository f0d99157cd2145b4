import TestSupport

/// Bytes that are nearly a request: a valid one, broken in a few places.
struct MutatedRequest {
    let bytes: [UInt8]

    /// - Parameters:
    ///   - base: the request that is broken
    ///   - others: where pieces are taken from
    ///   - random: decides
    init(_ base: String, _ others: [String], using random: inout SeededGenerator) {
        var bytes = Array(base.utf8)
        // One in ten stays as it is: the valid requests in between have to work too.
        let mutations =
            Int.random(in: 0..<10, using: &random) == 0 ? 0 : Int.random(in: 1...4, using: &random)
        for _ in 0..<mutations { Self.mutate(&bytes, others, &random) }
        self.bytes = bytes
    }

    private static let pieces = [
        "%00", "%2e%2e%2f", "%ff%fe", "%", "%zz", "%25", "//", "/../", "\\", "?", "#", "\0", "\r",
        "\n",
        "\r\n", "\r\n\r\n", " ", "\t", ":", ";", ",", "\u{7f}", "é", "\u{1F600}", "\"", "'", "<",
        "{", "[",
        "null", "-1", "99999999999999999999", "1e999", "NaN", "0x10",
        "Content-Length: 5\r\n", "Content-Length: 99999999999\r\n", "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Expect: 100-continue\r\n",
        "Connection: close\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "Host: b\r\n",
        "Range: bytes=-1\r\n", "Range: bytes=99999-\r\n", "If-None-Match: *\r\n", "If-Range: x\r\n",
        "Accept-Encoding: gzip;q=,,*\r\n", "Authorization: Bearer \r\n",
        "Authorization: Basic Og==\r\n",
        "X-Forwarded-For: ,,\r\n", "5\r\nhello\r\n", "ffffffffffffffff\r\n", "0\r\n\r\n",
        "HTTP/1.0",
        "HTTP/2.0", "HEAD ", "OPTIONS * ", "CONNECT a:1 ", "http://a/b", "[[[[[[[[[[[[[[[[",
    ]

    private static func mutate(
        _ bytes: inout [UInt8], _ others: [String], _ random: inout SeededGenerator
    ) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1...32, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
        case 1: bytes.removeSubrange(place..<end)
        case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 3: bytes.removeSubrange(place...)
        case 4:
            let other = Array((others.randomElement(using: &random) ?? "").utf8)
            let from = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[from...])
        case 5:
            let count = Int.random(in: 1...40, using: &random)
            bytes.insert(
                contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) },
                at: place)
        case 6:
            // Enough to pass the limits of a target, a header and all headers.
            let letter = Array((pieces.randomElement(using: &random) ?? "a").utf8)
            let count = [10, 200, 9000, 40_000].randomElement(using: &random) ?? 1
            let many = (0..<count / letter.count + 1).flatMap { _ in letter }
            bytes.insert(contentsOf: many, at: place)
        default:
            let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
            bytes.insert(contentsOf: piece, at: lineStart(bytes, place, &random))
        }
    }

    /// The place, or now and then the beginning of the line around it.
    private static func lineStart(
        _ bytes: [UInt8], _ place: Int, _ random: inout SeededGenerator
    ) -> Int {
        guard Bool.random(using: &random) else { return place }
        return bytes[..<place].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? place
    }
}
