import Diagnostics
package import Licensing
package import Packages

/// Brings all plugins back to the last good set, as one change.
extension BringBack {
    /// What going back did.
    package struct SetChange: Sendable {
        package struct Line: Sendable {
            package let name: PackageName
            package let from: SemanticVersion?
            /// Nil for one that was set aside.
            package let to: SemanticVersion?
        }

        package let lines: [Line]
        /// What could not be brought back, and why.
        package let missing: [Missing]
    }

    /// A plugin that could not be brought back.
    package struct Missing: Sendable {
        package let name: PackageName
        package let reason: String
        /// What to do about it.
        package let remedy: String
    }

    /// One step of it.
    private enum Step {
        case change(Journal.Change, Receipt)
        case impossible(String, remedy: String)
    }

    /// Goes back to the last good set, or from that to the one before it.
    ///
    /// Releases that were replaced are exchanged with what is kept of the set, plugins that came new
    /// are set aside, those that were removed come back if the license has them. No later run undoes
    /// it: each release that is gone back from is not installed again until there is a newer one.
    ///
    /// - Parameter status: how the license stands; asked only when a removed plugin is to come back
    /// - Returns: what was changed, and what could not be
    /// - Throws: `plugins.not-restorable` when there is no earlier set or nothing of it is kept,
    ///   `lock.held`, `disk.*`.
    package func rollBackAll(under status: () async throws -> LicenseStatus) async throws
        -> SetChange
    {
        try await StorageLock.hold(storage) {
            let installer = Installer(storage)
            if let failure = try installer.recover().failures.first { throw failure }
            var sets = try GoodSets(in: storage)
            let receipts = try ReceiptStore(in: storage.receipts).all()
            let present = PluginSet(receipts)
            guard let target = sets.target(from: present), target != present else {
                throw DiskError(.notRestorable, "There is no earlier set of plugins to go back to.")
            }
            let staging = Staging(in: storage)
            var licensed: Result<Set<String>, any Error>?
            var entries: [Journal.Entry] = []
            var lines: [SetChange.Line] = []
            var missing: [Missing] = []
            for name in Set(present.members.keys).union(target.members.keys)
                .sorted(by: { $0.description < $1.description })
            {
                let (old, new) = (present.members[name], target.members[name])
                guard old?.tarball != new?.tarball else { continue }
                if old == nil, licensed == nil { licensed = await pluginNames(of: status) }
                let current = receipts.first { $0.name == name }
                switch try step(of: name, from: current, to: new, licensed: licensed) {
                case .change(let change, let receipt):
                    try ReceiptStore.write(receipt, to: staging.receipt(name))
                    entries.append(Journal.Entry(name: name, change: change))
                    lines.append(SetChange.Line(name: name, from: old?.version, to: new?.version))
                case .impossible(let reason, let remedy):
                    missing.append(Missing(name: name, reason: reason, remedy: remedy))
                }
            }
            guard !entries.isEmpty else {
                let reasons = missing.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
                throw DiskError(
                    .notRestorable, "Nothing can be brought back: \(reasons).",
                    remedy: missing.remedy)
            }
            let failures = try installer.install(entries, from: staging, asOneSet: true)
            if let failure = failures.values.first { throw failure }
            sets.noteRollback(
                from: present, to: PluginSet(try ReceiptStore(in: storage.receipts).all()))
            try sets.save(in: storage)
            return SetChange(lines: lines, missing: missing)
        }
    }

    private func pluginNames(
        of status: () async throws -> LicenseStatus
    ) async -> Result<Set<String>, any Error> {
        do {
            return .success(Set(try await status().entitlements.plugins.map(\.name)))
        } catch {
            return .failure(error)
        }
    }

    private func step(
        of name: PackageName, from current: Receipt?, to member: PluginSet.Member?,
        licensed: Result<Set<String>, any Error>?
    ) throws(DiskError) -> Step {
        guard let member else {
            guard var receipt = current else {
                return .impossible("it is not installed", remedy: wayOut(for: name, nil))
            }
            receipt.rolledBackFrom = receipt.version
            return .change(.remove, receipt)
        }
        if current == nil {
            if case .failure(let error) = licensed {
                let failure = anyFailure(error)
                return .impossible(
                    "nobody could say whether the license has it: \(failure.message)",
                    remedy: failure.remedy)
            }
            guard case .success(let names) = licensed, names.contains(name.description) else {
                return .impossible(
                    "the license does not have it",
                    remedy: "`pkg plugins restore \(name)` brings it back once the license has it.")
            }
            let visible = storage.plugin(name)
            guard try Disk.status(visible) == nil else {
                return .impossible(
                    "what pkg did not install stands in its place",
                    remedy: "Move \(visible) aside, then run `pkg plugins restore \(name)`.")
            }
        }
        for origin in [SetAside.Kind.previous, .removed] {
            let aside = SetAside(origin, of: name, in: storage)
            guard var receipt = try aside.receipt(), receipt.tarball == member.tarball else {
                continue
            }
            guard try receipt.conditionByContent(in: aside.package) == .intact else {
                return .impossible(
                    "the kept files of \(member.version) were changed",
                    remedy: "Move \(aside.folder) aside. \(wayOut(for: name, current))")
            }
            receipt.rolledBackFrom = current?.afterReturning(to: receipt.version)
            return .change(.put(origin: origin), receipt)
        }
        return .impossible(
            "\(member.version) is no longer kept here", remedy: wayOut(for: name, current))
    }

    /// What is left to do about a plugin of which nothing can be brought back.
    private func wayOut(for name: PackageName, _ current: Receipt?) -> String {
        guard let current else {
            return "`pkg plugins restore \(name)` says what can be done about \(name)."
        }
        return current.rolledBackFrom.map {
            "\(name) was rolled back from \($0): `pkg plugins rollback \(name)` ends that."
        } ?? "\(name) stays at \(current.version)."
    }
}

extension [BringBack.Missing] {
    /// What to do about all of them.
    package var remedy: String { map(\.remedy).joined(separator: " ") }
}
