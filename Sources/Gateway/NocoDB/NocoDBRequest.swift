import CanonicalJSON
import Diagnostics
import FoundationEssentials
import Licensing

/// A question of NocoDB's license client, version 0 of the check-in.
///
/// `{"type": "register" | "heartbeat" | "telemetry", "timestamp": …, "version": 0, …}`. What NocoDB
/// adds to it some day is passed over.
enum NocoDBRequest: Hashable {
    case register(Registration)
    case heartbeat(Heartbeat)
    case telemetry

    /// The activation.
    struct Registration: Hashable {
        let key: LicenseKey
        /// nil for clients so old that they do not name themselves.
        let instance: NocoDBInstance?
        /// Whether the client will never ask again.
        let isAirgapped: Bool
        let environment: JSONValue
    }

    /// The regular check-in.
    struct Heartbeat: Hashable {
        let installationID: String
        let seatCount: Int64
        /// Hexadecimal digits.
        let signature: String
        let environment: JSONValue
        /// The client's time in milliseconds, which grows with each check-in.
        let timestamp: Int64
    }

    /// Whether a body is in this protocol: `version` is missing or 0.
    static func isVersion(of body: JSONValue) -> Bool {
        guard let members = body.object else { return false }
        return members["version"].map { $0 == .null || $0 == 0 } ?? true
    }

    /// How far the client's clock may be from the gateway's, in milliseconds.
    static let clockWindow: Int64 = 5 * 60 * 1000

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: an object
    ///   - now: the gateway's time
    /// - Throws: ``LicenseError`` `license.check-in-malformed`, `clock.skewed`,
    ///   `license.key-format`.
    init(_ body: JSONValue, now: Date) throws(LicenseError) {
        let reader = JSONReader(body)
        do {
            let timestamp = try reader["timestamp"].integer()
            try Self.check(timestamp, now: now)
            switch try reader["type"].string() {
            case "register": self = .register(try Registration(reader))
            case "heartbeat": self = .heartbeat(try Heartbeat(reader, timestamp: timestamp))
            case "telemetry": self = .telemetry
            case let type:
                throw LicenseError(
                    .licenseCheckIn, "There is no check-in of the type \(quoted(type)).")
            }
        } catch let error as LicenseError {
            throw error
        } catch {
            throw LicenseError(.licenseCheckIn, "The check-in cannot be read: \(error).")
        }
    }

    private static func check(_ timestamp: Int64, now: Date) throws(LicenseError) {
        let gateway = Int64(now.timeIntervalSince1970 * 1000)
        let (difference, isTooFar) = timestamp.subtractingReportingOverflow(gateway)
        guard !isTooFar, difference.magnitude <= clockWindow.magnitude else {
            throw LicenseError(
                .clockSkewed,
                """
                The timestamp \(timestamp) is more than 5 minutes away from the gateway's time, \
                \(gateway).
                """,
                remedy: "Set the clock of the machine that NocoDB runs on (NTP).")
        }
    }
}

extension NocoDBRequest.Registration {
    fileprivate init(_ reader: JSONReader) throws {
        key = try LicenseKey(nocoDB: reader["license_key"].string())
        instance = try NocoDBInstance(reader)
        isAirgapped = try reader.optional("airgapped")?.bool() ?? false
        environment = try reader.environment()
    }
}

extension NocoDBRequest.Heartbeat {
    fileprivate init(_ reader: JSONReader, timestamp: Int64) throws {
        installationID = try reader["installation_id"].nonEmptyString()
        seatCount = try reader["seat_count"].count()
        signature = try reader["signature"].nonEmptyString()
        environment = try reader.environment()
        self.timestamp = timestamp
    }
}

extension LicenseKey {
    /// A key as it stands in `NC_LICENSE_KEY`.
    ///
    /// NocoDB's client takes a key for airgapped by the letters `nc_ag_` alone, so a key of ours may
    /// be written with `nc` in place of `tg`; its checksum still tells the two kinds apart.
    ///
    /// - Throws: ``LicenseError`` `license.key-format`.
    fileprivate init(nocoDB text: String) throws(LicenseError) {
        let isTheirs = text.lowercased().hasPrefix("nc_")
        try self.init(isTheirs ? "tg_" + text.dropFirst(3) : text)
    }
}

extension JSONReader {
    /// Version, platform and domains, as the client says them; `{}` when it says none or so much that
    /// it is not kept.
    fileprivate func environment() throws(JSONError) -> JSONValue {
        guard let environment = try optional("environment") else { return [:] }
        _ = try environment.object()
        let isKept = environment.value.compactBytes.count <= 16 << 10
        return isKept ? environment.value : [:]
    }
}
