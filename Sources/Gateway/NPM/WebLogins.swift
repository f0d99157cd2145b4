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

    private let logins = Mutex<[String: Login]>([:])

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
        return logins.withLock { logins in
            logins = logins.filter { now < $0.value.ends }
            let own = logins.filter { $0.value.network == address?.network }
            if own.count >= Self.networkCapacity,
                let oldest = own.min(by: { $0.value.ends < $1.value.ends })
            {
                logins[oldest.key] = nil
            }
            guard logins.count < Self.capacity else { return nil }
            logins[page] = Login(
                secret: secret, ends: now.addingTimeInterval(Self.lifetime),
                network: address?.network, token: nil)
            return (page, secret)
        }
    }

    /// Whether a login of that page waits for somebody.
    func isWaiting(_ page: String, at now: Date) -> Bool {
        logins.withLock { $0[page].map { $0.token == nil && now < $0.ends } ?? false }
    }

    /// Gives a waiting login its token.
    ///
    /// - Returns: false when it waits no longer
    func end(_ page: String, with token: Secret<String>, at now: Date) -> Bool {
        logins.withLock { logins in
            guard let login = logins[page], login.token == nil, now < login.ends else {
                return false
            }
            logins[page]?.token = token
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
        logins.withLock { logins in
            guard
                let (page, login) = logins.first(where: {
                    constantTimeEqual(Array($0.value.secret.utf8), Array(secret.utf8))
                }), now < login.ends
            else { return nil }
            guard let token = login.token else { return .waiting }
            if isTaken { logins[page] = nil }
            return .done(token)
        }
    }
}
