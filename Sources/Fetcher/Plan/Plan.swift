import FoundationEssentials
package import Packages

/// What a run will do with each plugin: pure and deterministic, the same online and offline.
package struct Plan: Sendable, Equatable {
    package let applicationVersion: ApplicationVersion
    /// One item a plugin, sorted by name.
    package let items: [PlanItem]
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

    package init(
        applicationVersion: ApplicationVersion, entitled: [Entitled],
        releases: [PackageName: [Release]], vendor: VendorProfile, installed: [InstalledPlugin],
        unmanaged: [PackageName: Unmanaged], downloadsRefused: String?, removalsRefused: String?
    ) {
        self.applicationVersion = applicationVersion
        self.entitled = entitled
        self.releases = releases
        self.vendor = vendor
        self.installed = installed
        self.unmanaged = unmanaged
        self.downloadsRefused = downloadsRefused
        self.removalsRefused = removalsRefused
    }
}

extension Plan {
    /// Works out what to do.
    package init(_ inputs: PlanInputs) {
        let installed = Dictionary(
            inputs.installed.map { ($0.receipt.name, $0) }, uniquingKeysWith: { $1 })
        let entitledNames = Set(inputs.entitled.map(\.name))
        var items = inputs.entitled.map { entitled in
            PlanItem(entitled, installed[entitled.name], inputs)
        }
        for plugin in inputs.installed where !entitledNames.contains(plugin.receipt.name) {
            items.append(PlanItem(notEntitled: plugin, inputs))
        }
        applicationVersion = inputs.applicationVersion
        self.items = items.sorted { $0.name.description < $1.name.description }
    }
}

extension PlanItem {
    /// The item of a plugin that the license has.
    fileprivate init(
        _ entitled: PlanInputs.Entitled, _ plugin: InstalledPlugin?, _ inputs: PlanInputs
    ) {
        let name = entitled.name
        let releases = inputs.releases[name] ?? []
        let wanted = resolveRelease(
            of: name, among: releases, coverage: entitled.coverage,
            application: inputs.applicationVersion, installed: plugin?.receipt.version,
            rule: SelectionRule(inputs.vendor.rule))
        let unmanaged = plugin == nil ? inputs.unmanaged[name] : nil
        if let unmanaged {
            self.init(name, unmanaged: unmanaged, releases)
        } else {
            self.init(name, plugin, wanted, releases)
        }
        let paused = entitled.isPaused ? "the license that has it is paused" : nil
        if needsTarball, let refusal = inputs.downloadsRefused ?? paused {
            self.init(
                name: name, installed: installed, release: release, action: .leave,
                mismatch: Mismatch(reason: .heldBack, explanation: refusal), explanation: refusal)
        }
    }

    private init(
        _ name: PackageName, unmanaged: PlanInputs.Unmanaged, _ releases: [Release]
    ) {
        if case .version(let version) = unmanaged,
            let release = releases.first(where: { $0.version == version })
        {
            self.init(
                name: name, installed: version, release: release, action: .adopt, mismatch: nil,
                explanation: "its receipt is lost; compared with the signed release")
        } else {
            self.init(
                name: name, installed: nil, release: nil, action: .leave, mismatch: nil,
                explanation: "left alone: pkg did not install what is there")
        }
    }

    private init(
        _ name: PackageName, _ plugin: InstalledPlugin?, _ wanted: Resolution, _ releases: [Release]
    ) {
        let version = plugin?.receipt.version
        let damage = plugin.flatMap(\.damage)
        switch wanted {
        case .mismatch(let mismatch):
            // What is installed stays, and stays right.
            let same = releases.first { $0.sha512 == plugin?.receipt.tarball }
            self.init(
                name: name, installed: version, release: same,
                action: damage != nil && same != nil ? .repair : .leave, mismatch: mismatch,
                explanation: mismatch.explanation)
        case .release(let release):
            guard let plugin, let version else {
                self.init(
                    name: name, installed: nil, release: release, action: .install, mismatch: nil,
                    explanation: "")
                return
            }
            let isHeld = plugin.receipt.rolledBackFrom == release.version
            if release.sha512 == plugin.receipt.tarball || isHeld {
                let same = isHeld ? releases.first { $0.sha512 == plugin.receipt.tarball } : release
                let held = "stays at \(version): rolled back from \(release.version)"
                self.init(
                    name: name, installed: version, release: same,
                    action: damage != nil && same != nil ? .repair : .current, mismatch: nil,
                    explanation: damage ?? (isHeld ? held : ""))
                return
            }
            self.init(
                name: name, installed: version, release: release,
                action: release.version < version ? .downgrade : .update, mismatch: nil,
                explanation: release.version == version ? "published anew" : "from \(version)")
        }
    }

    /// The item of an installed plugin that the license does not have.
    fileprivate init(notEntitled plugin: InstalledPlugin, _ inputs: PlanInputs) {
        let receipt = plugin.receipt
        let isFree = inputs.vendor.freePlugins.contains(receipt.name)
        if isFree {
            let mismatch = Mismatch(
                reason: .becameFree,
                explanation:
                    "\(receipt.name) needs no license any more; \(receipt.version) stays.")
            self.init(
                name: receipt.name, installed: receipt.version, release: nil, action: .leave,
                mismatch: mismatch, explanation: mismatch.explanation)
        } else if let refusal = inputs.removalsRefused {
            self.init(
                name: receipt.name, installed: receipt.version, release: nil, action: .leave,
                mismatch: nil, explanation: refusal)
        } else {
            self.init(
                name: receipt.name, installed: receipt.version, release: nil, action: .remove,
                mismatch: nil, explanation: "the license no longer has it; set aside")
        }
    }
}

extension InstalledPlugin {
    /// What is wrong with the files, in words; nil when nothing is.
    fileprivate var damage: String? {
        switch condition {
        case .intact: nil
        case .missing: "its folder is gone"
        case .modified(let path, 1): "\(path) was changed on disk"
        case .modified(let path, let count): "\(path) and \(count - 1) more were changed on disk"
        }
    }
}
