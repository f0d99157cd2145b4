import CanonicalJSON
package import Cryptography
import Diagnostics
package import FoundationEssentials
internal import GRDB
package import Licensing

/// The licenses, with the plugins they grant.
///
/// Every change raises `sequence` and leaves a line in the audit log, in one transaction.
package struct LicenseRepository: Sendable {
    private let database: GatewayDatabase

    package init(_ database: GatewayDatabase) {
        self.database = database
    }

    /// The account of that name, made when it is not there.
    ///
    /// - Throws: ``StorageError``.
    package func account(named name: String, at: Date) async throws(StorageError)
        -> LicenseAccount
    {
        let fresh = "acc_" + Hex.encode(SecureRandom.bytes(12))
        return try await database.write { database in
            try database.execute(
                sql: LicenseSQL.insertAccount, arguments: [fresh, name, at.seconds])
            let id = try String.fetchOne(database, sql: LicenseSQL.accountID, arguments: [name])
            return LicenseAccount(id: id ?? fresh, name: name)
        }
    }

    /// Adds a license.
    ///
    /// - Parameters:
    ///   - license: the license
    ///   - keyDigest: all that is kept of its key; nil: it has none
    ///   - accessKey: what is kept of its access key pair; nil: it has none
    ///   - instances: the Instance IDs that it is bound to from the start
    ///   - actor: who issues it
    /// - Throws: ``StorageError``.
    package func add(
        _ license: LicenseRecord, keyDigest: Digest?, accessKey: AccessKeyRecord? = nil,
        boundTo instances: [String] = [], by actor: Actor
    ) async throws(StorageError) {
        try await database.write { database in
            try database.execute(
                sql: LicenseSQL.insert,
                arguments: [
                    license.id, license.account.id, keyDigest?.hex, license.terms.mode.rawValue,
                    license.created.seconds,
                ] + license.changing)
            try database.writeGrants(of: license)
            if let accessKey { try database.insert(accessKey, at: license.created) }
            try database.audit(
                "license.issue", of: license.id, by: actor, at: license.created,
                detail: license.auditDetail(boundTo: instances))
            for instance in instances {
                try database.insertInstallation(
                    NewInstallation(id: NewInstallation.freshID(), instance: instance),
                    of: license.id, at: license.created)
            }
        }
    }

    /// Changes a license in one transaction and returns it as it is then.
    ///
    /// A change that changes nothing raises no sequence and leaves no line.
    ///
    /// - Throws: ``StorageError`` `gateway.record-not-found`, and what `change` throws.
    package func change(
        _ id: String, as action: String, by actor: Actor, at: Date,
        _ change: @Sendable @escaping (inout LicenseRecord) throws -> Void
    ) async throws -> LicenseRecord {
        let changed: Result<LicenseRecord, any Error> = try await database.write { database in
            guard let old = try database.license(LicenseSQL.byID, id) else {
                throw StorageError(.recordNotFound, "There is no license \(id).")
            }
            var license = old
            // Its error is the caller's own; nothing is written by then.
            do { try change(&license) } catch { return .failure(error) }
            license.terms.grants.sort { $0.plugin < $1.plugin }
            guard license != old else { return .success(old) }
            license.sequence = old.sequence + 1
            try database.execute(
                sql: LicenseSQL.update, arguments: license.changing + [license.id])
            try database.writeGrants(of: license)
            try database.audit(
                action, of: license.id, by: actor, at: at, detail: license.auditDetail())
            return .success(license)
        }
        return try changed.get()
    }

    package func license(id: String) async throws(StorageError) -> LicenseRecord? {
        try await database.read { try $0.license(LicenseSQL.byID, id) }
    }

    /// The license whose key has that digest.
    package func license(keyDigest: Digest) async throws(StorageError) -> LicenseRecord? {
        try await database.read {
            try $0.license(LicenseSQL.byKeyDigest, keyDigest.hex)
        }
    }

    /// The digest of a license's key; nil: it has none.
    package func keyDigest(of id: String) async throws(StorageError) -> Digest? {
        try await database.read { database in
            try String.fetchOne(database, sql: LicenseSQL.keyDigest, arguments: [id])
                .map { try storedDigest(.sha256, $0) }
        }
    }

    /// All licenses, oldest first.
    package func all() async throws(StorageError) -> [LicenseRecord] {
        try await database.read { database in
            try Row.fetchAll(database, sql: LicenseSQL.all).map { try database.license($0) }
        }
    }
}

extension Database {
    /// The license of that ID.
    func license(id: String) throws -> LicenseRecord? {
        try license(LicenseSQL.byID, id)
    }

    /// Raises the license's sequence, as every change of what its tokens say does.
    ///
    /// - Returns: the new one
    func raiseSequence(of license: String) throws -> Int64 {
        guard
            let sequence = try Int64.fetchOne(
                self, sql: LicenseSQL.raiseSequence, arguments: [license])
        else { throw StorageError(.recordNotFound, "There is no license \(license).") }
        return sequence
    }

    /// The license that a query of ``LicenseSQL`` finds by its one value.
    fileprivate func license(_ query: String, _ value: String) throws -> LicenseRecord? {
        try Row.fetchOne(cachedStatement(sql: query), arguments: [value]).map { try license($0) }
    }

