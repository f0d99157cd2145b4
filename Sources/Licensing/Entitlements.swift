package import FoundationEssentials

/// One plugin that a license grants.
package struct PluginEntitlement: Hashable, Sendable {
    package let name: String
    /// Until when newly published releases are covered; nil: without end.
    package let updatesUntil: Date?
    /// The channels whose releases it may have, the vendor's default one among them; nil: only the
    /// default one.
    package let channels: Set<String>?
    /// Whether the license behind it is paused: what is installed stays, nothing new is downloaded.
    package let isPaused: Bool
    /// The license behind it; nil where that is plain, or when several are.
    package let license: String?
    private let joined: [PluginEntitlement]

    package init(
        name: String, updatesUntil: Date? = nil, channels: Set<String>? = nil,
        isPaused: Bool = false, license: String? = nil
    ) {
        self.name = name
        self.updatesUntil = updatesUntil
        self.channels = channels
        self.isPaused = isPaused
        self.license = license
        joined = []
    }

    /// What each license grants of it: only what one of them covers by itself can be downloaded.
    package var grants: [PluginEntitlement] { joined.isEmpty ? [self] : joined }
}

/// All that the licenses of one instance grant together.
package struct Entitlements: Hashable, Sendable {
    /// Sorted by name, each name once.
    package private(set) var plugins: [PluginEntitlement]
    package private(set) var features: [String: Int64]
    package private(set) var limits: [String: Int64]

    package init(
        plugins: [PluginEntitlement] = [], features: [String: Int64] = [:],
        limits: [String: Int64] = [:]
    ) {
        self.plugins = []
        self.features = features
        self.limits = limits
        merge(plugins)
    }

    /// The entitlement to that plugin, or nil.
    package func plugin(named name: String) -> PluginEntitlement? {
        plugins.first { $0.name == name }
    }

    /// Takes the better of each entitlement.
    mutating func merge(_ other: Entitlements) {
        merge(other.plugins)
        features.merge(other.features) { max($0, $1) }
        limits.merge(other.limits) { max($0, $1) }
    }

    private mutating func merge(_ others: [PluginEntitlement]) {
        var byName: [String: PluginEntitlement] = [:]
        for plugin in plugins + others {
            byName[plugin.name] = byName[plugin.name]?.joined(with: plugin) ?? plugin
        }
        plugins = byName.values.sorted { $0.name < $1.name }
    }
}

extension PluginEntitlement {
    /// The better of two entitlements to one plugin; one that is not paused is always better.
    fileprivate func joined(with other: PluginEntitlement) -> PluginEntitlement {
        guard isPaused == other.isPaused else { return isPaused ? other : self }
        return PluginEntitlement(joining: grants + other.grants)
    }

    /// The best of several to one plugin.
    private init(joining grants: [PluginEntitlement]) {
        name = grants[0].name
        isPaused = grants[0].isPaused
        license = nil
        joined = grants
        let ends = grants.map { $0.updatesUntil ?? .distantFuture }
        updatesUntil = ends.max().flatMap { $0 == .distantFuture ? nil : $0 }
        let named = grants.compactMap(\.channels)
        channels = named.isEmpty ? nil : named.reduce(into: []) { $0.formUnion($1) }
    }
}
