import Synchronization

/// How many connections stand, in all and for each client network.
final class ConnectionCounts: Sendable {
    enum Refusal {
        case all
        case address
    }

    enum Admission {
        case taken
        /// It is told why before it is closed.
        case refused(Refusal)
        /// Even those who wait to be told are too many.
        case dropped
    }

    private struct Counts {
        var all = 0
        var networks: [UInt64: Int] = [:]
    }

    /// How many are told at once that there is no room for them.
    private static let told = 100

    private let counts = Mutex(Counts())
    private let maximum: Int
    private let maximumPerAddress: Int?

    init(_ limits: ConnectionLimits) {
        maximum = limits.connections
        maximumPerAddress = limits.connectionsPerAddress
    }

    /// Counts a connection that was opened; ``closed(_:)`` takes it away, whatever the decision was.
    func opened(_ address: ClientAddress?) -> Admission {
        counts.withLock { counts in
            counts.all += 1
            var ofNetwork = 0
            if let network = address?.network {
                ofNetwork = counts.networks[network, default: 0] + 1
                counts.networks[network] = ofNetwork
            }
            if counts.all > maximum + Self.told { return .dropped }
            if let maximumPerAddress, ofNetwork > maximumPerAddress {
                return ofNetwork > maximumPerAddress + Self.told ? .dropped : .refused(.address)
            }
            return counts.all > maximum ? .refused(.all) : .taken
        }
    }

    /// Takes a connection away that was counted.
    func closed(_ address: ClientAddress?) {
        counts.withLock { counts in
            counts.all -= 1
            guard let network = address?.network, let count = counts.networks[network] else {
                return
            }
            counts.networks[network] = count > 1 ? count - 1 : nil
        }
    }
}
