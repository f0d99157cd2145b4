import Cryptography
package import Diagnostics
import FoundationEssentials
import Synchronization

/// Who may use the license page: whoever brings a one-time token gets a session.
///
/// Tokens and sessions are kept as digests, in memory: after a restart a new address is printed.
package final class PageAccess: Sendable {
    /// What a browser's cookie opens.
    struct Session: Sendable {
        /// What every form carries, so that no other page can post in the browser's name.
        let formToken: String
        var lastUsed: Date
        /// What to say on the page that follows a form.
        var notice: PageNotice?
    }

    private struct State {
        var tokens: [[UInt8]] = []
        var sessions: [Digest: Session] = [:]
    }

    /// So many addresses that were printed and not used are valid at once.
    static let tokenLimit = 4
    static let sessionLimit = 16
    /// How long a session lives without a request.
    static let sessionSeconds: TimeInterval = 8 * 3_600

    private let state = Mutex(State())

    package init() {}

    /// Makes a token that opens the page once.
    package func makeToken() -> Secret<String> {
        let token = Base64URL.encode(SecureRandom.bytes(24))
        state.withLock { state in
            state.tokens.append(Self.digest(token).bytes)
            state.tokens = state.tokens.suffix(Self.tokenLimit)
        }
        return Secret(token)
    }

    /// Exchanges a token for a session; it is of no use afterwards.
    ///
    /// - Returns: the cookie's value, or nil for a token that was never valid or is no more
    func exchange(_ token: String, now: Date) -> Secret<String>? {
        let digest = Self.digest(token).bytes
        return state.withLock { state in
            guard let index = state.tokens.firstIndex(where: { constantTimeEqual($0, digest) })
            else { return nil }
            state.tokens.remove(at: index)
            Self.removeIdle(&state, now: now)
            if state.sessions.count >= Self.sessionLimit,
                let oldest = state.sessions.min(by: { $0.value.lastUsed < $1.value.lastUsed })
            {
                state.sessions[oldest.key] = nil
            }
            let cookie = Base64URL.encode(SecureRandom.bytes(32))
            state.sessions[Self.digest(cookie)] = Session(
                formToken: Base64URL.encode(SecureRandom.bytes(24)), lastUsed: now)
            return Secret(cookie)
        }
    }

    /// The session of a cookie; nil when there is none.
    func session(_ cookie: String?, now: Date) -> Session? {
        guard let cookie else { return nil }
        return state.withLock { state in
            Self.removeIdle(&state, now: now)
            let key = Self.digest(cookie)
            state.sessions[key]?.lastUsed = now
            return state.sessions[key]
        }
    }

    /// Leaves what the session's next page says.
    func leave(_ notice: PageNotice, for cookie: String) {
        state.withLock { $0.sessions[Self.digest(cookie)]?.notice = notice }
    }

    /// Takes what is to be said, once.
    func takeNotice(for cookie: String) -> PageNotice? {
        state.withLock { state in
            let key = Self.digest(cookie)
            defer { state.sessions[key]?.notice = nil }
            return state.sessions[key]?.notice
        }
    }

    private static func removeIdle(_ state: inout State, now: Date) {
        // Away from the time of use either way: a clock that was set back ends sessions too.
        state.sessions = state.sessions.filter {
            abs(now.timeIntervalSince($0.value.lastUsed)) < sessionSeconds
        }
    }

    /// What a thief of memory or of a timing would learn is of no use: the digest opens nothing.
    private static func digest(_ text: String) -> Digest {
        Digest.of(.sha256, Array(text.utf8))
    }
}
