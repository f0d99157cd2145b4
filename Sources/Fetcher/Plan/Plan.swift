import Diagnostics
import FoundationEssentials
package import Packages

/// What a run will do with each plugin: pure and deterministic, the same online and offline.
package struct Plan: Sendable, Equatable {
    package let applicationVersion: ApplicationVersion
    /// One item a plugin, sorted by name.
    package let items: [PlanItem]

    /// What the vendor says, under its signature, against releases that are or will be in use.
    var advice: [String] {
        items.compactMap { item in
            guard let release = item.release else { return nil }
            let title = "\(release.name)@\(release.version)"
            if let reason = release.yanked {
                return "\(title) was withdrawn by its vendor: \(printable(reason, limit: 500))"
            }
            return release.deprecated.map {
                "\(title) is deprecated by its vendor: \(printable($0, limit: 500))"
            }
        }
    }

    /// Whether a plugin is to be set aside.
    var removesPlugins: Bool { items.contains { $0.action == .remove } }
}

/// What will be done with one plugin, and why.
package struct PlanItem: Sendable, Equatable {
    package enum Action: String, Sendable {
        /// What is installed is what is wanted.
        case current
        case install
        case update
        case downgrade
        /// The same release again, because its files were changed or are gone.
        case repair
        /// Prove files without a receipt against their signed release, and write the receipt.
        case adopt
        /// Set aside, because the license no longer has it.
        case remove
        /// Nothing: not ours, or nothing fits.
        case leave
    }

    package let name: PackageName
    package let installed: SemanticVersion?
    /// What the action puts in place; for `current` what is in place.
    package let release: Release?
    package let action: Action
    package let mismatch: Mismatch?
    /// Why, in a few words or a sentence.
    package let explanation: String

    /// Whether the action needs a tarball.
    package var needsTarball: Bool {
        switch action {
        case .install, .update, .downgrade, .repair, .adopt: true
        case .current, .remove, .leave: false
        }
    }
}

/// What a plan is made from.
package struct PlanInputs: Sendable {
    /// What lies where a plugin of that name belongs, without a receipt of ours.
    package enum Unmanaged: Sendable, Equatable {
        /// Its `package.json` names this version.
        case version(SemanticVersion)
        case unreadable
    }

    package struct Entitled: Sendable {
        package let name: PackageName
        package let coverage: Coverage
        /// Whether the license behind it is paused: what is installed stays.
        package let isPaused: Bool

        package init(name: PackageName, coverage: Coverage, isPaused: Bool = false) {
            self.name = name
            self.coverage = coverage
            self.isPaused = isPaused
        }
    }

    package var applicationVersion: ApplicationVersion
    package var entitled: [Entitled]
    /// The verified releases of each plugin that is entitled.
    package var releases: [PackageName: [Release]]
    package var vendor: VendorProfile
    package var installed: [InstalledPlugin]
    package var unmanaged: [PackageName: Unmanaged]
    /// Why nothing new may be downloaded (the license is paused or invalid); nil when it may.
    package var downloadsRefused: String?
    /// Why nothing may be removed (the license was not stated afresh); nil when it may.
    package var removalsRefused: String?
    /// Plugins that an operator rolled back from altogether, and the version that stays away.
    package var keptAway: [PackageName: SemanticVersion]
    /// Plugins of which the bundle that this is made from has nothing.
    package var absent: Set<PackageName>

    package init(
        applicationVersion: ApplicationVersion, entitled: [Entitled],
        releases: [PackageName: [Release]], vendor: VendorProfile, installed: [InstalledPlugin],
        unmanaged: [PackageName: Unmanaged], downloadsRefused: String?, removalsRefused: String?,
        keptAway: [PackageName: SemanticVersion] = [:], absent: Set<PackageName> = []
    ) {
        self.keptAway = keptAway
        self.applicationVersion = applicationVersion
        self.entitled = entitled
        self.releases = releases
        self.vendor = vendor
        self.installed = installed
        self.unmanaged = unmanaged
        self.downloadsRefused = downloadsRefused
        self.removalsRefused = removalsRefused
        self.absent = absent
    }
}

extension Plan {
    /// Works out what to do.
    package init(_ inputs: PlanInputs) {
        let installed = Dictionary(
            inputs.installed.map { ($0.receipt.name, $0) }, uniquingKeysWith: { $1 })
        let entitledNames = Set(inputs.entitled.map(\.name))
        var items = inputs.entitled.map { entitled in
            PlanItem.of(entitled, installed[entitled.name], inputs)
        }
        for plugin in inputs.installed where !entitledNames.contains(plugin.receipt.name) {
            items.append(PlanItem.of(notEntitled: plugin, inputs))
        }
        applicationVersion = inputs.applicationVersion
        self.items = items.sorted { $0.name.description < $1.name.description }
    }
}