    fileprivate func license(_ row: Row) throws -> LicenseRecord {
        let id: String = row["id"]
        let grants = try Row.fetchAll(
            cachedStatement(sql: LicenseSQL.grants), arguments: [id]
        ).map {
            LicenseTerms.Grant(
                plugin: $0["plugin"],
                updatesUntil: ($0["updates_until"] as Int64?).map(Date.init(seconds:)))
        }
        let terms = LicenseTerms(
            mode: try stored(row["mode"]), plan: row["plan"], isTrial: row["trial"],
            begins: (row["begins_at"] as Int64?).map(Date.init(seconds:)),
            expires: (row["expires_at"] as Int64?).map(Date.init(seconds:)),
            graceDays: row["grace_days"], timezone: row["timezone"],
            afterTerm: try stored(row["after_term"]),
            checkIn: CheckInPolicy(
                interval: row["interval_s"], retry: row["retry_s"], lease: row["lease_s"]),
            rebinding: RebindingPolicy(
                perYear: row["rebinds_per_year"], windowDays: row["rebind_window_days"]),
            grants: grants, features: try storedIntegers(row["features"]),
            limits: try storedIntegers(row["limits"]), domains: try storedStrings(row["domains"]),
            channels: Set(try storedStrings(row["channels"])))
        return LicenseRecord(
            id: id, account: LicenseAccount(id: row["account"], name: row["account_name"]),
            status: try stored(row["status"]), terms: terms, sequence: row["sequence"],
            created: Date(seconds: row["created_at"]))
    }

    fileprivate func writeGrants(of license: LicenseRecord) throws {
        try execute(sql: LicenseSQL.deleteGrants, arguments: [license.id])
        for grant in license.terms.grants {
            try execute(
                sql: LicenseSQL.insertGrant,
                arguments: [license.id, grant.plugin, grant.updatesUntil?.seconds])
        }
    }
}

extension LicenseRecord {
    /// The columns that a change writes, in the order of ``LicenseSQL``.
    fileprivate var changing: StatementArguments {
        [
            status.rawValue, terms.plan, terms.isTrial, terms.begins?.seconds,
            terms.expires?.seconds,
            terms.graceDays, terms.timezone, terms.afterTerm.rawValue, terms.checkIn.interval,
            terms.checkIn.retry, terms.checkIn.lease, terms.rebinding.perYear,
            terms.rebinding.windowDays, text(terms.features), text(terms.limits),
            text(terms.domains),
            text(terms.channels.sorted()), sequence,
        ]
    }

    fileprivate func auditDetail(boundTo instances: [String] = []) -> JSONValue {
        var members: JSONObject = [
            "sequence": .integer(sequence), "status": .string(status.rawValue),
            "expires": terms.expires.map { .integer($0.seconds) } ?? .null,
            "plugins": .array(
                terms.grants.map { grant in
                    [
                        "name": .string(grant.plugin),
                        "updates_until": grant.updatesUntil.map { .integer($0.seconds) } ?? .null,
                    ]
                }),
        ]
        if !instances.isEmpty {
            members["instances"] = .array(instances.map { .string($0) })
        }
        return .object(members)
    }
}

private func text(_ integers: [String: Int64]) -> String {
    JSONValue(sorted: integers).text
}

private func text(_ strings: [String]) -> String {
    JSONValue.array(strings.map { .string($0) }).text
}

private enum LicenseSQL {
    static let insertAccount = """
        INSERT INTO account (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING
        """
    static let accountID = "SELECT id FROM account WHERE name = ?"
    static let insert = """
        INSERT INTO license (
            id, account, key_digest, mode, created_at, status, plan, trial, begins_at, expires_at,
            grace_days, timezone, after_term, interval_s, retry_s, lease_s, rebinds_per_year,
            rebind_window_days, features, limits, domains, channels, sequence
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    static let update = """
        UPDATE license SET
            status = ?, plan = ?, trial = ?, begins_at = ?, expires_at = ?, grace_days = ?,
            timezone = ?, after_term = ?, interval_s = ?, retry_s = ?, lease_s = ?,
            rebinds_per_year = ?, rebind_window_days = ?, features = ?, limits = ?, domains = ?,
            channels = ?, sequence = ?
        WHERE id = ?
        """
    static let raiseSequence =
        "UPDATE license SET sequence = sequence + 1 WHERE id = ? RETURNING sequence"
    static let byID = """
        SELECT license.*, account.name AS account_name
        FROM license JOIN account ON account.id = license.account
        WHERE license.id = ?
        """
    static let keyDigest = "SELECT key_digest FROM license WHERE id = ?"
    static let byKeyDigest = """
        SELECT license.*, account.name AS account_name
        FROM license JOIN account ON account.id = license.account
        WHERE license.key_digest = ?
        """
    static let all = """
        SELECT license.*, account.name AS account_name
        FROM license JOIN account ON account.id = license.account
        ORDER BY license.created_at, license.id
        """
    static let grants = """
        SELECT plugin, updates_until FROM license_plugin WHERE license = ? ORDER BY plugin
        """
    static let insertGrant = """
        INSERT INTO license_plugin (license, plugin, updates_until) VALUES (?, ?, ?)
        """
    static let deleteGrants = "DELETE FROM license_plugin WHERE license = ?"
}
