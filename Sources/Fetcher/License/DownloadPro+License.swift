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
    /// - Parameters:
    ///   - report: gets the Instance ID
    ///   - deadline: when the run has to end
    ///   - brought: the token that a bundle brings
    /// - Returns: the licenses that are set and saved
    /// - Throws: `license.key-not-found` when there is none; what the session throws.
    func identify(
        _ report: inout Report, deadline: ContinuousClock.Instant,
        bringing brought: UnverifiedLicenseToken? = nil
    ) async throws -> LicenseSession {
        let identity: Identity
        let isKept: Bool
        let announce: @Sendable (String) -> Void = { log.notice("\($0)") }
        if options.isDryRun {
            (identity, isKept) = try await Identity.present(
                in: settings, by: deadline, announce: announce)
        } else {
            identity = try await Identity.establish(in: settings, by: deadline, announce: announce)
            isKept = true
        }
        // The number of a storage folder that has none yet is another in the next run.
        if isKept || settings.database != nil {
            report.instanceID = identity.id.description
            log.notice("Instance ID: \(identity.id)")
        }
        let session = try LicenseSession(settings, identity: identity, now: now)
        if brought == nil, try session.keys.isEmpty && !session.hasTokens {
            throw session.noLicense
        }
        return session
    }

    /// How the licenses stand when none of them needs a network and none is there or may be asked.
    ///
    /// - Parameters:
    ///   - session: the licenses
    ///   - error: why the gateway did not answer; nil: before it is asked
    ///   - report: where they are described
    /// - Returns: nil when the network is needed or should be tried
    /// - Throws: ``DiskError``; why no token is believed, when there is no key to fetch others with.
    func licenseWithoutNetwork(
        _ session: LicenseSession, after error: (any Error)?, _ report: inout Report
    ) throws -> CurrentLicense? {
        // Without a key there is nobody to ask: tokens that are not believed are the failure.
        if error == nil, session.keys.isEmpty { _ = try session.savedLicense() }
        guard let license = session.licenseWithoutGateway(after: error) else { return nil }
        report.notices += try session.notices()
        if let error {
            report.notices.append(
                "The gateway did not answer, which an airgapped license does without: \(error)")
        }
        describe(license, in: &report)
        return license
    }

    /// Where the run keeps metadata: a dry run, which does not hold the lock, in memory.
    var metadataFolder: MetadataFolder {
        options.isDryRun
            ? MetadataFolder(readingOnly: settings.storage) : MetadataFolder(settings.storage)
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
                now: now, in: metadataFolder
            ).refresh()
        } catch {
            if !options.isDryRun { try session.missCheckIn(because: error) }
            if let saved = try? session.savedLicense(), !saved.tokens.isEmpty {
                describe(saved, in: &report)
            }
            throw error
        }
    }

    /// A check-in that fails is in the report; the saved token then decides.
    func checkIn(
        _ session: inout LicenseSession, _ vendor: TrustedVendor, _ gateway: GatewayClient,
        _ report: inout Report
    ) async throws -> CurrentLicense {
        var license = try session.current(verifiedBy: vendor.licenseKeys)
        if options.isDryRun {
            guard session.isActivated || !license.tokens.isEmpty else {
                throw UsageError(
                    "The license key is not activated here, and a look ahead activates nothing.",
                    code: .licenseNotActivated,
                    remedy: "Run `pkg license refresh` or `pkg download-pro`: both activate it.")
            }
        } else if session.needsCheckIn(license) {
            let outcome = try await session.checkIn(gateway, vendor, .whenNeeded)
            license = outcome.license
            if let failure = outcome.failures.first, !license.status.permitsNewDownloads {
                report.notices += try session.notices(verifying: vendor.licenseKeys)
                throw failure
            }
            for failure in outcome.failures { report.add(failure) }
        }
        report.notices += try session.notices(verifying: vendor.licenseKeys)
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
            let outcome = try await session.checkIn(gateway, vendor, .all)
            guard let failure = outcome.failures.first else { return outcome.license }
            throw failure
        } catch {
            report.add(error)
            return license.refusingRemovals(
                because: "the gateway did not confirm that the license lost it; nothing is removed")
        }
    }

    func describe(_ license: CurrentLicense, in report: inout Report) {
        report.license = license.status
        for warning in license.status.warnings {
            report.notices.append("\(warning.code.name): \(warning.message)")
        }
        if let failure = license.status.failure, !license.status.permitsNewDownloads {
            report.add(failure)
        }
    }
}
