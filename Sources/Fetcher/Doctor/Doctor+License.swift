import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing
import Packages

/// Who this is, which license is here, whether it is for this instance, what it covers.
extension Doctor {
    /// The Instance ID and the licenses that are set or saved.
    ///
    /// - Parameter findings: of both
    /// - Returns: the licenses, where they can be read
    func examineIdentity(_ findings: inout Findings) async -> LicenseSession? {
        if let reason = unusable("databaseUrl") {
            findings.skip("instance.id", "license.key", because: reason)
            return nil
        }
        let identity: Identity
        do {
            let (known, isKept) = try await Identity.present(in: settings)
            identity = known
            if !identity.notices.isEmpty {
                findings.warn(
                    "instance.id",
                    Noticed(.databaseUnreachable, identity.notices.joined(separator: " ")))
            } else if isKept || settings.database != nil {
                findings.ok("instance.id", "\(identity.id)")
            } else {
                findings.ok("instance.id", "none yet: the first run makes it")
            }
        } catch {
            findings.fail("instance.id", error)
            findings.skip("license.key", because: "instance.id failed")
            return nil
        }
        return session(of: identity, &findings)
    }

    private func session(of identity: Identity, _ findings: inout Findings) -> LicenseSession? {
        let check = "license.key"
        do {
            let session = try LicenseSession(settings, identity: identity, now: now)
            guard try !session.keys.isEmpty || session.hasTokens else { throw session.noLicense }
            for damage in session.saved.damage() { findings.warn(check, damage) }
            let tokens = try session.isReadOnly ? session.givenTokens : session.saved.tokens()
            let place = settings.licenseKeySource.map { "set by \($0)" } ?? "saved"
            findings.ok(
                check,
                "\(session.keys.count) \(session.keys.count == 1 ? "key" : "keys") \(place), "
                    + "\(tokens.count) \(tokens.count == 1 ? "token" : "tokens")")
            return session
        } catch {
            findings.fail(check, error)
            return nil
        }
    }

    /// How the licenses stand, by what is here and the keys that the vendor's metadata lists.
    func examineLicense(
        _ session: LicenseSession?, _ vendor: TrustedVendor?, _ findings: inout Findings
    ) {
        let checks = ["license.check-in", "license.status", "license.binding"]
        let last = "license.entitlements"
        func skip(_ reason: String) {
            for check in checks + [last] { findings.skip(check, because: reason) }
        }
        guard let session else { return skip("there is no license to look at") }
        if let reason = unusable("trustRoot"), vendor == nil { return skip(reason) }
        do {
            examineCheckIns(session, &findings)
            let keys = try vendor?.licenseKeys ?? session.verificationKeys()
            let license = try session.current(verifiedBy: keys)
            if license.tokens.isEmpty, let refusal = try session.refusals(by: keys).first {
                throw refusal
            }
            guard !license.tokens.isEmpty else {
                findings.warn(
                    "license.status",
                    Noticed(
                        .licenseNotActivated,
                        "The license key is not activated for \(session.identity.id)."))
                return findings.skip(
                    "license.binding", last, because: "the license key is not activated")
            }
            examineStatus(license.status, session, &findings)
            examineEntitlements(license.status, &findings)
        } catch {
            findings.fail("license.status", error)
            findings.skip("license.binding", last, because: "license.status failed")
        }
    }

    /// What the gateway said when it was last asked: a doctor asks it for no license.
    private func examineCheckIns(_ session: LicenseSession, _ findings: inout Findings) {
        let check = "license.check-in"
        let failures = session.state.memory.checkIns.values.compactMap(\.failure)
        for failure in failures.sorted(by: { $0.time < $1.time }) {
            findings.warn(
                check,
                Noticed(
                    FailureCode.named(failure.code) ?? .unexpected,
                    "The check-in of \(failure.time.wireText) failed with \(failure.code)."))
        }
        guard failures.isEmpty else { return }
        if let lastCheckIn = session.lastCheckIn {
            findings.ok(check, "the gateway last answered at \(lastCheckIn.wireText)")
        } else {
            findings.ok(check, "none yet")
        }
    }

    private func examineStatus(
        _ status: LicenseStatus, _ session: LicenseSession, _ findings: inout Findings
    ) {
        let id = session.identity.id
        if let failure = status.failure, failure.code == .licenseKeyMismatch {
            findings.skip("license.status", because: "license.binding failed")
            findings.fail("license.binding", failure)
            return
        }
        if let failure = status.failure, !status.permitsNewDownloads {
            findings.fail("license.status", failure)
        } else {
            let until = status.until.map { " until \($0.wireText)" } ?? ""
            findings.ok("license.status", "\(status.state.rawValue)\(until)")
        }
        for warning in status.warnings {
            findings.warn("license.status", Noticed(warning.code, warning.message))
        }
        findings.ok("license.binding", "bound to this instance, \(id)")
        if session.awaitsActivation {
            findings.warn(
                "license.binding",
                Noticed(.licenseNotActivated, "A license key is not activated for \(id)."))
        }
    }

    private func examineEntitlements(_ status: LicenseStatus, _ findings: inout Findings) {
        let check = "license.entitlements"
        let plugins = status.entitlements.plugins
        guard !plugins.isEmpty else {
            guard status.permitsNewDownloads else {
                return findings.skip(check, because: "no license is in force")
            }
            return findings.warn(
                check, Noticed(.licenseNoPlugins, "The license entitles to no plugin."))
        }
        let paused = plugins.filter(\.isPaused).map(\.name)
        let words = paused.isEmpty ? "" : "; paused: \(paused.joined(separator: ", "))"
        findings.ok(
            check, "\(plugins.count) \(plugins.count == 1 ? "plugin" : "plugins")\(words)")
    }
}
