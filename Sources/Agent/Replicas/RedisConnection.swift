internal import CHiredis
import Diagnostics
import Glibc

/// One connection to Redis, used by one thread; the owner of a `redisContext`.
///
/// The sockets are blocking with a time limit: whoever calls has a thread to wait on.
struct RedisConnection: ~Copyable {
    private let context: UnsafeMutablePointer<redisContext>

    /// How long a command or the connecting may take.
    private static let patience = timeval(tv_sec: 5, tv_usec: 0)

    private init(owning context: UnsafeMutablePointer<redisContext>) {
        self.context = context
    }

    /// Connects, and says who it is.
    ///
    /// - Throws: `replicas.redis-unreachable`
    static func open(_ address: RedisAddress) throws(AgentError) -> RedisConnection {
        guard let context = redisConnectWithTimeout(address.host, address.port, patience) else {
            throw AgentError(.replicasUnreachable, "There is no memory for a connection to Redis.")
        }
        let connection = RedisConnection(owning: context)
        guard context.pointee.err == 0 else {
            throw connection.failure("connect to \(address)")
        }
        guard redisSetTimeout(context, patience) == REDIS_OK,
            redisEnableKeepAlive(context) == REDIS_OK
        else { throw connection.failure("set up the connection to \(address)") }
        if let password = address.password {
            let words = ["AUTH"] + [address.user, password.reveal()].compactMap(\.self)
            try connection.command(words, "sign in")
        }
        return connection
    }

    deinit { redisFree(context) }

    var descriptor: Int32 { context.pointee.fd }

    /// Sends a command and waits for its answer.
    ///
    /// - Parameters:
    ///   - words: the command; never shown, since it may hold a password
    ///   - action: what it does, for the error
    /// - Throws: `replicas.redis-unreachable`
    func command(_ words: [String], _ action: String) throws(AgentError) {
        let reply = withWords(words) { count, words, lengths in
            redisCommandArgv(context, count, words, lengths)
        }
        guard let reply else { throw failure(action) }
        defer { freeReplyObject(reply) }
        let answer = reply.assumingMemoryBound(to: redisReply.self).pointee
        guard answer.type != REDIS_REPLY_ERROR else {
            throw AgentError(
                .replicasUnreachable, "Redis refused to \(action): \(printable(answer.text))")
        }
    }

    /// Sends a command whose answer comes as a message, if at all.
    ///
    /// - Throws: `replicas.redis-unreachable`
    func post(_ words: [String], _ action: String) throws(AgentError) {
        let result = withWords(words) { count, words, lengths in
            redisAppendCommandArgv(context, count, words, lengths)
        }
        var isDone: Int32 = 0
        guard result == REDIS_OK else { throw failure(action) }
        while isDone == 0 {
            guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw failure(action) }
        }
    }

    /// Reads what has arrived, after poll(2) said that something did.
    ///
    /// - Returns: the payloads of messages; empty for anything else that Redis says
    func receive() throws(AgentError) -> [[UInt8]] {
        guard redisBufferRead(context) == REDIS_OK else { throw failure("read from Redis") }
        return try received()
    }

    /// The messages that were read already, perhaps together with the answer to a command.
    func received() throws(AgentError) -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        while true {
            var pointer: UnsafeMutableRawPointer?
            guard redisGetReplyFromReader(context, &pointer) == REDIS_OK else {
                throw failure("understand Redis")
            }
            guard let pointer else { return payloads }
            defer { freeReplyObject(pointer) }
            let reply = pointer.assumingMemoryBound(to: redisReply.self).pointee
            if let payload = reply.messagePayload { payloads.append(payload) }
        }
    }

    private func failure(_ action: String) -> AgentError {
        let text = withUnsafeBytes(of: context.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return AgentError(
            .replicasUnreachable,
            "Could not \(action): \(printable(text.isEmpty ? "the connection broke" : text)).")
    }

    private func withWords<Result>(
        _ words: [String],
        _ body: (Int32, UnsafeMutablePointer<UnsafePointer<CChar>?>, UnsafePointer<Int>) -> Result
    ) -> Result {
        // In one piece and by length: a word may have a zero byte in it, a password for example.
        let bytes = words.flatMap { $0.utf8.map(CChar.init(bitPattern:)) }
        let lengths = words.map(\.utf8.count)
        return bytes.withUnsafeBufferPointer { bytes in
            var offset = 0
            var pointers = lengths.map { length in
                defer { offset += length }
                return bytes.baseAddress.map { $0 + offset }
            }
            return body(Int32(words.count), &pointers, lengths)
        }
    }
}

extension redisReply {
    fileprivate var bytes: [UInt8] {
        guard let str else { return [] }
        return Array(UnsafeRawBufferPointer(start: str, count: len))
    }

    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Of `["message", channel, payload]`.
    fileprivate var messagePayload: [UInt8]? {
        guard type == REDIS_REPLY_ARRAY, elements == 3, let kind = element[0],
            let payload = element[2], kind.pointee.text == "message",
            payload.pointee.type == REDIS_REPLY_STRING
        else { return nil }
        return payload.pointee.bytes
    }
}
