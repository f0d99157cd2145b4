// 5.6.7 Perform a pre-order depth-first search for metadata about the desired target, beginning with
// the top-level targets role.

extension MetadataClient {
    /// What the metadata says of the target, or nil when no role that is trusted with its path
    /// describes it.
    ///
    /// Call ``refresh()`` first.
    ///
    /// - Throws: ``TrustError`` when a role on the way cannot be had or verified, which ends the
    ///   search; what transport and store throw.
    package func target(_ path: String) async throws -> TargetDescription? {
        var pending = [TrustedMetadata.Delegation.topLevel]
        var visited: Set<String> = []
        while let delegation = pending.popLast() {
            // 5.6.7.1 If this role has been visited before, then skip this role. Otherwise, if the
            // maximum number of roles have been visited, stop. The top-level role is not counted.
            guard !visited.contains(delegation.role) else { continue }
            guard visited.count <= limits.delegations else { return nil }
            let targets = try await updateTargets(delegation)
            visited.insert(delegation.role)
            if let target = targets.targets[path] { return target }
            // 5.6.7.2 Otherwise, recursively search the list of delegations in order of appearance.
            var children: [TrustedMetadata.Delegation] = []
            for (role, isTerminating) in targets.delegations?.roles(for: path) ?? [] {
                children.append(.init(role: role, delegator: delegation.role))
                guard isTerminating else { continue }
                // 5.6.7.2.1 A terminating delegation: nothing that comes later is asked.
                pending = []
                break
            }
            pending += children.reversed()
        }
        return nil
    }

    /// All targets whose path begins with the prefix, sorted by path: those, and with the
    /// descriptions, that ``target(_:)`` finds.
    ///
    /// - Throws: as ``target(_:)``; `trust.too-many-roles` when more delegated roles than one search
    ///   may visit can describe such paths: some would be left out without a word.
    package func targets(under prefix: String) async throws -> [TargetDescription] {
        let tree = try await delegationTree(under: prefix)
        let paths = Set(tree.values.flatMap { $0.paths })
        return paths.sorted().compactMap { path in found(path, in: tree) }
    }

    /// A role as far as it can matter to paths under one prefix.
    private struct Branch {
        let targets: Targets
        let paths: [String]
        let children: [DelegatedRole]
        let bins: HashBins?
    }

    /// All roles that can describe a path under the prefix, by name.
    private func delegationTree(under prefix: String) async throws -> [String: Branch] {
        var tree: [String: Branch] = [:]
        var pending = [TrustedMetadata.Delegation.topLevel]
        var seen: Set<TrustedMetadata.Delegation> = []
        while let delegation = pending.popLast() {
            guard tree[delegation.role] != nil || tree.count <= limits.delegations else {
                throw TrustError.tooManyRoles("\"\(prefix)…\"", limit: limits.delegations)
            }
            // Verified for each that delegates to it: some paths may only be reached through the
            // second, who may name other keys.
            guard seen.insert(delegation).inserted else { continue }
            let targets = try await updateTargets(delegation)
            guard tree[delegation.role] == nil else { continue }
            let children =
                targets.delegations?.roles.filter { $0.paths.mayInclude(pathsUnder: prefix) } ?? []
            tree[delegation.role] = Branch(
                targets: targets,
                paths: targets.targets.keys.filter { $0.utf8.starts(with: prefix.utf8) },
                children: children, bins: targets.delegations?.bins)
            let bins = targets.delegations?.bins.map {
                Array($0.names.prefix(limits.delegations + 1))
            }
            let names = bins ?? children.map(\.name)
            pending += names.reversed().map { .init(role: $0, delegator: delegation.role) }
        }
        return tree
    }

    /// The search of ``target(_:)`` among roles that are all here.
    private func found(_ path: String, in tree: [String: Branch]) -> TargetDescription? {
        var pending = [TopLevelRole.targets.rawValue]
        var visited: Set<String> = []
        while let role = pending.popLast() {
            guard visited.insert(role).inserted, let branch = tree[role] else { continue }
            if let target = branch.targets.targets[path] { return target }
            if let bins = branch.bins {
                pending = [bins.name(for: path)]
                continue
            }
            let children = branch.children.filter { $0.paths.include(path) }
            if let last = children.firstIndex(where: \.isTerminating) {
                pending = children[...last].map(\.name).reversed()
            } else {
                pending += children.map(\.name).reversed()
            }
        }
        return nil
    }
}
