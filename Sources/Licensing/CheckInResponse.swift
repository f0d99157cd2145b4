internal import CanonicalJSON
package import Diagnostics
package import FoundationEssentials

/// The answer to a check-in of version 1.
package struct CheckInResponse: Sendable {
    /// Who the installation is from now on, and how it signs; only after an activation.
    package let installation: Installation?
    /// The token, not verified yet; nil only after a release.
    package let licenseToken: Secret<String>?
    /// The gateway's clock.
    package let serverTime: Date
    /// Seconds until the gateway wants to hear again; nil: never.
    ///
    /// For clients that read no token: `pkg` goes by the token's own ``CheckInPolicy``.
    package let nextCheckIn: Int64?
    /// Sentences for the operator.
    package let notices: [String]

    package struct Installation: Hashable, Sendable {
        package let id: String
        package let secret: Secret<[UInt8]>

        package init(id: String, secret: Secret<[UInt8]>) {
            self.id = id
            self.secret = secret
        }
    }

    package init(
        installation: Installation? = nil, licenseToken: Secret<String>?, serverTime: Date,
        nextCheckIn: Int64? = nil, notices: [String] = []
    ) {
        self.installation = installation
        self.licenseToken = licenseToken
        self.serverTime = serverTime
        self.nextCheckIn = nextCheckIn
        self.notices = notices
    }

    /// Reads a body.
    ///
    /// - Throws: ``LicenseError`` with code `license.check-in-malformed`.
    package init(body: [UInt8]) throws(LicenseError) {
        do {
            let reader = JSONReader(try parseJSON(body))
            self.licenseToken = try reader.optional("license_token").map {
                reader throws(JSONError) in Secret(try reader.string())
            }
            self.serverTime = try reader["server_time"].date()
            self.nextCheckIn = try reader.optional("next_check_in_s")?.count()
            self.notices = try reader.optional("notices")?.strings() ?? []
            if let id = try reader.optional("installation_id") {
                let secret = try reader["installation_secret"]
                guard let bytes = InstallationSecret.decode(try secret.string()) else {
                    throw secret.failure(.invalidValue)
                }
                self.installation = Installation(
                    id: try id.nonEmptyString(), secret: Secret(bytes))
            } else {
                self.installation = nil
            }
        } catch {
            throw .checkIn("The gateway's answer to the check-in cannot be read.", error)
        }
    }

    /// The body; it has secrets in it.
    package var body: Secret<[UInt8]> {
        var object: JSONObject = [:]
        if let installation {
            object["installation_id"] = .string(installation.id)
            object["installation_secret"] = .string(
                InstallationSecret.encode(installation.secret.reveal()))
        }
        object["license_token"] = licenseToken.map { .string($0.reveal()) }
        object["server_time"] = JSONValue(serverTime)
        object["next_check_in_s"] = nextCheckIn.map { .integer($0) }
        object["notices"] = .array(notices.map { .string($0) })
        return Secret(JSONValue.object(object).compactBytes)
    }
}
