import CanonicalJSON
import Diagnostics
import FoundationEssentials
import HTTPTransfer
import Licensing
import Logging
import Packages
import SignedMetadata

/// Steps 1 to 3: who this is, whom to trust, what the license says.
extension DownloadPro {
    func identify(_ report: inout Report) async throws -> LicenseSession {
        let session = try await LicenseSession(settings, now: now) { log.notice("\($0)") }
        report.instanceID = session.identity.id.description
        log.notice("Instance ID: \(session.identity.id)")
        if try session.key == nil && session.saved.tokens().isEmpty { throw session.noLicense }
        return session
    }

    /// Without fresh metadata nothing new is believed; what is saved then says how the license
    /// stands.
    func refreshMetadata(
        _ session: inout LicenseSession, _ gateway: GatewayClient, _ report: inout Report
    ) async throws -> TrustedVendor {
        if options.trustsOnFirstUse {
            log.warning("The gateway's first root is trusted unseen (--trust-on-first-use).")
        }
        do {
            return try await VendorTrust(
                settings, gateway, session.firstRoot(acceptedUnseen: options.trustsOnFirstUse),
                now: now
            ).refresh()
        } catch {
            if let saved = try session.missCheckIn(because: error) { describe(saved, in: &report) }
            throw error
        }
    }

    /// A check-in that fails is in the report; the saved token then decides.
    func checkIn(
        _ session: inout LicenseSession, _ vendor: TrustedVendor, _ gateway: GatewayClient,
        _ report: inout Report
    ) async throws -> CurrentLicense {
        report.notices += try session.notices()
        var license = try session.current(verifiedBy: vendor.licenseKeys)
        if options.isDryRun {
            guard session.isActivated || !license.tokens.isEmpty else {
                throw UsageError(
                    "The license key is not activated here, and a dry run activates nothing.",
                    remedy: "Run `pkg license activate`, or run without --dry-run.")
            }
        } else if session.isCheckInDue(license) {
            do {
                license = try await session.checkIn(gateway, vendor)
            } catch {
                guard license.status.permitsNewDownloads else { throw error }
                report.add(error)
            }
        }
        describe(license, in: &report)
        return license
    }

    /// Before a plugin is set aside the gateway is asked again: the license may have it back.
    ///
    /// - Returns: The license as the gateway states it now, or the saved one, on whose word nothing
    ///   may be removed.
    func confirmRemovals(
        _ session: inout LicenseSession, _ license: CurrentLicense, _ vendor: TrustedVendor,
        _ gateway: GatewayClient, _ report: inout Report
    ) async -> CurrentLicense {
        do {
            return try await session.checkIn(gateway, vendor)
        } catch {
            report.add(error)
            return license.refusingRemovals(
                because: "the gateway did not confirm that the license lost it; nothing is removed")
        }
    }

    private func describe(_ license: CurrentLicense, in report: inout Report) {
        report.license = license.status
        for warning in license.status.warnings {
            report.notices.append("\(warning.code.name): \(warning.message)")
        }
        if let failure = license.status.failure, !license.status.permitsNewDownloads {
            report.add(failure)
        }
    }
}
