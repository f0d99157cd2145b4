package import SystemPackage

/// All records of a gateway, by their kind.
package struct Records: Sendable {
    private let database: GatewayDatabase
    package let releases: ReleaseRepository
    package let signedFiles: SignedFileRepository
    package let licenses: LicenseRepository
    package let installations: InstallationRepository
    package let accessKeys: AccessKeyRepository
    package let accessTokens: AccessTokenRepository
    package let advisories: AdvisoryRepository
    package let audit: AuditLog
    package let revisions: RevisionRepository

    /// Opens the database at the path, and makes it when it is not there.
    ///
    /// - Throws: ``StorageError`` `gateway.data-folder`.
    package init(_ path: FilePath) throws(StorageError) {
        database = try GatewayDatabase(path)
        releases = ReleaseRepository(database)
        signedFiles = SignedFileRepository(database)
        licenses = LicenseRepository(database)
        installations = InstallationRepository(database)
        accessKeys = AccessKeyRepository(database)
        accessTokens = AccessTokenRepository(database)
        advisories = AdvisoryRepository(database)
        audit = AuditLog(database)
        revisions = try RevisionRepository(database)
    }

    /// Throws when the database does not answer.
    ///
    /// - Throws: ``StorageError``.
    package func ping() async throws(StorageError) {
        try await database.ping()
    }

    /// Lets go of the database's files.
    package func close() throws {
        revisions.forget()
        try database.close()
    }
}
