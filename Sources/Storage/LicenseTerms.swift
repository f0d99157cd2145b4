package import FoundationEssentials
package import Licensing

/// All that a license says but whose it is and how it stands.
package struct LicenseTerms: Sendable, Hashable {
    /// A plugin with the end of its update period; nil: updates for ever.
    package struct Grant: Sendable, Hashable {
        package var plugin: String
        package var updatesUntil: Date?

        package init(plugin: String, updatesUntil: Date?) {
            self.plugin = plugin
            self.updatesUntil = updatesUntil
        }
    }

    /// Fixed when the license is issued: its key says it too.
    package let mode: LicenseMode
    package var plan: String?
    package var isTrial: Bool
    /// The first moment of the term; nil: when it is issued.
    package var begins: Date?
    /// The last moment of the term; nil: perpetual.
    package var expires: Date?
    package var graceDays: Int
    /// The customer's time zone, by its IANA name.
    package var timezone: String
    package var afterTerm: AfterTerm
    package var checkIn: CheckInPolicy
    package var rebinding: RebindingPolicy
    /// Sorted by name, each plugin once.
    package var grants: [Grant]
    package var features: [String: Int64]
    package var limits: [String: Int64]
    package var domains: [String]
    /// The channels whose releases it may have besides those of the vendor's default one.
    package var channels: Set<String>

    package init(
        mode: LicenseMode = .standard, plan: String? = nil, isTrial: Bool = false,
        begins: Date? = nil, expires: Date? = nil, graceDays: Int = 0, timezone: String = "UTC",
        afterTerm: AfterTerm = .keep, checkIn: CheckInPolicy = Self.checkIn(),
        rebinding: RebindingPolicy = RebindingPolicy(), grants: [Grant],
        features: [String: Int64] = [:], limits: [String: Int64] = [:], domains: [String] = [],
        channels: Set<String> = []
    ) {
        self.mode = mode
        self.plan = plan
        self.isTrial = isTrial
        self.begins = begins
        self.expires = expires
        self.graceDays = graceDays
        self.timezone = timezone
        self.afterTerm = afterTerm
        self.checkIn = checkIn
        self.rebinding = rebinding
        self.grants = grants.sorted { $0.plugin < $1.plugin }
        self.features = features
        self.limits = limits
        self.domains = domains
        self.channels = channels
    }

    /// The longest grace.
    package static let maximumGraceDays = 3650
    /// The longest time that a token holds without a check-in.
    package static let maximumLeaseHours = 8760

    /// The usual policy: every six hours, after a failure every hour; two days without one.
    ///
    /// - Parameter leaseHours: at most ``maximumLeaseHours``
    /// - Returns: the policy
    package static func checkIn(leaseHours: Int = 48) -> CheckInPolicy {
        CheckInPolicy(interval: 6 * 3600, retry: 3600, lease: Int64(leaseHours) * 3600)
    }

    /// The end of grace, or nil for a perpetual license: as many days of the customer's calendar
    /// later, whatever is done to the clocks in between.
    package var graceUntil: Date? {
        guard let expires else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timezone) ?? .gmt
        return calendar.date(
            byAdding: .day, value: min(graceDays, Self.maximumGraceDays), to: expires)
    }

    /// Whether term and grace are over.
    package func isOver(at now: Date) -> Bool {
        graceUntil.map { $0 <= now } ?? false
    }

    /// Whether the term is still to come.
    package func isToCome(at now: Date) -> Bool {
        begins.map { now < $0 } ?? false
    }

    /// When it next becomes another by itself: when it begins, when its grace ends; nil: never again.
    package func nextTurn(after now: Date) -> Date? {
        [begins, graceUntil].compactMap(\.self).filter { now < $0 }.min()
    }

    package func grant(for plugin: String) -> Grant? {
        grants.first { $0.plugin == plugin }
    }
}

/// How often a customer may move a license to another instance, and what becomes of the one before.
package struct RebindingPolicy: Sendable, Hashable {
    /// Within any 365 days; 0: only the vendor moves it.
    package var perYear: Int
    /// For how many days the instance that is left may still use the license.
    package var windowDays: Int

    package init(perYear: Int = 3, windowDays: Int = 14) {
        self.perYear = perYear
        self.windowDays = windowDays
    }

    package static let maximumPerYear = 1000
    package static let maximumWindowDays = 365

    /// When the instance that is left at that time is left for good.
    package func windowEnd(from time: Date) -> Date {
        time.addingTimeInterval(Double(windowDays) * 86_400)
    }
}
