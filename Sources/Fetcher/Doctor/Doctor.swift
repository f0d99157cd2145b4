import Diagnostics
package import FoundationEssentials
import Licensing

/// `pkg doctor`: looks at everything that `pkg download-pro` depends on, from the settings to the
/// disk, and says of each what is wrong and what to do.
///
/// 1. **Settings**: where each came from, and which cannot be used.
/// 2. **Storage**: the folder, its owner, room, what the file system can, who holds the lock.
/// 3. **Identify**: the Instance ID and the license key, from what is on this machine.
/// 4. **Connection**: name, proxy, TCP, TLS, HTTP, the gateway's clock; all by one request.
/// 5. **Trust**: the first root, and whether the gateway's metadata is signed and fresh.
/// 6. **Application**: its version.
/// 7. **License**: how it stands, whether it is for this instance, what it covers.
///
/// Nothing is changed: no activation, no check-in; what is fetched is kept in memory, what is tried
/// on the disk is removed. To see who holds the lock it is shared for a moment, if it is free. Each
/// wait is a few seconds at most. A check that depends on one that failed is not made, and says so.
package struct Doctor: Sendable {
    let reading: SettingsReading
    let now: Date

    var settings: Settings { reading.settings }

    /// - Parameters:
    ///   - reading: the settings, with what cannot be used of them
    ///   - now: the time that expiries are compared with
    package init(_ reading: SettingsReading, now: Date) {
        self.reading = reading
        self.now = now
    }

    /// Makes every check.
    package func examine() async -> Diagnosis {
        let start = ContinuousClock.now
        var findings = Findings()
        examineSettings(&findings)
        examineStorage(&findings)
        let session = await examineIdentity(&findings)
        let isReachable = await examineConnection(session, &findings)
        let vendor = await examineTrust(session, isReachable: isReachable, &findings)
        examineApplication(vendor, &findings)
        examineLicense(session, vendor, &findings)
        return Diagnosis(
            made: now, settings: reading.resolved, findings: findings.all,
            instanceID: session?.identity.id.description,
            seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// The name of a setting that cannot be used, as the reason why something is not checked.
    func unusable(_ names: String...) -> String? {
        reading.problems.first { names.contains($0.name) }.map {
            "the setting \($0.name) cannot be used"
        }
    }

    private func examineSettings(_ findings: inout Findings) {
        for problem in reading.problems { findings.fail("settings", problem.error) }
        guard reading.problems.isEmpty else { return }
        let said = reading.resolved.count { $0.source != nil }
        let off = settings.isDownloadDisabled ? "; DISABLE_PKG_DOWNLOAD switches downloads off" : ""
        findings.ok(
            "settings", "\(said) said, \(reading.resolved.count - said) by default\(off)")
    }

    private func examineApplication(_ vendor: TrustedVendor?, _ findings: inout Findings) {
        let check = "application.version"
        if let reason = unusable("appVersion") { return findings.skip(check, because: reason) }
        if let version = settings.applicationVersion {
            return findings.ok(check, "\(version), as it is set")
        }
        guard let vendor else {
            return findings.skip(
                check,
                because: "it is not set, and the vendor's metadata names the package that says it")
        }
        do {
            let version = try settings.applicationVersion(of: vendor.profile)
            findings.ok(check, "\(version), from the application's package")
        } catch {
            findings.fail(check, error)
        }
    }
}
