import Bundle
import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Logging
import SignedMetadata
import SystemPackage

/// The same steps where a bundle stands in the gateway's place: nobody is asked, everything is
/// verified, and the plan is the one that a gateway with the same metadata would lead to.
extension DownloadPro {
    func run(
        from path: FilePath, _ seen: [InstalledPlugin]?, _ report: inout Report,
        deadline: ContinuousClock.Instant
    ) async throws {
        let source = try await BundleSource(opening: path)
        let bundle = source.bundle
        let token = try await source.token()
        var session = try await identify(&report, deadline: deadline, bringing: token)
        do {
            let vendor = try await VendorTrust(
                settings, source, session.firstRoot(acceptedUnseen: options.trustsOnFirstUse),
                now: now, in: metadataFolder
            ).refresh(by: bundle)
            let statement = bundle.index.claimed.statement
            report.bundle = (path, statement)
            log.notice(
                """
                From the bundle \(path) of \(statement.created.wireText), good until \
                \(statement.expires.wireText).
                """)
            if let token,
                let refusal = try session.take(
                    token, verifiedBy: vendor.licenseKeys, keeping: !options.isDryRun)
            {
                report.notices.append("The license token in the bundle is not used: \(refusal)")
            }
            var license = try session.current(verifiedBy: vendor.licenseKeys)
            report.notices += try session.notices(verifying: vendor.licenseKeys)
            describe(license, in: &report)
            let installed = try await installedPlugins(unless: seen)
            var plan = try await resolve(license, vendor, installed, &report)
            if plan.removesPlugins, !license.isStatedAfresh {
                license = license.refusingRemovals(
                    because: "the gateway was not asked whether the license lost it")
                plan = try await resolve(license, vendor, installed, &report)
            }
            try await carryOut(plan, installed, license, vendor, source, nil, &report)
        } catch {
            if !options.isDryRun { discardStaged() }
            throw error
        }
    }
}

extension LicenseSession {
    /// Takes the token that a bundle brings, as if it had been pasted, when it is for this instance.
    ///
    /// Of a standard license only its own check-ins bring tokens.
    ///
    /// - Parameters:
    ///   - token: as it came
    ///   - keys: the vendor's
    ///   - isKept: whether later runs have it too
    /// - Returns: why it is not used; nil: it is
    /// - Throws: ``DiskError``
    mutating func take(
        _ token: UnverifiedLicenseToken, verifiedBy keys: LicenseKeySet, keeping isKept: Bool
    ) throws -> (any Failure)? {
        let verified: VerifiedLicenseToken
        do throws(LicenseError) {
            verified = try token.verified(by: keys)
        } catch {
            return error
        }
        guard verified.claims.mode != .standard else {
            return LicenseError(
                .licenseTokenFormat, "It is of a standard license, which checks in by itself.")
        }
        let alone = evaluate(
            [verified], instance: identity.id, facts: identity.facts, memory: state.memory,
            now: now)
        if alone.state == .invalid, let failure = alone.failure { return failure }
        guard isKept else {
            brought = token
            return nil
        }
        try saved.saveToken(verified)
        state.memory.remember(verified, now: now)
        try saved.save(state)
        return nil
    }
}
