import Cryptography
import Diagnostics
import FoundationEssentials
import Synchronization

/// The logins by browser that are under way: `npm login` waits for each until a person has said who
/// they are, on a page of the gateway.
///
/// They are held in memory, for minutes: what is lost with the gateway is begun anew.
final class WebLogins: Sendable {
    /// What `npm login` learns when it asks.
    enum Progress: Sendable {
        case waiting
        case done(Secret<String>)
    }

    private struct Login: Sendable {
        /// How many were begun before.
        let number: Int
        /// In the address at which npm asks; the browser never sees it.
        let secret: String
        let ends: Date
        /// The network that it was begun from.
        let network: UInt64?
        var token: Secret<String>?
    }

    /// In seconds: as long as somebody needs who has to look for a password.
    private static let lifetime: TimeInterval = 600
    /// So that nobody fills the memory with logins that they never end.
    private static let capacity = 10_000
    /// Of one network: the oldest makes way, so that nobody shuts the others out.
    private static let networkCapacity = 50

    private struct State: Sendable {
        /// By what the page's address ends with.
        var logins: [String: Login] = [:]
        var begun = 0
    }

    private let state = Mutex(State())

    /// Begins a login.
    ///
    /// - Parameters:
    ///   - address: whose it is
    ///   - now: the present time
    /// - Returns: what the page's address ends with, and the secret that npm asks with; nil when as
    ///   many as can be are under way
    func begin(from address: ClientAddress?, at now: Date) -> (page: String, secret: String)? {
        let page = Hex.encode(SecureRandom.bytes(16))
        let secret = Hex.encode(SecureRandom.bytes(32))
        return state.withLock { state in
            state.logins = state.logins.filter { now < $0.value.ends }
            let own = state.logins.filter { $0.value.network == address?.network }
            if own.count >= Self.networkCapacity,
                let oldest = own.min(by: { $0.value.number < $1.value.number })
            {
                state.logins[oldest.key] = nil
            }
            guard state.logins.count < Self.capacity else { return nil }
            state.begun += 1
            state.logins[page] = Login(
                number: state.begun, secret: secret, ends: now.addingTimeInterval(Self.lifetime),
                network: address?.network, token: nil)
            return (page, secret)
        }
    }

    /// Whether a login of that page waits for somebody.
    func isWaiting(_ page: String, at now: Date) -> Bool {
        state.withLock { $0.logins[page].map { $0.token == nil && now < $0.ends } ?? false }
    }

    /// Gives a waiting login its token.
    ///
    /// - Returns: false when it waits no longer
    func end(_ page: String, with token: Secret<String>, at now: Date) -> Bool {
        state.withLock { state in
            guard let login = state.logins[page], login.token == nil, now < login.ends else {
                return false
            }
            state.logins[page]?.token = token
            return true
        }
    }

    /// How a login stands; a token is handed out once.
    ///
    /// - Parameters:
    ///   - secret: what npm asks with
    ///   - isTaken: whether the token is handed out, and not only looked for
    ///   - now: the present time
    /// - Returns: nil when there is no such login, or no longer
    func progress(_ secret: String, isTaken: Bool, at now: Date) -> Progress? {
        state.withLock { state in
            guard
                let (page, login) = state.logins.first(where: {
                    constantTimeEqual(Array($0.value.secret.utf8), Array(secret.utf8))
                }), now < login.ends
            else { return nil }
            guard let token = login.token else { return .waiting }
            if isTaken { state.logins[page] = nil }
            return .done(token)
        }
    }
}
