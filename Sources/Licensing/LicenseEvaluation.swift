internal import CanonicalJSON
internal import Diagnostics
package import FoundationEssentials

/// Says how an instance stands with its licenses at one moment.
///
/// Pure: the same arguments, the same answer.
///
/// 1. Each token is judged by itself (``LicenseStanding``).
/// 2. The best standing is the state: one good license is enough.
/// 3. The entitlements of all that are in force are joined, the best of each; those of paused
///    licenses are kept, marked, so that nobody takes them for lost.
/// 4. Warnings are collected; that of an end which comes soon only when no other license follows,
///    that of more seats in use than granted, and that of a clock which differs from the gateway's.
///
/// - Parameters:
///   - tokens: all that are saved, verified
///   - instance: this instance's ID
///   - facts: what is behind the ID, so that a mismatch can name what changed; nil: unknown
///   - memory: what earlier runs have seen
///   - seatsInUse: how many users are active, when the application said so
///   - domains: where the application is served, as far as somebody said so
///   - now: the one time that this run goes by
/// - Returns: the state, why, what is granted, and what to warn of.
package func evaluate(
    _ tokens: [VerifiedLicenseToken], instance: InstanceID, facts: InstanceFacts?,
    memory: LicenseMemory, seatsInUse: Int64? = nil, servedAt domains: [LicenseDomain] = [],
    now: Date
) -> LicenseStatus {
    let clock = LicenseClock(shown: now, memory: memory)
    var newest: [String: LicenseClaims] = [:]
    for claims in tokens.map(\.claims) {
        if let begins = claims.notBefore, clock.time(for: claims) < begins { continue }
        if let known = newest[claims.licenseID], !known.isOlder(than: claims) { continue }
        newest[claims.licenseID] = claims
    }
    let standings = tokens.map(\.claims).map { claims in
        LicenseStanding.of(
            claims,
            in: LicenseCircumstances(
                instance: instance, facts: facts, memory: memory, clock: clock,
                now: clock.time(for: claims), newest: newest))
    }
    return status(of: standings, clock: clock, seatsInUse: seatsInUse, servedAt: domains)
}

private func status(
    of standings: [LicenseStanding], clock: LicenseClock, seatsInUse: Int64?,
    servedAt domains: [LicenseDomain]
) -> LicenseStatus {
    let order: [(LicenseStanding.State, LicenseState)] = [
        (.active, .active), (.grace, .grace), (.paused, .paused), (.invalid, .invalid),
    ]
    let inForce = standings.filter { $0.state == .active || $0.state == .grace }
    var entitlements = Entitlements()
    for standing in standings { entitlements.merge(standing.entitlements(by: clock)) }
    var warnings = standings.flatMap(\.warnings)
    // Once is enough where the clock is the very reason.
    if !standings.contains(where: { $0.failure?.code == .clockSkewed }) {
        warnings += skewWarnings(clock.skew)
    }
    warnings += seatWarnings(inUse: seatsInUse, granted: entitlements.limits["seats"])
    warnings += domainWarnings(servedAt: domains, inForce)
    for (state, overall) in order {
        let best = standings.filter { $0.state == state }
        guard let first = best.first else { continue }
        var until: Date? = nil
        if !inForce.isEmpty {
            until = joinedEnd(best.map(\.until), among: standings)
            // What one license cannot do is worth a word though another one can.
            warnings += standings.compactMap { standing in
                standing.failure.map { LicenseWarning(code: $0.code, message: $0.message) }
            }
            if overall == .active { warnings += endingSoon(best, among: standings, clock) }
        }
        return LicenseStatus(
            state: overall, failure: first.failure, until: until, entitlements: entitlements,
            warnings: warnings, seatsInUse: seatsInUse,
            clockSkew: clock.skew?.seconds, standings: standings)
    }
    return LicenseStatus(
        state: .none, failure: noneFailure(standings), until: nil, entitlements: entitlements,
        warnings: warnings, seatsInUse: seatsInUse,
        clockSkew: clock.skew?.seconds, standings: standings)
}