extension PlanItem {
    /// The item of a plugin that the license has.
    fileprivate static func of(
        _ entitled: PlanInputs.Entitled, _ plugin: InstalledPlugin?, _ inputs: PlanInputs
    ) -> PlanItem {
        let name = entitled.name
        let releases = inputs.releases[name] ?? []
        let paused = entitled.isPaused ? "the license that has it is paused" : nil
        let item: PlanItem
        if inputs.absent.contains(name) {
            let what = "the bundle has nothing of it"
            item = PlanItem(
                name: name, installed: plugin?.receipt.version, release: nil, action: .leave,
                mismatch: Mismatch(reason: .heldBack, explanation: what), explanation: what)
        } else if let plugin, case .foreign = plugin.condition {
            let what = "\(plugin.condition)"
            item = PlanItem(
                name: name, installed: plugin.receipt.version, release: nil, action: .leave,
                mismatch: Mismatch(reason: .modifiedOnDisk, explanation: what), explanation: what)
        } else if plugin == nil, let unmanaged = inputs.unmanaged[name] {
            item = of(name, unmanaged: unmanaged, releases)
        } else {
            let wanted = resolveRelease(
                of: name, among: releases, coverage: entitled.coverage,
                application: inputs.applicationVersion, installed: plugin?.receipt.version,
                rule: SelectionRule(inputs.vendor.rule))
            switch wanted {
            case .mismatch(let mismatch): item = of(name, plugin, mismatch, releases)
            case .release(let release)
            where plugin == nil && inputs.keptAway[name] == release.version:
                let what =
                    "stays away: rolled back from \(release.version); "
                    + "`pkg plugins restore \(name)` brings it back"
                item = PlanItem(
                    name: name, installed: nil, release: nil, action: .leave,
                    mismatch: Mismatch(reason: .heldBack, explanation: what), explanation: what)
            case .release(let release):
                item = of(name, plugin, wanted: release, releases, inputs)
            }
        }
        guard item.needsTarball, let refusal = inputs.downloadsRefused ?? paused else {
            return item
        }
        return PlanItem(
            name: name, installed: item.installed, release: item.release, action: .leave,
            mismatch: Mismatch(reason: .heldBack, explanation: refusal), explanation: refusal)
    }

    private static func of(
        _ name: PackageName, unmanaged: PlanInputs.Unmanaged, _ releases: [Release]
    ) -> PlanItem {
        if case .version(let version) = unmanaged,
            let release = releases.first(where: { $0.version == version })
        {
            return PlanItem(
                name: name, installed: version, release: release, action: .adopt, mismatch: nil,
                explanation: "its receipt is lost; compared with the signed release")
        }
        return PlanItem(
            name: name, installed: nil, release: nil, action: .leave, mismatch: nil,
            explanation: "left alone: pkg did not install what is there; move it aside to have "
                + "the release installed")
    }

    /// Nothing fits: what is installed stays, and stays right.
    private static func of(
        _ name: PackageName, _ plugin: InstalledPlugin?, _ mismatch: Mismatch, _ releases: [Release]
    ) -> PlanItem {
        let same = releases.first { $0.sha512 == plugin?.receipt.tarball }
        let isDamaged = plugin.map { $0.condition != .intact } ?? false
        return PlanItem(
            name: name, installed: plugin?.receipt.version, release: same,
            action: isDamaged && same != nil ? .repair : .leave, mismatch: mismatch,
            explanation: mismatch.explanation)
    }

    private static func of(
        _ name: PackageName, _ plugin: InstalledPlugin?, wanted release: Release,
        _ releases: [Release], _ inputs: PlanInputs
    ) -> PlanItem {
        guard let plugin else {
            return PlanItem(
                name: name, installed: nil, release: release, action: .install, mismatch: nil,
                explanation: "")
        }
        let version = plugin.receipt.version
        let isHeld = plugin.receipt.rolledBackFrom == release.version
        guard release.sha512 == plugin.receipt.tarball || isHeld else {
            return PlanItem(
                name: name, installed: version, release: release,
                action: release.version < version ? .downgrade : .update, mismatch: nil,
                explanation: release.version == version ? "published anew" : "from \(version)")
        }
        let same = isHeld ? releases.first { $0.sha512 == plugin.receipt.tarball } : release
        let mismatch = isHeld ? same.flatMap { misfit(of: $0, for: release, inputs) } : nil
        let held = isHeld ? "stays at \(version): rolled back from \(release.version)" : ""
        let isDamaged = plugin.condition != .intact
        let isRepaired = isDamaged && same != nil
        return PlanItem(
            name: name, installed: version, release: same,
            action: isRepaired ? .repair : mismatch == nil ? .current : .leave,
            mismatch: mismatch,
            explanation: mismatch?.explanation ?? (isDamaged ? "\(plugin.condition)" : held))
    }

    /// An operator keeps a release in place of the one that fits: what speaks against it is that it
    /// is made for another version of the application, and nothing else.
    private static func misfit(
        of held: Release, for wanted: Release, _ inputs: PlanInputs
    ) -> Mismatch? {
        let resolution = resolveRelease(
            of: held.name, among: [held],
            coverage: Coverage(updatesUntil: nil, channels: [held.channel]),
            application: inputs.applicationVersion, installed: held.version,
            rule: SelectionRule(inputs.vendor.rule))
        guard case .mismatch = resolution else { return nil }
        return Mismatch(
            reason: .heldBack,
            explanation: "stays at \(held.version), which is not for application "
                + "\(inputs.applicationVersion): rolled back from \(wanted.version); "
                + "`pkg plugins rollback` again returns to it")
    }

    /// The item of an installed plugin that the license does not have.
    fileprivate static func of(
        notEntitled plugin: InstalledPlugin, _ inputs: PlanInputs
    ) -> PlanItem {
        let receipt = plugin.receipt
        var mismatch: Mismatch?
        if inputs.vendor.freePlugins.contains(receipt.name) {
            mismatch = Mismatch(
                reason: .becameFree,
                explanation:
                    "\(receipt.name) needs no license any more; \(receipt.version) stays.")
        }
        if mismatch == nil, case .foreign = plugin.condition {
            mismatch = Mismatch(reason: .modifiedOnDisk, explanation: "\(plugin.condition)")
        }
        let isKept = mismatch != nil || inputs.removalsRefused != nil
        return PlanItem(
            name: receipt.name, installed: receipt.version, release: nil,
            action: isKept ? .leave : .remove, mismatch: mismatch,
            explanation: mismatch?.explanation ?? inputs.removalsRefused
                ?? "the license no longer has it; set aside")
    }
}
