import CanonicalJSON
import Diagnostics
import Fetcher
import FoundationEssentials
import Licensing
import Packages

extension LicensePicture {
    /// What is saved in the storage folder, judged now.
    ///
    /// That there is no license, or none that can be believed, is a picture too.
    ///
    /// - Throws: ``DiskError``
    init(of session: LicenseSession, in storage: StorageFolder) throws {
        self.init(
            instance: Instance(
                id: session.identity.id.description, facts: session.identity.factLines,
                json: session.identity.json(withFacts: true)))
        isReadOnly = session.isReadOnly
        nextCheckIn = session.nextCheckIn
        lastCheckIn = session.lastCheckIn
        notices = try session.notices()
        licenses = try session.licenses().map(License.init)
        do {
            let current = try session.savedLicense()
            show(current.status)
            tokens = current.tokens.map(\.compact)
            statusJSON = session.json(of: current.status)
            plugins = try Plugin.all(of: current.status.entitlements, in: storage)
        } catch let refusal as LicenseError {
            state = refusal.code == .licenseKeyNotFound ? .none : .invalid
            failure = refusal
            statusJSON = [
                "schema": 1, "state": .string(state.rawValue), "permits_new_downloads": false,
                "failure": JSONValue(refusal), "instance_id": .string(instance.id),
            ]
        }
    }

    private mutating func show(_ status: LicenseStatus) {
        state = status.state
        failure = status.failure
        until = status.until
        warnings = status.warnings
        let limit = status.entitlements.limits["seats"]
        if limit != nil || status.seatsInUse != nil {
            seats = Seats(inUse: status.seatsInUse, limit: limit)
        }
        let all = status.standings.compactMap(\.claims.links)
        links = LicenseLinks(
            portal: all.compactMap(\.portal).first, support: all.compactMap(\.support).first)
    }
}

extension LicensePicture.License {
    fileprivate init(_ entry: LicenseSession.Entry) {
        let claims = entry.standing?.claims
        self.init(id: claims?.licenseID, mode: claims?.mode.rawValue ?? "", state: entry.state)
        failure = entry.failure ?? entry.standing?.failure
        maskedKey = entry.key
        guard let claims else { return }
        account = claims.account?.name
        plan = claims.plan
        isTrial = claims.trial
        begins = claims.notBefore
        termEnds = claims.termEnds
        graceEnds = claims.graceUntil
        leaseEnds = claims.mode == .standard ? claims.expires : nil
        domains = claims.domains
    }
}

extension LicensePicture.Plugin {
    /// What the licenses grant, with what is installed and what the last run could not do.
    fileprivate static func all(
        of entitlements: Entitlements, in storage: StorageFolder
    ) throws -> [LicensePicture.Plugin] {
        let lines = try Inventory(of: storage).lines.filter(\.isInstalled)
        let installed = Dictionary(
            lines.map { ($0.name.description, $0) }, uniquingKeysWith: { first, _ in first })
        let mismatches = try mismatches(in: storage)
        return entitlements.plugins.map { entitlement in
            var plugin = LicensePicture.Plugin(name: entitlement.name)
            plugin.updatesUntil = entitlement.updatesUntil
            plugin.isPaused = entitlement.isPaused
            if let line = installed[entitlement.name] {
                plugin.installed = line.installed?.description
                plugin.damage = line.isIntact ? nil : line.condition
            }
            plugin.mismatch = mismatches[entitlement.name]
            return plugin
        }
    }

    /// Of the report that the last run left.
    private static func mismatches(
        in storage: StorageFolder
    ) throws -> [String: LicensePicture.Mismatch] {
        guard let bytes = try Disk.read(storage.report), let report = try? parseJSON(bytes) else {
            return [:]
        }
        var mismatches: [String: LicensePicture.Mismatch] = [:]
        for row in report["plugins"]?.array ?? [] {
            guard let name = row["name"]?.string, let reason = row["mismatch"]?.string else {
                continue
            }
            mismatches[name] = LicensePicture.Mismatch(
                reason: reason, explanation: row["why"]?.string ?? "",
                wanted: row["wanted"]?.string)
        }
        return mismatches
    }
}
