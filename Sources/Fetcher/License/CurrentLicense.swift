import Diagnostics
package import Licensing
import Packages

/// How this instance stands with its licenses, and the tokens that say so.
package struct CurrentLicense: Sendable {
    package let status: LicenseStatus
    /// In the order of the status's standings.
    package let tokens: [VerifiedLicenseToken]
    /// Whether the gateway said so in this run; what needs no check-in always speaks for now.
    let isStatedAfresh: Bool
    /// Why no plugin may be removed on the word of these tokens; nil when one may.
    package let removalsRefused: String?

    /// - Parameters:
    ///   - status: how they stand together
    ///   - tokens: in the order of its standings
    ///   - isStatedAfresh: whether the gateway said so in this run
    ///   - unknown: why what is known of the licenses may not be all; nil when it is
    init(
        _ status: LicenseStatus, _ tokens: [VerifiedLicenseToken], isStatedAfresh: Bool,
        unknown: String?
    ) {
        self.status = status
        self.tokens = tokens
        self.isStatedAfresh = isStatedAfresh
        removalsRefused =
            if !status.permitsNewDownloads {
                "the license is \(status.state.rawValue), so nothing is removed"
            } else if let undecided = status.undecided {
                "the license \(undecided.claims.licenseID) is \(undecided.word) and may have it"
            } else if let unknown {
                unknown
            } else if status.entitlements.plugins.isEmpty {
                "the license lists no plugin at all, so nothing is removed"
            } else {
                nil
            }
    }

    private init(_ license: CurrentLicense, removalsRefused: String) {
        status = license.status
        tokens = license.tokens
        isStatedAfresh = license.isStatedAfresh
        self.removalsRefused = removalsRefused
    }

    /// The same license, on whose word nothing may be removed.
    func refusingRemovals(because reason: String) -> CurrentLicense {
        CurrentLicense(self, removalsRefused: reason)
    }

    /// The same license when something new may be downloaded with it.
    ///
    /// - Throws: the reason why no license is in force.
    func requireInForce() throws(LicenseError) -> CurrentLicense {
        guard !status.permitsNewDownloads else { return self }
        throw status.failure ?? LicenseError(.licensePaused, "No license is in force.")
    }

    /// A token of a license in force.
    ///
    /// - Throws: the reason why none is.
    var tokenInForce: Secret<String> {
        get throws(LicenseError) {
            for (token, standing) in zip(tokens, status.standings)
            where standing.state == .active || standing.state == .grace {
                return token.compact
            }
            throw status.failure ?? LicenseError(.licensePaused, "No license is in force.")
        }
    }

    /// The token that opens the download of a release: of a license in force that covers it; of one
    /// that has the plugin when none does, so that the gateway says why.
    ///
    /// - Throws: the reason why no license is in force.
    func token(for release: Release) throws(LicenseError) -> Secret<String> {
        let grants = status.entitlements.plugin(named: release.name.description)?.grants ?? []
        let covering = grants.first {
            $0.coverage.refusals(of: release, installed: release.version).isEmpty
        }
        if let license = (covering ?? grants.first)?.license {
            for (token, standing) in zip(tokens, status.standings)
            where standing.claims.licenseID == license
                && (standing.state == .active || standing.state == .grace)
            {
                return token.compact
            }
        }
        throw status.failure
            ?? LicenseError(.licensePaused, "No license in force has \(release.name).")
    }
}

extension PluginEntitlement {
    /// What one license covers of the plugin's releases.
    var coverage: Coverage {
        Coverage(updatesUntil: updatesUntil, channels: channels ?? [Release.latestChannel])
    }
}
