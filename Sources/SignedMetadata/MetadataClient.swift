package import FoundationEssentials

/// Follows a repository's metadata from a trusted root to the targets that are wanted.
///
/// ``refresh()`` is the client workflow of the specification (section 5.1 to 5.6.6), and asks for as
/// little as it can: when nothing changed, for the next root and the timestamp. Then
/// ``target(_:)`` and ``targets(under:)`` search the delegations; the metadata of a delegated role is
/// fetched when a search first needs it.
///
/// One client is for one update: its time stands still. A long-running program makes a new one over
/// the same store for the next. Searches may run side by side; each fetches what it waits for.
///
/// Whatever fails leaves what was trusted before, here and in the store, and can be tried again.
package actor MetadataClient {
    let store: any MetadataStore
    let transport: any MetadataTransport
    let limits: MetadataLimits
    /// What is trusted at this moment.
    package internal(set) var trusted: TrustedMetadata

    /// - Parameters:
    ///   - trustedRoot: the root file that is trusted for where it comes from
    ///   - store: what earlier runs verified; roots in it are followed from the given one on
    ///   - transport: where new metadata comes from
    ///   - now: the time at which the update begins; every expiry is compared with it
    ///   - limits: what is never exceeded
    /// - Throws: `trust.malformed`, `trust.unsigned`, `trust.threshold` for the root.
    package init(
        trustedRoot: [UInt8], store: any MetadataStore, transport: any MetadataTransport, now: Date,
        limits: MetadataLimits = MetadataLimits()
    ) throws(TrustError) {
        self.store = store
        self.transport = transport
        self.limits = limits
        trusted = try TrustedMetadata(trustedRoot: trustedRoot, now: now)
    }

    /// Brings the top-level metadata up to date.
    ///
    /// - Throws: ``TrustError``, and what transport and store throw.
    package func refresh() async throws {
        try await updateRoot()
        try await updateTimestamp()
        try await updateSnapshot()
        try await updateTargets(.topLevel)
    }

    /// The same for a machine that no timestamp reaches.
    ///
    /// - Parameter statement: which snapshot is current, verified by the caller
    /// - Throws: ``TrustError``, and what transport and store throw.
    package func refresh(by statement: SnapshotStatement) async throws {
        try await updateRoot()
        try stand(on: statement)
        try await updateSnapshot()
        try await updateTargets(.topLevel)
    }

    /// Where below the base of all targets the file is, as the trusted root says: with its hash in
    /// the name or without (section 5.7.3).
    package func downloadPath(of target: TargetDescription) -> String {
        trusted.root.consistentSnapshot ? target.consistentPath : target.path
    }
}
