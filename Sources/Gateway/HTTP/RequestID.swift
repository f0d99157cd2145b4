import Cryptography
import FoundationEssentials
import Synchronization

/// What joins a client's report, the gateway's log and a support ticket.
struct RequestID: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// The ID that the caller brought, when it has a harmless form: 8 to 128 letters, digits, `.`, `_`
    /// and `-`.
    init?(_ text: String) {
        guard (8...128).contains(text.utf8.count), text.utf8.allSatisfy(Self.isHarmless) else {
            return nil
        }
        description = text
    }

    /// A new one: a ULID, whose first half is the time, so that IDs sort as they were made.
    ///
    /// - Parameters:
    ///   - time: now
    ///   - random: ten bytes that nobody else has
    fileprivate init(at time: Date, _ random: ArraySlice<UInt8>) {
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        // 48 bits of time in ten digits, 80 of chance in sixteen.
        var groups = stride(from: 45, through: 0, by: -5).map { UInt8(milliseconds >> $0 & 31) }
        groups += CrockfordBase32.groups(of: Array(random))
        description = CrockfordBase32.encode(groups)
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// Makes request IDs, with random bytes drawn for many at a time: to draw costs more than all the rest.
final class RequestIDs: Sendable {
    private let random = Mutex<ArraySlice<UInt8>>([])

    func next(at time: Date) -> RequestID {
        let bytes = random.withLock { random in
            if random.isEmpty { random = SecureRandom.bytes(10 * 256)[...] }
            defer { random.removeFirst(10) }
            return random.prefix(10)
        }
        return RequestID(at: time, bytes)
    }
}
