/// The stable name of one way to fail, with the words that people read about it.
///
/// Every failure of every program carries one of these. The codes of a domain stand together in
/// `FailureCode+<Domain>.swift`; ``all`` joins them into the one table from which
/// `docs/troubleshooting.md` and `pkg explain` are made.
package struct FailureCode: Sendable {
    /// The dotted lower-case words that never change once shipped, such as `license.key-mismatch`.
    package let name: String
    /// The heading that administrators search for, such as `License key mismatch`.
    package let title: String
    /// What it means, in whole sentences, without the values of one occurrence.
    package let meaning: String
    /// What to do about it, in the imperative, when the occurrence knows nothing better.
    package let remedy: String
    /// How `pkg` ends when this is what stopped it.
    package let exitStatus: ExitStatus

    package init(
        _ name: String, title: String, meaning: String, remedy: String, exitStatus: ExitStatus
    ) {
        self.name = name
        self.title = title
        self.meaning = meaning
        self.remedy = remedy
        self.exitStatus = exitStatus
    }

    /// Every code there is, in the order of the documentation.
    package static let all: [FailureCode] = groups.flatMap(\.codes)

    /// The same by what they are about, each with the heading of its part of the documentation.
    package static let groups: [(title: String, codes: [FailureCode])] = [
        ("License", licenseCodes), ("License keys and tokens", licenseTokenCodes),
        ("How a license stands", licenseStatusCodes), ("Database", databaseCodes),
        ("Cryptography", cryptographyCodes), ("Network", networkCodes),
        ("Signed metadata", trustCodes), ("Bundles", bundleCodes),
        ("Releases and registry", registryCodes),
        ("Mismatches", mismatchCodes), ("Gateway", gatewayCodes), ("Tarballs", archiveCodes),
        ("Disk", diskCodes), ("Found by `pkg doctor`", diagnosisCodes), ("Agent", agentCodes),
        ("Settings", settingsCodes), ("Anything else", generalCodes),
    ]

    /// The code of that name, or nil when there is none.
    package static func named(_ name: String) -> FailureCode? {
        all.first { $0.name == name }
    }
}

extension FailureCode: Hashable, CustomStringConvertible {
    package static func == (left: FailureCode, right: FailureCode) -> Bool {
        left.name == right.name
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }

    package var description: String { name }
}
