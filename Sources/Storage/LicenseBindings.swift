package import FoundationEssentials

/// A license with the instances that may use it.
package struct LicenseBindings: Sendable, Hashable {
    package let license: LicenseRecord
    /// Neither released nor past the window of a move, oldest first.
    package let installations: [InstallationRecord]

    /// Those that hold the license, and are not being moved away from.
    var holders: [InstallationRecord] { installations.filter { $0.validUntil == nil } }
}

/// The customer moved a license as often as it allows.
package struct MoveLimit: Sendable, Hashable {
    /// When the next move is allowed; nil: never.
    package let until: Date?
    /// The Instance ID that held the license until the customer freed it: that one may have it back.
    package let freedBy: String?
}

/// What an instance that has the license's key wants.
package enum BindingPurpose: Sendable, Hashable {
    /// To hold a license that nobody holds, or that it holds already.
    case activation
    /// To hold it in another's place.
    case rebinding
}

/// How the bindings of a license change: worked out here, without a database.
///
/// The same question asked again finds the instance holding the license, and changes nothing.
struct BindingChange: Hashable {
    enum Outcome: Hashable {
        /// It holds the license, or may use it until its window closes.
        case unchanged(InstallationRecord)
        case change(BindingChange)
        /// Others hold the license.
        case occupied(by: [InstallationRecord])
        case limited(MoveLimit)
    }

    /// What the audit log calls it.
    let action: String
    /// The Instance IDs that hold the license from now on.
    let holders: [String]
    /// The instances that are left, and until when each may use the license.
    var leaving: [String: Date] = [:]
    /// Whether it is one of the moves that the license counts: one instance that it leaves may
    /// return once.
    var isCounted = false
    /// Whether no instance may return any more: what the vendor decides is not taken back.
    var endsReturns = false

    /// What comes of a question of an instance.
    ///
    /// - Parameters:
    ///   - instance: the Instance ID
    ///   - purpose: what it wants
    ///   - bindings: the license as it is
    ///   - last: the instance that held it until the customer freed it; nil: the customer did not
    ///   - earlier: when the customer moved it in the last year, oldest first
    ///   - now: the present time
    /// - Returns: the change, or what stands against it
    static func asked(
        by instance: String, for purpose: BindingPurpose, of bindings: LicenseBindings,
        freedBy last: String?, movedBefore earlier: [Date], now: Date
    ) -> Outcome {
        let holders = bindings.holders
        let policy = bindings.license.terms.rebinding
        let limit = policy.limit(movedBefore: earlier, freedBy: last)
        let known = bindings.installations.first { $0.instance == instance }
        if let known, known.validUntil == nil { return .unchanged(known) }
        let mayReturn = (known?.mayReturn ?? false) && policy.perYear > 0
        if holders.isEmpty {
            var change = BindingChange(action: "license.bind", holders: [instance])
            // After the customer freed it another instance is a move, by whatever verb.
            change.isCounted = !mayReturn && last.map { $0 != instance } ?? false
            guard change.isCounted else { return .change(change) }
            // One that restarts in its window asks for no move.
            if purpose == .activation, let known { return .unchanged(known) }
            return limit.map { .limited($0) } ?? .change(change)
        }
        guard purpose == .rebinding else {
            return known.map { .unchanged($0) } ?? .occupied(by: holders)
        }
        // Going back once is no further move, and opens no further window.
        if mayReturn, let window = known?.validUntil {
            return .change(moving(holders, to: instance, until: window))
        }
        if let limit { return .limited(limit) }
        var change = moving(holders, to: instance, until: policy.windowEnd(from: now))
        change.isCounted = true
        return .change(change)
    }

    /// What the vendor decides: these instances hold the license, or none.
    ///
    /// A window that is open already may be shortened so, and is never made longer. One that the
    /// customer freed is free for the next from then on, without a move.
    static func decided(
        holders: [String], of bindings: LicenseBindings, freedBy last: String?, until end: Date
    ) -> BindingChange? {
        let left = bindings.installations.filter { installation in
            !holders.contains(installation.instance)
                && installation.validUntil.map { end < $0 } ?? true
        }
        guard
            !left.isEmpty || last != nil
                || Set(holders) != Set(bindings.holders.map(\.instance))
        else { return nil }
        return BindingChange(
            action: "license.rebind", holders: holders,
            leaving: Dictionary(left.map { ($0.instance, end) }) { $1 }, endsReturns: true)
    }

    private static func moving(
        _ holders: [InstallationRecord], to instance: String, until end: Date
    ) -> BindingChange {
        BindingChange(
            action: "license.rebind", holders: [instance],
            leaving: Dictionary(holders.map { ($0.instance, end) }) { $1 })
    }
}

extension RebindingPolicy {
    /// What stands against one more move; nil: nothing.
    fileprivate func limit(movedBefore earlier: [Date], freedBy last: String?) -> MoveLimit? {
        guard earlier.count >= perYear else { return nil }
        let next = perYear > 0 ? earlier[earlier.count - perYear] : nil
        return MoveLimit(until: next?.addingTimeInterval(yearOfRebinding), freedBy: last)
    }
}

/// How far back moves are counted, in seconds.
let yearOfRebinding: TimeInterval = 365 * 86_400
