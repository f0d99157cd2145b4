import Diagnostics
package import Licensing
import Packages

/// How this instance stands with its licenses, and the tokens that say so.
package struct CurrentLicense: Sendable {
    package let status: LicenseStatus
    /// In the order of the status's standings.
    let tokens: [VerifiedLicenseToken]

    /// The token that opens a plugin's downloads: of a license in force that has the plugin.
    ///
    /// - Throws: the reason why no license is in force.
    func token(for name: PackageName) throws(LicenseError) -> Secret<String> {
        for (token, standing) in zip(tokens, status.standings)
        where standing.state == .active || standing.state == .grace {
            if token.claims.plugins.contains(where: { $0.name == name.description }) {
                return token.compact
            }
        }
        throw status.failure
            ?? LicenseError(.licensePaused, "No license in force has \(name).")
    }
}
