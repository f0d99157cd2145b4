/// Which releases of a plugin are right.
package enum SelectionRule: Hashable, Sendable {
    /// The highest release whose declared range admits the application version.
    case range
    /// That; else the release with the application's own version.
    case lockstep
    /// The highest release of a channel, `latest` or `next`, when it is asked for by name. What the
    /// release declares of the application is then not asked. The third rule of resolving, for
    /// operators who try a channel; so far only tests ask.
    case newest(channel: String)

    package init(_ rule: VendorProfile.Rule) {
        self =
            switch rule {
            case .range: .range
            case .lockstep: .lockstep
            }
    }
}

/// The release to install, or why there is none.
package enum Resolution: Hashable, Sendable {
    case release(Release)
    case mismatch(Mismatch)
}

/// Finds the release of one plugin for one application version.
///
/// Among the releases that the license covers — published within the update period, in a channel
/// that it allows, not withdrawn unless installed — in this order:
///
/// 1. the highest whose declared range admits the application version (`range`, `lockstep`);
/// 2. for vendors in lockstep, the one with the application's own version, then with that version
///    without its build stamp, then, for a pre-release of the application, the highest of channel
///    `next` (for an alpha, `alpha` first);
/// 3. the highest of the channel that was asked for by name, and nothing else.
///
/// No fit is a mismatch, never a guess. Which mismatch follows from what would have fitted had the
/// license covered everything.
///
/// - Parameters:
///   - name: The plugin.
///   - releases: Its releases from verified metadata, in any order; those of others are passed over.
///   - coverage: What the license has of the plugin.
///   - application: The application's version.
///   - installed: The version that the receipt names.
///   - rule: The vendor's rule, or the channel asked for.
/// - Returns: The release to install, or the mismatch with its explanation.
package func resolveRelease(
    of name: PackageName, among releases: [Release], coverage: Coverage,
    application: ApplicationVersion, installed: SemanticVersion?, rule: SelectionRule
) -> Resolution {
    let search = ReleaseSearch(
        name: name, releases: releases.filter { $0.name == name }, coverage: coverage,
        application: application, installed: installed, rule: rule)
    return search.best(search.covered).map { .release($0) } ?? .mismatch(search.mismatch)
}

/// One plugin's releases and everything that they are judged by.
struct ReleaseSearch {
    let name: PackageName
    let releases: [Release]
    let coverage: Coverage
    let application: ApplicationVersion
    let installed: SemanticVersion?
    let rule: SelectionRule

    var covered: [Release] { releases(ignoring: []) }

    /// The releases against which nothing speaks but what is ignored.
    func releases(ignoring ignored: Set<Coverage.Refusal>) -> [Release] {
        releases.filter {
            coverage.refusals(of: $0, installed: installed).isSubset(of: ignored)
        }
    }

    /// The one that the rule picks.
    func best(_ candidates: [Release]) -> Release? {
        switch rule {
        case .range: byRange(candidates)
        case .lockstep: byRange(candidates) ?? byVersion(candidates) ?? byStandIn(candidates)
        case .newest(let channel): highest(candidates.filter { $0.channel == channel })
        }
    }

    private func byRange(_ candidates: [Release]) -> Release? {
        highest(candidates.filter { $0.declaresSupport(for: application) })
    }

    private func byVersion(_ candidates: [Release]) -> Release? {
        for version in application.lockstepVersions {
            if let release = candidates.first(where: { $0.version == version }) { return release }
        }
        return nil
    }

    private func byStandIn(_ candidates: [Release]) -> Release? {
        for channel in application.standInChannels {
            if let release = highest(candidates.filter { $0.channel == channel }) { return release }
        }
        return nil
    }

    func highest(_ candidates: [Release]) -> Release? {
        candidates.max { $0.version < $1.version }
    }
}
