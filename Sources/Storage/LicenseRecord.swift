package import FoundationEssentials

/// What the gateway keeps of one license.
package struct LicenseRecord: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable {
        case active
        case suspended
        case revoked
    }

    package enum Mode: String, Sendable, CaseIterable {
        case standard
        case airgapped
    }

    package enum AfterTerm: String, Sendable, CaseIterable {
        case keep
        case pause
    }

    /// A plugin with the end of its update period; nil: updates for ever.
    package struct Grant: Sendable, Hashable {
        package var plugin: String
        package var updatesUntil: Date?

        package init(plugin: String, updatesUntil: Date?) {
            self.plugin = plugin
            self.updatesUntil = updatesUntil
        }
    }

    /// How often an instance checks in and how long a token holds, in seconds.
    package struct CheckInPolicy: Sendable, Hashable {
        package var interval: Int
        package var retry: Int
        package var lease: Int

        package init(interval: Int = 6 * 3600, retry: Int = 3600, lease: Int = 48 * 3600) {
            self.interval = interval
            self.retry = retry
            self.lease = lease
        }
    }

    package struct Account: Sendable, Hashable {
        package let id: String
        package let name: String

        package init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// `lic_` and 24 hexadecimal digits.
    package let id: String
    package let account: Account
    package let mode: Mode
    package var status: Status
    package var plan: String?
    package var isTrial: Bool
    /// The last moment of the term; nil: perpetual.
    package var expires: Date?
    package var graceDays: Int
    /// The customer's time zone, by its IANA name.
    package var timezone: String
    package var afterTerm: AfterTerm
    package var checkIn: CheckInPolicy
    /// Sorted by name, each plugin once.
    package var grants: [Grant]
    package var features: [String: Int64]
    package var limits: [String: Int64]
    package var domains: [String]
    /// The channels whose releases it may have; empty: only the vendor's default one.
    package var channels: Set<String>
    /// Grows with every change.
    package internal(set) var sequence: Int
    package let created: Date

    package init(
        id: String, account: Account, mode: Mode, status: Status = .active, plan: String? = nil,
        isTrial: Bool = false, expires: Date? = nil, graceDays: Int = 0, timezone: String = "UTC",
        afterTerm: AfterTerm = .keep, checkIn: CheckInPolicy = CheckInPolicy(), grants: [Grant],
        features: [String: Int64] = [:], limits: [String: Int64] = [:], domains: [String] = [],
        channels: Set<String> = [],
        sequence: Int = 1, created: Date
    ) {
        self.id = id
        self.account = account
        self.mode = mode
        self.status = status
        self.plan = plan
        self.isTrial = isTrial
        self.expires = expires
        self.graceDays = graceDays
        self.timezone = timezone
        self.afterTerm = afterTerm
        self.checkIn = checkIn
        self.grants = grants.sorted { $0.plugin < $1.plugin }
        self.features = features
        self.limits = limits
        self.domains = domains
        self.channels = channels
        self.sequence = sequence
        self.created = created
    }

    /// The end of grace, or nil for a perpetual license.
    package var graceUntil: Date? {
        expires.map { $0.addingTimeInterval(Double(graceDays) * 86_400) }
    }

    /// Whether term and grace are over.
    package func isOver(at now: Date) -> Bool {
        graceUntil.map { $0 <= now } ?? false
    }

    package func grant(for plugin: String) -> Grant? {
        grants.first { $0.plugin == plugin }
    }
}