/// The latest end that can be reached from some ends without a gap; nil: there is none.
///
/// A term's last second is the last one of a day, 23:59:59, which still belongs to that day, and the
/// next term begins with the first second of the day after. So one second between them is no gap.
private func joinedEnd(_ ends: [Date?], among standings: [LicenseStanding]) -> Date? {
    guard var end = ends.map({ $0 ?? .distantFuture }).max() else { return nil }
    let successors = standings.filter { $0.state == .waiting }
        .sorted { ($0.until ?? .distantFuture) < ($1.until ?? .distantFuture) }
    for successor in successors {
        guard let begins = successor.until, begins <= end + 1 else { break }
        end = max(end, successor.claims.termEnd ?? .distantFuture)
    }
    return end == .distantFuture ? nil : end
}

private func skewWarnings(_ skew: LicenseMemory.ClockSkew?) -> [LicenseWarning] {
    guard let skew, Double(skew.seconds.magnitude) > LicenseClock.tolerance else { return [] }
    let (seconds, day) = (skew.seconds.magnitude, UInt64(86_400))
    let amount = seconds < 2 * day ? "\(seconds) s" : "\(seconds / day) days"
    return [
        LicenseWarning(
            code: .clockSkewed,
            message: """
                This machine's clock was \(amount) \
                \(skew.seconds > 0 ? "ahead of" : "behind") the gateway's at the check-in of \
                \(skew.measured.wireText).
                """)
    ]
}

private func seatWarnings(inUse: Int64?, granted: Int64?) -> [LicenseWarning] {
    guard let inUse, let granted, inUse > granted else { return [] }
    return [
        LicenseWarning(
            code: .licenseSeatsExceeded,
            message: "\(inUse) users are active; the license grants \(granted) seats.")
    ]
}

private func domainWarnings(
    servedAt domains: [LicenseDomain], _ inForce: [LicenseStanding]
) -> [LicenseWarning] {
    // A license without domains is for any.
    guard inForce.allSatisfy({ !$0.claims.domains.isEmpty }), !inForce.isEmpty else { return [] }
    let licensed = inForce.flatMap(\.claims.domains)
    let known = licensed.compactMap { try? LicenseDomain($0) }
    let outside = domains.filter { domain in !known.contains { $0.covers(domain) } }
    guard !outside.isEmpty else { return [] }
    return [
        LicenseWarning(
            code: .licenseDomainMismatch,
            message: """
                The application is served at \(outside.map(\.description).joined(separator: ", ")); \
                the license is for \(licensed.joined(separator: ", ")).
                """)
    ]
}

private func endingSoon(
    _ best: [LicenseStanding], among standings: [LicenseStanding], _ clock: LicenseClock
) -> [LicenseWarning] {
    let isTrial = best.allSatisfy(\.claims.trial)
    let days: Double = isTrial ? 7 : 30
    // The end of the term counts, not that of a migration; what is kept for ever has none.
    let ends = best.map { standing in standing.until.flatMap { _ in standing.claims.termEnd } }
    guard let until = joinedEnd(ends, among: standings),
        let now = best.map({ clock.time(for: $0.claims) }).max(),
        until.timeIntervalSince(now) <= days * 86400
    else { return [] }
    return [
        LicenseWarning(
            code: .licenseEndingSoon,
            message: "The \(isTrial ? "trial" : "license") ends at \(until.wireText).")
    ]
}

private func noneFailure(_ standings: [LicenseStanding]) -> LicenseError {
    guard let begins = standings.filter({ $0.state == .waiting }).compactMap(\.until).min() else {
        return LicenseError(.licenseKeyNotFound, "No license is saved in this installation.")
    }
    return LicenseError(
        .licenseNotYetValid, "The first of the licenses saved here begins at \(begins.wireText).")
}

extension LicenseStanding {
    /// What the token grants as it stands.
    fileprivate func entitlements(by clock: LicenseClock) -> Entitlements {
        guard state == .active || state == .grace || state == .paused else { return Entitlements() }
        let isPaused = state == .paused
        // Kept after its term, a license covers what was published within it and nothing later.
        let now = clock.time(for: claims)
        let termEnd = claims.termEnd.flatMap { $0 <= now && state == .active ? $0 : nil }
        let plugins = claims.plugins.map { plugin in
            PluginEntitlement(
                name: plugin.name,
                updatesUntil: [plugin.updatesUntil, termEnd].compactMap(\.self).min(),
                channels: plugin.channels, isPaused: isPaused, license: claims.licenseID)
        }
        return Entitlements(
            plugins: plugins, features: isPaused ? [:] : claims.features,
            limits: isPaused ? [:] : claims.limits)
    }
}
