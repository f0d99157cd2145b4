import CanonicalJSON
import Cryptography
import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import Storage

extension Vendor {
    /// Throws unless every instance that the license may be bound to gets a token that it can read.
    ///
    /// What the terms say is compared with sensible bounds, and the longest token that there can be is
    /// signed and read back.
    ///
    /// - Throws: ``UsageError`` that names what cannot be.
    func checkIssuable(_ license: LicenseRecord, _ profile: VendorProfile) throws {
        let name = license.account.name
        guard !name.isEmpty, name.utf8.count <= 256,
            !name.unicodeScalars.contains(where: \.isUnprintable)
        else {
            throw UsageError("\(quoted(name)) is no name of an account: 1 to 256 bytes of text.")
        }
        try license.terms.checkBounds()
        if let unknown = license.terms.channels.sorted().first(where: {
            !profile.channels.contains($0)
        }) {
            throw UsageError(
                "There is no channel \(quoted(unknown)).",
                remedy: "vendor.json has \(profile.channels.joined(separator: ", ")).")
        }
        do {
            let instance = InstanceID(facts: InstanceFacts(pinned: "longest"))
            _ = try signedToken(
                license, instances: [InstanceBinding(id: instance)], facts: Self.longestFacts,
                nonce: String(repeating: "\u{1}", count: CheckInRequest.maximumNonceBytes),
                profile: profile)
        } catch {
            throw UsageError(
                "The license could never be activated.",
                remedy: "Give it fewer or shorter plugins, features and limits.", cause: error)
        }
    }

    /// Throws unless each of the plugins has a release here.
    ///
    /// - Throws: ``UsageError`` that names one, ``StorageError``.
    package func checkPublished(_ plugins: [String]) async throws {
        let known = Set(try await records.releases.plugins().map(\.description))
        guard let unknown = plugins.first(where: { !known.contains($0) }) else { return }
        throw UsageError(
            "There is no plugin \(quoted(unknown)) in this registry.",
            remedy: "Publish it first, or correct the name; `tollgate plugins list` shows them.")
    }

    private static var longestFacts: JSONValue {
        let facts = SaltedFacts(
            salt: [], hashes: ["x": String(repeating: "x", count: SaltedFacts.maximumBytes)])
        return facts.json
    }
}

extension LicenseTerms {
    /// Throws for what no token can say or no one can mean.
    fileprivate func checkBounds() throws(UsageError) {
        guard (0...Self.maximumGraceDays).contains(graceDays) else {
            throw UsageError("Grace is 0 to \(Self.maximumGraceDays) days, not \(graceDays).")
        }
        guard (1...Self.maximumLeaseHours * 3600).contains(Int(checkIn.lease)) else {
            throw UsageError("A lease is 1 to \(Self.maximumLeaseHours) hours.")
        }
        for (name, value) in limits.sorted(by: { $0.key < $1.key }) where value < 0 {
            throw UsageError("The limit \(quoted(name)) is below zero: \(value).")
        }
        guard mode == .standard || expires != nil else {
            throw UsageError("A license that is \(mode.rawValue) needs the end of its term.")
        }
        _ = try timeZone(timezone)
        if let expires { try check("The term", endsAt: expires) }
        for grant in grants {
            if let end = grant.updatesUntil {
                try check("The update period of \(grant.plugin)", endsAt: end)
            }
        }
    }

    /// From 2000-01-01 to 8999-12-31, so that grace in any zone stays before the year 9999.
    private func check(_ what: String, endsAt end: Date) throws(UsageError) {
        guard (946_684_800..<221_845_392_000).contains(end.timeIntervalSince1970) else {
            throw UsageError(
                "\(what) cannot end before the year 2000 or after the year 8999.",
                remedy: "Write another day, or none for no end.")
        }
    }
}
