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
    func identify(_ report: inout Report) throws -> LicenseSession {
        let session = try LicenseSession(settings, now: now)
        report.instanceID = session.identity.id.description
        log.notice("Instance ID: \(session.identity.id)")
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
                settings, gateway, key: session.isActivated ? nil : session.key,
                trustOnFirstUse: options.trustsOnFirstUse, now: now
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
        let (tokens, refusals) = try session.tokens(verifiedBy: vendor.licenseKeys)
        for refusal in refusals { log.warning("A saved license token is refused: \(refusal)") }
        var license = session.current(tokens)
        if session.isCheckInDue(tokens) {
            do {
                license = try await session.checkIn(
                    gateway, vendor, plugins: try reportedPlugins(),
                    mismatches: try reportedMismatches(),
                    applicationVersion: settings.applicationVersion)
            } catch {
                guard license.status.permitsNewDownloads else { throw error }
                report.add(error)
            }
        }
        describe(license, in: &report)
        return license
    }

    private func describe(_ license: CurrentLicense, in report: inout Report) {
        report.license = license.status.json
        for warning in license.status.warnings {
            report.notices.append("\(warning.code.name): \(warning.message)")
        }
        if let failure = license.status.failure, !license.status.permitsNewDownloads {
            report.add(failure)
        }
    }

    private func reportedPlugins() throws -> [HeartbeatRequest.InstalledPlugin] {
        try ReceiptStore(in: settings.storage.receipts).all().map { receipt in
            HeartbeatRequest.InstalledPlugin(
                name: receipt.name.description, version: receipt.version.description)
        }
    }

    /// The mismatches of the last run, for the vendor's support.
    private func reportedMismatches() throws -> [HeartbeatRequest.ReportedMismatch] {
        guard let bytes = try Disk.read(settings.storage.report),
            let rows = (try? parseJSON(bytes))?["plugins"]?.array
        else { return [] }
        return rows.compactMap { row in
            guard let name = row["name"]?.string, let reason = row["mismatch"]?.string else {
                return nil
            }
            return HeartbeatRequest.ReportedMismatch(name: name, reason: reason)
        }
    }
}
