import Diagnostics
import FoundationEssentials
import Licensing
import Packages
import SignedMetadata

/// The first root, and what the gateway has below it: fetched and verified as a run does, kept in
/// memory.
extension Doctor {
    /// - Parameters:
    ///   - session: whose key may vouch for the first root
    ///   - isReachable: whether a gateway answers
    ///   - findings: of the root and of the metadata
    /// - Returns: what the metadata says of the vendor, when it can be believed
    func examineTrust(
        _ session: LicenseSession?, isReachable: Bool, _ findings: inout Findings
    ) async -> TrustedVendor? {
        if let reason = unusable("trustRoot") {
            findings.skip("trust.root", "trust.metadata", because: reason)
            return nil
        }
        if session?.licenseWithoutGateway(after: nil) != nil {
            findings.skip("trust.root", "trust.metadata", because: Self.noGatewayNeeded)
            return nil
        }
        let firstRoot = session?.firstRoot(acceptedUnseen: false) ?? .vouchedFor(by: nil)
        do {
            if let root = try LocalRoot(settings) {
                _ = try TrustedMetadata(trustedRoot: root.bytes, now: now)
                findings.ok("trust.root", root.path)
            } else if session == nil {
                findings.skip("trust.root", "trust.metadata", because: "license.key failed")
                return nil
            } else if case .vouchedFor(nil) = firstRoot {
                throw TrustError(
                    .trustNoRoot,
                    """
                    Neither TOLLGATE_TRUST_ROOT nor \(LocalRoot.savedPath(settings)) is there, and \
                    no license key vouches for the gateway's root.
                    """)
            } else {
                findings.ok("trust.root", "the gateway's, vouched for by the license key")
            }
        } catch {
            findings.fail("trust.root", error)
            findings.skip("trust.metadata", because: "trust.root failed")
            return nil
        }
        guard isReachable else {
            findings.skip("trust.metadata", because: "no gateway answered")
            return nil
        }
        return await refreshed(firstRoot, &findings)
    }

    private func refreshed(
        _ firstRoot: FirstRoot, _ findings: inout Findings
    ) async -> TrustedVendor? {
        let check = "trust.metadata"
        do {
            let gateway = try GatewayClient(settings, deadline: .now + .seconds(10))
            let result: Result<TrustedVendor, any Error>
            do {
                let trust = try await VendorTrust(
                    settings, gateway, firstRoot, now: now,
                    in: MetadataFolder(readingOnly: settings.storage))
                result = .success(try await trust.refresh())
            } catch {
                result = .failure(error)
            }
            await gateway.shutDown()
            let vendor = try result.get()
            let trusted = await vendor.metadata.trusted
            let parts = [
                ("timestamp", trusted.timestamp?.expires), ("snapshot", trusted.snapshot?.expires),
                ("root", trusted.root.expires),
            ].compactMap { role, expires in expires.map { "\(role) for \(left($0))" } }
            findings.ok(
                check, "of \(vendor.profile.name), signed; fresh: \(parts.joined(separator: ", "))")
            return vendor
        } catch {
            findings.fail(check, error)
            return nil
        }
    }

    /// `6 days`, `5 h`.
    private func left(_ end: Date) -> String {
        let hours = Int(end.timeIntervalSince(now) / 3_600)
        return hours < 48 ? "\(hours) h" : "\(hours / 24) days"
    }
}
