import FoundationEssentials

// The detailed client workflow of The Update Framework, specification 1.0.34, section 5: one function
// a step, in its order and words. Steps 5.1 and 5.2 are `MetadataClient.init`; what a file must
// fulfil stands in `TrustedMetadata`; 5.6.7 is `DelegationSearch.swift`.

extension MetadataClient {
    /// 5.3 Update the root role.
    func updateRoot() async throws {
        // 5.3.9 Repeat, for at most Y files that are downloaded.
        var downloads = 0
        while downloads < limits.rootRotations {
            // 5.3.2 Let N denote the version number of the trusted root metadata file.
            let next = trusted.root.version + 1
            if loadStoredRoot(version: next) { continue }
            guard try await downloadRoot(version: next) else { break }
            downloads += 1
        }
        // 5.3.10 Check for a freeze attack.
        try trusted.checkRootExpiry()
        // 5.3.12 Whether consistent snapshots are used is read from the trusted root where a file
        // name is made.
    }

    /// 5.3.3 to 5.3.8 for version N+1.
    ///
    /// - Returns: false when there is none.
    private func downloadRoot(version: Int64) async throws -> Bool {
        // 5.3.3 Try downloading version N+1 of the root metadata file, up to W bytes.
        guard let bytes = try await fetch("\(version).root.json", limit: limits.rootLength) else {
            return false
        }
        // 5.3.4 Check for an arbitrary software attack. 5.3.5 Check for a rollback attack.
        // 5.3.7 Set the trusted root metadata file.
        let rotates = try trusted.updateRoot(bytes)
        // 5.3.11 If the timestamp and/or snapshot keys have been rotated, then delete the trusted
        // timestamp and snapshot metadata files. Done before the root is persisted and not after
        // the last one: a run that is killed in between, or stops at 5.3.10, has not forgotten it.
        if rotates { try deleteTimestampAndSnapshot() }
        // 5.3.8 Persist root metadata.
        try store.save(RootHistory.name(ofVersion: version), bytes)
        try store.save(TopLevelRole.root.rawValue, bytes)
        return true
    }

    /// A root that an earlier run verified stands for the download, if it still verifies.
    private func loadStoredRoot(version: Int64) -> Bool {
        guard let bytes = try? store.load(RootHistory.name(ofVersion: version)) else {
            return false
        }
        return (try? trusted.updateRoot(bytes)) != nil
    }

    /// 5.3.11 Delete the trusted timestamp and snapshot metadata files.
    private func deleteTimestampAndSnapshot() throws {
        try store.remove(TopLevelRole.timestamp.rawValue)
        try store.remove(TopLevelRole.snapshot.rawValue)
    }

    /// 5.4 Update the timestamp role.
    func updateTimestamp() async throws {
        let role = TopLevelRole.timestamp
        if let stored = try? store.load(role.rawValue) {
            // One that no longer verifies is as good as none: its key may have been rotated.
            try? trusted.loadStoredTimestamp(stored)
        }
        // 5.4.1 Download the timestamp metadata file, up to X bytes.
        guard let bytes = try await fetch(role.file, limit: limits.timestampLength) else {
            throw TrustError.missing(role.file)
        }
        // 5.4.2 Check for an arbitrary software attack. 5.4.3 Check for a rollback attack.
        // 5.4.4 Check for a freeze attack.
        guard try trusted.updateTimestamp(bytes) else {
            // 5.4.3.1 In case they are equal, discard the new one. This is normal; the files below
            // may still be missing here, so the update goes on with the trusted one.
            return try trusted.checkTimestampExpiry()
        }
        // 5.4.5 Persist timestamp metadata.
        try store.save(role.rawValue, bytes)
    }

    /// In place of 5.4, where no timestamp can be had: a statement says which snapshot is current.
    func stand(on statement: SnapshotStatement) throws {
        let role = TopLevelRole.timestamp.rawValue
        if let stored = try? store.load(role) { try? trusted.loadStoredTimestamp(stored) }
        try trusted.stand(on: statement)
    }

    /// 5.5 Update the snapshot role.
    func updateSnapshot() async throws {
        let role = TopLevelRole.snapshot
        if let stored = try? store.load(role.rawValue),
            (try? trusted.loadStoredSnapshot(stored)) == true
        {
            return
        }
        // 5.5.1 Download snapshot metadata file, up to the number of bytes that the timestamp says.
        let description = try trusted.currentSnapshot
        let bytes = try await fetch(role.rawValue, description, limit: limits.snapshotLength)
        // 5.5.2 Check against timestamp role's snapshot hash. 5.5.3 Check for an arbitrary software
        // attack. 5.5.4 Check against timestamp role's snapshot version. 5.5.5 Check for a rollback
        // attack. 5.5.6 Check for a freeze attack.
        try trusted.updateSnapshot(bytes)
        // 5.5.7 Persist snapshot metadata.
        try store.save(role.rawValue, bytes)
    }

    /// 5.6 Update the targets role, and in the same steps the roles that it delegates to.
    @discardableResult
    func updateTargets(_ delegation: TrustedMetadata.Delegation) async throws -> Targets {
        if let targets = trusted.targets(for: delegation) { return targets }
        let role = delegation.role
        let description = try trusted.description(ofTargetsRole: role)
        if let checked = await Self.checkStored(delegation, in: store, by: trusted),
            let targets = try? trusted.take(checked)
        {
            return targets
        }
        // 5.6.1 Download the targets metadata file, up to the number of bytes that the snapshot says.
        let bytes = try await fetch(role, description, limit: limits.targetsLength)
        // 5.6.2 Check against snapshot role's targets hash. 5.6.3 Check for an arbitrary software
        // attack. 5.6.4 Check against snapshot role's targets version. 5.6.5 Check for a freeze
        // attack.
        let targets = try trusted.take(await Self.check(bytes, for: delegation, by: trusted))
        // 5.6.6 Persist targets metadata.
        try store.save(role, bytes)
        return targets
    }

    /// The metadata of a role that an earlier run left, when it still counts.
    @concurrent
    private static func checkStored(
        _ delegation: TrustedMetadata.Delegation, in store: any MetadataStore,
        by trusted: TrustedMetadata
    ) async -> TrustedMetadata.CheckedTargets? {
        guard let stored = try? store.load(delegation.role) else { return nil }
        return try? trusted.check(stored, for: delegation)
    }

    /// Beside the actor, so that the roles of several searches are verified side by side.
    @concurrent
    private static func check(
        _ bytes: [UInt8], for delegation: TrustedMetadata.Delegation, by trusted: TrustedMetadata
    ) async throws(TrustError) -> TrustedMetadata.CheckedTargets {
        try trusted.check(bytes, for: delegation)
    }

    /// A file that another one describes; with consistent snapshots its version is in its name.
    private func fetch(
        _ role: String, _ description: FileDescription, limit: Int
    ) async throws -> [UInt8] {
        let name = "\(encodedFileName(role)).json"
        let file = trusted.root.consistentSnapshot ? "\(description.version).\(name)" : name
        let limit = description.length.flatMap(Int.init(exactly:)).map { min($0, limit) } ?? limit
        guard let bytes = try await fetch(file, limit: limit) else {
            throw TrustError.missing(file)
        }
        return bytes
    }

    private func fetch(_ file: String, limit: Int) async throws -> [UInt8]? {
        guard let bytes = try await transport.fetch(file, maximumLength: limit) else { return nil }
        guard bytes.count <= limit else { throw TrustError.tooLong(file, limit: limit) }
        return bytes
    }
}
