import FoundationEssentials

/// What earlier runs left of a repository's metadata, for who has nobody to ask.
///
/// Every signature is verified again from the first root on, so that a file on disk is never trusted
/// by itself. Expiry is left aside: without a network nothing newer can be had, and what may be used
/// for how long says the license.
package struct StoredMetadata {
    private let store: any MetadataStore
    private var trusted: TrustedMetadata
    private let targets: Targets?

    /// The latest root that follows from the first one.
    package var root: Root { trusted.root }

    /// - Parameters:
    ///   - firstRoot: the root file that is trusted for where it comes from
    ///   - store: what earlier runs verified; what no longer verifies is left aside
    /// - Throws: `trust.malformed`, `trust.unsigned`, `trust.threshold` for the first root.
    package init(firstRoot: [UInt8], store: any MetadataStore) throws(TrustError) {
        self.store = store
        var trusted = try TrustedMetadata(trustedRoot: firstRoot, now: .distantPast)
        while let bytes = try? store.load(
            RootHistory.name(ofVersion: trusted.root.version + 1)),
            (try? trusted.updateRoot(bytes)) != nil
        {}
        let role = TopLevelRole.targets
        targets = (try? store.load(role.rawValue)).flatMap { bytes in
            try? UnverifiedMetadata(bytes, role: role.rawValue)
                .verified(as: Targets.self, by: trusted.root.verifier(for: role))
        }
        self.trusted = trusted
    }

    /// What the top-level targets say of a file; nil: nothing, or there are none.
    package func target(_ path: String) -> TargetDescription? { targets?.targets[path] }

    /// A root from elsewhere, to which a chain has to lead from the one that is trusted.
    ///
    /// - Throws: ``TrustError`` when it does not.
    package func root(following chain: RootChain) throws(TrustError) -> Root {
        var next = trusted
        for bytes in chain.files(after: root.version) { try next.updateRoot(bytes) }
        return next.root
    }

    /// Keeps the roots that follow for every later run.
    ///
    /// - Throws: ``TrustError`` when one does not follow; what the store throws.
    package mutating func keep(_ chain: RootChain) throws {
        for bytes in chain.files(after: root.version) {
            // As in section 5.3 of the workflow: the caches go before a root that makes it necessary.
            if try trusted.updateRoot(bytes) {
                try store.remove(TopLevelRole.timestamp.rawValue)
                try store.remove(TopLevelRole.snapshot.rawValue)
            }
            try store.save(RootHistory.name(ofVersion: root.version), bytes)
            try store.save(TopLevelRole.root.rawValue, bytes)
        }
    }
}
