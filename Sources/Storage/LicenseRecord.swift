package import FoundationEssentials
package import Licensing

/// What the gateway keeps of one license.
package struct LicenseRecord: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable {
        case active
        case suspended
        case revoked
    }

    /// `lic_` and 24 hexadecimal digits.
    package let id: String
    package let account: LicenseAccount
    package var status: Status
    package var terms: LicenseTerms
    /// Grows with every change.
    package internal(set) var sequence: Int64
    package let created: Date

    /// A license as it is issued.
    package init(id: String, account: LicenseAccount, terms: LicenseTerms, created: Date) {
        self.init(
            id: id, account: account, status: .active, terms: terms, sequence: 1, created: created)
    }

    init(
        id: String, account: LicenseAccount, status: Status, terms: LicenseTerms, sequence: Int64,
        created: Date
    ) {
        self.id = id
        self.account = account
        self.status = status
        self.terms = terms
        self.sequence = sequence
        self.created = created
    }
}
