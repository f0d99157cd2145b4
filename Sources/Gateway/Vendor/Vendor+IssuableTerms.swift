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
    /// - Parameters:
    ///   - license: what is to be
    ///   - instances: the Instance IDs that it is bound to by the vendor
    ///   - profile: what the vendor says of itself
    ///   - root: what goes into its tokens, if they are offline ones
    /// - Throws: ``UsageError`` that names what cannot be.
    func checkIssuable(
        _ license: LicenseRecord, boundTo instances: [InstanceID] = [], _ profile: VendorProfile,
        root: JSONValue?
    ) throws {
        let name = license.account.name
        guard !name.allSatisfy(\.isWhitespace), name.utf8.count <= 256,
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
            let known = instances.isEmpty ? [Self.anyInstance] : instances
            // Two at once while it is moved.
            var claims = claims(
                of: license,
                instances: (known + [Self.anyInstance]).map {
                    InstanceBinding(id: $0, until: now())
                }, profile: profile)
            claims.nonce = String(repeating: "\u{1}", count: CheckInRequest.maximumNonceBytes)
            claims.keyProof = Base64URL.encode([UInt8](repeating: 0, count: 32))
            claims.root = root
            _ = try sign(claims, facts: Self.longestFacts)
        } catch {
            throw UsageError(
                "The license could never be activated.",
                remedy: "Give it fewer or shorter plugins, features and limits.", cause: error)
        }
    }

    /// Throws unless each of the plugins has a release here, be it one that awaits its signature.
    ///
    /// - Throws: ``UsageError`` that names one, ``StorageError``.
    package func checkPublished(_ plugins: [String]) async throws {
        let known = Set(try await records.releases.allPlugins().map(\.description))
        guard let unknown = plugins.first(where: { !known.contains($0) }) else { return }
        throw UsageError(
            "There is no plugin \(quoted(unknown)) in this registry.",
            remedy: "Publish it first, or correct the name; `tollgate plugins list` shows them.")
    }

    private static var anyInstance: InstanceID { InstanceID(facts: InstanceFacts(pinned: "any")) }

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
        let longest = Int64(Self.maximumLeaseHours) * 3600
        for (what, seconds) in [
            ("A lease", checkIn.lease),
            ("The time from one check-in to the next", checkIn.interval),
            ("The time from a failed check-in to the next", checkIn.retry),
        ] where !(1...longest).contains(seconds) {
            throw UsageError(
                "\(what) is 1 second to \(Self.maximumLeaseHours) hours, not \(seconds) seconds.")
        }
        guard (0...RebindingPolicy.maximumPerYear).contains(rebinding.perYear) else {
            throw UsageError(
                """
                A license may be moved 0 to \(RebindingPolicy.maximumPerYear) times a year, not \
                \(rebinding.perYear).
                """)
        }
        guard (0...RebindingPolicy.maximumWindowDays).contains(rebinding.windowDays) else {
            throw UsageError(
                """
                The window after a move is 0 to \(RebindingPolicy.maximumWindowDays) days, not \
                \(rebinding.windowDays).
                """)
        }
        for (name, value) in limits.sorted(by: { $0.key < $1.key }) where value < 0 {
            throw UsageError("The limit \(quoted(name)) is below zero: \(value).")
        }
        guard mode == .standard || expires != nil else {
            throw UsageError("A license that is \(mode.rawValue) needs the end of its term.")
        }
        _ = try timeZone(timezone)
        if let expires { try check("The term", endsAt: expires) }
        if let begins {
            try check("The time before the term", endsAt: begins)
            if let expires, expires <= begins {
                throw UsageError(
                    "The term would end at \(expires.wireText), before it begins at \(begins.wireText)."
                )
            }
        }
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
