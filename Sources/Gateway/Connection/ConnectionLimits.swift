import NIOCore
import NIOHTTP1

/// How much and how long a client may take; each value with its reason.
struct ConnectionLimits: Sendable {
    /// How long a connection may stand between two requests, so that idle ones are not hoarded.
    ///
    /// A bit more than the 60 s for which the usual proxies keep theirs, so that they close first.
    var idle: TimeAmount = .seconds(75)

    /// From a request's first byte, or from the opening of the connection, to the end of the head:
    /// ample for a phone in a tunnel, and short for who sends a byte now and then to hold connections.
    var head: TimeAmount = .seconds(20)

    /// The time that every body has in hand when it begins.
    var bodyAllowance: TimeAmount = .seconds(30)

    /// How many bytes of a body give it another second; who sends fewer does not upload in earnest.
    var bodyRate = 1024

    /// The time that a body has in hand at most, however much of it has come: for that long a client may
    /// be silent that moves from one network to another.
    var bodyReserve: TimeAmount = .seconds(60)

    /// How long a client may take nothing of an answer that waits for it.
    var stalledResponse: TimeAmount = .seconds(60)

    /// How long the rest of a request is thrown away after the answer that refused it: long enough for
    /// the answer to arrive before the connection breaks.
    var linger: TimeAmount = .seconds(10)

    /// How many bytes are thrown away then at most.
    var lingerBytes = 64 << 20

    /// The bytes of a body that are read ahead of who takes them.
    var bodyAhead = 256 << 10

    /// A body of which this much is left is read to its end, so that the connection can be kept.
    var drainedBody = 64 << 10

    /// How many connections stand at once, so that nobody takes all descriptors.
    var connections = 2000

    /// How many of them one address may have; nil where all come from one proxy.
    var connectionsPerAddress: Int? = 500

    /// The longest target of a request; no address of the gateway needs a tenth of it.
    static let targetBytes = 8 << 10

    /// Limits of the head: a license token is a header of some 2 KiB.
    static var decoder: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 32 << 10
        limits.maxHeaderFieldCount = 100
        return limits
    }
}
