package import Diagnostics
package import FoundationEssentials
package import Licensing

/// What the agent asks of the license of its instance; ``StoredLicense`` answers from the storage
/// folder and the gateway.
package protocol LicenseDesk: Sendable {
    /// Everything that there is to show, read anew.
    func picture() async throws -> LicensePicture

    /// When the next check-in is due by the tokens' own policy; nil: never.
    func nextCheckIn() async throws -> Date?

    /// Asks the gateway if it is time.
    func checkInIfDue() async throws -> LicenseStatus

    /// Asks the gateway now.
    func refresh() async throws -> LicenseStatus

    /// Activates a license key, or takes an offline token, and keeps it.
    func add(_ text: Secret<String>) async throws -> LicenseStatus

    /// Frees the instance at the gateway and forgets the license.
    func remove(_ licenseID: String) async throws

    /// Counts who uses the application, and keeps the count alone.
    func save(_ users: [SeatRow]) async throws
}
